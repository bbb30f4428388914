/** What an isolate may believe for a moment: a value that rarely changes and that every request would ask for. */
export class Remembered<Value> {
  readonly #milliseconds: number;
  #known: { value: Value; at: number } | null = null;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Values are shared between requests, never promises: whoever finds nothing fresh loads it themselves. */
  async get(now: number, load: () => Promise<Value>): Promise<Value> {
    if (this.#known && now - this.#known.at < this.#milliseconds) return this.#known.value;
    const value = await load();
    this.#known = { value, at: now };
    return value;
  }
}
