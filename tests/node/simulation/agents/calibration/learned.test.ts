/** What is made of rows: thresholds, priors, affinities. The expected numbers are reckoned by hand. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../../core/experiment/random.ts';
import { DIMENSION_NAMES } from '../../../../../core/persona/dimensions.ts';
import { OfferCounts } from '../../../../../simulation/agents/calibration/offers.ts';
import { PriorSums, taughtBy } from '../../../../../simulation/agents/calibration/priors.ts';
import {
  type ComparedSlot,
  comparedSlots,
  ENOUGH,
  measure,
  thresholdFrom,
} from '../../../../../simulation/agents/calibration/thresholds.ts';
import { AGENT_LINEAGE } from '../../../../../simulation/agents/settings.ts';
import { HALF, idOf, row } from './rows.ts';

const slot = (score: number, sameTop: boolean, taken = false): ComparedSlot => ({ score, sameTop, taken });

describe('the threshold of an archetype', () => {
  // Two of eight slots name one top choice: a quarter of the correlations is to lie above the threshold.
  const scores = [-0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6];
  const travellers = [
    scores.slice(0, 4).map((score) => slot(score, false)),
    scores.slice(4).map((score, i) => slot(score, i > 1, i > 2)),
  ];

  it('is the correlation above which as many slots lie as name one top choice', () => {
    const { same_top, agreement, slots, acceptance } = measure(travellers, 200, Random.of(1));
    expect(slots).toBe(8);
    expect(same_top!.value).toBe(0.25);
    // Rank 0.75 x 7 = 5.25 of the sorted: 0.2 + 0.25 x 0.2.
    expect(agreement!.value).toBe(0.25);
    expect(scores.filter((score) => score > agreement!.value)).toHaveLength(2);
    expect(acceptance).toEqual({ above: 0.5, at_or_below: 0 });
  });

  it('has an interval over travellers, not over slots: of two, either alone is among the resamples', () => {
    const { same_top, agreement } = measure(travellers, 400, Random.of(1));
    expect(same_top!.interval).toEqual({ lower: 0, upper: 0.5 });
    // The first alone: no slot agrees, the highest of its correlations. The second alone: the median of its own.
    expect(agreement!.interval).toEqual({ lower: -0.2, upper: 0.3 });
  });

  it('is refused where slots or travellers are few, or the interval is wide, and says so', () => {
    const few = measure(travellers, 200, Random.of(1));
    expect(few.refused).toBe('8 slots of 2 travellers: it takes 100 of 10');
    expect(thresholdFrom(few)).toBeNull();
    const alike = Array.from({ length: ENOUGH.travellers }, () => [...travellers[0]!, ...travellers[1]!]);
    const crowd = (n: number) => alike.map((one) => Array.from({ length: n }, () => one).flat());
    expect(measure(crowd(1), 200, Random.of(1)).refused).toMatch(/^80 slots of 10/);
    const enough = measure(crowd(2), 200, Random.of(1));
    expect(enough.refused).toBeNull();
    expect(thresholdFrom(enough)).toMatchObject({ slots: 160, travellers: 10, same_top: 0.25 });
    // Orders that contradict each other do not agree, however few contradict each other less.
    const contrary = crowd(2).map((one) => one.map((each) => ({ ...each, score: each.score - 0.4 })));
    expect(thresholdFrom(measure(contrary, 200, Random.of(1)))).toMatchObject({
      agreement: 0,
      interval: { upper: -0.15 },
    });
    const torn = crowd(2).map((one, i) => one.map(({ score }) => slot(i % 2 ? score : score - 0.1, i % 2 === 1)));
    expect(measure(torn, 200, Random.of(1)).refused).toMatch(/wider than 0.4/);
    expect(measure([], 200, Random.of(1)).refused).toBe('no slot was compared');
  });

  it('counts a slot once, though who lingers has two rows, and none of the cold', () => {
    const agreement = { score: 0.5, same_top: true, reference: 'llm-standin@1' };
    const rows = [
      row({ context: { agreement, rank: 1 } }),
      row({ context: { agreement, rank: 1 }, signal_type: 'slot_linger' }),
      row({ context: { agreement, rank: null }, signal_type: 'pivot_requested' }),
      row({ context: { warm: false } }),
    ];
    expect(comparedSlots(rows)).toEqual([slot(0.5, true, true), slot(0.5, true, false)]);
  });
});

describe('the priors of an archetype', () => {
  const offers = DIMENSION_NAMES.map((name) => (name === 'culture' ? 1 : 0));
  const profiles = () => offers;

  it('are what the nightly job learns of the rows: 0.06 of the way x strength x 0.3 of the source', () => {
    const taught = taughtBy([row()], profiles);
    // An acceptance has the strength 0.8: 0.5 + 0.06 x 0.8 x 0.3 x (1 - 0.5).
    expect(taught.culture).toBeCloseTo(0.5072, 10);
    expect(taught.nature).toBe(0.5);
    const refused = taughtBy([row({ signal_type: 'slot_skip' })], profiles);
    // A refusal has 0.5, toward the other end.
    expect(refused.culture).toBeCloseTo(0.5 - 0.06 * 0.5 * 0.3 * 0.5, 10);
    expect(taughtBy([row({ signal_type: 'pivot_requested' })], profiles)).toEqual(HALF);
  });

  it('start from the first snapshot that rankers saw, not from what the trip made of it', () => {
    const later = row({ persona_snapshot: { ...HALF, culture: 0.9 }, signal_type: 'pivot_requested' });
    expect(taughtBy([row({ signal_type: 'pivot_requested' }), later], profiles).culture).toBe(0.5);
  });

  it('are mean and deviation over its travellers, apart from those of others', () => {
    const sums = new PriorSums(profiles);
    sums.add([row()]);
    sums.add([row({ signal_type: 'slot_skip' })]);
    sums.add([row({ context: { archetype: 'A8' } })]);
    const { A1, A8 } = sums.priors();
    expect(A1!.travellers).toBe(2);
    // 0.5072 and 0.4955.
    expect(A1!.dimensions.culture).toEqual({ value: 0.5014, deviation: 0.0083, departure: 0.5 });
    expect(A8!.dimensions.culture).toEqual({ value: 0.5072, deviation: 0, departure: 0.5 });
  });

  it('are not made of a venue that no catalogue has', () => {
    expect(() => taughtBy([row()], () => null)).toThrow(idOf('venue'));
  });
});

it('affinities count the top choices of an archetype, drawn toward its own rate', () => {
  const counts = new OfferCounts();
  const a = (rank: number | null) => row({ venue_id: idOf('a'), context: { rank } });
  counts.add([a(1), row({ venue_id: idOf('a'), context: { rank: 1 }, signal_type: 'slot_linger' }), a(null)]);
  counts.add([row({ venue_id: idOf('b'), context: { rank: 2, predicted_top: idOf('c') }, source: AGENT_LINEAGE })]);
  const rows = Object.fromEntries(counts.affinities().map(({ venueId, ...counted }) => [venueId, counted]));
  // The rate is 1 of 3: (1 + 4/3) / (2 + 4), and (0 + 4/3) / (1 + 4).
  expect(rows[idOf('a')]).toEqual({ archetype: 'A1', offered: 2, accepted: 1, affinity: 0.3889 });
  expect(rows[idOf('c')]).toEqual({ archetype: 'A1', offered: 1, accepted: 0, affinity: 0.2667 });
});
