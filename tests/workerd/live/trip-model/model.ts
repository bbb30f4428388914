/** What a trip is to be, told in the fewest words: what commands predict from, and what the trip is held against. */
import { Temporal } from 'temporal-polyfill';
import type { Ack, DurableMessage, PivotBody, PivotOutcome } from '../../../../core/live/messages.ts';
import type { TripBody } from '../../../../core/live/trip-body.ts';
import type { Guest } from '../../api/client.ts';
import type { Said } from '../live-client.ts';

export const TIME_ZONE = 'America/Los_Angeles';
const ARCHIVED_AFTER_MS = 7 * 24 * 3600_000;
/** So much of real time may pass between two commands without anything coming due. */
const REST_MS = 60_000;

export interface ModelSlot {
  id: string;
  day: number;
  status: string;
  venueId: string;
  startsAt: string;
  endsAt: string;
}

export interface ModelPivot {
  asker: string;
  request: Extract<Said, { type: 'trigger' }> & { id: string };
  body: PivotBody;
  /** The model's `changes` when it was made. */
  changes: number;
  /** By the object, which was emptied since. */
  forgotten: boolean;
  resolution: { response: PivotOutcome; optionId: string | null; seq: number } | null;
}

export interface Acknowledged {
  userId: string;
  said: Said & { id: string };
  ack: Ack;
}

export class TripModel {
  readonly guests: readonly Guest[];
  seq: number;
  status: string;
  readonly startDate: string;
  endDate: string;
  slots: ModelSlot[];
  members: { userId: string; role: string }[];
  /** Every event that was seen, from `seq` 2. */
  log: DurableMessage[] = [];
  /** The object has the events after this one. */
  logBegins = 1;
  pivots: ModelPivot[] = [];
  acks: Acknowledged[] = [];
  invites: { token: string; used: boolean }[] = [];
  /** What is to be in the log of signals, `type slot`. */
  signals: string[] = [];
  /** How often something happened that an option of a pivot may not survive. */
  changes = 0;
  endedAt: number | null = null;
  archived = false;
  #offset = 0;

  constructor(guests: readonly Guest[], trip: TripBody) {
    this.guests = guests;
    this.seq = trip.seq;
    this.status = trip.status;
    this.startDate = trip.start_date;
    this.endDate = trip.end_date;
    this.slots = slotsOf(trip);
    this.members = [{ userId: guests[0]!.id, role: 'organiser' }];
  }

  get ended(): boolean {
    return this.status !== 'planning' && this.status !== 'active';
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  setClock(time: number): void {
    this.#offset = time - Date.now();
  }

  isMember(userId: string): boolean {
    return this.members.some((member) => member.userId === userId);
  }

  /** 11 is somebody else; everything below, one of the members. */
  who(n: number): Guest {
    const strangers = this.guests.filter(({ id }) => !this.isMember(id));
    if (n === 11 && strangers.length > 0) return strangers[0]!;
    const { userId } = this.members[n % this.members.length]!;
    return this.guests.find(({ id }) => id === userId)!;
  }

  openPivots(): ModelPivot[] {
    return this.pivots.filter((pivot) => pivot.body.options.length > 0 && !pivot.resolution && !pivot.forgotten);
  }

  /** When something changes by itself, or may be done no more. Milliseconds since the epoch, ascending. */
  boundaries(): number[] {
    const days: number[] = [];
    for (let date = Temporal.PlainDate.from(this.startDate); ; date = date.add({ days: 1 })) {
      days.push(date.toZonedDateTime(TIME_ZONE).epochMilliseconds);
      if (date.toString() > this.endDate) break;
    }
    const slots = this.slots.flatMap(({ startsAt, endsAt }) => [Date.parse(startsAt), Date.parse(endsAt)]);
    const pivots = this.openPivots().map(({ body }) => Date.parse(body.expires_at));
    return [...days, ...slots, ...pivots, ...this.#archive()].sort((a, b) => a - b);
  }

  /** The first moment from `time` on after which nothing comes due for a while. */
  restFrom(time: number): number {
    return this.boundaries().reduce((at, due) => (due > at && due - at < REST_MS ? due : at), time);
  }

  /** With a margin: the object counts from its own moment, a little after ours. */
  #archive(): number[] {
    return this.endedAt === null || this.archived ? [] : [this.endedAt + ARCHIVED_AFTER_MS + REST_MS];
  }

  get archivesAt(): number {
    return this.#archive()[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The calendar and the pivots nobody answered, up to now. Each of them is one event. */
  passTime(): void {
    const midnight = (date: string, days = 0) =>
      Temporal.PlainDate.from(date).add({ days }).toZonedDateTime(TIME_ZONE).epochMilliseconds;
    const now = this.now();
    if (this.status === 'planning' && midnight(this.startDate) <= now) this.#become('active');
    if (this.status === 'active' && midnight(this.endDate, 1) <= now) this.#become('completed');
    for (const pivot of this.openPivots()) {
      if (Date.parse(pivot.body.expires_at) > now) continue;
      this.seq += 1;
      pivot.resolution = { response: 'ignore', optionId: null, seq: this.seq };
      this.signals.push('pivot_ignore');
    }
    if (now < this.archivesAt) return;
    // What only the object knew is gone with it, its clock too.
    this.archived = true;
    this.endedAt = null;
    this.logBegins = this.seq;
    this.acks = [];
    this.invites = [];
    for (const pivot of this.pivots) pivot.forgotten = true;
    this.#offset = 0;
  }

  /** An ended trip that has left its object, and is changed after all. */
  comeBack(): void {
    this.archived = false;
    this.endedAt = this.now();
  }

  #become(status: string): void {
    this.seq += 1;
    this.end(status);
  }

  /** Takes over a status. */
  end(status: string): void {
    this.status = status;
    if (this.ended) this.endedAt ??= this.now();
  }
}

export const slotsOf = (trip: TripBody): ModelSlot[] =>
  trip.days.flatMap(({ day, slots }) =>
    slots.map(({ id, status, venue, starts_at, ends_at }) => ({
      id,
      day,
      status,
      venueId: venue.id,
      startsAt: starts_at,
      endsAt: ends_at,
    })),
  );
