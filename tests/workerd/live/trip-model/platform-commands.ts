/** What the platform does to a trip's object, and time, and clients that come back or say things twice. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import type { ServerMessage } from '../../../../core/live/messages.ts';
import type { TripObject } from '../../../../durable-objects/trip.ts';
import type { Delivering, QueueFault } from '../held-queues.ts';
import { watch } from '../live-client.ts';
import { check } from './check.ts';
import type { TripModel } from './model.ts';
import { inTime, type RealTrip } from './real-trip.ts';
import { type Command, person, type Way, way } from './slot-commands.ts';

abstract class Always implements Command {
  check(_: Readonly<TripModel>): boolean {
    return true;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    await this.act(model, real);
    await check(model, real);
  }

  abstract act(model: TripModel, real: RealTrip): Promise<void>;
}

class Evict extends Always {
  act(_: TripModel, real: RealTrip): Promise<void> {
    return evictDurableObject(real.object);
  }

  override toString = () => 'the object leaves memory';
}

class Alarm extends Always {
  readonly #times: number;

  constructor(times: number) {
    super();
    this.#times = times;
  }

  /** The handler itself: also where no alarm is set any more, as when the platform comes a second time. */
  async act(_: TripModel, real: RealTrip): Promise<void> {
    for (let i = 0; i < this.#times; i += 1) {
      await runInDurableObject(real.object, (instance: TripObject) => instance.alarm());
    }
  }

  override toString = () => `the alarm fires ${this.#times} times`;
}

class Deliver extends Always {
  readonly #how: Delivering;

  constructor(how: Delivering) {
    super();
    this.#how = how;
  }

  act(_: TripModel, real: RealTrip): Promise<void> {
    return real.queues.deliver(real.id, this.#how);
  }

  override toString = () => `the queues are drained ${JSON.stringify(this.#how)}`;
}

class BreakQueues extends Always {
  readonly #fault: QueueFault;

  constructor(fault: QueueFault) {
    super();
    this.#fault = fault;
  }

  async act(_: TripModel, real: RealTrip): Promise<void> {
    real.queues.fault = this.#fault;
  }

