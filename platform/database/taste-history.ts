/** What a warm traveller did so far, as the trained rankers read it: up to this moment, not up to the last night. */
import { sql } from 'drizzle-orm';
import type { PastChoice } from '../../core/ranking/ml-ranker.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Database } from './client.ts';
import { type LearnableSignal, latestJudgedVenues, latestJudgements } from './persona-learning.ts';
import { selectVenues, venuesOfRows } from './venues.ts';

/** The longest history that a model reads. */
const LATEST = 100;

export interface TasteHistory {
  /** Oldest first. */
  choices: PastChoice[];
  /** The venues of the choices, by id, as far as the catalogue has them. */
  venues: ReadonlyMap<string, Venue>;
  /** Trips that the traveller was a member of when this was asked, but for cancelled ones and the one that is planned. */
  trips: number;
}

/** Who only lingered neither took a place nor refused it. */
const UNDECIDED = 'slot_linger';

const isDayPart = (text: unknown): text is DayPart => (DAY_PARTS as readonly unknown[]).includes(text);

/** @param exceptTrip the trip that the ranking is for */
export async function tasteHistory(
  database: Database,
  { userId, actorKey, exceptTrip }: { userId: string; actorKey: string; exceptTrip: string },
): Promise<TasteHistory> {
  // Two statements side by side and no transaction: what comes in between them is a choice more, or a venue more.
  const [past, venues] = await Promise.all([
    database.execute<{ signals: LearnableSignal[]; trips: string }>(sql`
      select (select coalesce(jsonb_agg(signal), '[]') from (${latestJudgements(actorKey, LATEST)}) oldest_first) as signals,
        (select count(*) from trip_members m join trips t on t.id = m.trip_id
          where m.user_id = ${userId} and t.id <> ${exceptTrip} and t.status <> 'cancelled') as trips`),
    selectVenues(database, latestJudgedVenues(actorKey, LATEST)),
  ]);
  const { signals, trips } = past.rows[0]!;
  const choices = signals
    .filter(({ type }) => type !== UNDECIDED)
    .flatMap((signal) => {
      const { day_of_trip: day, day_part: part } = signal.context;
      return verdictsOf(signal).map(({ venueId, accepted }) => ({
        venueId,
        accepted,
        at: Date.parse(signal.occurredAt),
        tripDay: typeof day === 'number' ? day : null,
        dayPart: isDayPart(part) ? part : null,
      }));
    });
  return { choices, venues: venuesOfRows(venues), trips: Number(trips) };
}
