import { describe, expect, it } from 'vitest';
import { archetype } from '../../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, NEUTRAL_DIMENSIONS } from '../../../../core/persona/dimensions.ts';
import type { DayPart } from '../../../../core/ranking/ranker.ts';
import type { Venue } from '../../../../core/venue/venue.ts';
import type { Decision } from '../../../../simulation/agents/decision.ts';
import { TRIP_METRICS } from '../../../../simulation/agents/metrics/index.ts';
import {
  DIVERGENT_PAIRS,
  DOMINANT_SHARE,
  listDivergence,
  travellerDivergence,
} from '../../../../simulation/agents/metrics/persona-divergence.ts';
import { inPivotBand, pivotBand } from '../../../../simulation/agents/metrics/pivot-rate.ts';
import type { ReferenceChoice, SlotRecord, TripRecord } from '../../../../simulation/agents/record.ts';
import { travellerAt } from '../../../../simulation/agents/traveller.ts';
import { someVenue } from '../../core/fixtures/venues.ts';

const place = (id: string, more: Partial<Venue> = {}): Venue => ({
  ...someVenue(),
  id,
  touristScore: 0.6,
  crossRefConfidence: 0.5,
  energy: 0.5,
  ...more,
});
const list = Array.from({ length: 10 }, (_, i) => place(`v${i}`));

interface Told {
  day?: number;
  dayPart?: DayPart;
  ranked?: Venue[];
  /** Index of what was taken; a word for the rest. */
  took: number | 'skip' | 'pivot';
  target?: number;
  left?: number;
  reference?: ReferenceChoice;
}

function slot({
  day = 1,
  dayPart = 'morning',
  ranked = list,
  took,
  target = 0.5,
  left = 1,
  reference,
}: Told): SlotRecord {
  const taken = typeof took === 'number' ? ranked[took]! : null;
  const decision: Decision = {
    decision: taken ? 'accept' : (took as 'skip' | 'pivot'),
    venueId: taken?.id ?? null,
    pivotReason: took === 'pivot' ? 'tired' : null,
    confidence: 0.5,
  };
  return {
    day,
    dayPart,
    ranked,
    decision,
    snapshot: NEUTRAL_DIMENSIONS,
    at: 0,
    taken,
    targetEnergy: target,
    energyLeft: left,
    reference: reference ?? null,
    modelVersion: 'x@1',
    fallback: null,
    arbitration: null,
  };
}

const a1 = travellerAt({ seed: 1, archetypes: ['A1'], cities: ['tokyo'] }, 0);
const trip = (slots: Told[], traveller = a1): TripRecord => ({ traveller, slots: slots.map(slot), emptySlots: 0 });
const measure = (name: string, record: TripRecord) => {
  const { sum, count } = TRIP_METRICS.find((metric) => metric.name === name)!.measure(record);
  return [sum, count];
};

