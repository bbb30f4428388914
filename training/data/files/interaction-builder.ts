/** Gathers interactions in the order in which they are read, and gives them sorted. */
import type { Interactions } from '../dataset.ts';

const FIRST_ROOM = 1 << 16;

/** Ids to indices, in the order in which they first come. */
class Names {
  readonly ids: string[] = [];
  readonly #index = new Map<string, number>();

  indexOf(id: string): number {
    let index = this.#index.get(id);
    if (index === undefined) {
      // A cell may be a slice that keeps its whole chunk of the file in memory; a copy does not.
      const own = Buffer.from(id).toString();
      index = this.ids.push(own) - 1;
      this.#index.set(own, index);
    }
    return index;
  }
}

export class InteractionBuilder {
  readonly #users = new Names();
  readonly #items = new Names();
  #user = new Int32Array(FIRST_ROOM);
  #item = new Int32Array(FIRST_ROOM);
  #time = new Float64Array(FIRST_ROOM);
  #rating: Float32Array | null = null;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get userCount(): number {
    return this.#users.ids.length;
  }

  get itemCount(): number {
    return this.#items.ids.length;
  }

  add(user: string, item: string, time: number, rating: number | null): void {
    const at = this.#count;
    if (at === this.#user.length) this.#grow(at * 2);
    this.#user[at] = this.#users.indexOf(user);
    this.#item[at] = this.#items.indexOf(item);
    this.#time[at] = time;
    if (rating !== null) {
      // Files without ratings may have come before: theirs are not known.
      this.#rating ??= new Float32Array(this.#user.length).fill(Number.NaN);
      this.#rating[at] = rating;
    }
    this.#count++;
  }

  #grow(room: number): void {
    const grown = <T extends Int32Array | Float64Array | Float32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#user = grown(this.#user, new Int32Array(room));
    this.#item = grown(this.#item, new Int32Array(room));
    this.#time = grown(this.#time, new Float64Array(room));
    if (this.#rating) this.#rating = grown(this.#rating, new Float32Array(room).fill(Number.NaN));
  }

  /** Multiplies the times from interaction `from` on. */
  scaleTimes(from: number, factor: number): void {
    for (let i = from; i < this.#count; i++) this.#time[i]! *= factor;
  }

  build(): Interactions {
    const n = this.#count;
    const order = sortedOrder(this.#user.subarray(0, n), this.#time.subarray(0, n), this.#users.ids.length);
    const user = new Int32Array(n);
    const item = new Int32Array(n);
    const time = new Float64Array(n);
    const rating = this.#rating && new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const from = order[i]!;
      user[i] = this.#user[from]!;
      item[i] = this.#item[from]!;
      time[i] = this.#time[from]!;
      if (rating) rating[i] = this.#rating![from]!;
    }
    return {
      users: this.#users.ids,
      items: this.#items.ids,
      user,
      item,
      time,
      accepted: new Uint8Array(n).fill(1),
      weight: new Float32Array(n).fill(1),
      rating,
    };
  }
}

/** By user, then time; equal ones as they came. */
export function sortedOrder(user: Int32Array, time: Float64Array, users: number): Int32Array {
  const start = new Int32Array(users + 1);
  for (const u of user) start[u + 1]!++;
  for (let u = 0; u < users; u++) start[u + 1]! += start[u]!;
  const order = new Int32Array(user.length);
  const next = start.slice(0, users);
  for (let i = 0; i < user.length; i++) order[next[user[i]!]!++] = i;
  for (let u = 0; u < users; u++) {
    const own = order.subarray(start[u]!, start[u + 1]!);
    own.sort((a, b) => time[a]! - time[b]! || a - b);
  }
  return order;
}
