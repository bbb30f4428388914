import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import type { DetectedRule } from '../../../core/arbitration/decision.ts';
import { arbitrationFacts } from '../../../core/arbitration/facts.ts';
import { falsePersonalisation } from '../../../core/arbitration/false-personalisation.ts';
import { MOMENTUM, type PastDecision, sequenceMomentum } from '../../../core/arbitration/sequence-momentum.ts';
import { topListCorrelation } from '../../../core/arbitration/spearman.ts';
import { Random } from '../../../core/experiment/random.ts';
import { dimensionProfile } from '../../../core/venue/venue-vector.ts';
import { ids, type Situation, situation, twoSides } from './fixtures/arbitration.ts';

const ruled = (given: Situation, config = DEFAULT_ARBITRATION) => decide(situation(given), config, 0, 0);

/** Each fires its rule and no other; past each threshold, and at it, where it does not yet. */
const FIRES: Record<DetectedRule, { serves: 'ml' | 'llm'; fires: Situation[]; not: Situation[] }> = {
  agreement: {
    serves: 'ml',
    fires: [{ llm: { top: ids('m') } }, { llm: { top: ['m1', 'm0', ...ids('m').slice(2)] } }],
    not: [{ llm: { top: ids('m').reverse() } }, { llm: { top: [...ids('m', 5), ...ids('l', 5)] } }],
  },
  cold: { serves: 'llm', fires: [{ context: { userTripCount: 2 } }], not: [{ context: { userTripCount: 3 } }] },
  popularity_bias: {
    serves: 'ml',
    fires: [
      { venues: { l0: { touristScore: 0.71, localScore: null } }, context: { localBias: 0.61 } },
      { venues: { l0: { touristScore: 0.71, localScore: 0.39 } }, context: { localBias: 0.1 } },
    ],
    not: [
      { venues: { l0: { touristScore: 0.7, localScore: 0.1 } }, context: { localBias: 0.9 } },
      { venues: { l0: { touristScore: 0.9, localScore: 0.4 } }, context: { localBias: 0.6 } },
      { venues: { l0: { touristScore: null, localScore: 0.1 } }, context: { localBias: 0.9 } },
      // The ML side's taste for sights is no bias of the LLM's, and its second venue is not its first.
      { venues: { m0: { touristScore: 0.9, localScore: 0.1 }, l1: { touristScore: 0.9, localScore: 0.1 } } },
    ],
  },
  sequence_momentum: {
    serves: 'ml',
    fires: [{ context: { sequenceMomentum: 0.71 } }],
    not: [{ context: { sequenceMomentum: 0.7 } }, { context: { sequenceMomentum: null } }],
  },
  confidence_gap: {
    serves: 'llm',
    fires: [{ llm: { confidence: 0.81 }, ml: { confidence: 0.39 } }],
    not: [
      { llm: { confidence: 0.8 }, ml: { confidence: 0.1 } },
      { llm: { confidence: 0.9 }, ml: { confidence: 0.4 } },
      { llm: { confidence: null }, ml: { confidence: 0.1 } },
    ],
  },
  group_conflict: {
    serves: 'ml',
    fires: [{ context: { isGroup: true, groupConflict: 0.41, partySize: 3 } }],
    not: [
      { context: { isGroup: true, groupConflict: 0.4, partySize: 3 } },
      { context: { isGroup: false, groupConflict: 0.9 } },
      { context: { isGroup: true, groupConflict: null } },
    ],
  },
  novel_venue: {
    serves: 'ml',
    fires: [{ venues: { m2: { firstSeenAt: '2025-08-01' } } }],
    not: [
      { venues: { m2: { firstSeenAt: '2025-07-31' } } },
      { venues: { m2: { firstSeenAt: '2025-07-31T23:00:00Z' } } },
      { venues: { m3: { firstSeenAt: '2026-01-01' } } },
      { venues: { l0: { firstSeenAt: '2026-01-01' }, m0: { firstSeenAt: null } } },
    ],
  },
};
const RULE_NAMES = Object.keys(FIRES) as DetectedRule[];

describe.each(RULE_NAMES)('%s', (rule) => {
  const { serves, fires, not } = FIRES[rule];

  test.each(fires)('fires, alone: %j', (given) => {
    expect(ruled(given)).toMatchObject({ rule, chosen: serves, served: serves, detected: [rule] });
  });

  test.each(not)('does not fire: %j', (given) => {
    expect(ruled(given).detected).not.toContain(rule);
  });

  test('switched off it decides nothing, and is still detected', () => {
    for (const given of fires) {
      const decision = ruled(given, { ...DEFAULT_ARBITRATION, disabled: [rule] });
      expect(decision.detected).toEqual([rule]);
      // A rule for ML that is off leaves its decisions to the LLM; one for the LLM, to ML.
      expect(decision).toMatchObject(
        serves === 'ml' ? { rule: 'switched_off', served: 'llm' } : { rule: 'default', served: 'ml' },
      );
    }
  });
});

