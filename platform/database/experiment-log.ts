/** What an experiment's travellers were shown, and what they made of it. */
import { sql } from 'drizzle-orm';
import {
  type ActorOutcome,
  analyse,
  type ExperimentAnalysis,
  type ExposedRequest,
} from '../../core/experiment/analysis.ts';
import type { Database } from './client.ts';
import type { ExperimentRecord } from './experiments.ts';

/**
 * By traveller, over their first `outcome_days`: rankings shown, those of which a slot was accepted, and whether they asked for
 * a pivot of a trip that was shown to them. Who was exposed once is in it, whatever came of it (by intention to treat).
 */
export async function actorOutcomes(
  database: Database,
  { id, config }: Pick<ExperimentRecord, 'id' | 'config'>,
): Promise<ActorOutcome[]> {
  const { rows } = await database.execute<{
    variant: string;
    first: number;
    shown: number;
    accepted: number;
    pivoted: boolean;
  }>(sql`
    with shown as (
      select a.actor_key, a.variant, a.first_exposed_at, x.id, e.trip_id,
        a.first_exposed_at + make_interval(days => ${config.outcome_days}) as until
      from experiment_assignments a
      join experiment_exposures x on x.experiment_id = a.experiment_id and x.actor_key = a.actor_key
        and x.occurred_at <= a.first_exposed_at + make_interval(days => ${config.outcome_days})
      left join ranking_events e on e.id = x.id
      where a.experiment_id = ${id}
    )
    select variant, date_part('epoch', first_exposed_at) * 1000 as first, count(*)::int as shown,
      count(*) filter (where exists (
        select 1 from itinerary_slots l join behavioral_signals s on s.trip_id = l.trip_id and s.slot_id = l.id
        where l.trip_id = shown.trip_id and l.ranking_event_id = shown.id
          and s.actor_key = shown.actor_key and s.signal_type = 'slot_accept' and s.occurred_at <= shown.until))::int as accepted,
      bool_or(exists (
        select 1 from pivot_events p where p.trip_id = shown.trip_id and p.actor_key = shown.actor_key
          and p.created_at <= shown.until)) as pivoted
    from shown group by actor_key, variant, first_exposed_at`);
  return rows.map(({ first, ...row }) => ({ ...row, firstExposedAt: Number(first) }));
}

/** A request is what one traveller was shown at one moment, however many rankings it took. Oldest first. */
export async function exposedRequests(database: Database, id: string): Promise<ExposedRequest[]> {
  const { rows } = await database.execute<{ variant: string; at: number; latency_ms: number; failed: boolean }>(sql`
    select variant, date_part('epoch', occurred_at) * 1000 as at, max(latency_ms) as latency_ms, bool_or(failed) as failed
    from experiment_exposures where experiment_id = ${id}
    group by actor_key, variant, occurred_at order by occurred_at, actor_key`);
  return rows.map((row) => ({
    variant: row.variant,
    at: Number(row.at),
    latencyMs: row.latency_ms,
    failed: row.failed,
  }));
}

/** By day, UTC, and variant: rankings served. */
export async function exposuresByDay(database: Database, id: string) {
  const { rows } = await database.execute<{ day: string; variant: string; exposures: number }>(sql`
    select to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD') as day, variant, count(*)::int as exposures
    from experiment_exposures where experiment_id = ${id} group by 1, 2 order by 1, 2`);
  return rows;
}

/** What the log says at `now`, milliseconds since the epoch. */
export async function experimentAnalysis(
  database: Database,
  { id, config }: Pick<ExperimentRecord, 'id' | 'config'>,
  now: number,
): Promise<ExperimentAnalysis> {
  const [outcomes, requests] = await Promise.all([
    actorOutcomes(database, { id, config }),
    exposedRequests(database, id),
  ]);
  return analyse(config, outcomes, requests, now);
}