  override toString = () => `queues that take nothing: ${this.#fault}`;
}

const MOVES = ['next', 'next but one', 'end', 'archive', 'a little back', 'a day back', 'far back'] as const;
type Move = (typeof MOVES)[number];

/** Moves the clock, and waits for what comes of it. */
export async function moveClock(model: TripModel, real: RealTrip, wanted: number): Promise<void> {
  const time = model.restFrom(wanted);
  // While a queue is down the object cannot be at rest, and stays.
  if (real.queues.fault !== 'none' && time >= model.archivesAt) return;
  model.setClock(time);
  const wasArchived = model.archived;
  model.passTime();
  await real.stub.setClock(time);
  await runDurableObjectAlarm(real.object);
  await real.follow(model);
  if (wasArchived || !model.archived) return;
  await vi.waitFor(async () => expect(await tablesOf(real)).toEqual([]), { timeout: 30_000, interval: 10 });
  for (const userId of [...real.sockets.keys()]) await real.closedOut(userId, 1001);
}

const tablesOf = ({ object }: RealTrip) =>
  runInDurableObject(object, (_: TripObject, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
  );

class MoveClock extends Always {
  readonly #move: Move;

  constructor(move: Move) {
    super();
    this.#move = move;
  }

  override check(model: Readonly<TripModel>): boolean {
    return !model.archived;
  }

  act(model: TripModel, real: RealTrip): Promise<void> {
    const now = model.now();
    const ahead = model.boundaries().filter((due) => due > now);
    const minute = 60_000;
    const to: Record<Move, number> = {
      next: ahead[0] ?? now,
      'next but one': ahead[1] ?? now,
      end: ahead.at(-1) ?? now,
      archive: Number.isFinite(model.archivesAt) ? model.archivesAt : now,
      'a little back': now - 10 * minute,
      'a day back': now - 24 * 60 * minute,
      'far back': now - 10 * 24 * 60 * minute,
    };
    return moveClock(model, real, to[this.#move]);
  }

  override toString = () => `the clock moves: ${this.#move}`;
}

const SINCES = ['right', 'old', 'first', 'zero', 'to come', 'nonsense', 'none'] as const;
type Since = (typeof SINCES)[number];

class Reconnect extends Always {
  readonly #who: number;
  readonly #since: Since;

  constructor(who: number, since: Since) {
    super();
    this.#who = who;
    this.#since = since;
  }

  async act(model: TripModel, real: RealTrip): Promise<void> {
    const { id, token } = model.who(this.#who);
    const { seq } = model;
    const since = {
      right: seq,
      old: Math.max(1, seq - 3),
      first: 1,
      zero: 0,
      'to come': seq + 1,
      nonsense: 'x',
      none: undefined,
    }[this.#since];
    if (!model.isMember(id)) return expect(watch(real.id, token, since)).rejects.toThrow('trip_not_found');
    real.sockets.get(id)?.close();
    const socket = await watch(real.id, token, since);
    real.sockets.set(id, socket);
    await inTime('presence', socket.first('presence'));
    const said = socket.received.filter(({ type }) => type !== 'presence');
    const known = typeof since === 'number' && since <= seq && (since >= model.logBegins || since === seq);
    const snapshot: ServerMessage = { v: 1, type: 'snapshot', seq, trip: real.replica };
    expect(said).toEqual(known ? model.log.filter((event) => event.seq > since) : [snapshot]);
  }

  override toString = () => `member ${this.#who} comes back with since: ${this.#since}`;
}

/** Something that was acknowledged is said again, with other words: it is the id that counts. */
class SayAgain implements Command {
  readonly #nth: number;
  readonly #way: Way;

  constructor(nth: number, by: Way) {
    this.#nth = nth;
    this.#way = by;
  }

  check(model: Readonly<TripModel>): boolean {
    return this.#way === 'socket' ? this.#acks(model).length > 0 : this.#pivots(model).length > 0;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guestOf = (userId: string) => model.guests.find(({ id }) => id === userId)!;
    if (this.#way === 'socket') {
      const acks = this.#acks(model);
      const { userId, said, ack } = acks.at(-1 - (this.#nth % acks.length))!;
      const other = said.type === 'slot_action' ? { ...said, action: 'skip' as const, venue_id: undefined } : said;
      expect(await real.tell(guestOf(userId), model, other)).toEqual({ code: null, body: ack });
    } else {
      const pivots = this.#pivots(model);
      const { asker, request, body } = pivots.at(-1 - (this.#nth % pivots.length))!;
      const { type: _, ...json } = request;
      expect(await real.http(guestOf(asker), 'POST', '/pivot', json)).toEqual({ code: null, body });
    }
    await check(model, real);
  }

  #acks = (model: Readonly<TripModel>) => model.acks.filter(({ userId }) => model.isMember(userId));

  #pivots = (model: Readonly<TripModel>) =>
    model.pivots.filter(({ asker, forgotten }) => !forgotten && model.isMember(asker));

  toString(): string {
    return `${this.#way}: acknowledged command ${this.#nth} is said again`;
  }
}

export const evict = fc.constant(null).map(() => new Evict());
export const alarm = fc.integer({ min: 1, max: 2 }).map((times) => new Alarm(times));
export const deliver = fc
  .record<Delivering>({ twice: fc.boolean(), halfFails: fc.boolean(), again: fc.boolean(), seed: fc.nat() })
  .map((how) => new Deliver(how));
export const breakQueues = fc
  .constantFrom<QueueFault>('none', 'both', 'signals')
  .map((fault) => new BreakQueues(fault));
export const clock = fc
  .constantFrom<Move>('next', 'next', 'next', 'next but one', 'a little back', ...MOVES)
  .map((move) => new MoveClock(move));
export const reconnect = fc.tuple(person, fc.constantFrom(...SINCES)).map((parts) => new Reconnect(...parts));
export const sayAgain = fc.tuple(fc.nat(5), way).map((parts) => new SayAgain(...parts));
