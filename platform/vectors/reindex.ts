/** Brings an index that is not the database itself up to what the database holds. */
import { and, asc, gt, isNotNull, isNull } from 'drizzle-orm';
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import type { Queries } from '../database/client.ts';
import { activityNodes, users } from '../database/schema/index.ts';

const PAGE = 500;

/** Before every id. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Makes the collections and writes all venues and personas into them, page by page; safe to repeat and to break off.
 * pgvector reads the tables themselves: there it does nothing. `onProgress` gets the points written so far.
 */
export async function reindex(
  database: Queries,
  vectors: VectorIndex,
  onProgress: (points: number) => void = () => {},
): Promise<number> {
  if (vectors.adapter === 'pgvector') return 0;
  await vectors.prepare();
  let points = 0;
  for (let after = FIRST; ; ) {
    const rows = await database
      .select({
        id: activityNodes.id,
        cityId: activityNodes.cityId,
        vector: activityNodes.vibeEmbedding,
        closedAt: activityNodes.closedAt,
      })
      .from(activityNodes)
      .where(and(gt(activityNodes.id, after), isNotNull(activityNodes.vibeEmbedding)))
      .orderBy(asc(activityNodes.id))
      .limit(PAGE);
    await vectors.upsert(
      'activity_nodes',
      rows.map(({ id, cityId, vector, closedAt }) => ({
        id,
        vector: Float32Array.from(vector!),
        payload: { cityId, closed: closedAt !== null },
      })),
    );
    points += rows.length;
    onProgress(points);
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.id;
  }
  for (let after = FIRST; ; ) {
    const rows = await database
      .select({ id: users.id, vector: users.personaEmbedding })
      .from(users)
      .where(and(gt(users.id, after), isNotNull(users.personaEmbedding), isNull(users.deletedAt)))
      .orderBy(asc(users.id))
      .limit(PAGE);
    await vectors.upsert(
      'personas',
      rows.map(({ id, vector }) => ({ id, vector: Float32Array.from(vector!) })),
    );
    points += rows.length;
    onProgress(points);
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.id;
  }
  return points;
}
