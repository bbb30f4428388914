/** Two agents on the same decisions: how often they differ, and where most (seed 0: "flag high-divergence decisions"). */
import type { Decision } from './decision.ts';
import type { DecisionCase } from './persona-agent.ts';

/** Listed for review. */
export const WORST = 25;

export interface DivergentDecision {
  key: string;
  archetype: string;
  day: number;
  day_part: string;
  /** In [0, 1]. */
  divergence: number;
  first: ToldDecision;
  second: ToldDecision;
}

interface ToldDecision {
  decision: string;
  venue: string | null;
  pivot_reason: string | null;
  confidence: number;
}

export interface DivergenceSummary {
  first: string;
  second: string;
  decisions: number;
  /** One of them was decided by the built-in fallback: not compared. */
  left_out: number;
  /** Both take something, and not the same. */
  other_venue: number;
  /** One takes something, or wants another plan, and the other does not. */
  other_kind: number;
  /** Mean over decisions, in [0, 1]. */
  mean: number;
  /** By archetype, the mean. */
  archetypes: Record<string, number>;
  worst: DivergentDecision[];
}

/**
 * 0 where both do the same (to accept and to linger are the same), 1/2 where they take different places, 1 where one takes
 * and the other does not, or they want different things; times the mean of their confidences, so that coin tosses weigh little.
 */
export function divergenceOf(a: Decision, b: Decision): number {
  const difference = differenceOf(a, b);
  return difference * ((a.confidence + b.confidence) / 2);
}

function differenceOf(a: Decision, b: Decision): number {
  if (a.venueId !== null && b.venueId !== null) return a.venueId === b.venueId ? 0 : 0.5;
  return a.decision === b.decision ? 0 : 1;
}

/** Memory holds the worst alone. */
export class DivergenceLog {
  readonly #labels: { first: string; second: string };
  #decisions = 0;
  #leftOut = 0;
  #otherVenue = 0;
  #otherKind = 0;
  readonly #sums = new Map<string, { sum: number; n: number }>();
  #worst: DivergentDecision[] = [];

  constructor(first: string, second: string) {
    this.#labels = { first, second };
  }

  add(one: DecisionCase, first: Decision, second: Decision): void {
    if (first.fallback || second.fallback) {
      this.#leftOut++;
      return;
    }
    this.#decisions++;
    const difference = differenceOf(first, second);
    if (difference === 0.5) this.#otherVenue++;
    if (difference === 1) this.#otherKind++;
    const divergence = divergenceOf(first, second);
    const { archetypeId } = one.context.traveller;
    const before = this.#sums.get(archetypeId) ?? { sum: 0, n: 0 };
    this.#sums.set(archetypeId, { sum: before.sum + divergence, n: before.n + 1 });
    if (divergence === 0) return;
    const told = ({ decision, venueId, pivotReason, confidence }: Decision): ToldDecision => ({
      decision,
      venue: one.candidates.find(({ id }) => id === venueId)?.name ?? null,
      pivot_reason: pivotReason,
      confidence,
    });
    this.#worst.push({
      key: one.key,
      archetype: archetypeId,
      day: one.context.day,
      day_part: one.context.dayPart,
      divergence,
      first: told(first),
      second: told(second),
    });
    if (this.#worst.length > 8 * WORST) this.#worst = this.#ordered();
  }

  #ordered(): DivergentDecision[] {
    return this.#worst
      .sort((a, b) => b.divergence - a.divergence || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .slice(0, WORST);
  }

  summary(): DivergenceSummary {
    const sums = [...this.#sums.values()];
    const mean = sums.reduce((sum, one) => sum + one.sum, 0) / Math.max(1, this.#decisions);
    return {
      ...this.#labels,
      decisions: this.#decisions,
      left_out: this.#leftOut,
      other_venue: this.#otherVenue,
      other_kind: this.#otherKind,
      mean,
      archetypes: Object.fromEntries([...this.#sums].map(([id, { sum, n }]) => [id, sum / n])),
      worst: this.#ordered(),
    };
  }
}
