import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { decodeJwt, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandError } from '../../cli/command-error.ts';
import { parsePort } from '../../cli/local/port.ts';
import { authSecret, stateFolder } from '../../cli/local/state-folder.ts';
import { tripCommand } from '../../cli/local/welcome.ts';
import { hs256Key } from '../../platform/auth/tokens.ts';
import { openDatabase } from '../../platform/database/client.ts';
import { freePort } from '../stand-ins/free-port.ts';

const cli = fileURLToPath(new URL('../../cli/overplanned.ts', import.meta.url));

let folder: string;
let state: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overplanned-start-'));
  state = join(folder, 'state');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command to its end. */
function overplanned(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    execFile(process.execPath, [cli, ...args], { env: { ...process.env, ...env } }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
  });
}

interface Started {
  origin: string;
  databaseUrl: string;
  process: ChildProcess;
  /** Ctrl-C, as a terminal sends it: to every process of the group. */
  interrupt(): Promise<{ code: number | null; output: string }>;
}
const running: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of running.splice(0)) if (!groupIsGone(pid!)) process.kill(-pid!, 'SIGKILL');
});

async function start(port: number): Promise<Started> {
  const child = spawn(process.execPath, [cli, 'start', '--state', state], {
    env: { ...process.env, PORT: String(port) },
    // A process group of its own.
    detached: true,
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => output.includes('Ctrl-C stops.') && resolve());
    ended.then(() => reject(new Error(`start ended: ${output}`)));
  });
  return {
    origin: `http://localhost:${port}`,
    databaseUrl: /Database +(\S+)/.exec(output)![1]!,
    process: child,
    async interrupt() {
      process.kill(-child.pid!, 'SIGINT');
      return { code: await ended, output };
    },
  };
}

/** True when no process of the group runs; one that has ended but was not yet collected by its parent does not. */
const groupIsGone = (group: number) =>
  !execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .some((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line));

describe('overplanned start', () => {
  it('runs the Worker, keeps the folder to itself, ends without a trace, and finds its data again', async () => {
    const port = await freePort();
    const first = await start(port);
    expect((await fetch(`${first.origin}/health`)).status).toBe(200);
    expect(await (await fetch(`${first.origin}/docs`)).text()).toContain('swagger-ui-bundle.js');
    await openDatabase(first.databaseUrl).execute(sql`create table kept as select 42 as n`);

    const second = await overplanned(['start', '--state', state], { PORT: String(await freePort()) });
    expect(second.code).toBe(1);
    expect(second.errors).toMatch(/^\S+\/state\/pg is in use: another start is running \(process \d+\)\.\n$/);

    const end = await first.interrupt();
    expect(end.code).toBe(0);
    expect(end.output).toContain('The queues are empty.');
    await vi.waitUntil(() => groupIsGone(first.process.pid!), { timeout: 5000 });

    const again = await start(port);
    expect((await openDatabase(again.databaseUrl).execute(sql`select n from kept`)).rows).toEqual([{ n: 42 }]);
    expect((await again.interrupt()).code).toBe(0);
  });

  it('leaves no workerd behind when it is killed, and starts again at once', async () => {
    const port = await freePort();
    const killed = await start(port);
    killed.process.kill('SIGKILL');
    await vi.waitUntil(() => groupIsGone(killed.process.pid!), { timeout: 5000 });
    expect((await (await start(port)).interrupt()).code).toBe(0);
  });

  it('says in one line that the port is in use', async () => {
    const port = await freePort();
    const holder = createServer().listen(port, '127.0.0.1');
    const refused = await overplanned(['start', '--state', state], { PORT: String(port) });
    holder.close();
    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(new RegExp(`^Port ${port} is in use\\. .*\\n$`));
  });

  it('says in one line that PORT is no port', async () => {
    const refused = await overplanned(['start', '--state', state], { PORT: '65536' });
    expect(refused).toMatchObject({ code: 1, errors: 'PORT must be a whole number from 1 to 65535, not "65536".\n' });
    for (const text of ['0', 'http', '80.5', '-1', '1e3', ' '])
      expect(() => parsePort(text), text).toThrow(CommandError);
    expect(parsePort('65535')).toBe(65_535);
    expect(parsePort(undefined)).toBe(8787);
  });

  it('prints one command that makes a guest and plans a trip two weeks ahead', () => {
    const command = tripCommand('localhost:8787', new Date('2026-12-25T12:00:00Z'));
    expect(command).not.toContain('\n');
    expect(command).toContain('"city":"seattle","start_date":"2027-01-08"');
  });
});

describe('overplanned token', () => {
  const verify = async (token: string) => {
    const key = hs256Key(await authSecret(stateFolder(state)));
    return (
      await jwtVerify(token.trim(), key, {
        issuer: 'overplanned-local',
        audience: 'overplanned-api',
        algorithms: ['HS256'],
      })
    ).payload;
  };

  it('signs for an admin with the local secret, which only the owner may read', async () => {
    const { output } = await overplanned(['token', '--role', 'admin', '--state', state]);
    const claims = await verify(output);
    expect(claims).toMatchObject({ sub: 'local-admin', role: 'admin' });
    expect(claims.exp! - claims.iat!).toBe(30 * 86_400);
    expect((await stat(join(state, 'auth-secret'))).mode & 0o777).toBe(0o600);
  });

  it('signs for a user, for as long as is asked', async () => {
    const { output } = await overplanned(['token', '--user', 'some-id', '--expires', '2', '--state', state]);
    const claims = decodeJwt(output.trim());
    expect(claims).toMatchObject({ sub: 'some-id', role: 'user' });
    expect(claims.exp! - claims.iat!).toBe(2 * 86_400);
  });

  it('asks whose token it is', async () => {
    const refused = await overplanned(['token', '--state', state]);
    expect(refused).toMatchObject({ code: 1, output: '' });
    expect(refused.errors.trim().split('\n')).toHaveLength(1);
  });
});

describe('overplanned --help', () => {
  it('lists the commands, a line each', async () => {
    const { output } = await overplanned(['--help']);
    for (const command of ['start', 'token', 'migrate']) expect(output).toMatch(new RegExp(`^ +${command} .*\\w`, 'm'));
  });
});
