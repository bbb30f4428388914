/** Sockets that are cut at any moment while the trip goes on: nobody misses an event, and nobody hears one twice. */
import { evictDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import type { DurableMessage } from '../../../core/live/messages.ts';
import { call, type Guest } from '../api/client.ts';
import { travelling, watch } from './live-client.ts';
import { applied } from './trip-model/replica.ts';

const EVENTS = 500;
const COMPANIONS = 4;
/** What a client misses at most before it comes back. */
const LONGEST_ABSENCE = 80;
const LONGEST_CONNECTION = 40;

/** Park and Miller's generator: numbers between 0 and 1, the same for a seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** How far the trip has come. */
class Progress {
  #seq: number;
  #waiting: { seq: number; go: () => void }[] = [];

  constructor(seq: number) {
    this.#seq = seq;
  }

  reach(seq: number): void {
    this.#seq = seq;
    for (const { go } of this.#waiting.filter((waiter) => waiter.seq <= seq)) go();
    this.#waiting = this.#waiting.filter((waiter) => waiter.seq > seq);
  }

  reached(seq: number): Promise<void> {
    if (this.#seq >= seq) return Promise.resolve();
    return new Promise((go) => this.#waiting.push({ seq, go }));
  }
}

interface Followed {
  log: DurableMessage[];
  /** By the client, and by the other side. */
  cuts: number;
  lost: number;
  /** The most that came at once, to make up for an absence. */
  missed: number;
}

/** A client that is cut off in the midst of what it is sent, and comes back with what it has taken in. */
async function follow(tripId: string, { token }: Guest, from: number, last: number, progress: Progress, seed: number) {
  const next = random(seed);
  const followed: Followed = { log: [], cuts: 0, lost: 0, missed: 0 };
  for (let since = from; since < last; since = followed.log.at(-1)?.seq ?? since) {
    if (next() < 0.3) {
      const absence = Math.floor(next() * LONGEST_ABSENCE);
      await progress.reached(Math.min(last, since + absence));
      followed.missed = Math.max(followed.missed, absence);
    }
    const socket = await watch(tripId, token, since);
    // Cut at once, too: before anything has come.
    const until = since + Math.floor(next() ** 2 * LONGEST_CONNECTION);
    const closed = socket.closed.then(() => 'lost');
    const how = until === since ? 'cut' : await Promise.race([closed, socket.events(Math.min(last, until))]);
    // What is on its way now is lost: it has to come again.
    followed.log.push(...(socket.durable() as DurableMessage[]));
    socket.close();
    if (how === 'lost') followed.lost += 1;
    else followed.cuts += 1;
  }
  return followed;
}

it('five hundred events are one gapless log, the same for all, whenever sockets are cut and the object is evicted', async () => {
  const { trip, organiser, others, slots, object, seq: from } = await travelling({ companions: COMPANIONS, days: 2 });
  const { body: before } = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
  const last = from + EVENTS;
  const progress = new Progress(from);
  const everybody = [organiser, ...others];

  const change = async () => {
    const next = random(7);
    for (let seq = from; seq < last; ) {
      const { token } = everybody[Math.floor(next() * everybody.length)]!;
      const slot = slots[Math.floor(next() * slots.length)]!;
      const action = ['accept', 'lock', 'skip', 'swap'][Math.floor(next() * 4)];
      const { status, body } = await call('PATCH', `/trips/${trip.id}/slots/${slot.id}`, { token, json: { action } });
      if (status === 200) {
        seq += 1;
        expect(body.seq).toBe(seq);
        progress.reach(seq);
      } else expect([409, 422]).toContain(status);
      // Between two changes: with its sockets asleep, or with all of them lost.
      const evicted = next();
      if (evicted < 0.02) await evictDurableObject(object, { webSockets: 'close' });
      else if (evicted < 0.1) await evictDurableObject(object);
    }
  };
  const clients = everybody.map((guest, i) => follow(trip.id, guest, from, last, progress, 101 + i));
  const [, ...followed] = await Promise.all([change(), ...clients]);

  const whole = Array.from({ length: EVENTS }, (_, i) => from + 1 + i);
  for (const { log } of followed) {
    expect(log.map(({ seq }) => seq)).toEqual(whole);
    expect(log).toEqual(followed[0]!.log);
  }
  const { body: after } = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
  expect(followed[0]!.log.reduce(applied, before)).toEqual(after);
  // It was cut, in every way.
  for (const { cuts, missed } of followed) {
    expect(cuts).toBeGreaterThan(10);
    expect(missed).toBeGreaterThan(10);
  }
  expect(followed.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
});
