/**
 * The list that is served and logged: the traveller's own candidates, scored by their own persona and lifted by where
 * the ranker placed them for the nearest archetype.
 */
import type { Persona } from '../persona/persona.ts';
import type { Venue } from '../venue/venue.ts';
import { type ArchetypeAffinity, lifted } from './archetype-affinity.ts';
import { personalScores } from './offline-ranker.ts';
import type { Ranking, RankingContext } from './ranker.ts';

export const RESCORE_VERSION = 'personal-rescore@1';

/** How much of the final score the archetype's list may decide, at full confidence. */
const ARCHETYPE_SHARE = 0.4;

export interface Moment {
  context: RankingContext;
  /** What the ranker said of the nearest archetype's candidates at this moment. */
  archetypeRanking: Ranking;
}

/** `scores[i]` belongs to candidate i, in [0, 1]; `order` lists candidate indices, best first, ties by venue id. */
export interface ScoredMoment {
  context: RankingContext;
  scores: Float64Array;
  order: number[];
}

/**
 * A ranked place adds up to its share by its rank and by the confidence of item and list:
 * `(1 - w) * personal + w * (1 - rank / (2 * listed))`, with `w = share * item confidence * (0.5 + list confidence / 2)`; a
 * place that the list does not name keeps `(1 - share / 2) * personal`. Pure: the same inputs give the same list.
 * @param affinity of the nearest archetype, of a traveller whose own behaviour says little yet: moves all scores in the end
 */
export function rescore(
  persona: Persona,
  candidates: readonly Venue[],
  moments: readonly Moment[],
  affinity: ArchetypeAffinity | null = null,
): ScoredMoment[] {
  const personal = personalScores(
    { persona, candidates },
    moments.map((moment) => moment.context),
  );
  const lifts = affinity && candidates.map(({ id }) => affinity.liftOf(id));
  return moments.map(({ context, archetypeRanking }, m) => {
    const { ranked, confidence } = archetypeRanking;
    const place = new Map(ranked.map((item, rank) => [item.venueId, { rank, confidence: item.confidence }]));
    const scoreOf = (venue: Venue, i: number) => {
      const own = personal[m]?.[i] ?? 0;
      const listed = place.get(venue.id);
      if (!listed) return (1 - ARCHETYPE_SHARE / 2) * own;
      const weight = ARCHETYPE_SHARE * listed.confidence * (0.5 + confidence / 2);
      // From 1 for the first to 1/2 for the last: to be named at all is worth something.
      return (1 - weight) * own + weight * (1 - listed.rank / (2 * ranked.length));
    };
    const scores = Float64Array.from(candidates, (venue, i) => lifted(scoreOf(venue, i), lifts?.[i] ?? 0));
    const order = candidates
      .map((_, i) => i)
      .sort((a, b) => scores[b]! - scores[a]! || (candidates[a]!.id < candidates[b]!.id ? -1 : 1));
    return { context, scores, order };
  });
}
