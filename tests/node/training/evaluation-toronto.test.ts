import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitMarkov } from '../../../models/floors/markov.ts';
import type { Fit } from '../../../training/evaluation/recommender.ts';
import {
  fitDistance,
  heldOut,
  readToronto,
  type TorontoData,
  testedTrips,
  torontoCases,
} from '../../../training/evaluation/toronto.ts';

const VISITS = `"photoID";"userID";"dateTaken";"poiID";"poiTheme";"poiFreq";"seqID"
1;"a";100;3;"Sport";9;1
2;"a";110;3;"Sport";9;1
3;"a";130;10;"Sport";9;1
4;"a";120;3;"Sport";9;1
5;"a";140;3;"Sport";9;1
6;"a";150;7;"Sport";9;1
7;"b";90;7;"Sport";9;2
8;"b";91;10;"Sport";9;2
9;"b";500;3;"Sport";9;3
10;"b";501;10;"Sport";9;3
11;"b";501;7;"Sport";9;3
12;"c";10;3;"Sport";9;4
`;
const COSTS = `"from";"to";"cost";"profit";"category"
"3";"7";"200.5";"1";"Sport"
"3";"10";"100";"1";"Sport"
"7";"3";"200.5";"1";"Sport"
"7";"10";"50";"1";"Sport"
"10";"3";"100";"1";"Sport"
"10";"7";"50";"1";"Sport"
`;

let folder: string;
let data: TorontoData;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toronto-'));
  await writeFile(join(folder, 'user-visits.csv'), VISITS);
  await writeFile(join(folder, 'poi-costs.csv'), COSTS);
  data = await readToronto(folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe('tourists of Toronto', () => {
  test('photos of one place in a row are one visit, in the order of time, then of lines', () => {
    expect(data.places).toEqual(['3', '7', '10']);
    const visits = data.trips.map((trip) => Array.from(trip.visits, (v) => data.places[v]));
    expect(visits).toEqual([['3', '10', '3', '7'], ['7', '10'], ['3', '10', '7'], ['3']]);
    expect(data.trips[0]!.times[0]).toBe(100_000);
    expect(data.distance[0]![1]).toBe(200.5);
  });

  test('only trips to three different places are tested', () => {
    expect(testedTrips(data)).toEqual([0, 2]);
    expect(heldOut(data, 'leave-one-trip-out', 0)).toEqual([[0], [2]]);
  });

  test('folds hold all trips of a tourist together, every trip once, and are the same for the same seed', () => {
    const folds = heldOut(data, 2, 5);
    expect(folds.flat().sort()).toEqual([0, 1, 2, 3]);
    expect(folds.find((trips) => trips.includes(1))).toContain(2);
    expect(heldOut(data, 2, 5)).toEqual(folds);
  });

  test.each(['leave-one-trip-out', 3] as const)('no ranker has seen the trip that it predicts (%s)', async (folds) => {
    const seen: string[][] = [];
    const spy: Fit = ({ train }) => {
      seen.push([...train.users]);
      return { name: 'spy', score: async (cases) => cases.map(() => Float32Array.of(seen.length - 1, 0, 0)) };
    };
    const { recommenders, cases } = await torontoCases(data, [spy], { folds, candidates: 'all', seed: 0 });
    expect(cases.map(({ history, target }) => [...history, target])).toHaveLength(3 + 2);
    const scores = await recommenders[0]!.score(cases);
    for (const [i, { user, time }] of cases.entries()) {
      const trip = data.trips.find((one) => one.tourist === user && one.times.includes(time))!;
      const train = seen[scores[i]![0]!]!;
      expect(train).not.toContain(trip.id);
      const others = data.trips.filter((one) => one.tourist === user && one !== trip).map(({ id }) => id);
      for (const id of others) expect(train.includes(id)).toBe(folds === 'leave-one-trip-out');
    }
  });

  test('every visit but the first is predicted from those before it', async () => {
    const options = { folds: 'leave-one-trip-out', candidates: 'elsewhere', seed: 0 } as const;
    const { cases } = await torontoCases(data, [fitMarkov], options);
    expect(cases.map(({ history, target }) => [[...history], target])).toEqual([
      [[0], 2],
      [[0, 2], 0],
      [[0, 2, 0], 1],
      [[0], 2],
      [[0, 2], 1],
    ]);
    for (const { history, candidates } of cases) expect(candidates).not.toContain(history.at(-1));
  });

  test('the distance floor puts the nearest place first and never the place itself', async () => {
    const { recommenders, cases } = await torontoCases(data, [fitDistance(data)], {
      folds: 'leave-one-trip-out',
      candidates: 'all',
      seed: 0,
    });
    const [from3] = await recommenders[0]!.score(cases.slice(0, 1));
    expect([...from3!]).toEqual([Number.NaN, -200.5, -100]);
  });

  test('what is wrong with a file is said with file, line and field', async () => {
    const bad = await mkdtemp(join(tmpdir(), 'toronto-'));
    await expect(readToronto(bad)).rejects.toMatchObject({ name: 'DataError', fault: 'missing' });
    await writeFile(join(bad, 'user-visits.csv'), VISITS.replace('120', 'soon'));
    await writeFile(join(bad, 'poi-costs.csv'), COSTS);
    await expect(readToronto(bad)).rejects.toThrow(/user-visits\.csv:5 \(dateTaken\)/);
    await writeFile(join(bad, 'user-visits.csv'), VISITS.replace('"seqID"', '"trip"'));
    await expect(readToronto(bad)).rejects.toThrow(/user-visits\.csv:1 \(seqID\)/);
    await rm(bad, { recursive: true });
  });
});
