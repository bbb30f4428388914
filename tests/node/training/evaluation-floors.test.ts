import { describe, expect, test } from 'vitest';
import { FLOORS } from '../../../models/floors/index.ts';
import { itemKnn } from '../../../models/floors/item-knn.ts';
import { markov } from '../../../models/floors/markov.ts';
import { recency } from '../../../models/floors/recency.ts';
import type { Dataset, Interactions } from '../../../training/data/dataset.ts';
import type { EvaluationCase, Recommender } from '../../../training/evaluation/recommender.ts';

/** [user, item, time], sorted by user, then time. */
function trained(rows: [number, number, number][], items = 4): Interactions {
  return {
    users: Array.from({ length: 6 }, (_, u) => `u${u}`),
    items: Array.from({ length: items }, (_, i) => `i${i}`),
    user: Int32Array.from(rows, ([user]) => user),
    item: Int32Array.from(rows, ([, item]) => item),
    time: Float64Array.from(rows, ([, , time]) => time),
    accepted: new Uint8Array(rows.length).fill(1),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
}

function asked(history: number[], time = 100, id = 0): EvaluationCase {
  return {
    id,
    user: 0,
    history: Int32Array.from(history),
    target: 0,
    time,
    candidates: null,
    segment: {},
    index: -1,
  };
}

async function fitted(name: string, train: Interactions, seed = 1): Promise<Recommender> {
  const dataset: Dataset = {
    interactions: train,
    lineage: { sources: [], rows: {}, synthetic: false },
    own: null,
  };
  return FLOORS[name]!({ train, validation: [], dataset, seed });
}

const probabilities = (scores: Float32Array) => Array.from(scores, (score) => Math.exp(score));
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe('floors', () => {
  test('all answer any case with a score of every item, also without a history', async () => {
    const train = trained([[0, 1, 5]]);
    for (const name of Object.keys(FLOORS)) {
      const recommender = await fitted(name, train);
      expect(recommender.name).toBe(name);
      const rows = await recommender.score([asked([]), asked([1, 1, 3])]);
      expect(rows.map((row) => row.length)).toEqual([4, 4]);
      expect(rows.every((row) => row.every((score) => !Number.isNaN(score)))).toBe(true);
    }
  });

  test('random: the same for the same seed and case, whatever is asked along with it', async () => {
    const train = trained([[0, 0, 0]]);
    const [, second] = await (await fitted('random', train)).score([asked([], 0, 1), asked([], 0, 2)]);
    const [alone] = await (await fitted('random', train)).score([asked([], 0, 2)]);
    const [other] = await (await fitted('random', train, 2)).score([asked([], 0, 2)]);
    expect(alone).toEqual(second);
    expect(other).not.toEqual(second);
  });

  test('popularity: weighted counts of what was taken, as probabilities', async () => {
    const train = trained([
      [0, 0, 1],
      [1, 0, 2],
      [2, 1, 3],
      [3, 2, 4],
    ]);
    train.accepted[3] = 0;
    train.weight[2] = 0.5;
    const [scores] = await (await fitted('popularity', train)).score([asked([])]);
    const found = probabilities(scores!);
    for (const [i, expected] of [3, 1.5, 1, 1].entries()) expect(found[i]).toBeCloseTo(expected / 6.5, 6);
  });

  test('recency: each time counts by its age at the moment of the case, and nothing later counts', async () => {
    const train = trained([
      [0, 0, 0],
      [0, 0, 10],
      [1, 1, 90],
      [2, 2, 100],
    ]);
    const recommender = await recency(train, 0.1);
    // Half-life 10. Asked out of order, and at the very time of an interaction, which is not before it.
    const [late, early, exact] = await recommender.score([asked([], 200), asked([], 20), asked([], 100)]);
    expect(early![0]).toBeCloseTo(2 ** -2 + 2 ** -1, 6);
    expect([early![1], early![2]]).toEqual([0, 0]);
    expect(exact![1]).toBeCloseTo(0.5, 6);
    expect(exact![2]).toBe(0);
    expect(late![2]! / late![1]!).toBeCloseTo(2, 5);
  });

  test('item-kNN: shrunk cosine of the sets of users, from the nearest only', async () => {
    // Users of 0: {0, 1, 2}; of 1: {0, 1}; of 2: {2}.
    const train = trained([
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
      [1, 1, 1],
      [1, 1, 2],
      [2, 0, 0],
      [2, 2, 1],
    ]);
    const [scores] = await (await itemKnn(train, { neighbours: 10, shrinkage: 2 })).score([asked([0, 0])]);
    expect(scores![1]).toBeCloseTo(2 / (Math.sqrt(6) + 2), 6);
    expect(scores![2]).toBeCloseTo(1 / (Math.sqrt(3) + 2), 6);
    expect([scores![0], scores![3]]).toEqual([0, 0]);
    // The nearest of 0 is 1, so 2 in the history says nothing of 0.
    const [of2] = await (await itemKnn(train, { neighbours: 1, shrinkage: 2 })).score([asked([2])]);
    expect(of2![0]).toBe(0);
  });

  test('Markov: what followed the last item, drawn towards the popularity; that alone where nothing followed', async () => {
    const train = trained([
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
      [1, 1, 1],
      [2, 0, 0],
      [2, 2, 1],
      [3, 3, 0],
    ]);
    const recommender = await markov(train, 2);
    const shares = [4, 3, 2, 2].map((count) => count / 11);
    const [from0, from1, from3, none] = await recommender.score(
      [[3, 0], [0, 1], [0, 3], []].map((past) => asked(past)),
    );
    const counts = [0, 2, 1, 0];
    for (const [j, share] of shares.entries()) {
      expect(Math.exp(from0![j]!)).toBeCloseTo((counts[j]! + 2 * share) / 5, 6);
      expect(Math.exp(none![j]!)).toBeCloseTo(share, 6);
    }
    expect(sum(probabilities(from0!))).toBeCloseTo(1, 6);
    // The last of one user and the first of the next are no transition.
    expect(from1).toEqual(none);
    expect(from3).toEqual(none);
  });

  test('a planted chain: Markov finds the next item, popularity does not', async () => {
    const rows = Array.from({ length: 60 }, (_, i): [number, number, number] => [Math.floor(i / 10), i % 4, i % 10]);
    const train = trained(rows);
    const [scores] = await (await fitted('markov', train)).score([asked([1, 2])]);
    expect(scores!.indexOf(Math.max(...scores!))).toBe(3);
  });
});
