/** The versions of the models, and what each may do (invariant 4). */
import { and, desc, eq, lt, or, sql } from 'drizzle-orm';
import type { Queries } from './client.ts';
import { modelRegistry } from './schema/index.ts';

export type ModelVersion = typeof modelRegistry.$inferSelect;
export type NewModelVersion = Pick<ModelVersion, 'id' | 'modelName' | 'version' | 'metrics' | 'lineage'> & {
  artifactPath: string;
  trainingDate: Date;
};

/** As `registered`: it serves nobody. A version that is there already stays as it is; false then. */
export async function registerModel(database: Queries, version: NewModelVersion): Promise<boolean> {
  const added = await database
    .insert(modelRegistry)
    .values({ ...version, status: 'registered', createdAt: version.trainingDate })
    .onConflictDoNothing({ target: [modelRegistry.modelName, modelRegistry.version] })
    .returning({ id: modelRegistry.id });
  return added.length === 1;
}

export interface VersionQuery {
  name?: string | undefined;
  limit: number;
  after: { createdAt: string; id: string } | null;
}

/** Newest first. */
export function listModelVersions(database: Queries, { name, limit, after }: VersionQuery): Promise<ModelVersion[]> {
  return database
    .select()
    .from(modelRegistry)
    .where(
      and(
        name === undefined ? undefined : eq(modelRegistry.modelName, name),
        after
          ? or(
              sql`${modelRegistry.createdAt} < ${after.createdAt}`,
              and(sql`${modelRegistry.createdAt} = ${after.createdAt}`, lt(modelRegistry.id, after.id)),
            )
          : undefined,
      ),
    )
    .orderBy(desc(modelRegistry.createdAt), desc(modelRegistry.id))
    .limit(limit);
}
