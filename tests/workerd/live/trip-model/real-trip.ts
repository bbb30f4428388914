/** The real trip: its object behind the real API, its members' sockets, and a client that keeps coming back. */
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { Ack, DurableMessage, ServerMessage } from '../../../../core/live/messages.ts';
import type { TripBody } from '../../../../core/live/trip-body.ts';
import { type TripStub, tripStub } from '../../../../durable-objects/trip-stub.ts';
import { call, type Guest } from '../../api/client.ts';
import type { HeldQueues } from '../held-queues.ts';
import { type LiveSocket, type Said, watch } from '../live-client.ts';
import type { TripModel } from './model.ts';
import { applied } from './replica.ts';

type OfError = Extract<ServerMessage, { type: 'error' }>;

const PATIENCE_MS = 30_000;

/** What came of a command, by whichever way it was given. */
export interface Answered {
  /** Null where it was done. */
  code: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  body: any;
}

export const done = ({ code }: Answered) => code === null;

/** Rather a message that says what did not come than a test that hangs. */
export function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not come: ${what}`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class RealTrip {
  readonly id: string;
  readonly object: ReturnType<Cloudflare.Env['TRIP']['getByName']>;
  readonly stub: TripStub;
  readonly queues: HeldQueues;
  /** What the client that keeps coming back holds. */
  replica: TripBody;
  readonly sockets = new Map<string, LiveSocket>();

  constructor(trip: TripBody, queues: HeldQueues) {
    this.id = trip.id;
    this.object = env.TRIP.getByName(trip.id);
    this.stub = tripStub(env, trip.id);
    this.queues = queues;
    this.replica = trip;
  }

  async http({ token }: Guest, method: string, path: string, json?: object): Promise<Answered> {
    const { status, body } = await call(method, path.startsWith('//') ? path.slice(1) : `/trips/${this.id}${path}`, {
      token,
      json,
    });
    expect(status, JSON.stringify(body)).toBeLessThan(500);
    return { code: status < 300 ? null : body.code, body };
  }

  /** The member's socket, which stays open from one command to the next. */
  async socketOf({ id, token }: Guest, model: TripModel): Promise<LiveSocket> {
    const open = this.sockets.get(id) ?? (await watch(this.id, token, model.seq));
    this.sockets.set(id, open);
    return open;
  }

  /** Over the member's socket; who is no member has none. An answer that was done is an ack. */
  async tell(guest: Guest, model: TripModel, said: Said & { id: string }): Promise<Answered> {
    if (!model.isMember(guest.id)) {
      await expect(watch(this.id, guest.token)).rejects.toThrow('trip_not_found');
      return { code: 'trip_not_found', body: null };
    }
    const socket = await this.socketOf(guest, model);
    const closed = socket.closed.then(({ code, reason }) => {
      throw new Error(`closed: ${code} ${reason}`);
    });
    const before = socket.received.length;
    const fresh = (message: Ack | OfError) => message.id === said.id && socket.received.indexOf(message) >= before;
    socket.say(said);
    const answer = await inTime(
      `an answer to ${JSON.stringify(said)}`,
      Promise.race([closed, socket.first('ack', fresh), socket.first('error', fresh)]),
    );
    if (answer.type === 'error') return { code: answer.code, body: null };
    const known = model.acks.some(({ said: { id } }) => id === said.id);
    if (!known) model.acks.push({ userId: guest.id, said, ack: answer as Ack });
    return { code: null, body: answer };
  }

  /** The client comes back, and takes in what it missed: up to the model's `seq`, and nothing beyond. */
  async follow(model: TripModel): Promise<DurableMessage[]> {
    const { token } = model.who(0);
    const socket = await watch(this.id, token, this.replica.seq);
    const since = this.replica.seq;
    if (since < model.seq) await inTime(`event ${model.seq} after ${since}`, socket.events(model.seq));
    await inTime('presence', socket.first('presence'));
    const events = socket.durable() as DurableMessage[];
    expect(
      socket.received.some(({ type }) => type === 'snapshot'),
      'a known `since` brings no snapshot',
    ).toBe(false);
    socket.close();
    for (const event of events) {
      this.replica = applied(this.replica, event);
      model.log.push(event);
    }
    expect(this.replica.seq).toBe(model.seq);
    return events;
  }

  /** After a command that was done: the one event that tells of it. */
  async event<T extends DurableMessage['type']>(model: TripModel, type: T) {
    model.seq += 1;
    const events = await this.follow(model);
    expect(events.map((event) => event.type)).toEqual([type]);
    return events[0] as Extract<DurableMessage, { type: T }>;
  }

  /** The socket of somebody who is closed out. */
  async closedOut(userId: string, code: number): Promise<void> {
    const socket = this.sockets.get(userId);
    this.sockets.delete(userId);
    if (socket) expect((await inTime('a closed socket', socket.closed)).code).toBe(code);
  }

  end(): void {
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
  }
}
