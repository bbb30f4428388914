/** What every adapter of the vector index promises. Points are of this run alone; the index may hold others. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Collection,
  dimensionsOf,
  MAX_HITS,
  type VectorIndex,
  type VectorPoint,
} from '../../core/venue/vector-index.ts';

export interface ContractSubject {
  index: VectorIndex;
  /** Stores points, with whatever else the adapter needs to exist for that. */
  store(collection: Collection, points: readonly VectorPoint[]): Promise<void>;
  /** A city that no other test has places in. */
  newCity(): Promise<string>;
}

/** mulberry32, in [-1, 1). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function randomVector(collection: Collection, seed: number): Float32Array {
  return new Float32Array(dimensionsOf(collection)).map(numbers(seed));
}

export function cosine(a: Float32Array, b: Float32Array): number {
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function place(cityId: string, vector: Float32Array, closed = false): VectorPoint {
  return { id: randomUUID(), vector, payload: { cityId, closed } };
}

export function vectorIndexContract(open: () => Promise<ContractSubject>): void {
  let index: VectorIndex;
  let subject: ContractSubject;
  const ids = async (cityId: string, vector: Float32Array, limit = 10) =>
    (await index.search('activity_nodes', { vector, limit, cityId })).map((hit) => hit.id);

  beforeAll(async () => {
    subject = await open();
    index = subject.index;
    await index.prepare();
  });

  test('can be prepared again, and answers a ping', async () => {
    await index.prepare();
    await expect(index.ping()).resolves.toBeUndefined();
  });

  test('returns the nearest places of the city, best first, with their cosine', async () => {
    const cityId = await subject.newCity();
    const points = Array.from({ length: 60 }, (_, i) => place(cityId, randomVector('activity_nodes', i)));
    await subject.store('activity_nodes', points);
    const vector = randomVector('activity_nodes', 1000);
    const expected = points
      .map((point) => ({ id: point.id, similarity: cosine(vector, point.vector) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 20);
    const hits = await index.search('activity_nodes', { vector, limit: 20, cityId });
    expect(hits.map((hit) => hit.id)).toEqual(expected.map((hit) => hit.id));
    for (const [i, hit] of hits.entries()) expect(hit.similarity).toBeCloseTo(expected[i]!.similarity, 5);
    expect(await ids(cityId, vector, 200)).toHaveLength(60);
  });

  test('compares directions, whatever the lengths', async () => {
    const cityId = await subject.newCity();
    const vector = randomVector('activity_nodes', 1);
    const [long, opposite] = [
      place(
        cityId,
        vector.map((x) => x * 40),
      ),
      place(
        cityId,
        vector.map((x) => -x),
      ),
    ];
    await subject.store('activity_nodes', [opposite, long]);
    const hits = await index.search('activity_nodes', { vector, limit: 2, cityId });
    expect(hits.map((hit) => hit.id)).toEqual([long.id, opposite.id]);
    expect(hits[0]!.similarity).toBeCloseTo(1, 5);
    expect(hits[1]!.similarity).toBeCloseTo(-1, 5);
  });

  test('keeps cities apart, and leaves out what closed for good, with a city and without', async () => {
    const [here, there] = [await subject.newCity(), await subject.newCity()];
    const vector = randomVector('activity_nodes', 2 ** 20 + Math.floor(Math.random() * 2 ** 20));
    const [near, far, shut] = [place(here, vector), place(there, vector), place(here, vector, true)];
    await subject.store('activity_nodes', [near, far, shut]);
    expect(await ids(here, vector)).toEqual([near.id]);
    expect(await ids(there, vector)).toEqual([far.id]);
    const everywhere = await index.search('activity_nodes', { vector, limit: 3 });
    const found = everywhere.map((hit) => hit.id);
    expect(found).toEqual(expect.arrayContaining([near.id, far.id]));
    expect(found).not.toContain(shut.id);
  });

  test('a city without places has no hits', async () => {
    expect(await ids(await subject.newCity(), randomVector('activity_nodes', 3))).toEqual([]);
  });

  test('orders ties by id, also where the limit cuts through them', async () => {
    const cityId = await subject.newCity();
    const vector = randomVector('activity_nodes', 4);
    const best = place(cityId, vector);
    const tied = Array.from({ length: 90 }, () => place(cityId, randomVector('activity_nodes', 5)));
    await subject.store('activity_nodes', [...tied, best]);
    const sorted = tied.map((point) => point.id).sort();
    expect(await ids(cityId, vector, 8)).toEqual([best.id, ...sorted.slice(0, 7)]);
    expect(await ids(cityId, vector, 91)).toEqual([best.id, ...sorted]);
  });

  test('a repeated upsert changes nothing, another one replaces the vector and the payload', async () => {
    const cityId = await subject.newCity();
    const [before, after] = [randomVector('activity_nodes', 6), randomVector('activity_nodes', 7)];
    const point = place(cityId, before);
    await subject.store('activity_nodes', [point]);
    await subject.store('activity_nodes', [point]);
    expect(await ids(cityId, before)).toEqual([point.id]);
    await subject.store('activity_nodes', [{ ...point, vector: after }]);
    const [hit, ...others] = await index.search('activity_nodes', { vector: after, limit: 10, cityId });
    expect(others).toEqual([]);
    expect(hit!.similarity).toBeCloseTo(1, 5);
    await subject.store('activity_nodes', [{ ...point, vector: after, payload: { cityId, closed: true } }]);
    expect(await ids(cityId, after)).toEqual([]);
  });

  test('what is deleted is gone, and deleting it again or what never was is fine', async () => {
    const cityId = await subject.newCity();
    const vector = randomVector('activity_nodes', 8);
    const [gone, kept] = [place(cityId, vector), place(cityId, vector)];
    await subject.store('activity_nodes', [gone, kept]);
    await index.delete('activity_nodes', [gone.id]);
    await index.delete('activity_nodes', [gone.id, randomUUID()]);
    expect(await ids(cityId, vector)).toEqual([kept.id]);
  });

  test('takes more points than go into one request, and none', async () => {
    const cityId = await subject.newCity();
    const points = Array.from({ length: MAX_HITS + 205 }, (_, i) => place(cityId, randomVector('activity_nodes', i)));
    await subject.store('activity_nodes', points);
    const vector = points.at(-1)!.vector;
    const found = await ids(cityId, vector, MAX_HITS);
    expect(found[0]).toBe(points.at(-1)!.id);
    expect(new Set(found).size).toBe(MAX_HITS);
    await index.delete(
      'activity_nodes',
      points.map((point) => point.id),
    );
    expect(await ids(cityId, vector)).toEqual([]);
    await index.upsert('activity_nodes', []);
    await index.delete('activity_nodes', []);
  });

  test('personas are found, replaced and deleted in a collection of their own', async () => {
    const vector = randomVector('personas', 2 ** 22 + Math.floor(Math.random() * 2 ** 20));
    const persona = { id: randomUUID(), vector };
    await subject.store('personas', [persona]);
    const nearest = async () => (await index.search('personas', { vector, limit: 1 }))[0];
    expect(await nearest()).toMatchObject({ id: persona.id, similarity: expect.closeTo(1, 5) });
    const other = { id: randomUUID(), vector: randomVector('personas', 10) };
    await subject.store('personas', [{ id: persona.id, vector: vector.map((x) => -x) }, other]);
    expect((await nearest())?.id).not.toBe(persona.id);
    await subject.store('personas', [persona]);
    expect((await nearest())?.id).toBe(persona.id);
    await index.delete('personas', [persona.id]);
    expect((await nearest())?.id).not.toBe(persona.id);
    await index.delete('personas', [other.id]);
  });

  describe('refuses with a RangeError that names collection and id', () => {
    const id = '01890000-0000-7000-8000-00000000abcd';
    const payload = { cityId: randomUUID(), closed: false };
    const good = randomVector('activity_nodes', 9);
    const not = (value: number) => good.with(5, value);
    test.each<[string, Collection, VectorPoint]>([
      ['a short vector', 'activity_nodes', { id, vector: good.slice(1), payload }],
      ['a vector of the other collection', 'personas', { id, vector: good }],
      ['NaN', 'activity_nodes', { id, vector: not(Number.NaN), payload }],
      ['infinity', 'activity_nodes', { id, vector: not(Number.NEGATIVE_INFINITY), payload }],
      ['a vector without direction', 'activity_nodes', { id, vector: new Float32Array(64), payload }],
      ['a place without a payload', 'activity_nodes', { id, vector: good }],
      ['a persona with a payload', 'personas', { id, vector: randomVector('personas', 1), payload }],
    ])('%s', async (_, collection, point) => {
      const stored = index.upsert(collection, [point]);
      await expect(stored).rejects.toThrow(RangeError);
      await expect(stored).rejects.toThrow(new RegExp(`^${collection}: .*${id}`));
    });

    test('an id that is no UUID', async () => {
      const upserted = index.upsert('activity_nodes', [{ id: 'pike-place', vector: good, payload }]);
      await expect(upserted).rejects.toThrow(/^activity_nodes: .*pike-place/);
      await expect(index.delete('personas', ['7'])).rejects.toThrow(/^personas: .*"7"/);
    });

    test('and stores nothing of a list with one such point', async () => {
      const cityId = await subject.newCity();
      const fine = place(cityId, good);
      await subject.store('activity_nodes', [fine]);
      await index.delete('activity_nodes', [fine.id]);
      const bad = place(cityId, not(Number.NaN));
      await expect(index.upsert('activity_nodes', [fine, bad])).rejects.toThrow(bad.id);
      expect(await ids(cityId, good)).toEqual([]);
    });

    test.each([0, -1, 1.5, Number.NaN, MAX_HITS + 1])('a limit of %s', async (limit) => {
      const searched = index.search('activity_nodes', { vector: good, limit });
      await expect(searched).rejects.toThrow(RangeError);
      await expect(searched).rejects.toThrow(/limit/);
    });

    test('a query of the wrong length, for a city that is no UUID, or for the personas of a city', async () => {
      const search = (collection: Collection, vector: Float32Array, cityId?: string) =>
        index.search(collection, { vector, limit: 1, ...(cityId && { cityId }) });
      await expect(search('personas', good)).rejects.toThrow(/^personas: .*64 numbers, not 128/);
      await expect(search('activity_nodes', good, 'seattle')).rejects.toThrow(/^activity_nodes: .*seattle/);
      await expect(search('personas', randomVector('personas', 1), randomUUID())).rejects.toThrow(RangeError);
    });
  });
}
