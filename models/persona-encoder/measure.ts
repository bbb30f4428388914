/** Whether both points of a traveller are one, and whether they foresee what is taken next. */

import { BOOTSTRAP, intervals, means, sumByUser } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { makePersona } from '../../core/persona/persona.ts';
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import { VENUE_VECTOR_LENGTH, venueVector } from '../../core/venue/venue-vector.ts';
import type { Dataset } from '../../training/data/dataset.ts';
import { compare } from '../../training/evaluation/paired.ts';
import { hitRate, ndcg, rankOf } from '../../training/evaluation/rank.ts';
import type { Metrics } from '../../training/measured-model.ts';
import { ownDataOf } from '../own-content.ts';
import { FEWEST_BEFORE, type Traveller } from './travellers.ts';

/** Of each traveller, the latest venues that they took. */
const CASES_EACH = 5;
const K = 10;

/** Row i of [rows, 128]. */
const rowOf = (points: Float32Array, i: number) =>
  points.subarray(i * PERSONA_VECTOR_LENGTH, (i + 1) * PERSONA_VECTOR_LENGTH);

function scoresOf(point: Float32Array, points: Float32Array): Float32Array {
  return Float32Array.from({ length: points.length / PERSONA_VECTOR_LENGTH }, (_, i) => dot(point, rowOf(points, i)));
}

export interface NextCase {
  /** Index of the travellers. */
  traveller: number;
  /** Decisions before it. */
  until: number;
  /** Item indices, the target among them. */
  candidates: Int32Array;
}

/** The latest venues that travellers took, each among what was on offer: the logged candidates, else the venues of its city. */
export function nextCases(travellers: readonly Traveller[], dataset: Dataset): NextCase[] {
  const own = ownDataOf(dataset, 'persona-encoder');
  const open = own.venues.flatMap((venue, item) => (venue ? [item] : []));
  const byCity = new Map(
    [...new Set(own.cities)].map((city) => [city, Int32Array.from(open.filter((item) => own.cities[item] === city))]),
  );
  return travellers.flatMap(({ decisions, targets }, traveller) =>
    targets.slice(-CASES_EACH).flatMap((until): NextCase[] => {
      const { item, candidateSet } = decisions[until]!;
      const logged = own.candidateSets[candidateSet]?.items.filter((other) => own.venues[other] !== null);
      const candidates = logged?.includes(item) ? logged : byCity.get(own.cities[item]!)!;
      return candidates.length > 1 ? [{ traveller, until, candidates }] : [];
    }),
  );
}

/** [travellers, 2]: whether a traveller's tags are among the ten nearest to their signals, and the reciprocal of their place. */
export function retrieval(signals: Float32Array, tags: Float32Array): Float64Array {
  const travellers = tags.length / PERSONA_VECTOR_LENGTH;
  return Float64Array.from(
    Array.from({ length: travellers }, (_, i) => {
      const rank = rankOf(scoresOf(rowOf(signals, i), tags), i, null, null);
      return [hitRate(rank, K), hitRate(rank, 1)];
    }).flat(),
  );
}

/** [cases, 2]: NDCG@10 and hit rate at 10 of what was taken. `scores`: of all items, higher is nearer. */
export function foreseen(
  cases: readonly NextCase[],
  travellers: readonly Traveller[],
  scores: (which: number) => Float32Array,
): Float64Array {
  return Float64Array.from(
    cases.flatMap(({ traveller, until, candidates }, which) => {
      const rank = rankOf(scores(which), travellers[traveller]!.decisions[until]!.item, candidates, null);
      return [ndcg(rank, K), hitRate(rank, K)];
    }),
  );
}

/** The last decisions of a traveller, to be told apart from what came before them. */
export interface JudgedCase {
  traveller: number;
  until: number;
}

const JUDGED = 20;

export function judgedCases(travellers: readonly Traveller[]): JudgedCase[] {
  return travellers.flatMap(({ decisions }, traveller) => {
    const until = Math.max(FEWEST_BEFORE, decisions.length - JUDGED);
    return new Set(decisions.slice(until).map(({ accepted }) => accepted)).size === 2 ? [{ traveller, until }] : [];
  });
}

/** [cases]: the probability that what a traveller took is nearer than what they refused of what was shown. */
function toldApart(
  cases: readonly JudgedCase[],
  travellers: readonly Traveller[],
  scores: (which: number) => Float32Array,
): Float64Array {
  return Float64Array.from(cases, ({ traveller, until }, which) => {
    const all = scores(which);
    const judged = travellers[traveller]!.decisions.slice(until);
    const taken = judged.filter(({ accepted }) => accepted);
    const refused = judged.filter(({ accepted }) => !accepted);
    const won = taken.flatMap((a) => refused.map((b) => (Math.sign(all[a.item]! - all[b.item]!) + 1) / 2));
    return won.reduce((sum, one) => sum + one, 0) / won.length;
  });
}

