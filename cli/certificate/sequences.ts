/** Sequences of visits, real ones and their twins, as a classifier sees them. */
import { Random } from '../../core/experiment/random.ts';
import type { Category } from '../../core/venue/vocabulary.ts';
import type { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { OFFERED } from '../../simulation/agents/recommender.ts';
import type { RealPlaces } from './real-places.ts';
import { learnedFrom, momentOf, realTraveller } from './real-traveller.ts';
import type { RealVisits } from './real-visits.ts';

export interface Sequence {
  tourist: number;
  /** Indices of places. */
  places: readonly number[];
}

/** Trips to three or more different places, as Lim et al. 2015 have them. */
const LEAST_PLACES = 3;
/** Of a trip; what comes after is cut off, on either side. */
export const MOST_VISITS = 30;
/** Offers that may all be refused before a twin ends early. */
const PATIENCE = 20;

export interface TwinnedTrip {
  real: Sequence;
  /** What the tourist visited on earlier trips, in order. */
  before: readonly number[];
}

export function longTrips({ trips }: RealVisits): TwinnedTrip[] {
  const before = new Map<number, number[]>();
  return trips.flatMap(({ tourist, visits }) => {
    const earlier = before.get(tourist) ?? [];
    before.set(tourist, [...earlier, ...visits]);
    const places = [...visits.subarray(0, MOST_VISITS)];
    return new Set(places).size >= LEAST_PLACES ? [{ real: { tourist, places }, before: earlier }] : [];
  });
}

/**
 * A simulated traveller with the persona of the tourist's earlier trips, from the same first place, for as many visits: offered
 * ten places at a time, drawn evenly, none that was visited on the trip, as in the simulation.
 */
export function agentTwin(
  { real, before }: TwinnedTrip,
  { venues }: RealPlaces,
  number: number,
  agent: ChoiceModelAgent,
  seed: number,
): Sequence {
  const random = Random.of(seed, `certificate/twin/${number}`);
  const traveller = realTraveller(real.tourist, learnedFrom(before.map((place) => venues[place]!)));
  const places = [real.places[0]!];
  const left = [...venues.keys()].filter((place) => place !== places[0]);
  for (let offer = 0; offer < PATIENCE && places.length < real.places.length; offer++) {
    if (left.length === 0) break;
    // The head of a shuffle, and no more of it: there may be thousands of places.
    const offered = Math.min(OFFERED, left.length);
    for (let i = 0; i < offered; i++) {
      const j = i + random.int(left.length - i);
      [left[i], left[j]] = [left[j]!, left[i]!];
    }
    const candidates = left.slice(0, offered);
    const visited = places.map((place) => venues[place]!);
    // Each offer has moods and noise of its own.
    const context = momentOf(traveller, 1_000 * number + 50 * places.length + offer, visited);
    const { venueId } = agent.decide({ context, candidates: candidates.map((place) => venues[place]!) });
    if (venueId === null) continue;
    const taken = candidates.findIndex((place) => venues[place]!.id === venueId);
    places.push(...left.splice(taken, 1));
    offer = -1;
  }
  return { tourist: real.tourist, places };
}

/** Floor: as many visits, drawn in proportion to how many tourists of the other half went there. */
export function popularityTwin(
  { real }: TwinnedTrip,
  { visitors }: RealPlaces,
  number: number,
  seed: number,
): Sequence {
  const random = Random.of(seed, `certificate/popular-twin/${number}`);
  const places = [real.places[0]!];
  while (places.length < real.places.length) {
    const weights = visitors.map((count, place) => (place === places.at(-1) ? 0 : count));
    if (!weights.some((weight) => weight > 0)) break;
    places.push(random.weighted(weights));
  }
  return { tourist: real.tourist, places };
}

export function featureNames({ places }: RealVisits): string[] {
  return [
    'visits',
    'different_share',
    'same_category_again',
    'mean_fame',
    'least_fame',
    'mean_step_km',
    ...kinds(places),
  ];
}

const kindsOf = new WeakMap<RealVisits['places'], readonly string[]>();

function kinds(places: RealVisits['places']): readonly string[] {
  let found = kindsOf.get(places);
  if (!found) {
    found = [...new Set(places.map(({ category }) => `share_${category}`))].sort();
    kindsOf.set(places, found);
  }
  return found;
}

/** In the order of `featureNames`; the first place, which twins share, counts for steps alone. */
export function features(
  { places: of }: Sequence,
  { places, distance }: RealVisits,
  { venues }: RealPlaces,
): Float32Array {
  const later = of.slice(1);
  const n = Math.max(1, later.length);
  const category = (place: number): Category => places[place]!.category;
  const fame = later.map((place) => venues[place]!.touristScore ?? 0);
  const steps = later.flatMap((place, i) => {
    const metres = distance ? distance[of[i]!]![place]! : Number.NaN;
    return Number.isNaN(metres) ? [] : [metres];
  });
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return Float32Array.from([
    of.length,
    new Set(of).size / of.length,
    later.filter((place, i) => category(place) === category(of[i]!)).length / n,
    mean(fame),
    Math.min(1, ...fame),
    mean(steps) / 1000,
    ...kinds(places).map((kind) => later.filter((place) => `share_${category(place)}` === kind).length / n),
  ]);
}
