/**
 * The queues that trips' objects send to, held: a message that was sent waits here until it is given to its consumer, as
 * queues may do it: late, twice, in any order, and again after it failed.
 */
import { env } from 'cloudflare:workers';
import { bodies, deliver, UNREACHABLE } from '../signals/scene.ts';

/** Which queue does not take messages. */
export type QueueFault = 'none' | 'both' | 'signals';

interface Held {
  queue: 'jobs' | 'signals';
  body: { tripId: string };
}

export interface Delivering {
  /** Each message a second time. */
  twice: boolean;
  /** The first half meets a database that is down, and is given again with the rest. */
  halfFails: boolean;
  /** What was delivered before, once more. */
  again: boolean;
  /** Where the shuffling begins. */
  seed: number;
}

export class HeldQueues {
  fault: QueueFault = 'none';
  #held: Held[] = [];
  #delivered: Held[] = [];
  readonly #prototype: Queue;
  readonly #sendBatch: Queue['sendBatch'];

  /** Until `release`; what belongs to no trip goes on to the real queues. */
  constructor() {
    this.#prototype = Object.getPrototypeOf(env.JOBS) as Queue;
    this.#sendBatch = this.#prototype.sendBatch;
    const { take } = this;
    const real = this.#sendBatch;
    this.#prototype.sendBatch = async function (this: Queue, messages, options) {
      const sent = [...messages];
      const ofTrips = sent.filter(({ body }) => (body as { tripId?: string | null }).tripId);
      if (this !== env.JOBS && this !== env.SIGNALS) return real.call(this, sent, options);
      take(this === env.JOBS ? 'jobs' : 'signals', ofTrips as { body: Held['body'] }[]);
      const others = sent.filter((message) => !ofTrips.includes(message));
      return others.length > 0 ? real.call(this, others, options) : (undefined as never);
    };
  }

  release(): void {
    this.#prototype.sendBatch = this.#sendBatch;
  }

  readonly take = (queue: Held['queue'], messages: readonly { body: Held['body'] }[]): void => {
    if (this.fault === 'both' || this.fault === queue) throw new Error(`the queue ${queue} takes nothing`);
    this.#held.push(...messages.map(({ body }) => ({ queue, body: structuredClone(body) })));
  };

  count(tripId: string): number {
    return this.#held.filter(({ body }) => body.tripId === tripId).length;
  }

  /** What is held of the trip goes to the consumers, which acknowledge all of it in the end. */
  async deliver(tripId: string, { twice, halfFails, again, seed }: Delivering): Promise<void> {
    const ofTrip = ({ body }: Held) => body.tripId === tripId;
    const mine = [...this.#held.filter(ofTrip), ...(again ? this.#delivered.filter(ofTrip) : [])];
    this.#delivered.push(...this.#held.filter(ofTrip));
    this.#held = this.#held.filter((held) => !ofTrip(held));
    for (const queue of ['jobs', 'signals'] as const) {
      const messages = mine.filter((held) => held.queue === queue).map(({ body }) => body);
      const sent = shuffled(twice ? [...messages, ...messages] : messages, seed);
      if (sent.length === 0) continue;
      if (halfFails) {
        const first = sent.slice(0, Math.ceil(sent.length / 2));
        const { acked } = await deliver(queue, bodies(first as never[]), UNREACHABLE);
        // Without a database nothing is acknowledged but what needs none of it.
        if (queue === 'signals' && acked.length > 0) throw new Error('a signal was acknowledged and stored nowhere');
      }
      const { retried, dead } = await deliver(queue, bodies(sent as never[], 2));
      if (retried.length + dead.length > 0) throw new Error(`not taken: ${JSON.stringify({ queue, retried, dead })}`);
    }
  }
}

/** Fisher and Yates, by a linear congruential generator. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const mixed = [...items];
  let state = seed >>> 0;
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}