describe('metrics, worked out by hand', () => {
  it('acceptance counts the top choice alone, HR@5 the first five, and a slot without a venue is neither', () => {
    const record = trip([{ took: 0 }, { took: 4 }, { took: 5 }, { took: 'skip' }, { took: 'pivot' }]);
    expect(measure('acceptance_rate', record)).toEqual([1, 5]);
    expect(measure('hr_at_5', record)).toEqual([2, 5]);
    expect(measure('taken_rate', record)).toEqual([3, 5]);
    expect(measure('pivot_rate', record)).toEqual([1, 5]);
  });

  it('a tourist trap lies above 0.7, an escape under 0.5, and both leave out what nobody scored', () => {
    const ranked = [0.7, 0.71, 0.49, null].map((touristScore, i) => place(`t${i}`, { touristScore }));
    const each = ranked.map((first) => ({ ranked: [first], took: 0 }));
    expect(measure('tourist_trap_rate', trip(each))).toEqual([1, 4]);
    expect(measure('tourist_trap_escape', trip(each))).toEqual([1, 3]);
  });

  it('escape is asked of A1, A2 and A8 alone', () => {
    const other = travellerAt({ seed: 1, archetypes: ['A3'], cities: ['tokyo'] }, 0);
    expect(measure('tourist_trap_escape', trip([{ took: 0 }], other))).toEqual([0, 0]);
  });

  it('a local gem has confidence over 0.7 and a tourist score under 0.4', () => {
    const ranked = [
      place('gem', { crossRefConfidence: 0.71, touristScore: 0.39 }),
      place('unsure', { crossRefConfidence: 0.7, touristScore: 0.1 }),
      place('known', { crossRefConfidence: 0.9, touristScore: 0.4 }),
      place('unheard', { crossRefConfidence: null, touristScore: null }),
    ];
    const record = trip([
      { ranked, took: 0 },
      { ranked, took: 2 },
      { ranked, took: 'skip' },
    ]);
    expect(measure('local_gem_rate', record)).toEqual([1, 2]);
    expect(measure('novel_venue_exposure', record)).toEqual([3, 12]);
  });

  it('the energy curve fits by how near the top choice comes to what suits the moment', () => {
    const at = (energy: number, target: number) => ({ ranked: [place('e', { energy })], took: 0, target });
    const [sum, count] = measure('energy_curve_fit', trip([at(0.8, 0.5), at(0.2, 0.2)]));
    expect(sum).toBeCloseTo(1.7, 12);
    expect(count).toBe(2);
  });

  it('coherence is the correlation with the arc, and nothing where nothing varies', () => {
    const at = (energy: number, target: number) => ({ ranked: [place('e', { energy })], took: 0, target });
    expect(measure('energy_arc_coherence', trip([at(0.9, 0.7), at(0.5, 0.5), at(0.1, 0.3)]))[0]).toBeCloseTo(1, 12);
    expect(measure('energy_arc_coherence', trip([at(0.1, 0.7), at(0.9, 0.3)]))[0]).toBeCloseTo(-1, 12);
    expect(measure('energy_arc_coherence', trip([at(0.5, 0.7), at(0.5, 0.3)]))).toEqual([0, 0]);
  });

  it('adaptation holds days from the third on against the same part of the first', () => {
    const at = (day: number, dayPart: DayPart, energy: number) => ({
      day,
      dayPart,
      ranked: [place('e', { energy })],
      took: 0,
    });
    const record = trip([
      at(1, 'morning', 0.6),
      at(1, 'evening', 0.4),
      at(2, 'morning', 0.1),
      at(3, 'morning', 0.5),
      at(3, 'evening', 0.4),
      at(4, 'evening', 0.9),
    ]);
    expect(measure('day3_adaptation', record)).toEqual([1.5, 3]);
  });

  it('response asks whether the traveller has the energy for the top choice', () => {
    const at = (day: number, energy: number, left: number) => ({
      day,
      ranked: [place('e', { energy })],
      took: 0,
      left,
    });
    expect(measure('day3_response', trip([at(2, 0.9, 0.1), at(3, 0.5, 0.5), at(4, 0.6, 0.5)]))).toEqual([1, 2]);
  });

  it('agreement says how often both name one venue, and who was right where they do not', () => {
    const against = (top: Venue, mine: boolean | null, other: boolean | null): ReferenceChoice => ({
      top,
      modelVersion: 'other@1',
      agreement: 0,
      wouldTakeTop: mine,
      wouldTakeReference: other,
    });
    const record = trip([
      { took: 0, reference: against(list[0]!, true, true) },
      { took: 0, reference: against(list[0]!, false, false) },
      { took: 0, reference: against(list[3]!, true, false) },
      { took: 0, reference: against(list[3]!, false, true) },
      { took: 0, reference: against(list[3]!, true, true) },
      { took: 0, reference: against(list[3]!, null, null) },
      { took: 0 },
    ]);
    expect(measure('agreement_rate', record)).toEqual([2, 6]);
    expect(measure('right_when_agreed', record)).toEqual([1, 2]);
    expect(measure('only_ranker_right', record)).toEqual([1, 3]);
    expect(measure('only_llm_side_right', record)).toEqual([1, 3]);
  });

  it('two lists of five diverge by what they do not share', () => {
    expect(listDivergence(['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd', 'e'])).toBe(0);
    expect(listDivergence(['a', 'b', 'c', 'd', 'e'], ['f', 'g', 'h', 'i', 'j'])).toBe(1);
    expect(listDivergence(['a', 'b', 'c', 'd', 'e', 'x'], ['a', 'b', 'c', 'y', 'z', 'x'])).toBeCloseTo(1 - 3 / 7, 12);
    expect(travellerDivergence({ morning: ['a'], evening: ['b'] }, { morning: ['a'], evening: ['c'] })).toBe(0.5);
    expect(travellerDivergence({ morning: ['a'] }, { evening: ['a'] })).toBeNull();
  });

  it('the pairs that it is measured on differ in one dimension above all', () => {
    for (const { pair, dimension } of DIVERGENT_PAIRS) {
      const [a, b] = pair.map((id) => archetype(id).dimensions);
      const squares = DIMENSION_NAMES.map((name) => (a![name] - b![name]) ** 2);
      const share = (a![dimension] - b![dimension]) ** 2 / squares.reduce((sum, x) => sum + x, 0);
      expect(share, pair.join()).toBeGreaterThanOrEqual(DOMINANT_SHARE);
    }
  });

  it('pivot bands are for groups and for the warm who go alone', () => {
    const of = (size: number, warm: boolean) => pivotBand({ party: { kind: 'solo', size }, warm });
    expect([of(2, false), of(4, true), of(1, true), of(1, false)]).toEqual(['group', 'group', 'warmSolo', null]);
    expect([0.09, 0.1, 0.2, 0.21].map((rate) => inPivotBand('group', rate))).toEqual([false, true, true, false]);
    expect([0.05, 0.1].map((rate) => inPivotBand('warmSolo', rate))).toEqual([true, false]);
    const pivots = (size: number, warm: boolean) => {
      const record = trip([{ took: 0 }, { took: 'pivot' }], { ...a1, party: { kind: 'solo', size }, warm });
      return ['pivot_rate_groups', 'pivot_rate_warm_solo'].map((name) => measure(name, record));
    };
    const [counted, nothing] = [
      [1, 2],
      [0, 0],
    ];
    expect(pivots(3, true)).toEqual([counted, nothing]);
    expect(pivots(1, true)).toEqual([nothing, counted]);
    expect(pivots(1, false)).toEqual([nothing, nothing]);
  });

  it('every value lies in its range', () => {
    for (const { name, range, formula } of TRIP_METRICS) {
      const { sum, count } = TRIP_METRICS.find((metric) => metric.name === name)!.measure(
        trip([{ took: 0 }, { took: 7, day: 3 }, { took: 'skip', day: 3, dayPart: 'evening' }]),
      );
      expect(formula).not.toBe('');
      if (count === 0) continue;
      expect(sum / count).toBeGreaterThanOrEqual(range[0]);
      expect(sum / count).toBeLessThanOrEqual(range[1]);
    }
  });
});
