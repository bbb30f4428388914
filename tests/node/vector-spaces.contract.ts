/** What every adapter of the vector index promises of the spaces of item towers, beside `activity_nodes`. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAX_HITS, type Space, type VectorIndex, type VectorPoint } from '../../core/venue/vector-index.ts';
import { type ContractSubject, cosine, randomVector } from './vector-index.contract.ts';

/** One that no other test has. */
const newSpace = (): Space => `test-tower@${randomUUID().replaceAll('-', '').slice(0, 12)}`;

function place(cityId: string, seed: number, { closed = false, venueVersion = 1 } = {}): VectorPoint {
  return {
    id: randomUUID(),
    vector: randomVector('activity_nodes', seed),
    payload: { cityId, closed, venueVersion },
  };
}

export function vectorSpacesContract(open: () => Promise<ContractSubject>): void {
  let index: VectorIndex;
  let subject: ContractSubject;
  const ids = async (space: Space, cityId: string, vector: Float32Array, limit = 10) =>
    (await index.search(space, { vector, limit, cityId })).map((hit) => hit.id);
  const opened = async (): Promise<Space> => {
    const space = newSpace();
    await index.openSpace(space);
    return space;
  };

  beforeAll(async () => {
    subject = await open();
    index = subject.index;
    await index.prepare();
  });

  test('returns the nearest places of the city in that space, best first, with their cosine', async () => {
    const [cityId, space] = [await subject.newCity(), await opened()];
    const points = Array.from({ length: 40 }, (_, i) => place(cityId, i));
    await subject.store(space, points);
    const vector = randomVector('activity_nodes', 1000);
    const expected = points
      .map((point) => ({ id: point.id, similarity: cosine(vector, point.vector) }))
      .sort((a, b) => b.similarity - a.similarity);
    const hits = await index.search(space, { vector, limit: 20, cityId });
    expect(hits.map((hit) => hit.id)).toEqual(expected.slice(0, 20).map((hit) => hit.id));
    for (const [i, hit] of hits.entries()) expect(hit.similarity).toBeCloseTo(expected[i]!.similarity, 5);
  });

  test('spaces keep apart: from each other, and from the places beside them', async () => {
    const [cityId, one, other] = [await subject.newCity(), await opened(), await opened()];
    const inOne = place(cityId, 1);
    const vector = randomVector('activity_nodes', 2);
    const inOther = { ...inOne, vector };
    await subject.store(one, [inOne]);
    await subject.store(other, [inOther]);
    const [hit] = await index.search(one, { vector, limit: 5, cityId });
    expect(hit!.similarity).toBeCloseTo(cosine(inOne.vector, vector), 5);
    expect((await index.search(other, { vector, limit: 5, cityId }))[0]!.similarity).toBeCloseTo(1, 5);
    expect((await index.search('activity_nodes', { vector, limit: 5, cityId })).map(({ id }) => id)).toEqual([]);
    await index.delete(one, [inOne.id]);
    expect(await ids(one, cityId, vector)).toEqual([]);
    expect(await ids(other, cityId, vector)).toEqual([inOne.id]);
  });

  test('keeps cities apart, leaves out what closed for good, and orders ties by id', async () => {
    const [here, there, space] = [await subject.newCity(), await subject.newCity(), await opened()];
    const tied = Array.from({ length: 30 }, () => place(here, 5));
    const [far, shut] = [place(there, 5), place(here, 5, { closed: true })];
    await subject.store(space, [...tied, far, shut]);
    const { vector } = far;
    const sorted = tied.map(({ id }) => id).sort();
    expect(await ids(space, here, vector, 8)).toEqual(sorted.slice(0, 8));
    expect(await ids(space, here, vector, 100)).toEqual(sorted);
    expect(await ids(space, there, vector)).toEqual([far.id]);
    const everywhere = (await index.search(space, { vector, limit: 100 })).map(({ id }) => id);
    expect(everywhere).toEqual([...sorted, far.id].sort());
  });

  test('knows of each venue the version that its vector was made of, and how many are open', async () => {
    const [cityId, space] = [await subject.newCity(), await opened()];
    const [first, second, shut] = [
      place(cityId, 1),
      place(cityId, 2, { venueVersion: 7 }),
      place(cityId, 3, { closed: true }),
    ];
    await subject.store(space, [first, second, shut]);
    const versions = () => index.venueVersions(space, [first.id, second.id, shut.id, randomUUID()]);
    expect(await versions()).toEqual(
      new Map([
        [first.id, 1],
        [second.id, 7],
        [shut.id, 1],
      ]),
    );
    expect(await index.countOpen(space)).toBe(2);
    const renewed = { ...first, vector: second.vector, payload: { ...first.payload!, venueVersion: 2 } };
    await subject.store(space, [renewed]);
    await subject.store(space, [renewed]);
    expect((await versions()).get(first.id)).toBe(2);
    expect(await index.countOpen(space)).toBe(2);
    expect(await ids(space, cityId, second.vector)).toEqual([first.id, second.id].sort());
  });

  test('takes more points than go into one request', async () => {
    const [cityId, space] = [await subject.newCity(), await opened()];
    const points = Array.from({ length: MAX_HITS + 5 }, (_, i) => place(cityId, i));
    await subject.store(space, points);
    expect(await ids(space, cityId, points[0]!.vector, MAX_HITS)).toHaveLength(MAX_HITS);
    const versions = await index.venueVersions(
      space,
      points.map(({ id }) => id),
    );
    expect(versions.size).toBe(points.length);
  });

  test('a space is listed once it holds something, and gone with all that it held once it is dropped', async () => {
    const [cityId, space] = [await subject.newCity(), await opened()];
    await index.openSpace(space);
    const point = place(cityId, 1);
    await subject.store(space, [point]);
    const listed = await index.spaces();
    expect(listed).toContain(space);
    expect(listed).toEqual([...listed].sort());
    for (let i = 0; i < 2; i++) await index.dropSpace(space);
    expect(await index.spaces()).not.toContain(space);
    expect(await ids(space, cityId, point.vector)).toEqual([]);
  });

  test('one that nobody opened has no hits, no venues and no versions', async () => {
    const space = newSpace();
    expect(await index.search(space, { vector: randomVector('activity_nodes', 1), limit: 5 })).toEqual([]);
    expect(await index.countOpen(space)).toBe(0);
    expect(await index.venueVersions(space, [randomUUID()])).toEqual(new Map());
    await index.dropSpace(space);
  });

  describe('refuses with a RangeError that names the space', () => {
    const good = place(randomUUID(), 1);
    const space = newSpace();
    test.each<[string, VectorPoint]>([
      ['a short vector', { ...good, vector: good.vector.slice(1) }],
      ['no payload', { id: good.id, vector: good.vector }],
      ['no venue version', { ...good, payload: { cityId: randomUUID(), closed: false } }],
      ['a venue version that is none', { ...good, payload: { ...good.payload!, venueVersion: 0.5 } }],
    ])('%s', async (_, point) => {
      const stored = index.upsert(space, [point]);
      await expect(stored).rejects.toThrow(RangeError);
      await expect(stored).rejects.toThrow(space);
    });

    test('and a venue version where there are none', async () => {
      await expect(index.upsert('activity_nodes', [good])).rejects.toThrow(RangeError);
    });

    test.each(['@', 'two tower@1', 'two-tower@', '../tower@1', 'a@b/c'] as Space[])(
      'a space named "%s"',
      async (name) => {
        const vector = good.vector;
        for (const attempt of [
          () => index.openSpace(name),
          () => index.upsert(name, [good]),
          () => index.search(name, { vector, limit: 1 }),
          () => index.delete(name, [good.id]),
          () => index.venueVersions(name, []),
          () => index.countOpen(name),
          () => index.dropSpace(name),
        ]) {
          await expect(attempt()).rejects.toThrow(RangeError);
          await expect(attempt()).rejects.toThrow(name);
        }
      },
    );
  });
}
