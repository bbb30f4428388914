/** What a run of the simulation leaves in the tables, under a lineage that nobody else has. */
import { eq, inArray, sql } from 'drizzle-orm';
import { v4 as uuidv4 } from 'uuid';
import type { Dimensions } from '../../../core/persona/dimensions.ts';
import type { Environment } from '../../../core/registry/lineage.ts';
import type { Queries } from '../../../platform/database/client.ts';
import {
  arbitrationCalibrations,
  archetypeAffinities,
  personaPriors,
} from '../../../platform/database/schema/index.ts';
import { database, type Overrides } from '../api/client.ts';

export const run = () => ({ runId: uuidv4(), source: `of_a_test_${uuidv4().slice(0, 8)}` });
export type Run = ReturnType<typeof run>;

export const within = (ENVIRONMENT: Environment): Overrides => ({ ENVIRONMENT });
export const DEVELOPMENT = within('development');

/** Newer than anybody else's. */
const updatedAt = () => new Date(Date.now() + 3600_000);

export async function givePriors(
  { runId, source }: Run,
  archetypeId: string,
  dimensions: Partial<Dimensions>,
  queries: Queries = database,
): Promise<void> {
  const rows = Object.entries(dimensions).map(([dimension, value]) => ({ dimension, value }));
  await queries
    .insert(personaPriors)
    .values(
      rows.map((row) => ({
        ...row,
        archetypeId,
        source,
        runId,
        deviation: 0.1,
        travellers: 50,
        updatedAt: updatedAt(),
      })),
    )
    .onConflictDoUpdate({
      target: [personaPriors.archetypeId, personaPriors.dimension, personaPriors.source],
      set: { value: sql`excluded.value`, runId, updatedAt: sql`excluded.updated_at` },
    });
}

export async function giveAffinities(
  { runId, source }: Run,
  archetypeId: string,
  counts: readonly { venueId: string; accepted: number; observations: number }[],
  queries: Queries = database,
): Promise<void> {
  await queries.insert(archetypeAffinities).values(
    counts.map(({ venueId, accepted, observations }) => ({
      ...{ archetypeId, activityNodeId: venueId, source, runId, updatedAt: updatedAt() },
      ...{ affinity: accepted / observations, accepted, observations },
    })),
  );
}

export async function takeBack(runs: readonly Run[]): Promise<void> {
  const sources = runs.map(({ source }) => source);
  await database.delete(personaPriors).where(inArray(personaPriors.source, sources));
  await database.delete(archetypeAffinities).where(inArray(archetypeAffinities.source, sources));
  for (const { runId } of runs) {
    await database.delete(arbitrationCalibrations).where(eq(arbitrationCalibrations.runId, runId));
  }
}

class RolledBack extends Error {}

/** What is written meanwhile nobody else sees, and it is gone afterwards. */
export async function unseen<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
  let found: { value: T } | undefined;
  await database
    .transaction(async (tx) => {
      found = { value: await work(tx) };
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return found!.value;
}
