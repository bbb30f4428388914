/** What the object does when time has passed. Every step follows from the state, so that firing twice does nothing twice. */
import { nextStatus } from '../core/live/trip-course.ts';
import { tripStatus } from '../core/live/trip-events.ts';
import { openDatabase } from '../platform/database/client.ts';
import { projectTrip } from '../platform/database/trip-projection.ts';
import { sendOutbox } from '../platform/queue/outbox-message.ts';
import { readSettings } from '../platform/settings.ts';
import type { Clock } from './clock.ts';
import type { LiveSockets } from './live-sockets.ts';
import type { PivotDesk } from './pivot-desk.ts';
import { type Timer, type TimerKind, timers } from './timers.ts';
import type { TripKeeper } from './trip-keeper.ts';

/** After a step that failed for another reason than its own backoff. */
const RETRY_MS = 60_000;

/** What changes within such a time leaves together: one alarm, one message a queue, one projection. */
export const GATHERED_MS = 1_000;

export interface AlarmParts {
  storage: DurableObjectStorage;
  clock: Clock;
  keeper: TripKeeper;
  pivots: PivotDesk;
  sockets: LiveSockets;
  env: () => Cloudflare.Env;
}

export class TripAlarm {
  readonly #parts: AlarmParts;
  /** What this incarnation of the object set the alarm to, the platform's time; null once it fired. */
  #ringsAt: number | null = null;

  constructor(parts: AlarmParts) {
    this.#parts = parts;
  }

  /** To the first timer. Not awaited by its callers: the platform holds their answers back until the write is durable. */
  set(notBefore = 0): void {
    const due = this.#timers()[0]?.due;
    if (due !== undefined) this.#ring(Math.max(notBefore, this.#parts.clock.alarmTime(due)));
  }

  /** After a change: something is to be sent. The other timers are looked at when the alarm fires, which is soon. */
  setAfterChange(): void {
    const at = Date.now() + GATHERED_MS;
    if (this.#ringsAt === null || this.#ringsAt > at) this.#ring(at);
  }

  #ring(at: number): void {
    this.#ringsAt = at;
    void this.#parts.storage.setAlarm(at);
  }

  async fired(): Promise<void> {
    this.#ringsAt = null;
    const steps: Record<TimerKind, () => void | Promise<void>> = {
      status: () => this.#followCalendar(),
      pivot_expiry: () => this.#parts.pivots.expire(),
      token_expiry: () => this.#parts.sockets.closeExpired(),
      outbox: () => this.#drain(),
      archive: () => this.#archive(),
    };
    let failed = false;
    let due = this.#due();
    for (const kind of Object.keys(steps) as TimerKind[]) {
      if (!due.has(kind)) continue;
      try {
        await steps[kind]();
      } catch (error) {
        // The platform retries an alarm that throws six times, and never again: the alarm is set anew instead.
        failed = true;
        console.log(JSON.stringify({ event: 'timer_failed', timer: kind, error: String(error) }));
      }
      // What the step did may have made others due.
      due = this.#due();
    }
    this.set(failed ? Date.now() + RETRY_MS : 0);
  }

  #due(): Set<TimerKind> {
    const now = this.#parts.clock.now();
    return new Set(this.#timers().flatMap(({ kind, due }) => (due <= now ? [kind] : [])));
  }

  #timers(): Timer[] {
    const { keeper, pivots, sockets, clock } = this.#parts;
    const trip = keeper.here;
    // An object that holds nothing waits for nothing, and stores nothing.
    if (!trip && !keeper.gone) return [];
    return timers({
      trip,
      pivotExpiry: trip && pivots.store.nextExpiry(),
      tokenExpiry: sockets.nextExpiry(),
      outbox: keeper.outbox.due(clock.now()),
      endedAt: trip && keeper.endedAt,
    });
  }

  #followCalendar(): void {
    const { keeper, clock } = this.#parts;
    for (let trip = keeper.here; trip; trip = keeper.here) {
      const next = nextStatus(trip);
      if (!next || next.due > clock.now()) return;
      const after = { ...trip, status: next.status, seq: trip.seq + 1 };
      keeper.commit(trip, after, tripStatus(trip, after, null));
    }
  }

  async #drain(): Promise<void> {
    const { keeper, clock, env } = this.#parts;
    await keeper.outbox.drain((messages) => sendOutbox(env(), messages), clock.now());
  }

  /** Postgres is told for a last time, and listened to: only what it holds may go from here. */
  async #archive(): Promise<void> {
    const { keeper, sockets, clock, env } = this.#parts;
    const trip = keeper.here;
    if (!trip) return;
    const database = openDatabase(readSettings(env()).databaseUrl);
    await projectTrip(database, trip, new Date(clock.now()), keeper.rankings.all());
    if (keeper.here !== trip || keeper.outbox.due(clock.now()) !== null) throw new Error('the trip is not at rest');
    sockets.closeAll(1001, 'the trip is archived');
    await keeper.empty();
  }
}
