import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neon } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DataDirLocked, lockDataDir } from '../../cli/embedded/data-dir-lock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../cli/embedded/server.ts';
import { openDatabase, uniqueViolation, withConnection } from '../../platform/database/client.ts';
import { freePort } from '../stand-ins/free-port.ts';

const IDLE_MS = 400;
const MAX_BODY = 8 * 1024 * 1024;

let postgres: EmbeddedPostgres;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  postgres = await startEmbeddedPostgres({ port, idleTransactionMs: IDLE_MS, maxBodyBytes: MAX_BODY });
  origin = `127.0.0.1:${port}`;
  await neon(postgres.url)`create table things (id int primary key, name text)`;
});
afterAll(() => postgres.close());
beforeEach(async () => {
  await neon(postgres.url)`truncate things`;
});

const database = () => openDatabase(postgres.url);
const ids = async () => (await neon(postgres.url)`select id from things order by id`).map((row) => row.id);

/** A client that speaks the wire protocol by hand, so that it can leave in the middle. */
async function openWire() {
  const socket = new WebSocket(`ws://${origin}/v2`);
  const answers: Buffer[] = [];
  socket.on('message', (data: Buffer) => answers.push(data));
  const answer = async () => {
    while (answers.length === 0) await new Promise((resolve) => socket.once('message', resolve));
    return answers.shift()!.toString('latin1');
  };
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(serialize.startup({ user: 'postgres' }));
  await answer();
  return {
    socket,
    answer,
    query(text: string) {
      socket.send(serialize.query(text));
      return answer();
    },
  };
}

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`http://${origin}/sql`, {
    method: 'POST',
    body,
    headers: { 'neon-connection-string': postgres.url, ...headers },
  });

