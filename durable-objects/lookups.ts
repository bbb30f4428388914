/** What a trip's object asks of others: of Postgres, and of the vector index. */
import type { Trip } from '../core/itinerary/trip.ts';
import type { ScoredVenue } from '../core/pivot/pivot.ts';
import type { Venue } from '../core/venue/venue.ts';
import { openDatabase } from '../platform/database/client.ts';
import { loadTrip } from '../platform/database/trips.ts';
import { venuesById } from '../platform/database/venues.ts';
import { moodCandidates } from '../platform/ranking/mood-candidates.ts';
import { readSettings } from '../platform/settings.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';

export class Lookups {
  readonly #env: () => Cloudflare.Env;

  /** `env`: read when it is needed: a binding is the environment's, not the object's. */
  constructor(env: () => Cloudflare.Env) {
    this.#env = env;
  }

  /** The trip as Postgres has it; null where there is none. */
  trip(id: string): Promise<Trip | null> {
    return loadTrip(openDatabase(this.#settings.databaseUrl), id);
  }

  /** A venue of the trip's city: one that the trip knows, or one that the database has. */
  async venue(trip: Trip, id: string): Promise<Venue | null> {
    const known = trip.venues[id];
    if (known) return known;
    return (await venuesById(openDatabase(this.#settings.databaseUrl), [id], trip.city.id)).get(id) ?? null;
  }

  /** For a member's mood, around where the travellers are. Null where no search can be made: then what the trip stores has to do. */
  async moodCandidates(trip: Trip, userId: string, date: string): Promise<ScoredVenue[] | null> {
    try {
      const settings = this.#settings;
      const database = openDatabase(settings.databaseUrl);
      const vectors = openVectorIndex(settings, database);
      return await moodCandidates({ database, vectors }, trip, userId, date);
    } catch (error) {
      console.log(JSON.stringify({ event: 'mood_search_failed', trip_id: trip.id, error: String(error) }));
      return null;
    }
  }

  get #settings() {
    return readSettings(this.#env());
  }
}
