/**
 * Real users, counted: people with an account (not deleted, not made up) who decided on something in the app. What they
 * have behind them are trips that they are a member of, that were not cancelled, and on which they decided on something:
 * the arbiter's trips (`taste-history.ts`), less those that were planned and left alone.
 */
import { type SQL, sql } from 'drizzle-orm';
import { SHADOW_SUBJECT_PREFIX } from '../../core/persona/shadow-subject.ts';
import { PHASE_OUT, type PhaseOutThresholds, type RealUserCounts } from '../../core/signal/phase-out.ts';
import { type SignalSource, SYNTHETIC_ORIGINS } from '../../core/signal/signal.ts';
import type { Database } from './client.ts';

/** Of actor `k`: what counts towards being warm, and nobody made up. */
const DECIDED = sql.raw(`s.actor_key = k.actor_key and s.counts and s.source = 'user_behavioral' and not s.synthetic`);

const REAL = sql`users u join actor_keys k on k.user_id = u.id
  where u.deleted_at is null and u.subject not like ${`${SHADOW_SUBJECT_PREFIX}%`}
    and exists (select from behavioral_signals s where ${DECIDED})`;

const hasTrips = (trips: number): SQL => sql`(
  select count(*) from (
    select from trip_members m join trips t on t.id = m.trip_id and t.status <> 'cancelled'
    where m.user_id = u.id and exists (select from behavioral_signals s where s.trip_id = m.trip_id and ${DECIDED})
    limit ${trips}) decided) >= ${trips}`;

export async function countRealUsers(database: Database, trips = PHASE_OUT.trips): Promise<RealUserCounts> {
  const { rows } = await database.execute<{ real: number; seasoned: number }>(
    sql`select count(*)::int as real, (count(*) filter (where ${hasTrips(trips)}))::int as seasoned from ${REAL}`,
  );
  return { realUsers: rows[0]!.real, seasonedUsers: rows[0]!.seasoned };
}

const GIVES_WAY: ReadonlySet<string> = new Set(SYNTHETIC_ORIGINS);

/**
 * For `trainingFactor` of rows of these sources: real users with three trips or more, counted no further than to where they
 * supersede the others. 0 without asking where no row is synthetic, for nothing depends on it then.
 */
export async function seasonedUsersFor(
  database: Database,
  sources: Iterable<SignalSource>,
  { trips, supersedeFrom }: Pick<PhaseOutThresholds, 'trips' | 'supersedeFrom'> = PHASE_OUT,
): Promise<number> {
  let asks = false;
  for (const source of sources) asks ||= GIVES_WAY.has(source);
  if (!asks) return 0;
  const { rows } = await database.execute<{ n: number }>(
    sql`select count(*)::int as n from (select from ${REAL} and ${hasTrips(trips)} limit ${supersedeFrom}) seasoned`,
  );
  return rows[0]!.n;
}