export interface Points {
  /** [travellers, 128], of all their decisions. */
  signals: Float32Array;
  /** [travellers, 128] */
  tags: Float32Array;
  /** [items, 128] */
  venues: Float32Array;
  /** [cases, 128], of the decisions before each. */
  before: Float32Array;
  /** [judged cases, 128], likewise. */
  beforeJudged: Float32Array;
}

export interface HeldOut {
  travellers: readonly Traveller[];
  cases: readonly NextCase[];
  judged: readonly JudgedCase[];
}

export function heldOut(travellers: readonly Traveller[], dataset: Dataset): HeldOut {
  return { travellers, cases: nextCases(travellers, dataset), judged: judgedCases(travellers) };
}

/** Of each i, its row's scores of all items. */
const nearnessOf =
  (points: Float32Array, venues: Float32Array, row: (i: number) => number = (i) => i) =>
  (i: number) =>
    scoresOf(rowOf(points, row(i)), venues);

/** What early stopping goes by: the mean of recall@10 of travellers, NDCG@10 of venues and what is told apart. */
export function validationScore(points: Points, { travellers, cases, judged }: HeldOut): number {
  const mean = (values: ArrayLike<number>, step: number) => {
    let sum = 0;
    for (let i = 0; i < values.length; i += step) sum += values[i]!;
    return values.length > 0 ? (sum * step) / values.length : 0;
  };
  const found = mean(retrieval(points.signals, points.tags), 2);
  const next = mean(foreseen(cases, travellers, nearnessOf(points.before, points.venues)), 2);
  const apart = mean(toldApart(judged, travellers, nearnessOf(points.beforeJudged, points.venues)), 1);
  return (found + next + apart) / 3;
}

/** Intervals over travellers; `rule`: the vectors that need no training. */
export function personaMetrics(points: Points, held: HeldOut, dataset: Dataset, seed: number): Metrics {
  const { travellers, cases, judged } = held;
  const metrics: Metrics = {};
  const random = () => Random.of(seed, 'intervals');
  const put = (names: readonly string[], values: Float64Array, cluster: ArrayLike<number>) => {
    const sums = sumByUser(values, names.length, cluster);
    const bounds = intervals(sums, BOOTSTRAP, random());
    means(sums).forEach((value, m) => {
      metrics[names[m]!] = { value, interval: bounds[m]! };
    });
  };
  const everyone = travellers.map((_, i) => i);
  put(['traveller_recall@10', 'traveller_recall@1'], retrieval(points.signals, points.tags), everyone);
  metrics['traveller_recall@10_by_chance'] = { value: Math.min(1, K / travellers.length), interval: null };
  metrics.travellers = { value: travellers.length, interval: null };

  const own = ownDataOf(dataset, 'persona-encoder');
  const nothing = new Float32Array(VENUE_VECTOR_LENGTH);
  const ruled = own.venues.map((venue) => (venue ? venueVector(venue) : nothing));
  const byRule = (traveller: number) => {
    const { dimensions, interests } = own.personas[travellers[traveller]!.persona]!;
    const { retrieval: looksFor } = makePersona(dimensions, interests);
    return Float32Array.from(ruled, (vector) => dot(looksFor, vector));
  };
  const waysOf = (of: readonly { traveller: number }[], before: Float32Array) => ({
    signals: nearnessOf(before, points.venues),
    tags: nearnessOf(points.tags, points.venues, (i) => of[i]!.traveller),
    rule: (i: number) => byRule(of[i]!.traveller),
  });
  const report = (
    names: readonly string[],
    of: readonly { traveller: number }[],
    before: Float32Array,
    measure: (scores: (which: number) => Float32Array) => Float64Array,
  ) => {
    if (of.length === 0) return;
    const cluster = of.map(({ traveller }) => traveller);
    const ways = waysOf(of, before);
    const values = { signals: measure(ways.signals), tags: measure(ways.tags), rule: measure(ways.rule) };
    for (const [way, own] of Object.entries(values))
      put(
        names.map((name) => `${name}_${way}`),
        own,
        cluster,
      );
    const gains = compare(values.signals, values.tags, names.length, cluster, BOOTSTRAP, random());
    for (const [m, { difference, interval }] of gains.entries()) {
      metrics[`${names[m]}_gain_of_signals`] = { value: difference, interval };
    }
  };
  report(['next_ndcg@10', 'next_hr@10'], cases, points.before, (scores) => foreseen(cases, travellers, scores));
  report(['taken_over_refused_auc'], judged, points.beforeJudged, (scores) => toldApart(judged, travellers, scores));
  return metrics;
}
