/** The trained rankers as planning calls them: for travellers with a past, never for cold ones (invariant 8). */
import type { Dimensions } from '../persona/dimensions.ts';
import type { Venue } from '../venue/venue.ts';
import type { VibeTag } from '../venue/vocabulary.ts';
import type { DayPart } from './ranker.ts';

/** A venue that the traveller took or refused. */
export interface PastChoice {
  venueId: string;
  accepted: boolean;
  /** Milliseconds since the epoch. */
  at: number;
  /** From 1; null where it is not known. */
  tripDay: number | null;
  dayPart: DayPart | null;
}

/** What is to be filled. */
export interface MlMoment {
  tripDay: number;
  dayPart: DayPart;
  /** When it begins, milliseconds since the epoch. */
  at: number;
}

export interface MlRequest {
  persona: { dimensions: Dimensions; interests: readonly VibeTag[] };
  /** Oldest first. */
  history: readonly PastChoice[];
  /** The venues of the history; one that is not here is known by its id alone, if at all. */
  historyVenues: ReadonlyMap<string, Venue>;
  /** At most 200. */
  candidates: readonly Venue[];
  /** At least one. */
  moments: readonly MlMoment[];
}

export interface MlRanking {
  /** `name@version` */
  modelVersion: string;
  /** `logits[moment][candidate]`, all finite: the more, the better; differences are log odds. */
  logits: Float32Array[];
}

export interface MlRanker {
  /** `name@version` */
  readonly modelVersion: string;
  /** Rejects where the model gives a number that is none. */
  rank(request: MlRequest): Promise<MlRanking>;
}
