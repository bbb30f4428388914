/** Which vector index serves: Qdrant where one is named, the database otherwise. */
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import type { Database } from '../database/client.ts';
import { openPgvectorIndex } from './pgvector.ts';
import { openQdrantIndex } from './qdrant.ts';

export interface VectorSettings {
  /** A null `url`: pgvector. */
  qdrant: { url: string | null; apiKey: string | null };
  /** pgvector searches venues through HNSW, for a large catalogue on Neon, instead of scanning the city exactly. */
  pgvectorHnsw?: boolean;
}

/** Opens no connection: cheap enough for every request. */
export function openVectorIndex({ qdrant, pgvectorHnsw = false }: VectorSettings, db: Database): VectorIndex {
  if (qdrant.url !== null) return openQdrantIndex({ url: qdrant.url, apiKey: qdrant.apiKey ?? undefined });
  return openPgvectorIndex(db, { hnsw: pgvectorHnsw });
}
