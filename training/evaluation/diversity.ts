/** How much of the catalogue is recommended, and how far from the well-known. */
import type { Interactions } from '../data/dataset.ts';
import type { TopList } from './top-list.ts';

/**
 * Share of the catalogue that is in at least one of the lists (Ge, Delgado-Battenfeld and Jannach 2010, "Beyond accuracy",
 * RecSys), in expectation where equal scores leave the lists to chance, each list by itself:
 * mean over items of 1 - prod over lists of (1 - P(item in list)).
 */
export class Coverage {
  readonly #missed: Float64Array;

  constructor(items: number) {
    this.#missed = new Float64Array(items).fill(1);
  }

  add({ items, probability }: TopList): void {
    for (let i = 0; i < items.length; i++) this.#missed[items[i]!]! *= 1 - probability[i]!;
  }

  /** In [0, 1]. */
  get value(): number {
    let missed = 0;
    for (const m of this.#missed) missed += m;
    return 1 - missed / this.#missed.length;
  }
}

/**
 * Self-information of each item, log2(U / u_i): U users in training, u_i of them with the item (Zhou et al. 2010, "Solving
 * the apparent diversity-accuracy dilemma", PNAS 107(10)). An item that nobody had counts as had by one.
 * @returns [items], bits
 */
export function selfInformation({ user, item, accepted, items }: Interactions): Float64Array {
  const users = new Set<number>();
  const pairs = new Set<number>();
  const had = new Float64Array(items.length);
  for (let i = 0; i < user.length; i++) {
    if (!accepted[i]) continue;
    users.add(user[i]!);
    const pair = user[i]! * items.length + item[i]!;
    if (pairs.has(pair)) continue;
    pairs.add(pair);
    had[item[i]!]!++;
  }
  return had.map((count) => Math.log2(Math.max(1, users.size) / Math.max(1, count)));
}

/** Mean self-information of a list, bits; NaN for an empty one. */
export function novelty({ items, probability }: TopList, information: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < items.length; i++) {
    sum += probability[i]! * information[items[i]!]!;
    weight += probability[i]!;
  }
  return sum / weight;
}
