import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ArbitrationConfig,
  arbitrationConfigSchema,
  DEFAULT_ARBITRATION,
  withSwitches,
} from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import { SWITCHED_RULES } from '../../../core/arbitration/decision.ts';
import { ARBITER_FACTS } from '../../../core/arbitration/fact-names.ts';
import { Random } from '../../../core/experiment/random.ts';
import { anyInput, ids, situation, twoSides } from './fixtures/arbitration.ts';

const FOLDER = join(import.meta.dirname, '../../../data/arbitration');
const CONFIGS: [string, ArbitrationConfig][] = readdirSync(FOLDER).map((name) => [
  name,
  arbitrationConfigSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))),
]);

const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the scenarios of the source documents', () => {
  const sights = { l0: { touristScore: 0.9, localScore: 0.2 } };

  test('disagreement, and the LLM’s first is where tourists go: ML', () => {
    expect(
      decide(situation({ venues: sights, context: { localBias: 0.8 } }), DEFAULT_ARBITRATION, 0.5, 0.5),
    ).toMatchObject({ rule: 'popularity_bias', served: 'ml', propensity: 1 });
  });

  test('a traveller with few trips, and a sure LLM: the LLM, popular or not', () => {
    const cold = situation({
      venues: sights,
      llm: { confidence: 0.95 },
      context: { userTripCount: 1, localBias: 0.8 },
    });
    expect(decide(cold, DEFAULT_ARBITRATION, 0.5, 0.5)).toMatchObject({
      rule: 'cold',
      served: 'llm',
      detected: ['cold', 'popularity_bias'],
    });
  });

  test('a sure LLM and an unsure ML ranker: the LLM', () => {
    const gap = situation({ llm: { confidence: 0.9 }, ml: { confidence: 0.2 } });
    expect(decide(gap, DEFAULT_ARBITRATION, 0.5, 0.5)).toMatchObject({ rule: 'confidence_gap', served: 'llm' });
  });
});

describe.each(CONFIGS)('with %s', (_, config) => {
  test('neither side always wins', () => {
    const wins = { ml: 0, llm: 0 };
    for (const input of fc.sample(twoSides, { numRuns: 3000, seed: 5 })) {
      wins[decide({ ...input, exploration: 0 }, config, 0.5, 0.5).served]++;
    }
    expect(Math.min(wins.ml, wins.llm)).toBeGreaterThan(100);
  });
});

test('the default configuration is one of the files', () => {
  expect(CONFIGS.map(([, config]) => config)).toContainEqual(DEFAULT_ARBITRATION);
});

describe('exploration', () => {
  const counts = (input: ReturnType<typeof situation>, draws: number) => {
    const random = Random.of(7, 'draws');
    const found = { ml: 0, llm: 0, explored: 0, propensities: new Map<string, number>() };
    for (let i = 0; i < draws; i++) {
      const { served, explored, propensity } = decide(input, DEFAULT_ARBITRATION, random.uniform(), random.uniform());
      found[served]++;
      if (explored) found.explored++;
      found.propensities.set(served, propensity);
    }
    return found;
  };

  test.each([
    [0.05, { userTripCount: 5 }, 'ml'],
    [0.4, { userTripCount: 5 }, 'ml'],
    [0.4, { userTripCount: 1 }, 'llm'],
    [1, { userTripCount: 1 }, 'llm'],
  ] as const)('of %d: each side is served as often as its propensity says', (exploration, context, chosen) => {
    const draws = 40_000;
    const found = counts(situation({ exploration, context }), draws);
    const other = chosen === 'ml' ? 'llm' : 'ml';
    expect(found.propensities.get(chosen)).toBe(1 - exploration / 2);
    expect(found.propensities.get(other)).toBe(exploration / 2);
    // Four standard errors.
    const close = 4 * Math.sqrt(((exploration / 2) * (1 - exploration / 2)) / draws);
    expect(Math.abs(found[other] / draws - exploration / 2)).toBeLessThan(close);
    expect(Math.abs(found.explored / draws - exploration)).toBeLessThan(4 * Math.sqrt(exploration / draws));
  });

  test('leaves alone what the two agree on, what only one side answered, and every mode but live', () => {
    for (const input of [
      situation({ exploration: 1, llm: { top: ids('m') } }),
      situation({ exploration: 1, llm: { missing: 'late' } }),
      situation({ exploration: 1, ml: { missing: 'cold' } }),
      situation({ exploration: 1, mode: 'shadow' }),
      situation({ exploration: 1, mode: 'off' }),
    ]) {
      expect(decide(input, DEFAULT_ARBITRATION, 0, 0)).toMatchObject({ explored: false, propensity: 1 });
      const sides = [0, 0.9].map((coin) => decide(input, DEFAULT_ARBITRATION, 0, coin).served);
      expect(sides[0]).toBe(sides[1]);
    }
  });
});

