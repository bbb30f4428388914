import { describe, expect, test } from 'vitest';
import { compareSides, reviewRule } from '../../../core/arbitration/comparison.ts';
import { type Crossover, crossover } from '../../../core/arbitration/crossover.ts';
import { trialsOf } from './fixtures/arbitration.ts';

const world = { seed: 1, trials: 6000, travellers: 400, exploration: 1, lead: () => 0 };

describe('the comparison of the sides where a rule decided', () => {
  test('gives each its share, and a lead whose interval holds the true one', () => {
    const { ml, llm, lead } = compareSides(trialsOf({ ...world, lead: () => 0.15 }));
    expect(ml).toMatchObject({ kind: 'value', estimator: 'snips' });
    expect(llm.kind).toBe('value');
    expect(lead!.interval.lower).toBeLessThan(0.15);
    expect(lead!.interval.upper).toBeGreaterThan(0.15);
    expect(lead!.interval.lower).toBeGreaterThan(0);
  });

  test('has no number where nothing was randomised, or too little', () => {
    expect(compareSides([])).toMatchObject({ ml: { kind: 'no_support', reason: 'deterministic_log' }, lead: null });
    const few = compareSides(trialsOf({ ...world, exploration: 0.05, trials: 1000 }));
    expect(few).toMatchObject({ llm: { kind: 'no_support' }, lead: null });
  });
});

describe('the review of a rule', () => {
  test('finds it worse only where the whole interval says so', () => {
    expect(reviewRule('popularity_bias', trialsOf({ ...world, lead: () => -0.15 }))).toMatchObject({
      verdict: 'worse',
    });
    for (const lead of [0, -0.01, 0.15]) {
      expect(reviewRule('popularity_bias', trialsOf({ ...world, lead: () => lead }))).toMatchObject({
        verdict: 'not_shown_worse',
      });
    }
  });

  test('judges nobody by few decisions or by ones that hardly explored', () => {
    const bad = { ...world, lead: () => -0.3 };
    expect(reviewRule('default', trialsOf({ ...bad, trials: 399 }))).toMatchObject({ verdict: 'too_few' });
    expect(reviewRule('default', trialsOf({ ...bad, trials: 400 }))).toMatchObject({ verdict: 'worse' });
    expect(reviewRule('default', trialsOf({ ...bad, exploration: 0.02, trials: 2000 }))).toMatchObject({
      verdict: 'no_support',
    });
  });

  test('a rule for the LLM cannot be worse than the LLM', () => {
    expect(reviewRule('cold', trialsOf({ ...world, lead: () => -0.3 }))).toMatchObject({ verdict: 'not_shown_worse' });
  });
});

describe('the crossover', () => {
  const rises = (signals: number) => 0.08 * (Math.log(signals) - Math.log(120));

  test.each([
    ['a lead that grows with the logarithm', rises],
    ['a lead that levels off', (signals: number) => 0.25 * (Math.exp(-120 / 80) - Math.exp(-signals / 80))],
    ['a lead that comes at once', (signals: number) => (signals < 120 ? -0.12 : 0.12)],
  ])('of %s, planted at 120 signals, lies in the intervals, about as often as they promise', (_, lead) => {
    let covered = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const found = crossover(trialsOf({ ...world, seed, trials: 8000, lead }), seed) as Crossover;
      expect(found.kind).toBe('crossover');
      const { lower, upper } = found.interval;
      if ((lower ?? 0) < 120 && (upper ?? Number.POSITIVE_INFINITY) > 120) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(10);
  });

  test('is told closely where there is enough to tell it from', () => {
    const lead = (signals: number) => (signals < 120 ? -0.2 : 0.2);
    const { interval } = crossover(trialsOf({ ...world, trials: 20_000, lead }), 1) as Crossover;
    expect(interval.lower).toBeGreaterThan(100);
    expect(interval.upper).toBeLessThan(140);
  });

  test('is not found where one side is ahead throughout', () => {
    expect(crossover(trialsOf({ ...world, lead: () => 0.2 }), 1)).toMatchObject({
      kind: 'ml_throughout',
      signals: null,
    });
    expect(crossover(trialsOf({ ...world, lead: () => -0.2 }), 1)).toMatchObject({
      kind: 'llm_throughout',
      signals: null,
    });
  });

  test('is not misled by who was served: ML went to those who accept anything', () => {
    const trials = trialsOf({ ...world, trials: 20_000, exploration: 0.4, favoured: true, lead: rises });
    const found = crossover(trials, 1) as Crossover;
    expect(found.kind).toBe('crossover');
    expect(found.interval.lower ?? 0).toBeLessThan(120);
    expect(found.interval.upper ?? Number.POSITIVE_INFINITY).toBeGreaterThan(120);
    // As if all had been served alike, ML would seem to be ahead far sooner.
    const alike = trials.map((trial) => ({ ...trial, propensity: 0.5 }));
    expect((crossover(alike, 1) as Crossover).interval.upper).toBeLessThan(80);
  });

  test('has no number without randomised decisions, or with those of few travellers', () => {
    expect(crossover([], 1)).toMatchObject({ kind: 'no_support', reason: 'deterministic_log' });
    expect(crossover(trialsOf({ ...world, exploration: 0.01, trials: 3000, lead: rises }), 1).kind).toBe('no_support');
    expect(crossover(trialsOf({ ...world, travellers: 20, lead: rises }), 1)).toMatchObject({
      kind: 'no_support',
      found: 20,
      bound: 30,
    });
  });

  test('is the same for the same seed', () => {
    const trials = trialsOf({ ...world, lead: rises });
    expect(crossover(trials, 3)).toEqual(crossover(trials, 3));
  });
});
