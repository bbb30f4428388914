/** Fills the database with the cities that are missing, and the vector index with all vectors, telling how far it is. */
import { SingleBar } from 'cli-progress';
import type { Database } from '../../platform/database/client.ts';
import { seedMissingCities } from '../../platform/database/seed-cities.ts';
import { openVectorIndex } from '../../platform/vectors/open-vector-index.ts';
import { reindex } from '../../platform/vectors/reindex.ts';
import type { IndexedVersion } from './item-vectors.ts';

/** Prints nothing when no city is missing. */
export async function seedCities(database: Database): Promise<void> {
  const bar = new SingleBar({ format: 'Seeding {city} [{bar}] {value}/{total}', hideCursor: true });
  let started = false;
  const cities = await seedMissingCities(database, {
    now: new Date(),
    onProgress(done, total, city) {
      if (started) bar.update(done, { city });
      else bar.start(total, done, { city });
      started = true;
    },
  }).finally(() => bar.stop());
  const seeded = cities
    .filter((city) => city.seeded && city.venues > 0)
    .map(({ city, venues }) => `${city} (${venues} venues)`);
  if (seeded.length > 0) console.log(`Seeded ${seeded.join(', ')}.`);
}

/** Where Qdrant serves: writes every vector of the database into it, with a count. */
export async function fillVectorIndex(database: Database, qdrantUrl: string | undefined): Promise<void> {
  if (!qdrantUrl) return;
  const vectors = vectorIndexAt(qdrantUrl, database);
  const bar = new SingleBar({ format: 'Indexing in Qdrant {value} vectors', hideCursor: true });
  bar.start(0, 0);
  await reindex(database, vectors, (points) => bar.update(points)).finally(() => bar.stop());
}

/** The venues' vectors of the two-tower versions; what is up to date is not written again. */
export async function fillItemVectors(
  database: Database,
  qdrantUrl: string | undefined,
  options: { folder?: string } = {},
): Promise<IndexedVersion[]> {
  // Loaded here: it brings Node's ONNX runtime.
  const { indexItemVectors } = await import('./item-vectors.ts');
  return indexItemVectors(database, vectorIndexAt(qdrantUrl, database), options);
}

const vectorIndexAt = (qdrantUrl: string | undefined, database: Database) =>
  openVectorIndex({ qdrant: { url: qdrantUrl || null, apiKey: process.env.QDRANT_API_KEY ?? null } }, database);
