/** The spaces of item towers in the app's own tables: `venue_vectors`, a row a venue and space, exactly scanned. */
import { type SQL, sql } from 'drizzle-orm';
import type { Space, VectorPoint, VectorQuery } from '../../core/venue/vector-index.ts';
import type { Database } from '../database/client.ts';

const asRows = (ids: readonly string[]) =>
  sql`select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)`;

/** Rows that hold the same already stay as they are. City and closing are those of the venue's row. */
export function putIntoSpace(space: Space, points: readonly VectorPoint[], literal: (of: Float32Array) => string): SQL {
  const values = JSON.stringify(
    points.map(({ id, vector, payload }) => ({ id, embedding: literal(vector), version: payload!.venueVersion })),
  );
  return sql`
    insert into venue_vectors as v (space, activity_node_id, city_id, embedding, venue_version)
    select ${space}, n.id, n.city_id, point.embedding::vector, point.version
    from jsonb_to_recordset(${values}::jsonb) as point (id uuid, embedding text, version int)
    join activity_nodes n on n.id = point.id
    on conflict (space, activity_node_id) do update
      set city_id = excluded.city_id, embedding = excluded.embedding, venue_version = excluded.venue_version
      where (v.city_id, v.embedding, v.venue_version)
        is distinct from (excluded.city_id, excluded.embedding, excluded.venue_version)`;
}

export function takeOutOfSpace(space: Space, ids: readonly string[]): SQL {
  return sql`delete from venue_vectors where space = ${space} and activity_node_id in (${asRows(ids)})`;
}

export function nearestInSpace(space: Space, { limit, cityId }: VectorQuery, literal: string): SQL {
  const distance = sql`v.embedding <=> ${literal}::vector`;
  const inCity = cityId === undefined ? sql`` : sql`and v.city_id = ${cityId}::uuid`;
  return sql`
    select v.activity_node_id as id, ${distance} as distance
    from venue_vectors v join activity_nodes n on n.id = v.activity_node_id
    where v.space = ${space} and n.closed_at is null ${inCity}
    order by ${distance}, v.activity_node_id limit ${limit}`;
}

export async function venueVersionsIn(
  db: Database,
  space: Space,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await db.execute<{ id: string; version: number }>(sql`
    select activity_node_id as id, venue_version as version from venue_vectors
    where space = ${space} and activity_node_id in (${asRows(ids)})`);
  return new Map(rows.map(({ id, version }) => [id, Number(version)]));
}

export async function countOpenIn(db: Database, space: Space): Promise<number> {
  const { rows } = await db.execute<{ n: number }>(sql`
    select count(*)::int as n from venue_vectors v join activity_nodes n on n.id = v.activity_node_id
    where v.space = ${space} and n.closed_at is null`);
  return rows[0]!.n;
}

/** One step of the index a space: none of them is read whole. */
export async function listSpaces(db: Database): Promise<Space[]> {
  const { rows } = await db.execute<{ space: Space }>(sql`
    with recursive known as (
      select min(space) as space from venue_vectors
      union all
      select (select min(v.space) from venue_vectors v where v.space > known.space) from known where known.space is not null
    )
    select space from known where space is not null`);
  return rows.map(({ space }) => space).sort();
}
