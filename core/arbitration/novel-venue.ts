/** Venues that a language model cannot know, for they are newer than what it has read. */
import type { ArbitrationConfig } from './config.ts';
import type { ArbitrationInput } from './decision.ts';
import type { KnownFacts } from './fact-names.ts';

/**
 * How many of some venues are known to exist only since after the cut-off: `firstSeenAt` > `llm_cut_off`. What has no date
 * is not novel.
 */
export function novelVenues(
  top: readonly string[],
  venues: ArbitrationInput['venues'],
  { llm_cut_off }: Pick<ArbitrationConfig, 'llm_cut_off'>,
): number {
  return top.filter((id) => {
    const seen = venues[id]?.firstSeenAt;
    // ISO dates sort as text; a time of the cut-off day itself is not after it.
    return seen != null && seen.slice(0, 10) > llm_cut_off;
  }).length;
}

/** At least `novel_venues` of the ML top three are. */
export function hasNovelVenues(
  { novel_in_ml_top3 }: Pick<KnownFacts, 'novel_in_ml_top3'>,
  config: Pick<ArbitrationConfig, 'novel_venues'>,
): boolean {
  return novel_in_ml_top3 !== null && novel_in_ml_top3 >= config.novel_venues;
}
