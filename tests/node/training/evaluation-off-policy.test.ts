import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ESTIMATORS,
  estimatePolicy,
  onPolicyValue,
  type PolicyValue,
} from '../../../core/experiment/off-policy/estimate.ts';
import { type BanditLog, uniformPolicy } from '../../../core/experiment/off-policy/log.ts';
import { SUPPORT, weigh } from '../../../core/experiment/off-policy/support.ts';
import { clusteredVariance } from '../../../core/experiment/off-policy/variance.ts';
import { Random } from '../../../core/experiment/random.ts';
import type { Dataset } from '../../../training/data/dataset.ts';
import { readOpenBanditLog } from '../../../training/evaluation/off-policy/open-bandit.ts';
import { ownBanditLog, topOfOpen } from '../../../training/evaluation/off-policy/own-log.ts';
import { ownEntries } from '../../../training/evaluation/off-policy/report-entries.ts';
import { type SyntheticBandit, syntheticBandit } from '../../../training/evaluation/off-policy/synthetic-bandit.ts';

const ANY = { effectiveSampleSize: 0, unsupportedMass: 1, neverLoggedMass: 1, meanWeight: 1e9 };
const random = () => Random.of(1, 'off-policy test');

function logOf(
  rounds: { action: number; reward: number; propensity: number }[],
  more: Partial<BanditLog> = {},
): BanditLog {
  return {
    actions: 2,
    action: Int32Array.from(rounds, ({ action }) => action),
    identity: null,
    reward: Float64Array.from(rounds, ({ reward }) => reward),
    rewardRange: [0, 1],
    propensity: Float64Array.from(rounds, ({ propensity }) => propensity),
    position: null,
    cluster: null,
    probabilities: null,
    ...more,
  };
}

const policy = (...probabilities: number[]) => ({ name: 'test', probabilities: () => probabilities });
/** A reward model that is wrong, and does not learn. */
const fixedModel = (...q: number[]) => ({ name: 'fixed', fit: () => (_: number, action: number) => q[action]! });

function value(found: ReturnType<typeof estimatePolicy>): PolicyValue {
  if (found.kind !== 'value') throw new Error(found.message);
  return found;
}

