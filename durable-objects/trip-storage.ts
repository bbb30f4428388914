/** A trip in its object's SQLite storage: a row a slot and a venue, so that a change writes only what it touched. */
import type { Trip, TripSlot } from '../core/itinerary/trip.ts';
import type { Venue } from '../core/venue/venue.ts';

type Header = Omit<Trip, 'slots' | 'venues'>;

const TABLES = [
  'CREATE TABLE IF NOT EXISTS trip (only INTEGER PRIMARY KEY CHECK (only = 1), header TEXT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS slots (id TEXT PRIMARY KEY, day INTEGER NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS venues (id TEXT PRIMARY KEY, body TEXT NOT NULL)',
];

export class TripStorage {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** Null before the first `write`: an object that was only asked for a trip that does not exist stores nothing. */
  read(): Trip | null {
    const made = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'trip'").toArray();
    if (made.length === 0) return null;
    const [row] = this.#sql.exec<{ header: string }>('SELECT header FROM trip').toArray();
    if (!row) return null;
    const slots = this.#sql.exec<{ body: string }>('SELECT body FROM slots ORDER BY day, position').toArray();
    const venues = this.#sql.exec<{ id: string; body: string }>('SELECT id, body FROM venues').toArray();
    return {
      ...(JSON.parse(row.header) as Header),
      slots: slots.map(({ body }) => JSON.parse(body) as TripSlot),
      venues: Object.fromEntries(venues.map(({ id, body }) => [id, JSON.parse(body) as Venue])),
    };
  }

  /** All that differs from `before`, which is what `read` would give; slots and venues are compared by identity. */
  write(trip: Trip, before: Trip | null): void {
    if (!before) for (const table of TABLES) this.#sql.exec(table);
    const { slots, venues, ...header } = trip;
    this.#sql.exec('INSERT OR REPLACE INTO trip (only, header) VALUES (1, ?)', JSON.stringify(header));
    const known = new Set(before?.slots);
    const kept = new Set(slots.map((slot) => slot.id));
    for (const slot of slots) {
      if (known.has(slot)) continue;
      this.#sql.exec(
        'INSERT OR REPLACE INTO slots (id, day, position, body) VALUES (?, ?, ?, ?)',
        slot.id,
        slot.dayNumber,
        slot.order,
        JSON.stringify(slot),
      );
    }
    for (const slot of before?.slots ?? [])
      if (!kept.has(slot.id)) this.#sql.exec('DELETE FROM slots WHERE id = ?', slot.id);
    for (const [id, venue] of Object.entries(venues)) {
      if (before?.venues[id] === venue) continue;
      this.#sql.exec('INSERT OR REPLACE INTO venues (id, body) VALUES (?, ?)', id, JSON.stringify(venue));
    }
  }
}
