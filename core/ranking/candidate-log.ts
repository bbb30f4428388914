/** What is kept of a ranking so that models can learn from it: all that was offered, how it scored, what was shown. */

import type { Side } from '../arbitration/decision.ts';
import { archetypesByDistance } from '../persona/archetypes.ts';
import { DIMENSION_NAMES } from '../persona/dimensions.ts';
import type { Persona } from '../persona/persona.ts';
import type { Venue } from '../venue/venue.ts';
import type { ScoredMoment } from './personal-rescore.ts';
import { RESCORE_VERSION } from './personal-rescore.ts';
import type { DayPart, RankingContext } from './ranker.ts';

/** One served ranking: the lists of a trip's equal moments are the same list. */
export interface LoggedMoment {
  rankingEventId: string;
  dayNumber: number;
  scored: ScoredMoment;
  /** What the policy put before the traveller at this moment. */
  shown: ReadonlySet<string>;
  /** Where chance had a part: by venue id, those that are missing had none. They sum to how many are shown. */
  propensities?: ReadonlyMap<string, number> | undefined;
  /** Which ranker's list it is where two of them stood by, and the probability with which it was to be that one. */
  side?: { served: Side; propensity: number } | undefined;
}

/**
 * `context.full_candidate_set` of a `candidate_set_logged` signal. Venues stand once; each ranking gives their scores
 * in the same order. Where the policy was deterministic, it showed `shown` with probability 1 and all others with 0; where
 * it was not, `propensity.list` names the list of `propensities` that gives each venue's probability. Both are given the side
 * that serves: which one that is was a choice of its own, with the probability that `side` says.
 */
export interface FullCandidateSet {
  v: 1;
  venue_ids: string[];
  rankings: {
    ranking_event_id: string;
    day_number: number;
    day_part: DayPart;
    /** Of `scores`, by index. */
    scores: number;
    /** Indices of `venue_ids`; where no list is named, the propensity of each is `propensity.shown`, of all others `propensity.other`. */
    shown: number[];
    propensity: { shown: number; other: number } | { list: number };
    side?: { served: Side; propensity: number };
  }[];
  /** Rounded to 4 decimals. */
  scores: number[][];
  /** Probabilities of being shown, given what the rankings before it showed; each list sums to how many it shows. */
  propensities?: number[][];
}

export function fullCandidateSet(candidates: readonly Venue[], moments: readonly LoggedMoment[]): FullCandidateSet {
  const index = new Map(candidates.map((venue, i) => [venue.id, i]));
  const lists: ScoredMoment[] = [];
  const chances: number[][] = [];
  const rankings = moments.map(({ rankingEventId, dayNumber, scored, shown, propensities, side }) => {
    let scores = lists.indexOf(scored);
    if (scores < 0) scores = lists.push(scored) - 1;
    return {
      ranking_event_id: rankingEventId,
      day_number: dayNumber,
      day_part: scored.context.dayPart,
      scores,
      shown: [...shown].flatMap((id) => index.get(id) ?? []),
      propensity: propensities
        ? { list: chances.push(candidates.map(({ id }) => propensities.get(id) ?? 0)) - 1 }
        : { shown: 1, other: 0 },
      ...(side ? { side } : {}),
    };
  });
  return {
    v: 1,
    venue_ids: candidates.map((venue) => venue.id),
    rankings,
    scores: lists.map((list) => Array.from(list.scores, (score) => Math.round(score * 1e4) / 1e4)),
    ...(chances.length > 0 ? { propensities: chances } : {}),
  };
}

export interface SnapshotCatalogue {
  citySlug: string;
  version: string;
}

/**
 * The versioned snapshot of persona, context and catalogue from which features can be rebuilt as they were.
 * @param affinities versions of those that lifted the scores
 */
export function featureSnapshot(
  persona: Persona,
  context: RankingContext,
  catalogue: SnapshotCatalogue,
  affinities: readonly string[],
): Record<string, unknown> {
  return { v: 1, persona: personaSnapshot(persona), ...momentSnapshot(context, catalogue, affinities) };
}

export function personaSnapshot(persona: Persona) {
  return {
    dimensions: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, round(persona.dimensions[name])])),
    interests: persona.interests,
    nearest_archetypes: archetypesByDistance(persona.dimensions)
      .slice(0, 3)
      .map(({ id, distance }) => ({ id, distance: round(distance) })),
  };
}

/** What a snapshot says besides whom it was ranked for. */
export function momentSnapshot(context: RankingContext, catalogue: SnapshotCatalogue, affinities: readonly string[]) {
  return {
    rescore_version: RESCORE_VERSION,
    ...(affinities.length > 0 ? { affinity_versions: affinities } : {}),
    context: {
      day_part: context.dayPart,
      trip_day: context.tripDay,
      party_kind: context.partyKind,
      party_size: context.partySize,
      budget_band: context.budgetBand,
    },
    catalogue: { city: catalogue.citySlug, version: catalogue.version },
  };
}

const round = (x: number) => Math.round(x * 1e4) / 1e4;
