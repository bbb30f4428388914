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
  const [signals, venues, counted] = await database.batch([
    database.execute<{ signal: LearnableSignal }>(latestJudgements(actorKey, LATEST)),
    selectVenues(database, latestJudgedVenues(actorKey, LATEST)),
    database.execute<{ trips: string }>(sql`
      select count(*) as trips from trip_members m join trips t on t.id = m.trip_id
      where m.user_id = ${userId} and t.id <> ${exceptTrip} and t.status <> 'cancelled'`),
  ]);
  const choices = signals.rows
    .map(({ signal }) => signal)
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
  return { choices, venues: venuesOfRows(venues), trips: Number(counted.rows[0]?.trips ?? 0) };
}
