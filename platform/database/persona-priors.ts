/** What behaviour taught of the archetypes' dimensions, as far as it may load here. */
import { asc, desc, inArray } from 'drizzle-orm';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import type { ArchetypePriors } from '../../core/persona/starting-point.ts';
import { type Environment, loadableSources, loadedWeight } from '../../core/registry/lineage.ts';
import type { Queries } from './client.ts';
import { personaPriors } from './schema/index.ts';
import { SEASONED_USERS } from './seasoned-users.ts';

const known: readonly string[] = DIMENSION_NAMES;

/** Of several runs' priors of an archetype the latest counts, and only that one. */
export async function archetypePriors(queries: Queries, environment: Environment): Promise<ArchetypePriors> {
  const { archetypeId, dimension, source, value, runId, updatedAt } = personaPriors;
  const loadable = loadableSources(environment);
  const rows = await queries
    .select({ archetypeId, dimension, source, value, runId, seasoned: SEASONED_USERS })
    .from(personaPriors)
    .where(loadable ? inArray(source, [...loadable]) : undefined)
    .orderBy(desc(updatedAt), asc(runId), asc(source));
  const priors = new Map<string, { dimensions: Partial<Dimensions>; runId: string }>();
  for (const row of rows) {
    if (!known.includes(row.dimension) || loadedWeight(row.source, environment, row.seasoned) === 0) continue;
    const prior = priors.get(row.archetypeId) ?? { dimensions: {}, runId: row.runId };
    if (prior.runId !== row.runId) continue;
    prior.dimensions[row.dimension as keyof Dimensions] ??= row.value;
    priors.set(row.archetypeId, prior);
  }
  return priors;
}