describe('over HTTP', () => {
  it('answers with rows, fields and command as Neon does', async () => {
    const answer = await post(JSON.stringify({ query: 'select $1::int as n, null as none', params: ['7'] }), {
      'neon-array-mode': 'true',
      'neon-raw-text-output': 'true',
    });
    expect(await answer.json()).toMatchObject({
      command: 'SELECT',
      rowCount: 1,
      rows: [['7', null]],
      rowAsArray: true,
      fields: [
        { name: 'n', dataTypeID: 23, format: 'text' },
        { name: 'none', dataTypeID: 25 },
      ],
    });
  });

  it('gives rows as objects when arrays are not asked for', async () => {
    const answer = await post(JSON.stringify({ query: 'select 1 as a, 2 as b' }));
    expect(await answer.json()).toMatchObject({ rows: [{ a: '1', b: '2' }], rowAsArray: false });
  });

  it('passes values of any size and script through unchanged', async () => {
    const value = 'x\u0001\\"é東🍜'.repeat(200_000);
    const [row] = await neon(postgres.url)`select ${value}::text as value`;
    expect(row!.value === value).toBe(true);
  });

  it('keeps nothing of a batch that fails', async () => {
    const failing = database().batch([
      database().execute(sql`insert into things values (1)`),
      database().execute(sql`insert into things values (1)`),
      database().execute(sql`insert into things values (2)`),
    ]);
    await expect(failing).rejects.toThrow('duplicate key');
    expect(await ids()).toEqual([]);
  });

  it('runs a batch as the transaction that it asks for', async () => {
    const client = neon(postgres.url);
    const asks = { isolationLevel: 'Serializable', readOnly: true, deferrable: true } as const;
    const show = ['isolation', 'read_only', 'deferrable'].map((name) => client.query(`show transaction_${name}`));
    expect((await client.transaction(show, asks)).flat()).toEqual([
      { transaction_isolation: 'serializable' },
      { transaction_read_only: 'on' },
      { transaction_deferrable: 'on' },
    ]);
    await expect(client.transaction([client`insert into things values (1)`], asks)).rejects.toMatchObject({
      code: '25006',
    });
  });

  it('leaves no transaction open after a lone BEGIN', async () => {
    await neon(postgres.url)`begin`;
    await neon(postgres.url)`insert into things values (1)`;
    await neon(postgres.url)`rollback`;
    expect(await ids()).toEqual([1]);
  });

  it('refuses COPY FROM STDIN and lives on', async () => {
    await expect(neon(postgres.url)`copy things from stdin`).rejects.toMatchObject({ code: '57014' });
    expect(await ids()).toEqual([]);
  });

  it.each([
    ['malformed JSON', '{"query": ', 400],
    ['no query', '{"params": []}', 400],
    ['a parameter that is no text', '{"query": "select $1", "params": [{}]}', 400],
    ['a body over the limit', `{"query": "${' '.repeat(MAX_BODY)}"}`, 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  it('refuses what a web page could send', async () => {
    const body = JSON.stringify({ query: 'insert into things values (1)' });
    expect((await fetch(`http://${origin}/sql`, { method: 'POST', body })).status).toBe(400);
    const socket = new WebSocket(`ws://${origin}/v2`, { origin: 'https://example.com' });
    const error = await new Promise((resolve) => socket.once('error', resolve));
    expect(error).toMatchObject({ message: expect.stringContaining('401') });
    expect(await ids()).toEqual([]);
  });
});

describe('errors', () => {
  it('reach the driver with the fields of Postgres', async () => {
    const client = neon(postgres.url);
    await client`insert into things values (1)`;
    await expect(client`insert into things values (1)`).rejects.toMatchObject({
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (id)=(1) already exists.',
      schema: 'public',
      table: 'things',
      constraint: 'things_pkey',
      routine: '_bt_check_unique',
    });
  });

  it.each([
    ['a query', () => database().execute(sql`insert into things values (1), (1)`)],
    ['a batch', () => database().batch([database().execute(sql`insert into things values (1), (1)`)])],
    ['a transaction', () => database().transaction((tx) => tx.execute(sql`insert into things values (1), (1)`))],
  ])('of %s tell a violated unique constraint apart', async (_, insert) => {
    const error = await insert().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(uniqueViolation(error)).toEqual({ constraint: 'things_pkey', table: 'things' });
    expect(uniqueViolation(new Error('another'))).toBeNull();
  });
});

describe('over WebSocket', () => {
  it('commits what the work did, and rolls back when it throws', async () => {
    await database().transaction((tx) => tx.execute(sql`insert into things values (1)`));
    const failing = database().transaction(async (tx) => {
      await tx.execute(sql`insert into things values (2)`);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await ids()).toEqual([1]);
  });

  it('has others wait until the transaction ends, in the order in which they came', async () => {
    const wire = await openWire();
    await wire.query('begin');
    const answered: string[] = [];
    const note = (name: string) => (rows: unknown) => answered.push(`${name} ${JSON.stringify(rows)}`);
    const others = [
      neon(postgres.url)`select 'first' as name, count(*) from things`.then(note('first')),
      neon(postgres.url)`select 'second' as name, count(*) from things`.then(note('second')),
    ];
    await wire.query('insert into things values (1)');
    expect(answered).toEqual([]);
    await wire.query('commit');
    await Promise.all(others);
    expect(answered).toEqual(['first [{"name":"first","count":"1"}]', 'second [{"name":"second","count":"1"}]']);
    wire.socket.close();
  });

  it('rolls back for a client that vanishes inside a transaction, and serves the next', async () => {
    const wire = await openWire();
    await wire.query('begin');
    await wire.query('insert into things values (1)');
    const waiting = ids();
    wire.socket.terminate();
    expect(await waiting).toEqual([]);
  });

  it('passes over a client that vanishes while it waits', async () => {
    const holder = await openWire();
    await holder.query('begin');
    const vanishing = await openWire();
    vanishing.socket.send(serialize.query('insert into things values (1)'));
    const leaving = new AbortController();
    const request = fetch(`http://${origin}/sql`, {
      method: 'POST',
      headers: { 'neon-connection-string': postgres.url },
      body: JSON.stringify({ query: 'insert into things values (2)' }),
      signal: leaving.signal,
    });
    await holder.query('select 1');
    vanishing.socket.terminate();
    leaving.abort();
    await expect(request).rejects.toThrow('aborted');
    await holder.query('insert into things values (3)');
    await holder.query('commit');
    expect(await ids()).toEqual([3]);
    holder.socket.close();
  });

  it('ends a transaction that says nothing for too long', async () => {
    const wire = await openWire();
    await wire.query('begin');
    await wire.query('insert into things values (1)');
    const closed = new Promise((resolve) => wire.socket.once('close', resolve));
    expect(await ids()).toEqual([]);
    expect(await wire.answer()).toContain('25P03');
    await closed;
  });

  it('answers a query after an error in the same transaction as Postgres does', async () => {
    await withConnection(postgres.url, async (client) => {
      await client.query('begin');
      await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' });
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('rollback');
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    });
  });
});

describe('a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overplanned-pg-'));
    return () => rm(folder, { recursive: true });
  });

  it('keeps its data, and is refused to a second start while the first runs', async () => {
    const dataDir = join(folder, 'pg');
    const first = await startEmbeddedPostgres({ port: await freePort(), dataDir });
    await neon(first.url)`create table kept as select 42 as n`;
    const second = startEmbeddedPostgres({ port: await freePort(), dataDir });
    await expect(second).rejects.toThrow(`${dataDir} is in use: another start is running (process ${process.pid}).`);
    await first.close();
    const again = await startEmbeddedPostgres({ port: await freePort(), dataDir });
    expect(await neon(again.url)`select n from kept`).toEqual([{ n: 42 }]);
    await again.close();
  });

  it('is free at once when its holder was killed', async () => {
    const dataDir = join(folder, 'pg');
    const deadPid = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    await mkdir(`${dataDir}.lock`);
    await writeFile(`${dataDir}.pid`, deadPid);
    const unlock = await lockDataDir(dataDir, () => {});
    await expect(lockDataDir(dataDir, () => {})).rejects.toThrow(DataDirLocked);
    await unlock();
  });
});
