/** A table that is made when the first row comes: an object that is only looked at stores nothing. */
export class LazyTable {
  readonly #sql: SqlStorage;
  readonly #name: string;
  readonly #columns: string;

  constructor(sql: SqlStorage, name: string, columns: string) {
    this.#sql = sql;
    this.#name = name;
    this.#columns = columns;
  }

  /** Before each write: the storage may have been emptied since the last one. */
  make(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${this.#name} (${this.#columns})`);
  }

  get isThere(): boolean {
    const found = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", this.#name);
    return found.toArray().length > 0;
  }
}