test('without any of them, ML serves the warm; with that switched off, the LLM', () => {
  expect(ruled({})).toMatchObject({ rule: 'default', served: 'ml', detected: [] });
  const off = { ...DEFAULT_ARBITRATION, disabled: ['default' as const] };
  expect(ruled({}, off)).toMatchObject({ rule: 'switched_off', served: 'llm' });
});

test('the first of those that hold decides, in the order of the source documents', () => {
  const merged = RULE_NAMES.slice(1).reduce<Situation>((all, name) => {
    const one = FIRES[name].fires[0]!;
    return {
      ml: { ...all.ml, ...one.ml },
      llm: { ...all.llm, ...one.llm },
      venues: { ...all.venues, ...one.venues },
      context: { ...all.context, ...one.context },
    };
  }, {});
  const order = RULE_NAMES.slice(1);
  for (const [i, rule] of order.entries()) {
    const config = { ...DEFAULT_ARBITRATION, disabled: order.slice(0, i) };
    expect(ruled(merged, config)).toMatchObject({ rule, served: FIRES[rule].serves, detected: order });
  }
  expect(order).toEqual([
    'cold',
    'popularity_bias',
    'sequence_momentum',
    'confidence_gap',
    'group_conflict',
    'novel_venue',
  ]);
  // Agreement stands before them all.
  expect(ruled({ ...merged, ml: { ...merged.ml, top: ids('l') } })).toMatchObject({ rule: 'agreement', served: 'ml' });
});

test('a threshold is the config’s: moved past a fact, its rule changes its mind', () => {
  fc.assert(
    fc.property(twoSides, (input) => {
      const facts = arbitrationFacts(input, DEFAULT_ARBITRATION);
      const holds = (changes: Partial<typeof DEFAULT_ARBITRATION>) =>
        new Set<string>(decide(input, { ...DEFAULT_ARBITRATION, ...changes }, 0, 0).detected);
      const strictly = (
        rule: DetectedRule,
        fact: number | null,
        at: (limit: number) => Partial<typeof DEFAULT_ARBITRATION>,
      ) => {
        if (fact === null) {
          expect(holds(at(-1))).not.toContain(rule);
          return;
        }
        expect(holds(at(fact))).not.toContain(rule);
        expect(holds(at(fact - 1e-9))).toContain(rule);
      };
      strictly('agreement', facts.agreement, (agreement) => ({ agreement }));
      strictly('sequence_momentum', facts.sequence_momentum, (sequence_momentum) => ({ sequence_momentum }));
      strictly('group_conflict', facts.group_conflict, (group_conflict) => ({ group_conflict }));
      expect(holds({ cold_trips: facts.user_trip_count! })).not.toContain('cold');
      expect(holds({ cold_trips: facts.user_trip_count! + 1 })).toContain('cold');
      for (const novel_venues of [1, 2, 3]) {
        expect(holds({ novel_venues }).has('novel_venue')).toBe(facts.novel_in_ml_top3! >= novel_venues);
      }
      const { llm_top_tourist: tourist, llm_top_local: local, local_bias: bias } = facts;
      const biased = tourist !== null && tourist > 0.7 && (bias! > 0.6 || (local !== null && local < 0.4));
      expect(holds({}).has('popularity_bias')).toBe(biased);
      const { ml_confidence: ml, llm_confidence: llm } = facts;
      expect(holds({}).has('confidence_gap')).toBe(ml !== null && llm !== null && llm > 0.8 && ml < 0.4);
    }),
  );
});

describe('rank correlation of two top tens', () => {
  test('is 1 of equal lists, -1 of reversed ones, about -0.86 of tens that share nothing, and symmetric', () => {
    expect(topListCorrelation(ids('a'), ids('a'))).toBe(1);
    expect(topListCorrelation(ids('a'), ids('a').reverse())).toBe(-1);
    expect(topListCorrelation(ids('a'), ids('b'))).toBeCloseTo(-0.858, 3);
    expect(topListCorrelation(['a'], ['b'])).toBe(-1);
    fc.assert(
      fc.property(twoSides, ({ ml, llm }) => {
        if ('missing' in ml || 'missing' in llm) return;
        const rho = topListCorrelation(ml.top, llm.top);
        expect(rho).toBeGreaterThanOrEqual(-1);
        expect(rho).toBeLessThanOrEqual(1);
        expect(topListCorrelation(llm.top, ml.top)).toBeCloseTo(rho, 12);
      }),
    );
  });

  test('is Spearman’s of two orders of the same ten: 1 - 6 sum d^2 / (n (n^2 - 1))', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ids('a'), { minLength: 10 }), (order) => {
        const squares = order.reduce((sum, id, i) => sum + (i - Number(id.slice(1))) ** 2, 0);
        expect(topListCorrelation(ids('a'), order)).toBeCloseTo(1 - (6 * squares) / 990, 12);
      }),
    );
  });

  test('reads ten of each list, and ranks what a list does not hold behind it', () => {
    expect(topListCorrelation(ids('a', 12), [...ids('a'), 'x', 'y'])).toBe(1);
    // Union a0 a1 a2: ranks 1 2 3 and 1 3 2.
    expect(topListCorrelation(['a0', 'a1'], ['a0', 'a2'])).toBeCloseTo(0.5, 12);
  });
});

