/**
 * Nightly, and whenever an operator wants it: the venues that are new or have changed get their vectors in the space of each
 * two-tower version that searches or is to be compared, and the spaces that nobody needs any more go.
 */

import { itemTowerModel, spaceOf } from '../platform/inference/item-tower.ts';
import { indexVenues, obsoleteSpaces, versionsToIndex } from '../platform/vectors/item-vectors.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import type { JobContext } from './job-context.ts';
import { withModel } from './vector-models.ts';

const VENUES_A_STRETCH = 500;

/** Between the version and the last venue of the stretch before; a version that has not begun has no venue. */
const SEPARATOR = '/';

/** Some venues of one version, from `after` on; then the next version. Safe to repeat, and to break off. */
export async function indexItemVectors(
  after: string | null,
  context: JobContext,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  const { database, settings } = context;
  const vectors = openVectorIndex(settings, database);
  const [at, venue] = after?.split(SEPARATOR) ?? [];
  const counts = { versions: 0, venues: 0, written: 0, spaces_dropped: 0, refused: 0 };
  if (after === null) {
    for (const space of await obsoleteSpaces(database, vectors)) {
      await vectors.dropSpace(space);
      counts.spaces_dropped++;
    }
  }
  const versions = await versionsToIndex(database);
  // One that is gone since the stretch before is passed over.
  const current = versions.find(({ version }) => at === undefined || version >= at);
  if (!current) return { next: null, counts };
  const { version } = current;
  const from = version === at ? venue || null : null;
  if (from === null) {
    counts.versions++;
    await vectors.openSpace(spaceOf(version));
  }
  const stretch = await withModel(itemTowerModel, current, context, (tower) =>
    indexVenues(database, vectors, tower, from, VENUES_A_STRETCH),
  );
  if (stretch) {
    counts.venues += stretch.venues;
    counts.written += stretch.written;
    if (stretch.next !== null) return { next: `${version}${SEPARATOR}${stretch.next}`, counts };
  } else counts.refused++;
  const following = versions.find((other) => other.version > version);
  return { next: following ? `${following.version}${SEPARATOR}` : null, counts };
}
