/** HR@5 from randomised decisions: right in expectation whatever the log favoured, and silent without support. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { compareHitRates, isRandomised, type RandomisedDecision } from '../../../core/registry/hit-rate.ts';
import { shownNdcg } from '../../../core/registry/shown-ndcg.ts';

const VENUES = Array.from({ length: 12 }, (_, i) => `v${i}`);

/**
 * Travellers who would take each venue with its own probability; a log that shows one of them, those of low numbers far more
 * often. `good` ranks by what they would take, `bad` the other way round, `shown` by what the log favours.
 */
function world(seed: number, actors: number, each: number) {
  const random = Random.of(seed, 'world');
  const appeal = VENUES.map((_, i) => (i < 6 ? 0.15 : 0.6));
  const logging = VENUES.map((_, i) => (i < 6 ? 0.14 : 0.16 / 6));
  const byAppeal = [...VENUES].sort((a, b) => VENUES.indexOf(b) - VENUES.indexOf(a));
  const decisions: RandomisedDecision[] = [];
  for (let a = 0; a < actors; a++) {
    for (let d = 0; d < each; d++) {
      const i = random.weighted(logging);
      const taken = random.chance(appeal[i]!) ? [{ venueId: VENUES[i]!, propensity: logging[i]! }] : [];
      decisions.push({
        ...{ actorKey: `a${a}`, sessionId: `s${a}`, open: VENUES, taken },
        rankings: new Map([
          ['good@1', byAppeal],
          ['shown@1', VENUES],
          ['again@1', byAppeal],
        ]),
      });
    }
  }
  // Of all that would be taken, the part that stands in the first five.
  const total = appeal.reduce((sum, p) => sum + p, 0);
  const truth = { good: (5 * 0.6) / total, shown: (5 * 0.15) / total };
  return { decisions, truth };
}

it('says which ranker would be taken, not which the log favoured', () => {
  const { decisions, truth } = world(1, 400, 6);
  const compared = compareHitRates(decisions, 'good@1', 'shown@1');
  if (compared.kind !== 'value') throw new Error(compared.message);
  expect(compared.version.interval.lower).toBeGreaterThan(compared.other.interval.upper);
  expect(compared.difference.interval.lower).toBeGreaterThan(0);
  expect(Math.abs(compared.version.value - truth.good)).toBeLessThan(0.06);
  expect(Math.abs(compared.other.value - truth.shown)).toBeLessThan(0.06);
  // What was shown and taken, unweighted, has them the other way round.
  const hits = (model: string) =>
    decisions.filter(({ taken, rankings }) =>
      taken.some(({ venueId }) => rankings.get(model)!.slice(0, 5).includes(venueId)),
    );
  expect(hits('shown@1').length).toBeGreaterThan(hits('good@1').length);
});

it('has intervals that hold the truth about as often as they say', () => {
  let covered = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { decisions, truth } = world(seed, 150, 6);
    const compared = compareHitRates(decisions, 'good@1', 'shown@1', { effectiveAcceptances: 30, resamples: 300 });
    if (compared.kind !== 'value') throw new Error(compared.message);
    const { lower, upper } = compared.version.interval;
    if (lower <= truth.good && truth.good <= upper) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(53);
});

it('finds no difference between a version and itself, and is the same each time', () => {
  const { decisions } = world(2, 200, 6);
  const compared = compareHitRates(decisions, 'good@1', 'again@1');
  expect(compared).toMatchObject({ difference: { value: 0, interval: { lower: 0, upper: 0 } } });
  expect(compareHitRates(decisions, 'good@1', 'shown@1')).toEqual(compareHitRates(decisions, 'good@1', 'shown@1'));
});

it('does not take a hundred hits of a hundred for certainty', () => {
  const decisions = Array.from({ length: 150 }, (_, i): RandomisedDecision => {
    const taken = [{ venueId: 'v0', propensity: 0.5 }];
    const rankings = new Map([
      ['all@1', VENUES],
      ['none@1', [...VENUES].reverse()],
    ]);
    return { actorKey: `a${i}`, sessionId: `s${i}`, open: VENUES, taken, rankings };
  });
  const compared = compareHitRates(decisions, 'all@1', 'none@1');
  if (compared.kind !== 'value') throw new Error(compared.message);
  expect(compared.version).toMatchObject({ value: 1 });
  expect(compared.version.interval.lower).toBeLessThan(0.99);
  expect(compared.other.interval.upper).toBeGreaterThan(0.01);
});

it('ranks what was open alone: a venue that could not be shown takes no place', () => {
  const closed = Array.from({ length: 5 }, (_, i) => `closed${i}`);
  const decisions = world(3, 300, 6).decisions.map((decision) => ({
    ...decision,
    rankings: new Map([...decision.rankings].map(([model, ranked]) => [model, [...closed, ...ranked]])),
  }));
  const [as, without] = [decisions, world(3, 300, 6).decisions].map((of) => compareHitRates(of, 'good@1', 'shown@1'));
  expect(as).toEqual(without);
});

describe('no support', () => {
  it('is the answer without decisions for both, with too few acceptances, and with those of one traveller', () => {
    const { decisions } = world(4, 100, 6);
    expect(compareHitRates([], 'good@1', 'shown@1')).toMatchObject({ kind: 'no_support' });
    expect(compareHitRates(decisions, 'good@1', 'other@1')).toMatchObject({ kind: 'no_support' });
    expect(compareHitRates(decisions.slice(0, 60), 'good@1', 'shown@1')).toMatchObject({ kind: 'no_support' });
    const alone = decisions.map((decision) => ({ ...decision, actorKey: 'a' }));
    expect(compareHitRates(alone, 'good@1', 'shown@1', { effectiveAcceptances: 2 })).toMatchObject({
      kind: 'no_support',
    });
  });

  it('is of decisions in which chance had no part, or that left fewer than six to choose from', () => {
    const ones = [1, 1, 1, 1, 1, 1, 0, 0];
    expect(isRandomised(ones, [0, 1, 2, 3, 4, 5])).toBe(false);
    expect(isRandomised([0.9, 0.02, 0.02, 0.02, 0.04, 0], [0])).toBe(false);
    expect(isRandomised([0.9, 0.02, 0.02, 0.02, 0.02, 0.02], [0])).toBe(true);
    expect(isRandomised([0, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1], [0])).toBe(false);
  });
});

describe('NDCG@10 of ten shown in random order', () => {
  const ten = VENUES.slice(0, 10);
  const list = (i: number, ...taken: string[]) => ({ actorKey: `a${i}`, order: ten, taken: new Set(taken) });
  it('is 1 for the best order, and log2 2 over log2 11 for the last place', () => {
    const of = (...taken: string[]) =>
      shownNdcg(
        Array.from({ length: 5 }, (_, i) => list(i, ...taken)),
        { level: 0.95, fewest: 5 },
      );
    expect(of('v0', 'v1')).toMatchObject({ value: 1, lists: 5 });
    expect(of('v9')).toMatchObject({ value: 1 / Math.log2(11) });
  });

  it('is no number with too few lists; those of which nothing was taken do not count', () => {
    const lists = [list(1, 'v0'), list(2), list(3, 'elsewhere')];
    expect(shownNdcg(lists, { level: 0.95, fewest: 2 })).toMatchObject({ kind: 'no_support' });
    expect(shownNdcg(lists, { level: 0.95, fewest: 1 })).toMatchObject({ kind: 'value', lists: 1 });
  });
});
