/**
 * Work that must not overlap, within one isolate. Whoever waits is woken to look for itself, and is handed nothing: a
 * waiter whose request is gone holds nobody up.
 */
export class OneAtATime {
  #busy = false;
  #waiting: (() => void)[] = [];

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }
}
