/** The versions that were in production before, for when the files of the one that is cannot be used. */
import { and, desc, eq, isNotNull, notInArray } from 'drizzle-orm';
import { type Environment, forbiddenSources } from '../../core/registry/lineage.ts';
import type { Queries } from './client.ts';
import { modelRegistry } from './schema/index.ts';

/** Whoever needs more than a few has another problem. */
const MOST = 3;

export interface FormerProduction {
  name: string;
  version: string;
  artifactPath: string | null;
}

/** The latest first. What its lineage forbids here is left out (invariant 9). */
export async function formerProductions(
  database: Queries,
  name: string,
  environment: Environment,
): Promise<FormerProduction[]> {
  const rows = await database
    .select()
    .from(modelRegistry)
    .where(
      and(
        eq(modelRegistry.modelName, name),
        isNotNull(modelRegistry.promotedAt),
        notInArray(modelRegistry.status, ['production', 'canary', 'shadow']),
      ),
    )
    .orderBy(desc(modelRegistry.promotedAt));
  return rows
    .filter(({ lineage }) => forbiddenSources(lineage, environment).length === 0)
    .slice(0, MOST)
    .map(({ version, artifactPath }) => ({ name, version, artifactPath }));
}
