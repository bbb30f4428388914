/** A trip's socket as an app sees it: every message is seen to be one of the protocol's. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import type { ClientMessage, ServerMessage } from '../../../core/live/messages.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import worker from '../../../worker/index.ts';
import { serverMessage } from '../../../worker/schemas/live.ts';
import { call, type Guest, inDays, newGuest } from '../api/client.ts';
import { slotsOf, type TripShape } from '../api/trip-shape.ts';

type Type = ServerMessage['type'];
type OfType<T extends Type> = Extract<ServerMessage, { type: T }>;
type WithoutEnvelope<M> = M extends ClientMessage ? Omit<M, 'v' | 'id'> & { id?: string } : never;
export type Said = WithoutEnvelope<ClientMessage>;

export interface Closed {
  code: number;
  reason: string;
}

export class LiveSocket {
  /** Everything that came, in order. */
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') return;
      this.received.push(serverMessage.parse(JSON.parse(data as string)) as ServerMessage);
      for (const look of this.#waiting) look();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
  }

  /** The first message of the type that fits, past or to come. */
  first<T extends Type>(type: T, fits: (message: OfType<T>) => boolean = () => true): Promise<OfType<T>> {
    const find = () => this.received.find((m): m is OfType<T> => m.type === type && fits(m as OfType<T>));
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (!found) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Until this event has come; then all durable ones so far. */
  async events(upTo: number): Promise<ServerMessage[]> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!this.durable().some((message) => message.seq === upTo)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
    return this.durable();
  }

  durable() {
    return this.received.flatMap((message) => ('seq' in message && 'at' in message ? [message] : []));
  }

  say(said: Said): string {
    const id = said.id ?? uuidv7();
    this.#socket.send(JSON.stringify({ v: 1, ...said, id }));
    return id;
  }

  /** What it is answered: an ack, or an error. */
  async ask(said: Said): Promise<OfType<'ack'> | OfType<'error'>> {
    const id = this.say(said);
    return Promise.race([
      this.first('ack', (message) => message.id === id),
      this.first('error', (message) => message.id === id),
    ]);
  }

  send(raw: string | ArrayBuffer): void {
    this.#socket.send(raw);
  }

  close(): void {
    this.#socket.close(1000, 'done');
  }
}

export interface Connecting {
  token?: string;
  since?: number | string;
  protocols?: string;
  headers?: Record<string, string>;
}

export async function connect(tripId: string, options: Connecting = {}): Promise<Response> {
  const { token, since, protocols, headers = {} } = options;
  const query = since === undefined ? '' : `?since=${since}`;
  const request = new Request<unknown, IncomingRequestCfProperties>(
    `https://api.test/ws/trips/${tripId}/pivot-stream${query}`,
    {
      headers: {
        upgrade: 'websocket',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(protocols === undefined ? {} : { 'sec-websocket-protocol': protocols }),
        ...headers,
      },
    },
  );
  return worker.fetch(request, env, createExecutionContext());
}

export async function watch(tripId: string, token: string, since?: number | string): Promise<LiveSocket> {
  const response = await connect(tripId, { token, since });
  if (!response.webSocket) throw new Error(`${response.status}: ${await response.text()}`);
  return new LiveSocket(response.webSocket);
}

/** A trip of one day with its organiser, and companions who joined by invite. */
export async function travelling({ companions = 0, days = 1, start = inDays() } = {}) {
  const organiser = await newGuest({ food: 'ramen' });
  const made = await call('POST', '/trips', {
    token: organiser.token,
    json: { city: 'seattle', start_date: start, days, party: { size: Math.max(1, companions + 1) } },
  });
  if (made.status !== 201) throw new Error(made.text);
  const trip = made.body as TripShape;
  const others: Guest[] = [];
  for (let i = 0; i < companions; i += 1) others.push(await joined(trip.id, organiser));
  return {
    organiser,
    others,
    trip,
    slots: slotsOf(trip),
    object: env.TRIP.getByName(trip.id),
    stub: tripStub(env, trip.id),
    /** After the joining. */
    seq: 1 + companions,
  };
}

export async function invited(tripId: string, organiser: Guest): Promise<string> {
  const made = await call('POST', `/trips/${tripId}/invites`, { token: organiser.token });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.token;
}

async function joined(tripId: string, organiser: Guest): Promise<Guest> {
  const guest = await newGuest();
  const token = await invited(tripId, organiser);
  const accepted = await call('POST', `/invites/${token}/accept`, { token: guest.token });
  if (accepted.status !== 200) throw new Error(accepted.text);
  return guest;
}
