/** Remembers what was used last, and forgets the rest. */
export class RecentlyUsed<K, V> {
  readonly #entries = new Map<K, V>();
  /** How many are remembered. */
  room: number;

  constructor(room: number) {
    this.room = room;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  get(key: K): V | undefined {
    if (!this.#entries.has(key)) return undefined;
    const value = this.#entries.get(key) as V;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.room) return;
      this.#entries.delete(oldest);
    }
  }
}
