/**
 * Part (e): whether variants that are better in the simulation are better on real visits. Both sides call the same code; what a
 * traveller took in simulation is what a tourist went to next in the replay; what learns, learns from the past of its own side.
 */
import { type Interval, quantile, resampledMeans, type UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { hitRateAt5 } from '../../simulation/agents/metrics/hit-rate.ts';
import type { Recommender } from '../../simulation/agents/recommender.ts';
import { random } from '../../simulation/agents/recommenders/floors.ts';
import { llmStandIn } from '../../simulation/agents/recommenders/llm-standin.ts';
import { productionRecommender } from '../../simulation/agents/recommenders/production.ts';
import { BUILT_IN, type Simulation, tripsOf } from '../../simulation/agents/simulate.ts';
import type { Interactions } from '../../training/data/dataset.ts';
import { FITTED, fittedRecommender, simulatedPast } from './fitted-rankers.ts';
import { chanceOf, kendall } from './kendall.ts';
import type { RealVisits } from './real-visits.ts';
import { replayedHits, replayOf } from './replay.ts';
import type { Sample } from './sampled.ts';

/**
 * Those that can rank the places of either world. A trained artifact knows its own venues alone. What is talked about most and
 * what was taken most are one thing on real visits, two in the simulation: here `popularity` is the second on both sides.
 */
export const COMPARED = ['offline', 'llm_standin', 'random', ...FITTED] as const;
export type ComparedVariant = (typeof COMPARED)[number];
const RESAMPLES = 1000;

interface Measure {
  value: number;
  interval: Interval | null;
}

export interface VariantOrder {
  travellers: number;
  tourists: number;
  /** First visits of the later half that were predicted. */
  visits: Sample;
  /** ISO 8601: where the later half begins. */
  cut: string;
  /** What the fitted variants learned from: offers taken by other simulated travellers, and visits of the earlier half. */
  learned: { simulated: number; replayed: number };
  /** HR@5 on either side: the next place is among the first five. */
  variants: { variant: ComparedVariant; simulated: Measure; replayed: Measure }[];
  /** Of each pair, first less second. */
  pairs: { pair: [ComparedVariant, ComparedVariant]; simulated: Measure; replayed: Measure; verdict: PairVerdict }[];
  /** Kendall's tau-b between the two orders, in [-1, 1]. */
  tau: Measure;
  /** Probability that two orders of so many variants that have nothing to do with each other come to |tau| or more. */
  chance: number;
}

export type PairVerdict = 'same' | 'contrary' | 'undecided';

export async function variantOrder(
  simulation: Simulation,
  latentShare: number,
  visits: RealVisits,
): Promise<VariantOrder> {
  const { seed, travellers } = simulation.settings;
  const replay = replayOf(visits, seed);
  const past = simulatedPast(simulation, latentShare);
  const simulated = await simulatedHits(simulation, latentShare, await recommenders(past, seed));
  const replayed = await replayedHits(replay, await recommenders(replay.past, seed), seed);
  const draw = (sums: UserSums, side: string) => {
    return resampledMeans(sums, sums.users > 1 ? RESAMPLES : 0, Random.of(seed, `certificate/order/${side}`));
  };
  const [inSimulation, inReplay] = [
    sideOf(simulated, draw(simulated, 'simulated')),
    sideOf(replayed, draw(replayed, 'replayed')),
  ];
  const pairs = COMPARED.flatMap((a, i) =>
    COMPARED.slice(i + 1).map((b, j): VariantOrder['pairs'][number] => {
      const [one, other] = [inSimulation.less(i, i + 1 + j), inReplay.less(i, i + 1 + j)];
      return { pair: [a, b], simulated: one, replayed: other, verdict: verdictOf(one, other) };
    }),
  );
  const taus = Float64Array.from({ length: Math.min(inSimulation.resamples, inReplay.resamples) }, (_, b) => {
    return kendall(inSimulation.draw(b), inReplay.draw(b));
  });
  const tau = kendall(inSimulation.values, inReplay.values);
  return {
    travellers,
    tourists: replayed.users,
    visits: replay.sample,
    cut: new Date(replay.cut).toISOString(),
    learned: { simulated: takenIn(past), replayed: takenIn(replay.past) },
    variants: COMPARED.map((variant, i) => ({ variant, simulated: inSimulation.of(i), replayed: inReplay.of(i) })),
    pairs,
    tau: { value: tau, interval: range(taus) },
    chance: chanceOf(tau, COMPARED.length),
  };
}

const takenIn = ({ accepted }: Interactions) => accepted.reduce((sum, one) => sum + one, 0);

/** In the order of `COMPARED`. Caches of lists are not shared between the two worlds. */
async function recommenders(past: Interactions, seed: number): Promise<Recommender[]> {
  const fitted = await Promise.all(FITTED.map((variant) => fittedRecommender(variant, past, seed)));
  return [productionRecommender('offline'), llmStandIn, random, ...fitted];
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

async function simulatedHits(
  simulation: Simulation,
  latentShare: number,
  recommenders: readonly Recommender[],
): Promise<UserSums> {
  const { travellers } = simulation.settings;
  const metrics = recommenders.length;
  const sums = new Float64Array(travellers * metrics);
  const counts = new Float64Array(travellers * metrics);
  for (const [m, recommender] of recommenders.entries()) {
    const cast = { ...BUILT_IN, llm: () => recommender };
    let row = 0;
    for await (const trip of tripsOf({ ...simulation, cast }, { name: COMPARED[m]!, variant: 'llm', latentShare })) {
      const { sum, count } = hitRateAt5.measure(trip);
      sums[row * metrics + m] = sum;
      counts[row * metrics + m] = count;
      row++;
    }
  }
  return { users: travellers, metrics, sums, counts };
}
