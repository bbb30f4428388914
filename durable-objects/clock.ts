/** What time it is for an object: the platform's time, moved in tests so that they reach every state. */
import { timeIn } from '../core/itinerary/local-time.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import type { LocalNow } from '../core/itinerary/trip-changes.ts';

const OFFSET = 'clock_offset';

export class Clock {
  readonly #storage: DurableObjectStorage;
  readonly #movable: boolean;

  /** `movable`: never in production. */
  constructor(storage: DurableObjectStorage, movable: boolean) {
    this.#storage = storage;
    this.#movable = movable;
  }

  /** Milliseconds since the epoch. May go backwards: whoever compares times must not mind. */
  now(): number {
    return Date.now() + (this.#movable ? (this.#storage.kv.get<number>(OFFSET) ?? 0) : 0);
  }

  /** Where the trip is. */
  localNow({ city }: Trip): LocalNow {
    return timeIn(city.timeZone, this.now());
  }

  /** From now on it is `time`, and goes on from there; null: the platform's time. Throws in production. */
  set(time: number | null): void {
    if (!this.#movable) throw new Error('the clock is not moved in production');
    this.#storage.kv.put(OFFSET, time === null ? 0 : time - Date.now());
  }

  /** The platform's time of an instant of this clock: when an alarm is to fire. Never in the past. */
  alarmTime(due: number): number {
    return Date.now() + Math.max(0, due - this.now());
  }
}
