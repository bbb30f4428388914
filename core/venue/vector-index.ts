/** Nearest-neighbour search over embeddings, as the core needs it; the platform brings the index. */

/** Collection names, embedding lengths and distance (cosine, for both) are those of the design. */
export const COLLECTIONS = {
  activity_nodes: { dimensions: 64 },
  personas: { dimensions: 128 },
} as const;

/**
 * `name@version` of a model: where its item tower puts the venues. Spaces lie beside `activity_nodes`, each with vectors of
 * its own that mean nothing in another; there may be any number of them. A user vector of the same version searches it.
 */
export type Space = `${string}@${string}`;
/** What a space is named by. */
export const SPACE = /^[a-z0-9][a-z0-9-]{0,62}@[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** As the towers end. */
const SPACE_DIMENSIONS = 64;

export type Collection = keyof typeof COLLECTIONS | Space;

export const isSpace = (collection: Collection): collection is Space => collection.includes('@');

export function dimensionsOf(collection: Collection): number {
  return isSpace(collection) ? SPACE_DIMENSIONS : COLLECTIONS[collection].dimensions;
}

/** The most that one search may ask for. */
export const MAX_HITS = 1000;

export interface VectorPoint {
  /** A UUID. */
  id: string;
  /** As long as the collection says. */
  vector: Float32Array;
  /** For venues, where a search filters on it, and for no other collection. */
  payload?: {
    cityId: string;
    closed: boolean;
    /** In spaces, and nowhere else: the version of the venue that the vector was made of, from 1. */
    venueVersion?: number;
  };
}

export interface VectorQuery {
  vector: Float32Array;
  /** 1 to `MAX_HITS`. */
  limit: number;
  /** Only for venues: the points of this city. With or without it, places that closed for good are left out. */
  cityId?: string;
}

export interface VectorHit {
  id: string;
  /** Cosine similarity, in [-1, 1]. */
  similarity: number;
}

/**
 * Every method rejects with a `RangeError`, before anything is sent, on a vector of the wrong length, with a non-finite
 * number or without a direction, on an id that is no UUID, on a payload or city where none belongs or is missing, on a
 * space whose name is none, and on a limit out of bounds.
 */
export interface VectorIndex {
  /** Name of the adapter, for health and logs. */
  readonly adapter: 'qdrant' | 'pgvector';
  /** Makes the collections and indexes that are missing, spaces apart; safe to repeat. Rejects if what is there does not fit. */
  prepare(): Promise<void>;
  /** Makes a space, empty, where it is missing; before the first upsert into it. Safe to repeat. */
  openSpace(space: Space): Promise<void>;
  /**
   * Inserts or replaces by id; once it resolves, a search sees it. An adapter that keeps the vectors in the rows of
   * their owners, or beside them, ignores an id without a row, and takes city and closing from the row.
   */
  upsert(collection: Collection, points: readonly VectorPoint[]): Promise<void>;
  /** Takes the vectors out; ids without one are fine. */
  delete(collection: Collection, ids: readonly string[]): Promise<void>;
  /** Best first, at most `limit`; ties in the order of ids. A space that is not there has no hits. */
  search(collection: Collection, query: VectorQuery): Promise<VectorHit[]>;
  /** Of these venues, those that have a vector in the space, each with the version that it was made of. */
  venueVersions(space: Space, ids: readonly string[]): Promise<Map<string, number>>;
  /** How many places that are open have a vector in the space; 0 where it is not there. */
  countOpen(space: Space): Promise<number>;
  /** The spaces that there are, sorted; one in which nothing was ever put may be left out. */
  spaces(): Promise<Space[]>;
  /** Takes a space with all its vectors out; one that is not there is fine. */
  dropSpace(space: Space): Promise<void>;
  /** Resolves if the index answers and was prepared. */
  ping(): Promise<void>;
}
