/** The venues in the spaces of two-tower versions: written by night, searched by warm travellers, gone with their version. */
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, it } from 'vitest';
import { findCity } from '../../../platform/database/cities.ts';
import { activityNodes, alerts } from '../../../platform/database/schema/index.ts';
import { venuesById } from '../../../platform/database/venues.ts';
import { itemTowerModel, spaceOf } from '../../../platform/inference/item-tower.ts';
import { readModelFile } from '../../../platform/inference/model-files.ts';
import { createSession } from '../../../platform/inference/ort-runtime.ts';
import { openModel } from '../../../platform/inference/served-model.ts';
import { retrieveForWarm } from '../../../platform/ranking/retrieve-warm.ts';
import { readSettings } from '../../../platform/settings.ts';
import { itemVectorsIndexed, obsoleteSpaces } from '../../../platform/vectors/item-vectors.ts';
import { openVectorIndex } from '../../../platform/vectors/open-vector-index.ts';
import { indexItemVectors } from '../../../queues/index-item-vectors.ts';
import { copyOfCity, type TestCity, unseededCity } from '../api/cities.ts';
import { database } from '../api/client.ts';
import { registered, runJob, storedCopy } from './scene.ts';

const vectors = openVectorIndex(readSettings(env), database);
const SOLO = { kind: 'solo', size: 1 } as const;

const taken: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const take of taken.splice(0)) await take();
});

/** A version that lasts as long as the test. */
async function version(status: string, fields: { promotedAt?: Date } = {}): Promise<string> {
  const name = await storedCopy('two-tower', ['item-tower.onnx', 'text-encoder.onnx']);
  const { take } = await registered({ modelName: 'two-tower', version: name, status, ...fields });
  taken.push(take, () => vectors.dropSpace(spaceOf(name)));
  return name;
}

async function venueIds({ id }: TestCity): Promise<string[]> {
  const rows = await database.select({ id: activityNodes.id }).from(activityNodes).where(eq(activityNodes.cityId, id));
  return rows.map((row) => row.id);
}

/** The job's own context, for a stretch alone. */
const context = () => ({
  env,
  settings: readSettings(env),
  database,
  log: () => {},
  now: Date.now(),
  projected: new Set<string>(),
});

describe('the job index-item-vectors', () => {
  it('puts every open venue where the item tower puts it, and leaves what is up to date alone', async () => {
    const city = await copyOfCity('mexico-city');
    const name = await version('shadow');
    const space = spaceOf(name);
    expect(await itemVectorsIndexed(database, vectors, name)).toMatchObject({ indexed: 0 });
    const run = await runJob('index-item-vectors');
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(run.stretches).toBeGreaterThan(1);
    const ids = await venueIds(city);
    expect((await vectors.venueVersions(space, ids)).size).toBe(ids.length);

    const opened = await openModel(itemTowerModel, {
      version: name,
      read: (file) => readModelFile(env, { name: 'two-tower', version: name, artifactPath: null }, file),
      createSession,
    });
    const venues = [...(await venuesById(database, ids.slice(0, 5))).values()];
    const points = await opened.serves.embed(venues);
    await opened.close();
    for (const [i, { id }] of venues.entries()) {
      const hits = await vectors.search(space, { vector: points[i]!, limit: 1000, cityId: city.id });
      expect(hits.find((hit) => hit.id === id)!.similarity).toBeCloseTo(1, 5);
    }

    const written = async () => {
      const { rows } = await database.execute(
        sql`select xmin::text from venue_vectors where space = ${space} and city_id = ${city.id} order by activity_node_id`,
      );
      return rows;
    };
    const before = await written();
    await runJob('index-item-vectors');
    expect(await written()).toEqual(before);
  });

  it('finds what is new, what has changed and what has closed', async () => {
    const city = await copyOfCity('mexico-city');
    const name = await version('canary');
    const space = spaceOf(name);
    await runJob('index-item-vectors');
    const [changed, closed, gone] = await venueIds(city);
    await database.execute(sql`
      update activity_nodes set version = version + 1, price_level = (price_level + 2) % 5 where id = ${changed}`);
    await database.execute(sql`
      update activity_nodes set version = version + 1, closed_at = '2020-01-01' where id = ${closed}`);
    await vectors.delete(space, [gone!]);
    const vectorOf = async (id: string) => {
      const { rows } = await database.execute<{ v: string }>(
        sql`select embedding::text as v from venue_vectors where space = ${space} and activity_node_id = ${id}`,
      );
      return rows[0]?.v;
    };
    const was = await vectorOf(changed!);
    await runJob('index-item-vectors');
    expect(await vectors.venueVersions(space, [changed!, closed!, gone!])).toEqual(
      new Map([
        [changed, 2],
        [closed, 2],
        [gone, 1],
      ]),
    );
    expect(await vectorOf(changed!)).not.toBe(was);
  });

  it('goes on where a stretch ended, also where the version is gone meanwhile', async () => {
    await copyOfCity('mexico-city');
    const name = await version('shadow');
    const first = await indexItemVectors(`${name}/`, context());
    expect(first.counts).toMatchObject({ venues: 500, refused: 0 });
    expect(first.counts.written).toBeGreaterThan(400);
    expect(first.next).toMatch(new RegExp(`^${name}/[0-9a-f-]{36}$`));
    const again = await indexItemVectors(`${name}/`, context());
    expect(again).toEqual({ next: first.next, counts: { ...first.counts, written: 0 } });
    const indexed = await vectors.countOpen(spaceOf(name));
    await taken.shift()!();
    await indexItemVectors(first.next, context());
    expect(await vectors.countOpen(spaceOf(name))).toBe(indexed);
    expect((await indexItemVectors('zzzzzzzzzzzz/', context())).next).toBeNull();
  });

  it('refuses files that are no item tower, says so to an operator once, and goes on with the next version', async () => {
    const broken = await version('shadow');
    const key = `models/two-tower/${broken}/item-tower.onnx`;
    const whole = new Uint8Array(await (await env.ARTIFACTS.get(key))!.arrayBuffer());
    await env.ARTIFACTS.put(key, whole.slice(0, whole.length / 2));
    const good = await version('shadow');
    for (let i = 0; i < 2; i++) expect((await runJob('index-item-vectors')).progress.refused).toBeGreaterThan(0);
    const raised = await database
      .select()
      .from(alerts)
      .where(eq(alerts.subject, `two-tower@${broken}`));
    expect(raised).toMatchObject([{ kind: 'model_refused', detail: { code: 'truncated', file: 'item-tower.onnx' } }]);
    expect(await vectors.countOpen(spaceOf(broken))).toBe(0);
    expect(await vectors.countOpen(spaceOf(good))).toBeGreaterThan(0);
  });

  it('takes away the spaces of retired versions, but for the one that a rollback would bring back', async () => {
    const far = new Date('2200-01-01T00:00:00Z');
    const [never, before, last] = [
      await version('retired'),
      await version('retired', { promotedAt: new Date('2199-01-01T00:00:00Z') }),
      await version('retired', { promotedAt: far }),
    ];
    const city = await copyOfCity('mexico-city');
    const [id] = await venueIds(city);
    const payload = { cityId: city.id, closed: false, venueVersion: 1 };
    const vector = new Float32Array(64).fill(0.125);
    for (const name of [never, before, last]) await vectors.upsert(spaceOf(name), [{ id: id!, vector, payload }]);
    const foreign = `test-tower@${uuidv7()}` as const;
    await vectors.upsert(foreign, [{ id: id!, vector, payload }]);
    expect(await obsoleteSpaces(database, vectors)).toEqual(expect.arrayContaining([spaceOf(never), spaceOf(before)]));
    await runJob('index-item-vectors');
    const left = await vectors.spaces();
    expect(left).toEqual(expect.arrayContaining([spaceOf(last), foreign]));
    expect(left).not.toContain(spaceOf(never));
    expect(left).not.toContain(spaceOf(before));
    await vectors.dropSpace(foreign);
  });
});

