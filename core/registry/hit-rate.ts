/** How often a version ranks among its first five what travellers took, from the decisions in which chance had a part. */
import { type BootstrapOptions, type Interval, intervals, means, type UserSums } from '../experiment/bootstrap.ts';
import { normalQuantile } from '../experiment/distributions.ts';
import { scoreInterval } from '../experiment/off-policy/interval.ts';
import { Random } from '../experiment/random.ts';

export const HIT_AT = 5;

/** A ranking that was served, of which chance decided a part. */
export interface RandomisedDecision {
  actorKey: string;
  /** The trip, or what else hangs together. */
  sessionId: string;
  /** The venues that could have been shown; more than five. */
  open: readonly string[];
  /** What was shown and taken, with the probability with which it was to be shown, in (0, 1]. */
  taken: readonly { venueId: string; propensity: number }[];
  /** By `name@version`: what it ranked then, best first, all candidates or at least those that were open. */
  rankings: ReadonlyMap<string, readonly string[]>;
}

export interface HitRate {
  kind: 'value';
  value: number;
  interval: Interval;
}

export interface NoSupport {
  kind: 'no_support';
  /** For the operator. */
  message: string;
}

export interface Comparison {
  kind: 'value';
  version: HitRate;
  other: HitRate;
  /** Paired: of the same decisions. */
  difference: { value: number; interval: Interval };
  decisions: number;
  sessions: number;
  actors: number;
  /** Kish's effective number of acceptances. */
  effective: number;
}

export interface HitRateOptions {
  level: number;
  /** Under so many effective acceptances there is no number. */
  effectiveAcceptances: number;
  seed: number;
  resamples: number;
}

export const HIT_RATE: HitRateOptions = { level: 0.95, effectiveAcceptances: 100, seed: 1, resamples: 1000 };

/** Whether a decision says anything of a version's first five: it could have shown other venues, and more than five. */
export function isRandomised(propensities: readonly number[], shown: readonly number[]): boolean {
  const open = propensities.filter((p) => p > 0).length;
  return open > HIT_AT && open > shown.length && shown.every((i) => propensities[i]! > 0);
}

/**
 * HR@5 of two versions on the decisions for which both have a ranking: of the venues that would be taken were they shown, the
 * share that the version puts among its first five of what was open,
 *
 *   sum of w hit / sum of w,  over acceptances,  w = 1 / propensity
 *
 * self-normalised inverse propensity scoring of what was observed (Schnabel et al. 2016, "Recommendations as treatments",
 * ICML; Yang et al. 2018, "Unbiased offline recommender evaluation for missing-not-at-random implicit feedback", RecSys).
 * Venues with propensity 0 could not be shown by any version, and are left out of what is ranked. Intervals are of a bootstrap
 * over actors, and for each rate not narrower than Wilson's at the effective number of acceptances, which a bootstrap does
 * not see where all are hits. Deterministic: the seed is an option.
 */
export function compareHitRates(
  decisions: readonly RandomisedDecision[],
  version: string,
  other: string,
  options: Partial<HitRateOptions> = {},
): Comparison | NoSupport {
  const { level, effectiveAcceptances, seed, resamples } = { ...HIT_RATE, ...options };
  const common = decisions.filter(({ rankings }) => rankings.has(version) && rankings.has(other));
  if (common.length === 0) {
    return noSupport(`no randomised decision for which both ${version} and ${other} have a ranking`);
  }
  const rows = new Map<string, number[]>();
  let weight = 0;
  let squares = 0;
  for (const decision of common) {
    const [own, others] = [version, other].map((name) => firstOpen(decision, name));
    for (const { venueId, propensity } of decision.taken) {
      const w = 1 / propensity;
      weight += w;
      squares += w * w;
      const row = rows.get(decision.actorKey) ?? [0, 0, 0];
      rows.set(decision.actorKey, row);
      row[0]! += own!.has(venueId) ? w : 0;
      row[1]! += others!.has(venueId) ? w : 0;
      row[2]! += w;
    }
  }
  const effective = squares > 0 ? weight ** 2 / squares : 0;
  if (effective < effectiveAcceptances || rows.size < 2) {
    return noSupport(
      `${common.length} randomised decisions with both ${version} and ${other} are worth ${effective.toFixed(1)} acceptances ` +
        `of ${rows.size} travellers (at least ${effectiveAcceptances} of 2 are needed)`,
    );
  }
  const data = sumsOf([...rows.values()]);
  const random = Random.of(seed, `hit-rate/${version}/${other}`);
  const bootstrap: BootstrapOptions = { resamples, level, method: 'percentile' };
  const [ownValue, otherValue, difference] = means(data);
  const [ownDrawn, otherDrawn, paired] = intervals(data, bootstrap, random);
  const rate = (value: number, drawn: Interval): HitRate => {
    const least = scoreInterval(value, 0, [0, 1], normalQuantile((1 + level) / 2), effective);
    const interval = { lower: Math.min(drawn.lower, least.lower), upper: Math.max(drawn.upper, least.upper) };
    return { kind: 'value', value, interval };
  };
  return {
    kind: 'value',
    version: rate(ownValue!, ownDrawn!),
    other: rate(otherValue!, otherDrawn!),
    difference: { value: difference!, interval: paired! },
    decisions: common.length,
    sessions: new Set(common.map(({ sessionId }) => sessionId)).size,
    actors: rows.size,
    effective,
  };
}

function firstOpen({ open, rankings }: RandomisedDecision, name: string): Set<string> {
  const could = new Set(open);
  const first = new Set<string>();
  for (const venueId of rankings.get(name)!) {
    if (first.size === HIT_AT) break;
    if (could.has(venueId)) first.add(venueId);
  }
  return first;
}

/** Rates, and their difference, as ratios of sums by actor. */
function sumsOf(rows: readonly number[][]): UserSums {
  const sums = new Float64Array(rows.length * 3);
  const counts = new Float64Array(rows.length * 3);
  for (const [u, [own, other, weight]] of rows.entries()) {
    sums.set([own!, other!, own! - other!], u * 3);
    counts.fill(weight!, u * 3, u * 3 + 3);
  }
  return { users: rows.length, metrics: 3, sums, counts };
}

const noSupport = (message: string): NoSupport => ({ kind: 'no_support', message });
