/** Tourist and local scores of a venue from how often each kind of source mentions it. */

export const MENTION_SOURCES = ['tourist_aggregator', 'travel_guide', 'local_forum', 'local_press', 'avoid'] as const;
export type MentionSource = (typeof MENTION_SOURCES)[number];

/** Mentions a source kind; `avoid` counts warnings in local sources. */
export type Mentions = Partial<Record<MentionSource, number>>;

export interface MentionScores {
  /** All in [0, 1]. */
  touristScore: number;
  localScore: number;
  crossRefConfidence: number;
  overrated: boolean;
}

/** Mentions at which a source kind counts half: kinds differ in how much they write. */
const HALF_AT = { tourist_aggregator: 20, travel_guide: 5, local_forum: 8, local_press: 4 } as const;
const TOTAL_HALF_AT = 10;

/** A venue is overrated where tourists flock and locals stay away, or where local sources warn often enough. */
export const OVERRATED = { touristAbove: 0.6, localBelow: 0.3, warnings: 3, warningShare: 0.3 } as const;

/**
 * Each kind saturates as n / (n + half); tourist and local scores are the means of their two kinds, the local one less
 * the share of warnings among what local sources say. Confidence grows with the number of kinds that speak of the place
 * and with their mentions. Null where nothing speaks of it.
 */
export function scoreMentions(mentions: Mentions): MentionScores | null {
  const count = (source: MentionSource) => mentions[source] ?? 0;
  const kinds = Object.keys(HALF_AT) as (keyof typeof HALF_AT)[];
  const saturated = (source: keyof typeof HALF_AT) => count(source) / (count(source) + HALF_AT[source]);
  const total = kinds.reduce((sum, kind) => sum + count(kind), 0);
  const warnings = count('avoid');
  if (total + warnings === 0) return null;

  const warningShare = warnings / Math.max(1, warnings + count('local_forum') + count('local_press'));
  const touristScore = (saturated('tourist_aggregator') + saturated('travel_guide')) / 2;
  const localScore = ((saturated('local_forum') + saturated('local_press')) / 2) * (1 - warningShare);
  const speaking = kinds.filter((kind) => count(kind) > 0).length;
  return {
    touristScore,
    localScore,
    crossRefConfidence: (speaking / kinds.length) * (total / (total + TOTAL_HALF_AT)),
    overrated:
      (touristScore > OVERRATED.touristAbove && localScore < OVERRATED.localBelow) ||
      (warnings >= OVERRATED.warnings && warningShare > OVERRATED.warningShare),
  };
}