describe('retrieval for warm travellers', () => {
  it('finds at most 200 venues of the city, nearest to the vector first, by the rules of every retrieval', async () => {
    const copy = await copyOfCity('seattle');
    const name = await version('shadow');
    await runJob('index-item-vectors');
    const city = (await findCity(database, copy.slug))!;
    const vector = new Float32Array(64).map((_, i) => Math.sin(i + 1));
    const deps = { database, vectors };
    const found = await retrieveForWarm(deps, city, vector, spaceOf(name), SOLO, '2026-12-01', 'high');
    expect(found).toHaveLength(200);
    const hits = await vectors.search(spaceOf(name), { vector, limit: 400, cityId: city.id });
    const similarity = new Map(hits.map((hit) => [hit.id, hit.similarity]));
    const relevance = found!.map(({ id, overrated }) => similarity.get(id)! - (overrated ? 0.25 : 0));
    expect(relevance).toEqual([...relevance].sort((a, b) => b - a));
    const cheap = await retrieveForWarm(deps, city, vector, spaceOf(name), SOLO, '2026-12-01', 'low');
    expect(cheap!.length).toBeGreaterThan(0);
    expect(Math.max(...cheap!.map(({ priceLevel }) => priceLevel))).toBeLessThan(
      Math.max(...found!.map(({ priceLevel }) => priceLevel)),
    );
  });

  it('says so where the city has no vectors in the space, or fewer than half of its venues have', async () => {
    const copy = await copyOfCity('mexico-city');
    const name = await version('shadow');
    const vector = new Float32Array(64).fill(0.125);
    const retrieve = async (slug: string) =>
      retrieveForWarm(
        { database, vectors },
        (await findCity(database, slug))!,
        vector,
        spaceOf(name),
        SOLO,
        '2026-12-01',
        'high',
      );
    expect(await retrieve(copy.slug)).toBeNull();
    expect(await retrieve((await unseededCity()).slug)).toBeNull();
    const ids = await venueIds(copy);
    const payload = { cityId: copy.id, closed: false, venueVersion: 1 };
    const put = (some: string[]) =>
      vectors.upsert(
        spaceOf(name),
        some.map((id) => ({ id, vector, payload })),
      );
    await put(ids.slice(0, Math.floor(ids.length / 3)));
    expect(await retrieve(copy.slug)).toBeNull();
    await put(ids);
    expect((await retrieve(copy.slug))!.length).toBeGreaterThan(ids.length / 2);
  });
});
