/**
 * Active learning: the cases of which a model is least sure (uncertainty sampling; Lewis and Gale 1994, SIGIR), no two of them
 * alike.
 */
import type { DecisionRow } from './decision-row.ts';
import { similarityOf } from './near-venues.ts';

export const ACTIVE = {
  rounds: 3,
  /** Of a round (seed 4). */
  cases: 10,
  /** Two venues whose cosine is above this ask the same. */
  alike: 0.8,
} as const;

/** `no_two_alike`: other travellers, other venues, and none that offers nearly the same. Then less, where too few are left. */
export const RULES = ['no_two_alike', 'other_venues', 'other_cases'] as const;
export type DiversityRule = (typeof RULES)[number];

export interface UncertainCase {
  /** In the cases that were given. */
  index: number;
  probability: number;
  /** |2p - 1|, in [0, 1]: 0 cannot be told at all. */
  margin: number;
  /** Of the decision, bits, in [0, 1]. */
  entropy: number;
  /** Under which it was let in. */
  rule: DiversityRule;
}

/** Least sure first; equal ones in their order. As many as wanted, fewer where there are not so many cases. */
export function mostUncertain(
  cases: readonly Pick<DecisionRow, 'actor' | 'venue'>[],
  probabilities: ArrayLike<number>,
  wanted: number = ACTIVE.cases,
): UncertainCase[] {
  const order = cases
    .map((_, i) => i)
    .sort((a, b) => marginOf(probabilities[a]!) - marginOf(probabilities[b]!) || a - b);
  const chosen: UncertainCase[] = [];
  for (const rule of RULES) {
    for (const index of order) {
      if (chosen.length === wanted) break;
      if (chosen.some((other) => other.index === index || clash(cases[index]!, cases[other.index]!, rule))) continue;
      const probability = probabilities[index]!;
      chosen.push({ index, probability, margin: marginOf(probability), entropy: entropyOf(probability), rule });
    }
  }
  return chosen;
}

type Case = Pick<DecisionRow, 'actor' | 'venue'>;

function clash(a: Case, b: Case, rule: DiversityRule): boolean {
  const sameVenue = a.venue.id === b.venue.id;
  switch (rule) {
    case 'no_two_alike':
      return a.actor === b.actor || sameVenue || similarityOf(a.venue, b.venue) > ACTIVE.alike;
    case 'other_venues':
      return sameVenue;
    case 'other_cases':
      return a.actor === b.actor && sameVenue;
  }
}

export const marginOf = (p: number) => Math.abs(2 * p - 1);

export function entropyOf(p: number): number {
  const part = (x: number) => (x > 0 ? -x * Math.log2(x) : 0);
  return part(p) + part(1 - p);
}