describe('sequence momentum', () => {
  const direction = (...xs: number[]): number[] => Array.from({ length: 12 }, (_, i) => xs[i] ?? 0);
  const yes = (profile: number[]): PastDecision => ({ profile, accepted: true });
  const no = (profile: number[]): PastDecision => ({ profile, accepted: false });

  test('is 0 under five decisions, 1 where all point one way, refusals turned round', () => {
    const food = direction(0, 0, 0.8);
    expect(sequenceMomentum(Array.from({ length: 4 }, () => yes(food)))).toBe(0);
    expect(sequenceMomentum(Array.from({ length: 5 }, () => yes(food)))).toBeCloseTo(1, 12);
    const against = Array.from({ length: 8 }, (_, i) => (i % 2 ? yes(food) : no(food.map((x) => -x))));
    expect(sequenceMomentum(against)).toBeCloseTo(1, 12);
    expect(sequenceMomentum(Array.from({ length: 8 }, (_, i) => (i % 2 ? yes(food) : no(food))))).toBe(0);
  });

  test('is the root of the mean cosine between two decisions', () => {
    const random = Random.of(1, 'momentum');
    for (const share of [0, 0.6, 0.9]) {
      let squared = 0;
      for (let run = 0; run < 4000; run++) {
        const past = Array.from({ length: MOMENTUM.latest }, () => {
          const [a, b] = [random.normal(), random.normal()];
          const other = [a, b].map((x) => (Math.sqrt(1 - share ** 2) * x) / Math.hypot(a, b));
          return yes(direction(share, ...other));
        });
        // The mean of what is under the root; what lies below 0 is cut off, which shows where the cosine is 0.
        squared += sequenceMomentum(past) ** 2 / 4000;
      }
      if (share === 0) expect(squared).toBeLessThan(0.1);
      else expect(squared).toBeCloseTo(share ** 2, 1);
    }
  });

  test('forgets: the latest count more, those before the eighth not at all; in [0, 1] whatever comes', () => {
    const [food, nature] = [direction(0, 0, 1), direction(0, 0, 0, 0, 0, 0, 0, 1)];
    const turned = [...Array.from({ length: 8 }, () => yes(food)), ...Array.from({ length: 8 }, () => yes(nature))];
    expect(sequenceMomentum(turned)).toBeCloseTo(1, 12);
    const [early, late] = [
      [yes(food), ...Array.from({ length: 7 }, () => yes(nature))],
      [...Array.from({ length: 7 }, () => yes(nature)), yes(food)],
    ];
    expect(sequenceMomentum(early)).toBeGreaterThan(sequenceMomentum(late));
    const decision = fc.record({
      profile: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      accepted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 12 }), (past) => {
        const momentum = sequenceMomentum(past);
        expect(momentum >= 0 && momentum <= 1).toBe(true);
      }),
    );
  });

  test('eight parks in a row are a line past the threshold; eight of anything are none', () => {
    const venue = { vibeTags: [], priceLevel: 1, touristScore: null, localScore: null } as const;
    const park = dimensionProfile({ ...venue, category: 'park' });
    expect(sequenceMomentum(Array.from({ length: 8 }, () => ({ profile: park, accepted: true })))).toBeGreaterThan(0.7);
    const mixed = (['park', 'museum', 'bar', 'restaurant', 'nightclub', 'theatre', 'cafe', 'market'] as const).map(
      (category, i) => ({ profile: dimensionProfile({ ...venue, category }), accepted: i % 2 === 0 }),
    );
    expect(sequenceMomentum(mixed)).toBeLessThan(0.5);
  });
});

describe('false personalisation', () => {
  test('is 1 where the LLM gives what anybody gets, 0 where it gives the contrary', () => {
    expect(falsePersonalisation(ids('a'), ids('a'))).toBe(1);
    expect(falsePersonalisation(ids('a'), ids('a').reverse())).toBe(0);
    expect(falsePersonalisation(ids('a'), ids('b'))).toBe(0);
  });

  test('is logged and decides nothing', () => {
    fc.assert(
      fc.property(twoSides, (input) => {
        const with_ = decide(
          { ...input, anybodysTop: 'missing' in input.llm ? null : input.llm.top },
          DEFAULT_ARBITRATION,
          0.5,
          0.5,
        );
        const without = decide({ ...input, anybodysTop: null }, DEFAULT_ARBITRATION, 0.5, 0.5);
        expect(with_.facts.false_personalisation).toBe(1);
        expect({ ...with_, facts: null }).toEqual({ ...without, facts: null });
      }),
    );
  });
});
