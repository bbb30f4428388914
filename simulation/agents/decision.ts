/** What a traveller may decide in a slot. */

export const DECISIONS = ['accept', 'skip', 'pivot', 'linger'] as const;
export type DecisionKind = (typeof DECISIONS)[number];

/** `want_food` is what the product's moods call `hungry`. */
export const PIVOT_REASONS = ['tired', 'too_crowded', 'want_food', 'want_quiet', 'weather'] as const;
export type PivotReason = (typeof PIVOT_REASONS)[number];

export interface Decision {
  decision: DecisionKind;
  /** One of the candidates; null for a skip or a pivot. */
  venueId: string | null;
  /** Null but for a pivot. */
  pivotReason: PivotReason | null;
  /** In [0, 1]. */
  confidence: number;
  /** Set where the agent's own answer could not be used, and the built-in choice model decided. */
  fallback?: string;
}
