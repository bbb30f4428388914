/** A table that is made when the first row comes: an object that is only looked at stores nothing. */

/** The tables that were seen, so that they are not looked for at every step. */
const seen = new WeakMap<SqlStorage, Set<string>>();

/** After the storage was emptied, and after a transaction came to nothing: what was seen may be gone. */
export function forgetTables(sql: SqlStorage): void {
  seen.delete(sql);
}

export class LazyTable {
  readonly #sql: SqlStorage;
  readonly #name: string;
  readonly #columns: string;

  constructor(sql: SqlStorage, name: string, columns: string) {
    this.#sql = sql;
    this.#name = name;
    this.#columns = columns;
  }

  /** Before each write, in its transaction. */
  make(): void {
    if (this.#wasSeen) return;
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${this.#name} (${this.#columns})`);
    this.#see();
  }

  get isThere(): boolean {
    if (this.#wasSeen) return true;
    const found = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", this.#name);
    const isThere = found.toArray().length > 0;
    if (isThere) this.#see();
    return isThere;
  }

  get #wasSeen(): boolean {
    return seen.get(this.#sql)?.has(this.#name) === true;
  }

  #see(): void {
    const names = seen.get(this.#sql) ?? new Set();
    seen.set(this.#sql, names.add(this.#name));
  }
}
