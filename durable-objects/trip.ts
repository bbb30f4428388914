/**
 * The trip's Durable Object: from the making of a trip to its archive, the one place where it is read and changed.
 * Postgres follows it through the outbox.
 */
import { DurableObject } from 'cloudflare:workers';
import { dateIn, minutesInto } from '../core/itinerary/local-time.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import {
  actOnSlot,
  type ChangeProblem,
  type ChangeResult,
  changeTrip,
  type LocalNow,
  type SlotAction,
  type TripChange,
} from '../core/itinerary/trip-changes.ts';
import type { Venue } from '../core/venue/venue.ts';
import { openDatabase } from '../platform/database/client.ts';
import { loadTrip } from '../platform/database/trips.ts';
import { venuesById } from '../platform/database/venues.ts';
import { type Job, sendJobs } from '../platform/queue/jobs.ts';
import { readSettings } from '../platform/settings.ts';
import { Outbox } from './outbox.ts';
import { TripStorage } from './trip-storage.ts';

export type TripProblem =
  | ChangeProblem
  /** No such trip, or not one of the asker's: the two look alike from outside. */
  | { code: 'trip_not_found' }
  | { code: 'venue_not_found' }
  | { code: 'organiser_only' };

export type TripAnswer = { ok: true; trip: Trip } | { ok: false; problem: TripProblem };

const NOT_FOUND: TripAnswer = { ok: false, problem: { code: 'trip_not_found' } };
const DELETED = 'deleted';

export class TripObject extends DurableObject<Cloudflare.Env> {
  readonly #stored: TripStorage;
  readonly #outbox: Outbox;
  #trip: Trip | null = null;
  #loading: Promise<Trip | null> | null = null;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#stored = new TripStorage(ctx.storage);
    this.#outbox = new Outbox(ctx.storage.sql);
  }

  /** A trip that Postgres has just been given, so that the first read need not fetch it. Ignored where there is one. */
  adopt(trip: Trip): void {
    if (this.#trip || this.#gone() || this.#stored.read()) return;
    this.ctx.storage.transactionSync(() => this.#stored.write(trip, null));
    this.#trip = trip;
  }

  /** The trip, for a member of it. */
  async read(userId: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    return trip ? { ok: true, trip } : NOT_FOUND;
  }

  /** `venueId`: what a swap is to bring; the best feasible alternative where it is left out. */
  async actOnSlot(userId: string, slotId: string, action: SlotAction, venueId?: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const wanted = venueId === undefined ? undefined : await this.#venue(trip, venueId);
    if (wanted === null) return { ok: false, problem: { code: 'venue_not_found' } };
    // The trip may have moved on while the venue was looked up: decide on what it is now.
    return this.#apply((current) => actOnSlot(current, slotId, action, this.#now(current), wanted));
  }

  async change(userId: string, change: TripChange): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    return this.#apply((current) => changeTrip(current, change, this.#now(current)));
  }

  /** Gone at once for everybody; Postgres follows. Only the organiser may. */
  async remove(userId: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const organiser = trip.members.some((member) => member.userId === userId && member.role === 'organiser');
    if (!organiser) return { ok: false, problem: { code: 'organiser_only' } };
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.kv.put(DELETED, true);
      this.#outbox.add({ v: 1, id: `delete:${trip.id}`, kind: 'delete_trip', tripId: trip.id });
    });
    this.#trip = null;
    await this.#wakeSoon();
    return { ok: true, trip };
  }

  /** For the projection: what Postgres is to say; null where there is nothing to say (any more). */
  async snapshot(): Promise<Trip | null> {
    return this.#load();
  }

  /** After Postgres forgot a deleted trip: the object forgets it too. */
  async forget(): Promise<void> {
    if (!this.#gone()) return;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    const again = await this.#outbox.drain((jobs: Job[]) => sendJobs(this.env.JOBS, jobs));
    if (again !== null) await this.ctx.storage.setAlarm(Date.now() + again);
  }

  #apply(decide: (trip: Trip) => ChangeResult): TripAnswer {
    const before = this.#trip;
    if (!before) return NOT_FOUND;
    const result = decide(before);
    if (!result.ok) return result;
    const { trip } = result;
    this.ctx.storage.transactionSync(() => {
      this.#stored.write(trip, before);
      this.#outbox.add({ v: 1, id: `project:${trip.id}:${trip.seq}`, kind: 'project_trip', tripId: trip.id });
    });
    this.#trip = trip;
    // Not awaited: the platform holds the answer back until the write is durable.
    void this.#wakeSoon();
    return { ok: true, trip };
  }

  async #wakeSoon(): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    const now = Date.now();
    if (set === null || set > now) await this.ctx.storage.setAlarm(now);
  }

  #now(trip: Trip): LocalNow {
    const now = Date.now();
    const date = dateIn(trip.city.timeZone, now);
    return { date, minutes: minutesInto(date, trip.city.timeZone, now) };
  }

  async #tripOf(userId: string): Promise<Trip | null> {
    const trip = await this.#load();
    return trip?.members.some((member) => member.userId === userId) ? trip : null;
  }

  /** From memory, from storage, or, when it is first touched, from Postgres. */
  async #load(): Promise<Trip | null> {
    if (this.#trip) return this.#trip;
    if (this.#gone()) return null;
    this.#trip = this.#stored.read();
    if (this.#trip) return this.#trip;
    this.#loading ??= this.#fetch(this.ctx.id.name ?? '').finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #fetch(tripId: string): Promise<Trip | null> {
    const trip = await loadTrip(openDatabase(readSettings(this.env).databaseUrl), tripId);
    if (trip) this.adopt(trip);
    return this.#trip;
  }

  #gone(): boolean {
    return this.ctx.storage.kv.get(DELETED) === true;
  }

  /** A venue of the trip's city: one that the trip knows, or one that the database has. */
  async #venue(trip: Trip, venueId: string): Promise<Venue | null> {
    const known = trip.venues[venueId];
    if (known) return known;
    const database = openDatabase(readSettings(this.env).databaseUrl);
    return (await venuesById(database, [venueId], trip.city.id)).get(venueId) ?? null;
  }
}
