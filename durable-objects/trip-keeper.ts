/** The trip of an object: in memory and storage, changed in one way only. */
import type { Trip } from '../core/itinerary/trip.ts';
import { ENDED } from '../core/itinerary/trip-changes.ts';
import { type DurableMessage, type EventDraft, MESSAGE_VERSION } from '../core/live/messages.ts';
import type { OutboxMessage } from '../platform/queue/outbox-message.ts';
import type { Clock } from './clock.ts';
import { EventLog } from './event-log.ts';
import { forgetTables } from './lazy-table.ts';
import { Outbox } from './outbox.ts';
import { TripStorage } from './trip-storage.ts';
import { UnloggedRankings } from './unlogged-rankings.ts';

const DELETED = 'deleted';
const ENDED_AT = 'ended_at';

export interface Effects {
  /** What leaves the object besides the projection. */
  send?: readonly OutboxMessage[] | undefined;
  /** Storage that belongs to the change; runs in its transaction. */
  within?: ((seq: number) => void) | undefined;
}

export interface Keeping {
  storage: DurableObjectStorage;
  clock: Clock;
  /** The trip as Postgres has it. */
  fetch: () => Promise<Trip | null>;
  /** After each change, with the message that tells of it; null where nobody watching needs to know. */
  changed: (message: string | null) => void;
}

export class TripKeeper {
  readonly log: EventLog;
  readonly outbox: Outbox;
  readonly rankings: UnloggedRankings;
  readonly #stored: TripStorage;
  readonly #with: Keeping;
  #trip: Trip | null = null;
  #isStored = false;
  #loading: Promise<Trip | null> | null = null;

  constructor(keeping: Keeping) {
    this.#with = keeping;
    this.#stored = new TripStorage(keeping.storage);
    this.log = new EventLog(keeping.storage.sql);
    this.outbox = new Outbox(keeping.storage);
    this.rankings = new UnloggedRankings(keeping.storage);
  }

  /** What is in memory or in storage; Postgres is not asked. */
  get here(): Trip | null {
    if (this.#trip || this.gone) return this.#trip;
    this.#trip = this.#stored.read();
    this.#isStored = this.#trip !== null;
    return this.#trip;
  }

  get gone(): boolean {
    return this.#with.storage.kv.get(DELETED) === true;
  }

  /** When the trip ended; null while it has not, and where storage does not hold it. */
  get endedAt(): number | null {
    return this.#with.storage.kv.get<number>(ENDED_AT) ?? null;
  }

  /** From memory, from storage, or, when the object is first touched, from Postgres. */
  async load(): Promise<Trip | null> {
    if (this.here || this.gone) return this.here;
    this.#loading ??= this.#with.fetch().finally(() => {
      this.#loading = null;
    });
    const trip = await this.#loading;
    if (trip) this.adopt(trip);
    return this.here;
  }

  /** Takes over what Postgres has. Ignored where there is a trip. One that is over is kept in memory only: it was archived. */
  adopt(trip: Trip): void {
    if (this.here || this.gone) return;
    if (!ENDED.has(trip.status)) this.#store(trip);
    this.#trip = trip;
  }

  #store(trip: Trip): void {
    this.#atomically(() => this.#stored.write(trip, null));
    this.#isStored = true;
  }

  /**
   * Trip, event and effects in one transaction. `after` is what became of `before`, which must be the present trip, and
   * its `seq` is the next one. Returns that `seq`.
   */
  commit(before: Trip, after: Trip, draft: EventDraft, { send = [], within }: Effects = {}): number {
    if (before !== this.here || after.seq !== before.seq + 1)
      throw new Error('a change of another trip than the present');
    const { storage, clock } = this.#with;
    const { seq } = after;
    const at = clock.now();
    if (!this.#isStored) this.#store(before);
    const message = this.#atomically(() => {
      this.#stored.write(after, before);
      if (ENDED.has(after.status) && this.endedAt === null) storage.kv.put(ENDED_AT, at);
      this.outbox.add({ v: 1, id: `project:${after.id}:${seq}`, kind: 'project_trip', tripId: after.id });
      for (const sent of send) this.outbox.add(sent);
      within?.(seq);
      return this.log.append({
        v: MESSAGE_VERSION,
        seq,
        at: new Date(at).toISOString(),
        ...draft,
      } as DurableMessage);
    });
    this.#trip = after;
    this.#with.changed(message);
    return seq;
  }

  /** What the trip does not show of itself: no event, no new `seq`. `trip`: the present one as it is kept from now on. */
  note({ send = [], within, trip }: { send?: readonly OutboxMessage[]; within?: () => void; trip?: Trip }): void {
    const before = this.here;
    const kept = trip && before && trip !== before ? trip : null;
    if (kept && !this.#isStored) this.#store(before!);
    this.#atomically(() => {
      if (kept) this.#stored.write(kept, before);
      for (const sent of send) this.outbox.add(sent);
      within?.();
    });
    if (kept) this.#trip = kept;
    if (send.length > 0) this.#with.changed(null);
  }

  /** Gone at once for everybody; Postgres follows. */
  remove(trip: Trip): void {
    const { storage } = this.#with;
    this.#atomically(() => {
      storage.kv.put(DELETED, true);
      this.outbox.add({ v: 1, id: `delete:${trip.id}`, kind: 'delete_trip', tripId: trip.id });
    });
    this.#trip = null;
  }

  /** Storage is freed; what the trip was, Postgres says. */
  async empty(): Promise<void> {
    const { storage, clock } = this.#with;
    await storage.deleteAlarm();
    await storage.deleteAll();
    forgetTables(storage.sql);
    clock.forget();
    this.#trip = null;
    this.#isStored = false;
  }

  #atomically<Result>(work: () => Result): Result {
    const { storage } = this.#with;
    try {
      return storage.transactionSync(work);
    } catch (error) {
      // Tables that it made are gone with it.
      forgetTables(storage.sql);
      throw error;
    }
  }
}
