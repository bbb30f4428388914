/** The versions of the models, and what each may do (invariant 4). */
import { and, desc, eq, inArray, lt, or, sql } from 'drizzle-orm';
import { type Environment, forbiddenSources } from '../../core/registry/lineage.ts';
import type { ServingVersion } from '../../core/registry/status.ts';
import type { Database, Queries } from './client.ts';
import { modelRegistry, modelTransitions } from './schema/index.ts';

export type ModelVersion = typeof modelRegistry.$inferSelect;
export type NewModelVersion = Pick<ModelVersion, 'id' | 'modelName' | 'version' | 'metrics' | 'lineage'> & {
  artifactPath: string | null;
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

/**
 * What serves and what runs in shadow, by one statement: never two production versions of a name, never none once there was
 * one. What its lineage forbids here is left out (invariant 9).
 */
export async function servingVersions(database: Queries, environment: Environment): Promise<ServingVersion[]> {
  const rows = await database
    .select()
    .from(modelRegistry)
    .where(inArray(modelRegistry.status, ['production', 'canary', 'shadow']))
    .orderBy(modelRegistry.modelName, modelRegistry.version);
  return rows
    .filter(({ lineage, status }) => status === 'shadow' || forbiddenSources(lineage, environment).length === 0)
    .map(({ modelName, version, status, artifactPath }) => {
      return { name: modelName, version, status: status as ServingVersion['status'], artifactPath };
    });
}

export async function findModelVersion(database: Queries, name: string, version: string): Promise<ModelVersion | null> {
  const [row] = await database
    .select()
    .from(modelRegistry)
    .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, version)));
  return row ?? null;
}

export async function productionVersion(database: Queries, name: string): Promise<ModelVersion | null> {
  const [row] = await database
    .select()
    .from(modelRegistry)
    .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.status, 'production')));
  return row ?? null;
}

export interface FirstVersion {
  version: NewModelVersion;
  /** Whether it is to serve where nothing of its name does. */
  serves: boolean;
}

/**
 * The versions that a fresh checkout starts with. Into production where no version of the name is and its lineage allows it
 * here (invariant 9), so that it can be said in development; otherwise `registered`. What is there already stays as it is. Each
 * in a statement of its own: who starts at the same time finds the one or the other.
 * @returns the `name@version` of those that serve from now on
 */
export async function registerFirstVersions(
  database: Database,
  versions: readonly FirstVersion[],
  { environment, now, newId }: { environment: Environment; now: Date; newId: () => string },
): Promise<string[]> {
  const promoted: string[] = [];
  for (const { version, serves } of versions) {
    await registerModel(database, version);
    const { modelName, version: number, lineage } = version;
    if (!serves || forbiddenSources(lineage, environment).length > 0) continue;
    const changed = await database.execute<{ id: string }>(sql`
      with first as (
        update ${modelRegistry} set status = 'production', promoted_at = ${now.toISOString()}
        where model_name = ${modelName} and version = ${number} and status = 'registered'
          and not exists (select 1 from ${modelRegistry} o where o.model_name = ${modelName} and o.status = 'production')
        returning id
      )
      insert into ${modelTransitions} (id, model_name, version, from_status, to_status, actor, reason, gate, occurred_at)
      select ${newId()}, ${modelName}, ${number}, 'registered', 'production', 'start', 'the first of its name',
        '{"replaced": null}'::jsonb, ${now.toISOString()} from first
      returning id`);
    if (changed.rows.length > 0) promoted.push(`${modelName}@${number}`);
  }
  return promoted;
}
