/** `Remembered`, for values of which there are a few. */
import { Remembered } from './remembered.ts';

export class RememberedByKey<Value> {
  readonly #milliseconds: number;
  readonly #values = new Map<string, Remembered<Value>>();

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  get(key: string, now: number, load: () => Promise<Value>): Promise<Value> {
    let value = this.#values.get(key);
    if (!value) {
      value = new Remembered(this.#milliseconds);
      this.#values.set(key, value);
    }
    return value.get(now, load);
  }
}
