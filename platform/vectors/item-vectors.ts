/** The venues in the spaces of two-tower versions: what is missing, what is of an older venue, what nobody needs any more. */
import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, ne } from 'drizzle-orm';
import type { Space, VectorIndex } from '../../core/venue/vector-index.ts';
import type { Queries } from '../database/client.ts';
import { activityNodes, modelRegistry } from '../database/schema/index.ts';
import { type ItemTower, spaceOf, type TowerVenue, TWO_TOWER } from '../inference/item-tower.ts';

/** Those who search, and those who are to be compared with them. */
const SEARCHING = ['shadow', 'canary', 'production'];

/** The two-tower versions whose space is to hold all venues, in the order of their names. */
export function versionsToIndex(database: Queries): Promise<{ version: string; artifactPath: string | null }[]> {
  return database
    .select({ version: modelRegistry.version, artifactPath: modelRegistry.artifactPath })
    .from(modelRegistry)
    .where(and(eq(modelRegistry.modelName, TWO_TOWER), inArray(modelRegistry.status, SEARCHING)))
    .orderBy(asc(modelRegistry.version));
}

/**
 * Of the spaces that there are, those of retired versions; but for the one that was in production last, for it takes
 * over at once when what serves is rolled back.
 */
export async function obsoleteSpaces(database: Queries, vectors: VectorIndex): Promise<Space[]> {
  const [known, retired, [last]] = await Promise.all([
    vectors.spaces(),
    database
      .select({ version: modelRegistry.version })
      .from(modelRegistry)
      .where(and(eq(modelRegistry.modelName, TWO_TOWER), eq(modelRegistry.status, 'retired'))),
    database
      .select({ version: modelRegistry.version })
      .from(modelRegistry)
      .where(
        and(
          eq(modelRegistry.modelName, TWO_TOWER),
          ne(modelRegistry.status, 'production'),
          isNotNull(modelRegistry.promotedAt),
        ),
      )
      .orderBy(desc(modelRegistry.promotedAt), desc(modelRegistry.version))
      .limit(1),
  ]);
  const gone = new Set<Space>(retired.map(({ version }) => spaceOf(version)));
  if (last) gone.delete(spaceOf(last.version));
  return known.filter((space) => gone.has(space));
}

export interface IndexedStretch {
  /** The last venue of the stretch; null where none is left. */
  next: string | null;
  /** Venues looked at. */
  venues: number;
  /** Vectors written: of venues that had none, or one of an older version. */
  written: number;
}

/**
 * The venues after `after`, in the order of their ids, at most `limit`. The space has to be open. Safe to repeat: what is
 * up to date is not written again.
 */
export async function indexVenues(
  database: Queries,
  vectors: VectorIndex,
  tower: ItemTower,
  after: string | null,
  limit: number,
): Promise<IndexedStretch> {
  const { space } = tower;
  const rows = await database
    .select(DESCRIBED)
    .from(activityNodes)
    .where(after === null ? undefined : gt(activityNodes.id, after))
    .orderBy(asc(activityNodes.id))
    .limit(limit);
  const had = await vectors.venueVersions(
    space,
    rows.map(({ id }) => id),
  );
  // A closed place is not searched for; one that had a vector has it marked as closed.
  const due = rows.filter(({ id, version, closedAt }) => (had.has(id) ? had.get(id) !== version : closedAt === null));
  const embedded = await tower.embed(due.map(describe));
  await vectors.upsert(
    space,
    due.map(({ id, cityId, closedAt, version }, i) => ({
      id,
      vector: embedded[i]!,
      payload: { cityId, closed: closedAt !== null, venueVersion: version },
    })),
  );
  return { next: rows.length < limit ? null : rows.at(-1)!.id, venues: rows.length, written: due.length };
}

/** How many of the venues that are open have a vector of this two-tower version: all of them, or it is not to serve. */
export async function itemVectorsIndexed(
  database: Queries,
  vectors: VectorIndex,
  version: string,
): Promise<{ indexed: number; venues: number }> {
  const [indexed, venues] = await Promise.all([
    vectors.countOpen(spaceOf(version)),
    database.$count(activityNodes, isNull(activityNodes.closedAt)),
  ]);
  return { indexed, venues };
}

const DESCRIBED = {
  id: activityNodes.id,
  cityId: activityNodes.cityId,
  closedAt: activityNodes.closedAt,
  version: activityNodes.version,
  name: activityNodes.name,
  neighbourhood: activityNodes.neighbourhood,
  category: activityNodes.category,
  vibeTags: activityNodes.vibeTags,
  setting: activityNodes.setting,
  priceLevel: activityNodes.priceLevel,
  visitMinutes: activityNodes.visitMinutes,
  energy: activityNodes.energy,
  overrated: activityNodes.overratedFlag,
  meals: activityNodes.meals,
  lat: activityNodes.lat,
  lng: activityNodes.lng,
  touristScore: activityNodes.touristScore,
  localScore: activityNodes.localScore,
  crossRefConfidence: activityNodes.crossRefConfidence,
};

type Located = Omit<TowerVenue, 'location'> & TowerVenue['location'];
const describe = ({ lat, lng, ...rest }: Located): TowerVenue => ({ ...rest, location: { lat, lng } });
