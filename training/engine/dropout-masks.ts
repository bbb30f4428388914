/**
 * Masks for dropout, cheap: a bank of random masks is drawn once a run, and each mask is a stretch of it from a random
 * place. Drawing every value of every mask anew took a fifth of a step.
 */
import { Random } from '../../core/experiment/random.ts';

/** Values of a bank besides the longest mask: how many different masks there are. */
const PLACES = 1 << 20;

export class DropoutMasks {
  readonly #seed: number;
  readonly #banks = new Map<number, Float32Array>();
  #places: Random;

  constructor(seed: number) {
    this.#seed = seed;
    this.#places = Random.of(seed, 'dropout/1');
  }

  /** From here on, the masks are those of the epoch, whatever was drawn before. */
  begin(epoch: number): void {
    this.#places = Random.of(this.#seed, `dropout/${epoch}`);
  }

  /** `size` values, 0 with probability `rate`, else 1 / (1 - rate). Read only. */
  mask(size: number, rate: number): Float32Array {
    let bank = this.#banks.get(rate);
    if (!bank || bank.length < size + PLACES) {
      bank = drawn(size + PLACES, rate, Random.of(this.#seed, `dropout bank/${rate}`));
      this.#banks.set(rate, bank);
    }
    const start = this.#places.int(PLACES);
    return bank.subarray(start, start + size);
  }
}

function drawn(size: number, rate: number, random: Random): Float32Array {
  const kept = 1 / (1 - rate);
  const dropBelow = rate * 2 ** 32;
  const bank = new Float32Array(size);
  for (let i = 0; i < size; i++) if (random.bits() >>> 0 >= dropBelow) bank[i] = kept;
  return bank;
}