describe('estimators', () => {
  test('have the values that a hand computes', () => {
    const log = logOf([
      { action: 0, reward: 1, propensity: 0.8 },
      { action: 1, reward: 1, propensity: 0.2 },
      { action: 0, reward: 0, propensity: 0.8 },
    ]);
    const of = (estimator: (typeof ESTIMATORS)[number]) => {
      return value(
        estimatePolicy(log, policy(0.4, 0.6), estimator, random(), {
          bounds: ANY,
          rewardLearner: fixedModel(0.5, 0.25),
        }),
      );
    };
    // Weights 0.5, 3, 0.5.
    expect(of('ips').value).toBeCloseTo(3.5 / 3, 12);
    expect(of('snips').value).toBeCloseTo(3.5 / 4, 12);
    // Expected 0.4 * 0.5 + 0.6 * 0.25 = 0.35, corrected by 0.5 * 0.5, 3 * 0.75, 0.5 * -0.5.
    expect(of('dr').value).toBeCloseTo(0.35 + (0.25 + 2.25 - 0.25) / 3, 12);
    expect(of('ips').effectiveSampleSize).toBeCloseTo(16 / 9.5, 12);
    expect(of('ips').meanWeight).toBeCloseTo(4 / 3, 12);
    expect(of('ips').largestWeight).toBeCloseTo(3, 12);
  });

  test('IPS and DR are unbiased: over every log of two rounds, weighted by its probability, they give the value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 10 }),
        fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 })),
        (logging, target, chances) => {
          const mu = [logging / 10, 1 - logging / 10];
          const pi = [target / 10, 1 - target / 10];
          const q = chances.map((chance) => chance / 10);
          const truth = pi[0]! * q[0]! + pi[1]! * q[1]!;
          const expected = { ips: 0, dr: 0 };
          for (let code = 0; code < 16; code++) {
            const rounds = [code & 3, code >> 2].map((c) => ({
              action: c & 1,
              reward: c >> 1,
              propensity: mu[c & 1]!,
            }));
            const chance = rounds.reduce((product, { action, reward, propensity }) => {
              return product * propensity * (reward === 1 ? q[action]! : 1 - q[action]!);
            }, 1);
            if (chance === 0) continue;
            for (const estimator of ['ips', 'dr'] as const) {
              const options = { bounds: ANY, rewardLearner: fixedModel(0.9, 0.2) };
              const found = estimatePolicy(logOf(rounds), policy(...pi), estimator, random(), options);
              expected[estimator] += chance * value(found).value;
            }
          }
          expect(expected.ips).toBeCloseTo(truth, 9);
          expect(expected.dr).toBeCloseTo(truth, 9);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the logging policy itself has the mean reward as its value, by every estimator', () => {
    const rounds = Array.from({ length: 400 }, (_, i) => ({
      action: i % 2,
      reward: i % 5 === 0 ? 1 : 0,
      propensity: 0.5,
    }));
    const log = logOf(rounds);
    const known = onPolicyValue(log);
    expect(known.value).toBeCloseTo(0.2, 12);
    for (const estimator of ['ips', 'snips'] as const) {
      expect(value(estimatePolicy(log, uniformPolicy(2), estimator, random())).value).toBeCloseTo(0.2, 12);
    }
  });

  test('rounds of one cluster hang together: a log copied tenfold within its clusters is worth no more', () => {
    const influence = Float64Array.of(0.5, -0.5, 0.25, -0.25);
    const copied = Float64Array.from({ length: 40 }, (_, i) => influence[i % 4]!);
    const cluster = Int32Array.from({ length: 40 }, (_, i) => i % 4);
    expect(clusteredVariance(copied, cluster)).toBeCloseTo(clusteredVariance(influence, null), 12);
    expect(clusteredVariance(copied, null)).toBeLessThan(clusteredVariance(influence, null) / 5);
  });

  test.each<SyntheticBandit>([
    { actions: 5, contexts: 3, meanReward: 0.3, skew: 1, rounds: 800, fullPropensities: true, target: 'uniform' },
    { actions: 5, contexts: 3, meanReward: 0.3, skew: 1, rounds: 800, fullPropensities: false, target: 'softmax' },
    { actions: 20, contexts: 1, meanReward: 0.02, skew: 1, rounds: 3000, fullPropensities: false, target: 'uniform' },
  ])('95% intervals hold the known value of $target, $actions actions, rewards of $meanReward', (kind) => {
    const held = { ips: 0, snips: 0, dr: 0 };
    let runs = 0;
    for (let run = 0; run < 150; run++) {
      const { log, policy: target, truth } = syntheticBandit(kind, run);
      const found = ESTIMATORS.map((estimator) => estimatePolicy(log, target, estimator, Random.of(run)));
      if (found[0]!.kind === 'no_support') continue;
      runs++;
      for (const [e, estimator] of ESTIMATORS.entries()) {
        const { interval } = value(found[e]!);
        if (interval.lower <= truth && truth <= interval.upper) held[estimator]++;
      }
    }
    expect(runs).toBeGreaterThan(120);
    for (const estimator of ESTIMATORS) expect(held[estimator] / runs).toBeGreaterThan(0.93);
  });
});

