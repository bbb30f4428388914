/** From signals to the rankings that showed what they are about. */
import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';

export interface ShownRanking {
  id: string;
  actor_key: string;
  trip_id: string | null;
  candidate_set_id: string;
  city_id: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** By slot id, for the slots that there still are: the ranking that each came from, null where none is known. */
export async function rankingsOfSlots(
  database: Database,
  slots: readonly string[],
): Promise<Map<string, string | null>> {
  if (slots.length === 0) return new Map();
  const { rows } = await database.execute<{ id: string; ranking_event_id: string | null }>(
    sql`select id, ranking_event_id from itinerary_slots where id = any(${sql.param(slots)}::uuid[])`,
  );
  return new Map(rows.map((row) => [row.id, row.ranking_event_id]));
}

export async function rankingsById(database: Database, ids: readonly string[]): Promise<Map<string, ShownRanking>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.execute<Record<keyof ShownRanking, unknown>>(sql`
    select id, actor_key, trip_id, candidate_set_signal_id as candidate_set_id, city_id, date_part('epoch', created_at) * 1000 as at
    from ranking_events where id = any(${sql.param(ids)}::uuid[])`);
  return new Map(rows.map((row) => [row.id as string, row as unknown as ShownRanking]));
}

/** By signal id: the last ranking of the trip, the day and the day part that the signal names, of those made before it. */
export async function lastRankingsBefore(
  database: Database,
  signals: readonly string[],
): Promise<Map<string, ShownRanking>> {
  if (signals.length === 0) return new Map();
  const { rows } = await database.execute<Record<keyof ShownRanking, unknown> & { signal: string }>(sql`
    select distinct on (s.id) s.id as signal, r.id, r.actor_key, r.trip_id, r.candidate_set_signal_id as candidate_set_id,
      r.city_id, date_part('epoch', r.created_at) * 1000 as at
    from behavioral_signals s join ranking_events r on r.trip_id = s.trip_id
      and r.day_number = (s.context ->> 'day_of_trip')::numeric and r.day_part = s.context ->> 'day_part'
      and r.created_at <= s.occurred_at
    where s.id = any(${sql.param(signals)}::uuid[])
    order by s.id, r.created_at desc, r.id desc`);
  return new Map(rows.map(({ signal, ...ranking }) => [signal, ranking as unknown as ShownRanking]));
}
