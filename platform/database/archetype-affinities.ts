/** How archetypes take to venues, as far as it may load here. */
import { and, eq, inArray } from 'drizzle-orm';
import type { AffinityCounts } from '../../core/ranking/archetype-affinity.ts';
import { type Environment, loadableSources, loadedWeight, WARM_BEHAVIOUR } from '../../core/registry/lineage.ts';
import type { Queries } from './client.ts';
import { activityNodes, archetypeAffinities } from './schema/index.ts';
import { SEASONED_USERS } from './seasoned-users.ts';

function mayLoad(environment: Environment) {
  const loadable = loadableSources(environment);
  return loadable ? inArray(archetypeAffinities.source, [...loadable]) : undefined;
}

/** Whether there is anything at all that may load: most of the time there is not, and nobody need ask any further. */
export async function hasAffinities(queries: Queries, environment: Environment): Promise<boolean> {
  const found = await queries
    .select({ source: archetypeAffinities.source })
    .from(archetypeAffinities)
    .where(mayLoad(environment))
    .limit(1);
  return found.length > 0;
}

/** The archetype's decisions on the city's venues. */
export async function affinityCounts(
  queries: Queries,
  archetypeId: string,
  cityId: string,
  environment: Environment,
): Promise<AffinityCounts[]> {
  const { activityNodeId, source, observations, accepted, runId } = archetypeAffinities;
  const rows = await queries
    .select({ venueId: activityNodeId, source, observations, accepted, runId, seasoned: SEASONED_USERS })
    .from(archetypeAffinities)
    .innerJoin(activityNodes, eq(activityNodes.id, activityNodeId))
    .where(
      and(eq(archetypeAffinities.archetypeId, archetypeId), eq(activityNodes.cityId, cityId), mayLoad(environment)),
    );
  return rows.map(({ venueId, source, observations, accepted, runId, seasoned }) => ({
    venueId,
    observations,
    accepted,
    weight: loadedWeight(source, environment, seasoned),
    origin: originOf(source, runId),
  }));
}

/** The run of the simulation, or the nightly review that counted what real travellers did. */
function originOf(source: string, runId: string | null): string {
  const run = runId?.slice(0, 8);
  return source === WARM_BEHAVIOUR ? `real-${run ?? 'unnamed'}` : (run ?? source);
}