describe('support', () => {
  const many = (n: number, propensity: number) => {
    return Array.from({ length: n }, (_, i) => ({ action: 0, reward: i % 2, propensity }));
  };

  test('an action that the logging policy never shows: refused, with how much of the policy it is', () => {
    const log = logOf(many(500, 1), { probabilities: () => [1, 0] });
    const found = estimatePolicy(log, policy(0.7, 0.3), 'ips', random());
    expect(found).toMatchObject({ kind: 'no_support', reason: 'unsupported_actions' });
    expect(found).not.toHaveProperty('value');
    expect((found as { found: number }).found).toBeCloseTo(0.3, 9);
  });

  test('an action that is not in the log, where only what was shown is logged: refused', () => {
    const found = estimatePolicy(logOf(many(500, 0.5)), policy(0.9, 0.1), 'snips', random());
    expect(found).toMatchObject({ kind: 'no_support', reason: 'never_logged_actions' });
  });

  test('an action that was logged at another position only: refused', () => {
    const rounds = Array.from({ length: 600 }, (_, i) => ({ action: i % 2, reward: 0, propensity: 0.5 }));
    const position = Int32Array.from(rounds, ({ action }) => action);
    expect(estimatePolicy(logOf(rounds), uniformPolicy(2), 'ips', random()).kind).toBe('value');
    expect(estimatePolicy(logOf(rounds, { position }), uniformPolicy(2), 'ips', random())).toMatchObject({
      reason: 'never_logged_actions',
    });
  });

  test('few effective rounds: refused, by the weights that came up or by those that could have', () => {
    const rounds = [...many(1000, 0.999), ...many(3, 0.001).map((round) => ({ ...round, action: 1 }))];
    expect(estimatePolicy(logOf(rounds), uniformPolicy(2), 'dr', random())).toMatchObject({
      reason: 'effective_sample_size',
      bound: 100,
    });
    const lucky = logOf(many(1000, 0.999), { probabilities: () => [0.999, 0.001] });
    const found = weigh(lucky, uniformPolicy(2), SUPPORT);
    expect(found).toMatchObject({ reason: 'effective_sample_size' });
    expect((found as { found: number }).found).toBeCloseTo(1000 / (0.25 / 0.999 + 0.25 / 0.001), 6);
  });

  test('propensities that are not those of the log: refused, as the weights do not average to 1', () => {
    const rounds = Array.from({ length: 1000 }, (_, i) => ({ action: i % 2, reward: 0, propensity: 0.25 }));
    expect(estimatePolicy(logOf(rounds), uniformPolicy(2), 'ips', random())).toMatchObject({ reason: 'mean_weight' });
  });

  test('what is no log or no policy is an error that names the round', () => {
    const bad = (round: { action: number; reward: number; propensity: number }) => () =>
      estimatePolicy(logOf([round]), uniformPolicy(2), 'ips', random());
    expect(bad({ action: 2, reward: 0, propensity: 1 })).toThrow(/round 0: action 2/);
    expect(bad({ action: 0, reward: 0, propensity: 0 })).toThrow(/round 0: propensity 0/);
    expect(bad({ action: 0, reward: Number.NaN, propensity: 1 })).toThrow(/round 0: reward NaN/);
    expect(() => estimatePolicy(logOf([]), uniformPolicy(2), 'ips', random())).toThrow(/no rounds/);
    expect(() => estimatePolicy(logOf(many(2, 1)), policy(0.2, 0.2), 'ips', random())).toThrow(/sum to 0.4/);
  });
});

