/** Remembers what was used last, and forgets the rest. */
export class RecentlyUsed<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#room) return;
      this.#entries.delete(oldest);
    }
  }

  /**
   * The values of these keys, however many they are: those that are remembered, and those that `load` finds. What it does
   * not find is undefined, and remembered as that.
   */
  async getAll(keys: readonly K[], load: (unknown: K[]) => Promise<ReadonlyMap<K, V>>): Promise<Map<K, V | undefined>> {
    const values = new Map<K, V | undefined>();
    const unknown: K[] = [];
    for (const key of new Set(keys)) {
      if (this.#entries.has(key)) values.set(key, this.#entries.get(key));
      else unknown.push(key);
    }
    const loaded = unknown.length > 0 ? await load(unknown) : new Map<K, V>();
    for (const key of unknown) values.set(key, loaded.get(key));
    for (const [key, value] of values) this.set(key, value as V);
    return values;
  }
}
