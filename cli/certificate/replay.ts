/**
 * Real visits replayed: what is known is the earlier half of them, by the beginnings of trips; what is predicted are places that a
 * tourist went to for the first time in the later half.
 */
import type { UserSums } from '../../core/experiment/bootstrap.ts';
import { makePersona } from '../../core/persona/persona.ts';
import type { RankerView, Recommender } from '../../simulation/agents/recommender.ts';
import type { Interactions } from '../../training/data/dataset.ts';
import { interactionsOf, type PastRow } from './fitted-rankers.ts';
import { type RealPlaces, realPlaces } from './real-places.ts';
import { learnedFrom } from './real-traveller.ts';
import type { RealVisits } from './real-visits.ts';
import { type Sample, sampled } from './sampled.ts';

export const HEAD = 5;
export const MOST_REPLAYED = 3000;
/** Views that are in memory at a time: each knows every place. */
const AT_A_TIME = 200;
const DAY_MS = 86_400_000;

interface Visit {
  tourist: number;
  place: number;
  time: number;
}

interface Case {
  /** Oldest first, of either half; at least one. */
  before: readonly Visit[];
  target: Visit;
}

export interface Replay {
  /** Places as the earlier half leaves them. */
  places: RealPlaces;
  past: Interactions;
  cases: readonly Case[];
  sample: Sample;
  /** Milliseconds since the epoch: where the later half begins. */
  cut: number;
}

/** @throws RangeError where a half is empty */
export function replayOf({ places, trips }: RealVisits, seed: number): Replay {
  const begins = trips.map(({ times }) => times[0]!).sort((a, b) => a - b);
  const cut = begins[Math.floor(begins.length / 2)] ?? 0;
  const visitsOf = ({ tourist, visits, times }: RealVisits['trips'][number]) =>
    Array.from(visits, (place, i): Visit => ({ tourist, place, time: times[i]! }));
  const earlier = trips.filter(({ times }) => times[0]! < cut);
  const visitors = new Float64Array(places.length);
  for (const own of Map.groupBy(earlier, ({ tourist }) => tourist).values()) {
    for (const place of new Set(own.flatMap(({ visits }) => [...visits]))) visitors[place]!++;
  }
  const made = realPlaces(places, visitors);
  const rows = earlier.flatMap((trip) =>
    visitsOf(trip).map(({ tourist, place, time }): PastRow => {
      return { user: String(tourist), place: made.venues[place]!.id, time, accepted: true };
    }),
  );
  const all = [...Map.groupBy(trips, ({ tourist }) => tourist).values()].flatMap((own) => casesOf(own, cut, visitsOf));
  if (rows.length === 0 || all.length === 0)
    throw new RangeError('all trips began at one time: no later half to replay');
  const past = interactionsOf(
    rows,
    made.venues.map(({ id }) => id),
  );
  const cases = sampled(all, MOST_REPLAYED, seed, 'replay');
  return { places: made, past, cases, sample: { asked: cases.length, of: all.length }, cut };
}

function casesOf(
  own: RealVisits['trips'],
  cut: number,
  visitsOf: (trip: RealVisits['trips'][number]) => Visit[],
): Case[] {
  const before: Visit[] = [];
  const been = new Set<number>();
  return own.flatMap((trip) =>
    visitsOf(trip).flatMap((target) => {
      const known = before.slice();
      before.push(target);
      const isFirst = been.size < been.add(target.place).size;
      return trip.times[0]! >= cut && isFirst && known.length > 0 ? [{ before: known, target }] : [];
    }),
  );
}

/** Of each recommender: whether the next place is among the first five, added up by tourist. */
export async function replayedHits(
  { places: { venues }, cases }: Replay,
  recommenders: readonly Recommender[],
  seed: number,
): Promise<UserSums> {
  const rows = new Map<number, number>();
  for (const { target } of cases) if (!rows.has(target.tourist)) rows.set(target.tourist, rows.size);
  const metrics = recommenders.length;
  const sums = new Float64Array(rows.size * metrics);
  const counts = new Float64Array(rows.size * metrics);
  for (let from = 0; from < cases.length; from += AT_A_TIME) {
    const some = cases.slice(from, from + AT_A_TIME);
    const views = some.map((one, i) => viewOf(one, venues, from + i, seed));
    for (const [m, recommender] of recommenders.entries()) {
      const answers = await recommender.recommend(views);
      for (const [i, { target }] of some.entries()) {
        const at = rows.get(target.tourist)! * metrics + m;
        const wanted = venues[target.place]!.id;
        sums[at]! += answers[i]!.ranked.slice(0, HEAD).some(({ id }) => id === wanted) ? 1 : 0;
        counts[at]! += 1;
      }
    }
  }
  return { users: rows.size, metrics, sums, counts };
}

/** As production would see the tourist there: what they visited, and what else there is. */
function viewOf({ before, target }: Case, venues: RealPlaces['venues'], number: number, seed: number): RankerView {
  const visited = before.map(({ place }) => venues[place]!);
  const dimensions = learnedFrom(visited);
  const seen = new Set(visited);
  return {
    slotKey: `replay/${number}`,
    seed,
    city: { slug: 'replay', catalogueVersion: '1', candidates: () => [...venues] },
    persona: makePersona(dimensions, []),
    dimensions,
    companions: [],
    context: { dayPart: 'afternoon', tripDay: 1, partyKind: 'solo', partySize: 1, budgetBand: 'mid' },
    moment: { tripDay: 1, dayPart: 'afternoon', at: target.time },
    startDate: new Date(Math.floor(target.time / DAY_MS) * DAY_MS).toISOString().slice(0, 10),
    tripDays: 1,
    candidates: venues,
    pool: venues.filter((venue) => !seen.has(venue)),
    history: before.map(({ time }, i) => {
      return { venueId: visited[i]!.id, accepted: true, at: time, tripDay: 1, dayPart: 'afternoon' };
    }),
    historyVenues: new Map(visited.map((venue) => [venue.id, venue])),
    countingSignals: visited.length,
    tripCount: 1,
  };
}
