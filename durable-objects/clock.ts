/** What time it is for an object: the platform's time, moved in tests so that they reach every state. */
import { timeIn } from '../core/itinerary/local-time.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import type { LocalNow } from '../core/itinerary/trip-changes.ts';

const OFFSET = 'clock_offset';

export class Clock {
  readonly #storage: DurableObjectStorage;
  readonly #movable: boolean;
  /** As storage has it; null until it is read. */
  #offset: number | null = null;

  /** `movable`: never in production. */
  constructor(storage: DurableObjectStorage, movable: boolean) {
    this.#storage = storage;
    this.#movable = movable;
  }

  /** Milliseconds since the epoch. May go backwards: whoever compares times must not mind. */
  now(): number {
    if (!this.#movable) return Date.now();
    this.#offset ??= this.#storage.kv.get<number>(OFFSET) ?? 0;
    return Date.now() + this.#offset;
  }

  /** Where the trip is. */
  localNow({ city }: Trip): LocalNow {
    return timeIn(city.timeZone, this.now());
  }

  /** From now on it is `time`, and goes on from there; null: the platform's time. Throws in production. */
  set(time: number | null): void {
    if (!this.#movable) throw new Error('the clock is not moved in production');
    this.#offset = time === null ? 0 : time - Date.now();
    this.#storage.kv.put(OFFSET, this.#offset);
  }

  /** After the storage was emptied. */
  forget(): void {
    this.#offset = null;
  }

  /** The platform's time of an instant of this clock: when an alarm is to fire. Never in the past. */
  alarmTime(due: number): number {
    return Date.now() + Math.max(0, due - this.now());
  }
}
