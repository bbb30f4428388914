/** Seeded randomness: the same seed gives the same run on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/** Where a sequence stands; put into a checkpoint, it goes on from there. */
export type RandomState = readonly number[];

export class Random {
  readonly #generator: JumpableRandomGenerator;

  private constructor(generator: JumpableRandomGenerator) {
    this.#generator = generator;
  }

  /**
   * @param seed an integer of 32 bits
   * @param stream names an independent sequence of the same seed ('init', 'batches', a user's id): adding one leaves
   *   the others as they were
   */
  static of(seed: number, stream = ''): Random {
    const generator = xoroshiro128plus(mix(seed, stream));
    // The first numbers after close seeds are alike.
    for (let i = 0; i < 16; i++) generator.next();
    return new Random(generator);
  }

  static restore(state: RandomState): Random {
    return new Random(xoroshiro128plusFromState(state));
  }

  get state(): RandomState {
    return this.#generator.getState();
  }

  /** In [0, 1), 53 bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** 32 random bits, as a signed integer: for inner loops. */
  bits(): number {
    return this.#generator.next();
  }

  /** In 0 .. n - 1; n from 1. */
  int(n: number): number {
    return uniformInt(this.#generator, 0, n - 1);
  }

  /** Mean 0, standard deviation 1 (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('nothing to pick from');
    return from[this.int(from.length)]!;
  }

  /** An index, each with a probability in proportion to its weight; weights from 0, one of them above. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i]!;
    if (!(total > 0) || !Number.isFinite(total)) throw new RangeError(`weights that sum to ${total}`);
    let left = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! <= 0) continue;
      last = i;
      left -= weights[i]!;
      if (left < 0) return i;
    }
    return last;
  }

  /** In place (Fisher and Yates); returns its argument. */
  shuffle<T extends { [i: number]: unknown; length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

/** FNV-1a over seed and stream, 32 bits. */
function mix(seed: number, stream: string): number {
  let hash = 0x811c9dc5 ^ seed;
  hash = Math.imul(hash, 0x01000193);
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  return hash | 0;
}
