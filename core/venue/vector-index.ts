/** Nearest-neighbour search over embeddings, as the core needs it; the platform brings the index. */

/** Collection names, embedding lengths and distance (cosine, for both) are those of the design. */
export const COLLECTIONS = {
  activity_nodes: { dimensions: 64 },
  personas: { dimensions: 128 },
} as const;
export type Collection = keyof typeof COLLECTIONS;

/** The most that one search may ask for. */
export const MAX_HITS = 1000;

export interface VectorPoint {
  /** A UUID. */
  id: string;
  /** As long as the collection says. */
  vector: Float32Array;
  /** For `activity_nodes`, where a search filters on it, and for no other collection. */
  payload?: { cityId: string; closed: boolean };
}

export interface VectorQuery {
  vector: Float32Array;
  /** 1 to `MAX_HITS`. */
  limit: number;
  /** Only for `activity_nodes`: the points of this city. With or without it, places that closed for good are left out. */
  cityId?: string;
}

export interface VectorHit {
  id: string;
  /** Cosine similarity, in [-1, 1]. */
  similarity: number;
}

/**
 * Every method rejects with a `RangeError`, before anything is sent, on a vector of the wrong length, with a non-finite
 * number or without a direction, on an id that is no UUID, on a payload or city where none belongs or is missing, and
 * on a limit out of bounds.
 */
export interface VectorIndex {
  /** Name of the adapter, for health and logs. */
  readonly adapter: 'qdrant' | 'pgvector';
  /** Makes the collections and indexes that are missing; safe to repeat. Rejects if what is there does not fit. */
  prepare(): Promise<void>;
  /**
   * Inserts or replaces by id; once it resolves, a search sees it. An adapter that keeps the vectors in the rows of
   * their owners ignores an id without a row, and takes the payload from the row.
   */
  upsert(collection: Collection, points: readonly VectorPoint[]): Promise<void>;
  /** Takes the vectors out; ids without one are fine. */
  delete(collection: Collection, ids: readonly string[]): Promise<void>;
  /** Best first, at most `limit`; ties in the order of ids. */
  search(collection: Collection, query: VectorQuery): Promise<VectorHit[]>;
  /** Resolves if the index answers and was prepared. */
  ping(): Promise<void>;
}