describe('modes', () => {
  test('in shadow the LLM serves, and the decision says what would have been', () => {
    fc.assert(
      fc.property(twoSides, uniform, uniform, (input, draw, coin) => {
        const live = decide({ ...input, exploration: 0 }, DEFAULT_ARBITRATION, draw, coin);
        const shadow = decide({ ...input, mode: 'shadow' }, DEFAULT_ARBITRATION, draw, coin);
        expect(shadow).toEqual({ ...live, served: 'llm', propensity: 1 });
      }),
    );
  });

  test('off, the LLM serves', () => {
    expect(decide(situation({ mode: 'off' }), DEFAULT_ARBITRATION, 0, 0)).toMatchObject({
      rule: 'ml_off',
      served: 'llm',
    });
  });
});

describe('a side that did not answer', () => {
  test.each([
    [{ ml: { missing: 'cold' } }, 'llm_only', 'llm'],
    [{ ml: { missing: 'off' } }, 'ml_off', 'llm'],
    [{ ml: { missing: 'unavailable' } }, 'ml_unavailable', 'llm'],
    [{ llm: { missing: 'late' } }, 'llm_late', 'ml'],
    [{ llm: { missing: 'unavailable' } }, 'llm_unavailable', 'ml'],
  ] as const)('%j: rule %s, the other one serves in every mode', (given, rule, served) => {
    for (const mode of ['off', 'shadow', 'live'] as const) {
      expect(decide(situation({ ...given, mode }), DEFAULT_ARBITRATION, 0, 0)).toMatchObject({
        rule,
        chosen: served,
        served,
        agreement: null,
        detected: [],
        wouldEscalate: false,
      });
    }
  });

  test('neither: there is nothing to decide', () => {
    const none = situation({ ml: { missing: 'unavailable' }, llm: { missing: 'late' } });
    expect(() => decide(none, DEFAULT_ARBITRATION, 0, 0)).toThrow(RangeError);
  });
});

test('the larger language model is for decisions in which both sides are unsure', () => {
  const escalates = (ml: number | null, llm: number | null) =>
    decide(situation({ ml: { confidence: ml }, llm: { confidence: llm } }), DEFAULT_ARBITRATION, 0.5, 0.5)
      .wouldEscalate;
  expect(escalates(0.39, 0.39)).toBe(true);
  expect(escalates(0.4, 0.39)).toBe(false);
  expect(escalates(0.39, 0.4)).toBe(false);
  expect(escalates(null, 0.1)).toBe(false);
});

describe('the learned arbiter', () => {
  const version = 'arbiter@0123456789ab';

  test('decides in place of the rules, but for what the two agree on', () => {
    fc.assert(
      fc.property(twoSides, uniform, (input, probabilityMl) => {
        const rules = decide({ ...input, exploration: 0 }, DEFAULT_ARBITRATION, 0.5, 0.5);
        const learned = decide({ ...input, exploration: 0 }, DEFAULT_ARBITRATION, 0.5, 0.5, { version, probabilityMl });
        if (rules.rule === 'agreement') expect(learned).toEqual(rules);
        else {
          const side = probabilityMl > 0.5 ? 'ml' : 'llm';
          expect(learned).toEqual({ ...rules, rule: 'learned', chosen: side, served: side });
        }
      }),
    );
  });

  test('with a probability that is none is a fault', () => {
    const decision = () => decide(situation(), DEFAULT_ARBITRATION, 0.5, 0.5, { version, probabilityMl: Number.NaN });
    expect(decision).toThrow(RangeError);
  });
});

test('whatever comes: one side that answered serves, with a propensity above 0, and every fact has a value or none', () => {
  fc.assert(
    fc.property(anyInput, uniform, uniform, fc.subarray([...SWITCHED_RULES]), (input, draw, coin, disabled) => {
      const decision = decide(input, { ...DEFAULT_ARBITRATION, disabled }, draw, coin);
      expect(input[decision.served]).not.toHaveProperty('missing');
      expect(decision.propensity > 0 && decision.propensity <= 1).toBe(true);
      expect(disabled).not.toContain(decision.rule);
      expect(Object.keys(decision.facts).sort()).toEqual(Object.keys(ARBITER_FACTS).sort());
      for (const value of Object.values(decision.facts)) expect(value === null || Number.isFinite(value)).toBe(true);
    }),
  );
});

test('switches replace what the configuration says of a rule, and nothing else', () => {
  const config = { ...DEFAULT_ARBITRATION, disabled: ['cold' as const] };
  expect(withSwitches(config, new Map())).toEqual(config);
  expect(withSwitches(config, new Map([['cold', true]])).disabled).toEqual([]);
  expect(withSwitches(config, new Map([['novel_venue', false]])).disabled).toEqual(['cold', 'novel_venue']);
});
