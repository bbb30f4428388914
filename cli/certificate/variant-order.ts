/**
 * Part (e): whether variants that are better in the simulation are better on real visits. Both sides call the same code; what a
 * traveller took in simulation is what a tourist went to next in the replay.
 */
import { type Interval, quantile, resampledMeans, type UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { makePersona } from '../../core/persona/persona.ts';
import { hitRateAt5 } from '../../simulation/agents/metrics/hit-rate.ts';
import type { RankerView } from '../../simulation/agents/recommender.ts';
import type { Variant } from '../../simulation/agents/settings.ts';
import { BUILT_IN, recommenderOf, type Simulation, tripsOf } from '../../simulation/agents/simulate.ts';
import { panelsOf } from './panels.ts';
import { placesByTourist, type RealPlaces } from './real-places.ts';
import { learnedFrom } from './real-traveller.ts';
import type { RealVisits } from './real-visits.ts';

/** Those that can rank places that they were not trained on: a trained artifact knows its own venues alone. */
export const REPLAYED: readonly Variant[] = ['offline', 'llm_standin', 'popularity', 'random'];
const HEAD = 5;
const RESAMPLES = 1000;

interface Measure {
  value: number;
  interval: Interval | null;
}

export interface VariantOrder {
  travellers: number;
  tourists: number;
  /** Visits that were predicted. */
  visits: number;
  /** HR@5 on either side: the next place is among the first five. */
  variants: { variant: Variant; simulated: Measure; replayed: Measure }[];
  /** Of each pair, first less second. */
  pairs: { pair: [Variant, Variant]; simulated: Measure; replayed: Measure; verdict: PairVerdict }[];
  /** Kendall's tau-b between the two orders, in [-1, 1]. */
  tau: Measure;
}

export type PairVerdict = 'same' | 'contrary' | 'undecided';

export async function variantOrder(
  simulation: Simulation,
  latentShare: number,
  visits: RealVisits,
): Promise<VariantOrder> {
  const { seed, travellers } = simulation.settings;
  const simulated = await simulatedHits(simulation, latentShare);
  const { sums: replayed, cases } = await replayedHits(visits, seed);
  const draw = (sums: UserSums, side: string) => {
    return resampledMeans(sums, sums.users > 1 ? RESAMPLES : 0, Random.of(seed, `certificate/order/${side}`));
  };
  const [inSimulation, inReplay] = [
    sideOf(simulated, draw(simulated, 'simulated')),
    sideOf(replayed, draw(replayed, 'replayed')),
  ];
  const pairs = REPLAYED.flatMap((a, i) =>
    REPLAYED.slice(i + 1).map((b, j): VariantOrder['pairs'][number] => {
      const [one, other] = [inSimulation.less(i, i + 1 + j), inReplay.less(i, i + 1 + j)];
      return { pair: [a, b], simulated: one, replayed: other, verdict: verdictOf(one, other) };
    }),
  );
  const taus = Float64Array.from({ length: Math.min(inSimulation.resamples, inReplay.resamples) }, (_, b) => {
    return kendall(inSimulation.draw(b), inReplay.draw(b));
  });
  return {
    travellers,
    tourists: replayed.users,
    visits: cases,
    variants: REPLAYED.map((variant, i) => ({ variant, simulated: inSimulation.of(i), replayed: inReplay.of(i) })),
    pairs,
    tau: { value: kendall(inSimulation.values, inReplay.values), interval: range(taus) },
  };
}

/** Of the sides' intervals, each without 0. */
function verdictOf(one: Measure, other: Measure): PairVerdict {
  const sign = ({ interval }: Measure) => (!interval ? 0 : interval.lower > 0 ? 1 : interval.upper < 0 ? -1 : 0);
  const product = sign(one) * sign(other);
  return product > 0 ? 'same' : product < 0 ? 'contrary' : 'undecided';
}

function sideOf({ users, metrics, sums, counts }: UserSums, draws: readonly Float64Array[]) {
  const values = Array.from({ length: metrics }, (_, m) => {
    let [sum, count] = [0, 0];
    for (let u = 0; u < users; u++) [sum, count] = [sum + sums[u * metrics + m]!, count + counts[u * metrics + m]!];
    return sum / count;
  });
  return {
    values,
    resamples: draws[0]!.length,
    draw: (b: number) => draws.map((draw) => draw[b]!),
    of: (m: number): Measure => ({ value: values[m]!, interval: range(draws[m]!) }),
    less: (a: number, b: number): Measure => ({
      value: values[a]! - values[b]!,
      interval: range(draws[a]!.map((value, i) => value - draws[b]![i]!)),
    }),
  };
}

function range(draws: Float64Array): Interval | null {
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  return sorted.length === 0 ? null : { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
}

/** Kendall's tau-b (Kendall 1945, Biometrika 33), in [-1, 1]; NaN where one side is all ties. */
export function kendall(a: readonly number[], b: readonly number[]): number {
  let [sum, inA, inB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [da, db] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      sum += da * db;
      inA += da * da;
      inB += db * db;
    }
  }
  return sum / Math.sqrt(inA * inB);
}

async function simulatedHits(simulation: Simulation, latentShare: number): Promise<UserSums> {
  const { travellers } = simulation.settings;
  const metrics = REPLAYED.length;
  const sums = new Float64Array(travellers * metrics);
  const counts = new Float64Array(travellers * metrics);
  for (const [m, variant] of REPLAYED.entries()) {
    let row = 0;
    for await (const trip of tripsOf(simulation, { name: variant, variant, latentShare })) {
      const { sum, count } = hitRateAt5.measure(trip);
      sums[row * metrics + m] = sum;
      counts[row * metrics + m] = count;
      row++;
    }
  }
  return { users: travellers, metrics, sums, counts };
}

async function replayedHits(visits: RealVisits, seed: number): Promise<{ sums: UserSums; cases: number }> {
  const placesOf = placesByTourist(visits, seed);
  const panels = panelsOf(visits, placesOf, seed);
  const rows = new Map<number, number>();
  for (const { tourist } of panels) if (!rows.has(tourist)) rows.set(tourist, rows.size);
  const views = panels.map(({ tourist, before }, i) => viewOf(placesOf(tourist), before, i, seed));
  const metrics = REPLAYED.length;
  const sums = new Float64Array(rows.size * metrics);
  const counts = new Float64Array(rows.size * metrics);
  for (const [m, variant] of REPLAYED.entries()) {
    const recommender = recommenderOf({ name: variant, variant, latentShare: null }, BUILT_IN, null);
    const answers = await recommender.recommend(views);
    for (const [i, { tourist, real }] of panels.entries()) {
      const row = rows.get(tourist)! * metrics + m;
      const target = placesOf(tourist).venues[real]!.id;
      sums[row]! += answers[i]!.ranked.slice(0, HEAD).some(({ id }) => id === target) ? 1 : 0;
      counts[row]! += 1;
    }
  }
  return { sums: { users: rows.size, metrics, sums, counts }, cases: panels.length };
}

const START = '2026-01-01';

/** As production would see the tourist there: what they visited, and what else there is. */
function viewOf({ half, venues }: RealPlaces, before: readonly number[], number: number, seed: number): RankerView {
  const visited = before.map((place) => venues[place]!);
  const dimensions = learnedFrom(visited);
  const seen = new Set(visited);
  const at = Date.parse(START);
  return {
    slotKey: `replay/${number}`,
    seed,
    // The halves of the tourists know two sets of places: neither may find the other's lists.
    city: { slug: `replay-${half}`, catalogueVersion: '1', candidates: () => [...venues] },
    persona: makePersona(dimensions, []),
    dimensions,
    context: { dayPart: 'afternoon', tripDay: 1, partyKind: 'solo', partySize: 1, budgetBand: 'mid' },
    moment: { tripDay: 1, dayPart: 'afternoon', at },
    startDate: START,
    candidates: venues,
    pool: venues.filter((venue) => !seen.has(venue)),
    history: visited.map(({ id }) => ({ venueId: id, accepted: true, at, tripDay: 1, dayPart: 'afternoon' })),
    historyVenues: new Map(visited.map((venue) => [venue.id, venue])),
    countingSignals: visited.length,
    tripCount: 1,
  };
}
