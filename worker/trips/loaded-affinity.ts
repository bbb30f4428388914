/** How archetypes take to a city's venues, as an isolate knows it. */
import { type ArchetypeAffinity, archetypeAffinity } from '../../core/ranking/archetype-affinity.ts';
import type { Environment } from '../../core/registry/lineage.ts';
import { RememberedByKey } from '../../platform/cache/remembered-by-key.ts';
import { affinityCounts, hasAffinities } from '../../platform/database/archetype-affinities.ts';
import type { City } from '../../platform/database/cities.ts';
import type { Database } from '../../platform/database/client.ts';

const REMEMBERED_MS = 60_000;
/** That there is nothing is remembered as well: then a plan asks nothing. */
const anything = new RememberedByKey<boolean>(REMEMBERED_MS);
/** At most one a city and archetype. */
const affinities = new RememberedByKey<ArchetypeAffinity | null>(REMEMBERED_MS);

export async function loadedAffinity(
  archetypeId: string,
  { id: cityId }: Pick<City, 'id'>,
  { database, environment, now }: { database: Database; environment: Environment; now: number },
): Promise<ArchetypeAffinity | null> {
  if (!(await anything.get(environment, now, () => hasAffinities(database, environment)))) return null;
  return affinities.get(`${environment}/${cityId}/${archetypeId}`, now, async () =>
    archetypeAffinity(await affinityCounts(database, archetypeId, cityId, environment)),
  );
}
