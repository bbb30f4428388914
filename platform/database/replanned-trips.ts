/** A trip planned anew, in Postgres. */
import type { Trip } from '../../core/itinerary/trip.ts';
import type { Database } from './client.ts';
import { behavioralSignals, rankingEvents } from './schema/index.ts';
import { type NewTrip, projectWithin } from './trips.ts';

export type ReplannedTrip = Pick<NewTrip, 'candidateSet' | 'rankingEvents' | 'now'>;

/**
 * One transaction: the candidate log, what refers to it (invariant 1) and the projection of the trip. `takeOver` gives the
 * plan to the trip's object in the midst of it: what it rejects with leaves nothing here, and the object takes nothing
 * that could not be logged.
 */
export async function storeReplanned(
  database: Database,
  made: ReplannedTrip,
  takeOver: () => Promise<Trip>,
): Promise<Trip> {
  return database.transaction(async (tx) => {
    await tx.insert(behavioralSignals).values(made.candidateSet);
    await tx.insert(rankingEvents).values(made.rankingEvents);
    const trip = await takeOver();
    await projectWithin(tx, trip, made.now);
    return trip;
  });
}