describe('logs', () => {
  const write = async (text: string) => {
    const file = join(tmpdir(), `bandit-${process.pid}.csv`);
    await writeFile(file, text);
    return file;
  };

  test('a file in the form of the Open Bandit Dataset is read by column names', async () => {
    const { log, source } = await readOpenBanditLog(
      await write(',timestamp,item_id,position,click,propensity_score,more\n0,x,3,2,1,0.25,y\n1,x,0,1,0,0.5,y\n'),
    );
    expect(log.actions).toBe(4);
    expect(source).toMatchObject({ rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect([...log.action, ...log.position!, ...log.reward, ...log.propensity]).toEqual([3, 0, 2, 1, 1, 0, 0.25, 0.5]);
  });

  test('what is wrong with it is said with file, line and field', async () => {
    const head = 'item_id,position,click,propensity_score\n';
    await expect(readOpenBanditLog(await write('item_id,position,click\n'))).rejects.toThrow(/:1 \(propensity_score\)/);
    await expect(readOpenBanditLog(await write(`${head}1,1,0,0.5\n1,1,2,0.5\n`))).rejects.toThrow(/:3 \(click\): "2"/);
    await expect(readOpenBanditLog(await write(`${head}1,1,0,nan\n`))).rejects.toThrow(/:2 \(propensity_score\)/);
    await expect(readOpenBanditLog(await write(`${head}1,1,0\n`))).rejects.toMatchObject({ name: 'DataError' });
    await expect(readOpenBanditLog(await write(head))).rejects.toThrow(/no rows/);
    await expect(readOpenBanditLog('/no/such/file.csv')).rejects.toMatchObject({ fault: 'missing' });
  });

  test('our logged rankings: what was shown and taken, and a ranker that would have shown it too', async () => {
    const dataset = rankedDataset(300, [0.5, 0.5, 0.5, 0.5]);
    const own = ownBanditLog(dataset, () => 0);
    expect(own.log.action).toHaveLength(600);
    expect([...own.log.propensity.subarray(0, 2)]).toEqual([0.25, 0.25]);
    const first = await topOfOpen(
      { name: 'first', score: async (cases) => cases.map(() => Float32Array.of(4, 3, 2, 1)) },
      own,
    );
    expect([...Array.from(first.probabilities(0))]).toEqual([0.5, 0.5, 0, 0]);
    // Venue 0 is always taken where it is shown, the others never: of two shown one is taken.
    expect(value(estimatePolicy(own.log, first, 'snips', random())).value).toBeCloseTo(0.5, 1);
    const anything = await topOfOpen(
      { name: 'flat', score: async (cases) => cases.map(() => new Float32Array(4)) },
      own,
    );
    expect(value(estimatePolicy(own.log, anything, 'snips', random())).value).toBeCloseTo(0.25, 1);
  });

  test('rankings in which nothing else could be shown say nothing of another policy', async () => {
    const dataset = rankedDataset(300, [1, 1, 0, 0]);
    const own = ownBanditLog(dataset, () => 0);
    expect(own.leftOut.deterministic).toBe(300);
    const held = [{ ...ownBanditLog(rankedDataset(2, [0.5, 0.5, 0.5, 0.5]), () => 0).rankings[0]!, time: 0 }];
    const [entry] = await ownEntries(
      dataset,
      [{ name: 'last', score: async (cases) => cases.map(() => Float32Array.of(1, 2, 3, 4)) }],
      held,
      0,
    );
    expect(entry!.result).toMatchObject({ kind: 'no_support', reason: 'deterministic_log' });
  });

  test('a venue that could not be shown is shown by no policy', async () => {
    const own = ownBanditLog(rankedDataset(300, [0.75, 0.75, 0.5, 0]), () => 0);
    expect(own.rankings[0]!.candidates).toHaveLength(3);
    const last = {
      name: 'last',
      score: async (cases: readonly unknown[]) => cases.map(() => Float32Array.of(1, 2, 3, 4)),
    };
    expect([...Array.from((await topOfOpen(last, own)).probabilities(0))]).toEqual([0, 0.5, 0.5]);
  });

  test('rankings before the time from which a user counts are not in the log', () => {
    expect(ownBanditLog(rankedDataset(300, [0.5, 0.5, 0.5, 0.5]), () => 290).rankings).toHaveLength(10);
  });
});

/** One ranking a user, at times 0, 1, ...: two of four venues shown; venue 0 is taken where it is shown. */
function rankedDataset(users: number, propensity: number[]): Dataset {
  const draws = Random.of(2, 'rankings');
  const names = Array.from({ length: users }, (_, user) => `user ${user}`);
  const sets = names.map((actor, time) => {
    const items = [0, 1, 2, 3];
    const shown = propensity.includes(0) ? [0, 1] : draws.shuffle(items.slice()).slice(0, 2);
    return {
      id: actor,
      actor,
      time,
      city: '',
      kind: 'itinerary',
      dayPart: null,
      tripDay: null,
      modelVersion: 'none',
      items: Int32Array.from(items),
      scores: new Float32Array(4),
      propensity: Float32Array.from(propensity),
      shown: Uint8Array.from(items, (item) => (shown.includes(item) ? 1 : 0)),
      personas: new Int32Array(),
    };
  });
  const item = sets.map(({ shown }) => (shown[0] ? 0 : shown.indexOf(1)));
  return {
    interactions: {
      users: names,
      items: ['a', 'b', 'c', 'd'],
      user: Int32Array.from(names.keys()),
      item: Int32Array.from(item),
      time: Float64Array.from(names.keys()),
      accepted: Uint8Array.from(item, (taken) => (taken === 0 ? 1 : 0)),
      weight: new Float32Array(users).fill(1),
      rating: null,
    },
    lineage: { sources: [], rows: {}, synthetic: true },
    own: {
      context: { candidateSet: Int32Array.from(names.keys()) },
      candidateSets: sets,
      personas: [],
      venues: [],
      cities: [],
    } as unknown as Dataset['own'],
  };
}
