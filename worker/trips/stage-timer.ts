/** How long the named stages of a request took. */
export class StageTimer {
  readonly #timings: string[] = [];

  readonly timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await work();
    this.#timings.push(`${stage};dur=${(performance.now() - from).toFixed(1)}`);
    return result;
  };

  /** The value of `Server-Timing`. */
  get header(): string {
    return this.#timings.join(', ');
  }
}
