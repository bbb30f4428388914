/**
 * Part (b): whether a classifier can tell synthetic sequences from real ones (Lopez-Paz and Oquab 2017, "Revisiting classifier
 * two-sample tests", ICLR): boosted trees, each pair judged by trees that saw none of its tourist's trips.
 */
import { intervals, means, type UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { boost, importances, predict } from '../../training/trees/boost.ts';
import { boostOptions, treesConfig } from '../../training/trees/config.ts';
import { featureTable } from '../../training/trees/feature-table.ts';
import type { Measure } from './discrimination.ts';
import { placesByTourist } from './real-places.ts';
import type { RealVisits } from './real-visits.ts';
import { type Sample, sampled } from './sampled.ts';
import { agentTwin, featureNames, features, longTrips, popularityTwin, type Sequence } from './sequences.ts';

/** `agent`: twins of the simulator. `popularity`: a floor. `control`: real against real, which nothing can tell apart. */
export const TWINS = ['agent', 'popularity', 'control'] as const;

export interface TwoSample {
  against: (typeof TWINS)[number];
  /** Of a real sequence and a twin each. */
  pairs: number;
  /** Mean of the twin's visits over the real one's: below 1 where offers were refused again and again. */
  length: number;
  /** Share of sequences put on the right side: 0.5 cannot be told apart, 1 always can. */
  accuracy: Measure;
  /** Share of pairs in which the real one is scored as the more real, ties half. */
  auc: Measure;
  /** By what they are told apart: shares of gain, largest first, of trees grown from everything. */
  told: { feature: string; share: number }[];
}

interface Pair {
  tourist: number;
  real: Float32Array;
  twin: Float32Array;
  length: number;
}

const FOLDS = 5;
/** Trips that are twinned; of more, so many are drawn. */
export const MOST_TRIPS = 1000;
/** One split of so few trips is as good as the next: the control takes several. */
const CONTROL_ROUNDS = 8;
const BOOTSTRAP = { resamples: 1000, level: 0.95, method: 'percentile' } as const;
/** Chosen once, for some hundreds of rows. */
const TREES = treesConfig.parse({ rounds: 60, depth: 3, learning_rate: 0.1, min_child_weight: 3 });

/** @throws RangeError where there are too few long trips for folds */
export function twoSample(
  visits: RealVisits,
  seed: number,
  latentShare: number,
): { against: TwoSample[]; sample: Sample } {
  const placesOf = placesByTourist(visits, seed);
  const all = longTrips(visits);
  const trips = sampled(all, MOST_TRIPS, seed, 'trips');
  if (new Set(trips.map(({ real }) => real.tourist)).size < 2 * FOLDS) {
    throw new RangeError(`${trips.length} trips to three places or more: too few for a classifier`);
  }
  const agent = new ChoiceModelAgent(seed, latentShare);
  const seen = (sequence: Sequence) => features(sequence, visits, placesOf(sequence.tourist));
  const real = trips.map((trip) => seen(trip.real));
  const rounds: Record<(typeof TWINS)[number], Pair[][]> = {
    agent: [
      trips.map((trip, i) => {
        const twin = agentTwin(trip, placesOf(trip.real.tourist), i, agent, seed);
        return pairOf(trip.real.tourist, real[i]!, seen(twin));
      }),
    ],
    popularity: [
      trips.map((trip, i) => {
        const twin = popularityTwin(trip, placesOf(trip.real.tourist), i, seed);
        return pairOf(trip.real.tourist, real[i]!, seen(twin));
      }),
    ],
    control: Array.from({ length: CONTROL_ROUNDS }, (_, round) => {
      const order = Random.of(seed, `certificate/control/${round}`).shuffle([...trips.keys()]);
      const half = Math.floor(order.length / 2);
      return order.slice(0, half).map((a, i) => {
        return pairOf(trips[a]!.real.tourist, real[a]!, real[order[half + i]!]!);
      });
    }),
  };
  return {
    against: TWINS.map((against) => told(against, rounds[against], featureNames(visits), seed)),
    sample: { asked: trips.length, of: all.length },
  };
}

const pairOf = (tourist: number, real: Float32Array, twin: Float32Array): Pair => {
  return { tourist, real, twin, length: twin[0]! / real[0]! };
};

function told(
  against: TwoSample['against'],
  rounds: readonly (readonly Pair[])[],
  names: readonly string[],
  seed: number,
): TwoSample {
  const pairs = rounds.flat();
  const tourists = [...new Set(pairs.map(({ tourist }) => tourist))];
  const order = Random.of(seed, `certificate/two-sample/${against}`).shuffle([...tourists]);
  const foldOf = new Map(order.map((tourist, i) => [tourist, i % FOLDS]));
  const row = new Map(tourists.map((tourist, i) => [tourist, i]));
  const sums = new Float64Array(2 * tourists.length);
  const counts = new Float64Array(2 * tourists.length);
  for (const round of rounds) {
    for (let fold = 0; fold < FOLDS; fold++) {
      const model = grown(
        round.filter(({ tourist }) => foldOf.get(tourist) !== fold),
        names,
        seed,
      );
      const held = round.filter(({ tourist }) => foldOf.get(tourist) === fold);
      const scores = predict(model, tableOf(held, names));
      for (const [i, { tourist }] of held.entries()) {
        const [real, twin] = [scores[2 * i]!, scores[2 * i + 1]!];
        const at = 2 * row.get(tourist)!;
        const right = (score: number) => (score > 0.5 ? 1 : score === 0.5 ? 0.5 : 0);
        sums[at]! += (right(real) + 1 - right(twin)) / 2;
        sums[at + 1]! += real > twin ? 1 : real === twin ? 0.5 : 0;
        counts[at]! += 1;
        counts[at + 1]! += 1;
      }
    }
  }
  const data: UserSums = { users: tourists.length, metrics: 2, sums, counts };
  const values = means(data);
  const ranges = intervals(data, BOOTSTRAP, Random.of(seed, `certificate/two-sample/${against}/bootstrap`));
  const shares = Object.entries(importances(grown(rounds[0]!, names, seed)));
  return {
    against,
    pairs: pairs.length,
    length: pairs.reduce((sum, { length }) => sum + length, 0) / pairs.length,
    accuracy: { value: values[0]!, interval: ranges[0]! },
    auc: { value: values[1]!, interval: ranges[1]! },
    told: shares
      .map(([feature, share]) => ({ feature, share }))
      .sort((a, b) => b.share - a.share)
      .slice(0, 5),
  };
}

/** A pair is two rows, the real one first. */
const tableOf = (pairs: readonly Pair[], names: readonly string[]) =>
  featureTable(
    names,
    pairs.flatMap(({ real, twin }) => [real, twin]),
  );

function grown(pairs: readonly Pair[], names: readonly string[], seed: number) {
  const label = pairs.flatMap(() => [1, 0]);
  const features = tableOf(pairs, names);
  return boost({ features, label, weight: label.map(() => 1) }, null, boostOptions(TREES, seed)).model;
}
