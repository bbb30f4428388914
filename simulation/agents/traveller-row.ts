/** What the report needs of a traveller's trip: sums and counts a metric, and the lists of the first day. */
import { HEAD } from './metrics/cut-offs.ts';
import { TRIP_METRICS } from './metrics/index.ts';
import type { FirstLists } from './metrics/persona-divergence.ts';
import type { TripRecord } from './record.ts';

export interface TravellerRow {
  index: number;
  archetype: string;
  number: number;
  warm: boolean;
  party_size: number;
  slots: number;
  empty_slots: number;
  agent_fallbacks: number;
  ranker_fallbacks: number;
  /** By metric, `[sum, count]`; those that the trip says nothing of are left out. */
  metrics: Record<string, [sum: number, count: number]>;
  first_lists: FirstLists;
  /** By rule and side that served: slots, and those in which the top choice was accepted. */
  arbitration: Record<string, [slots: number, accepted: number]>;
}

export function travellerRow(trip: TripRecord): TravellerRow {
  const { traveller, slots, emptySlots } = trip;
  const metrics: TravellerRow['metrics'] = {};
  for (const { name, measure } of TRIP_METRICS) {
    const { sum, count } = measure(trip);
    if (count > 0) metrics[name] = [sum, count];
  }
  const arbitration: TravellerRow['arbitration'] = {};
  for (const { arbitration: decided, taken, ranked } of slots) {
    if (!decided) continue;
    const key = `${decided.rule}/${decided.served}`;
    arbitration[key] ??= [0, 0];
    arbitration[key][0] += 1;
    arbitration[key][1] += taken !== null && taken.id === ranked[0]!.id ? 1 : 0;
  }
  const firstDay = slots.filter(({ day }) => day === 1);
  return {
    index: traveller.index,
    archetype: traveller.archetypeId,
    number: traveller.number,
    warm: traveller.warm,
    party_size: traveller.party.size,
    slots: slots.length,
    empty_slots: emptySlots,
    agent_fallbacks: slots.filter(({ decision }) => decision.fallback).length,
    ranker_fallbacks: slots.filter(({ fallback }) => fallback).length,
    metrics,
    first_lists: Object.fromEntries(
      firstDay.map(({ dayPart, ranked }) => [dayPart, ranked.slice(0, HEAD).map(({ id }) => id)]),
    ),
    arbitration,
  };
}
