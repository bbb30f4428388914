/** Cuts rows, as they come by day and position, into files, and writes them side by side. */
import pLimit from 'p-limit';
import { type ArtifactStore, sha256Of } from '../artifact-store.ts';
import { ParquetPart, ROW_GROUP, type Row } from '../parquet-part.ts';
import { COLUMNS } from './columns.ts';
import type { DatasetFile, DatasetTable } from './manifest.ts';

/** A Worker may have six connections open. */
const WRITES_AT_ONCE = 4;

/** They take about 15 kB of text each. */
const RANKINGS_A_GROUP = 500;

export class PartFiles {
  readonly #store: ArtifactStore;
  readonly #limit = pLimit(WRITES_AT_ONCE);
  readonly #writes: Promise<void>[] = [];
  readonly #files: DatasetFile[] = [];
  #part: ParquetPart | null = null;
  #date = '';
  #first = 0;
  #last = 0;

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /** Files that are begun or written. */
  get count(): number {
    return this.#files.length + (this.#part && this.#part.rows > 0 ? 1 : 0);
  }

  /** What stands at one position goes into one file; it may be no row at all. */
  add(table: DatasetTable, date: string, position: number, rows: readonly Row[]): void {
    if (this.#part && this.#date !== date) this.cut(table);
    if (!this.#part) {
      this.#part = new ParquetPart(COLUMNS[table], table === 'candidate_sets' ? RANKINGS_A_GROUP : ROW_GROUP);
      this.#date = date;
      this.#first = position;
    }
    this.#last = position;
    for (const row of rows) this.#part.add(row);
  }

  /** Ends the file that rows go into. */
  cut(table: DatasetTable): void {
    const part = this.#part;
    this.#part = null;
    if (!part || part.rows === 0) return;
    const date = this.#date;
    const path = `${table}/date=${date}/part-${this.#first}-${this.#last}.parquet`;
    const bytes = part.finish();
    // In the order in which they were begun, whenever they are done.
    const at = this.#files.push({ path, table, date, rows: part.rows, sha256: '', bytes: bytes.length }) - 1;
    const write = this.#limit(async () => {
      await this.#store.write(path, bytes);
      this.#files[at]!.sha256 = await sha256Of(bytes);
    });
    // Whoever waits for all of them hears of it.
    write.catch(() => {});
    this.#writes.push(write);
  }

  /** Nothing is on its way any more, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  /** All files, once they are written. @throws what a write failed with. */
  async written(): Promise<DatasetFile[]> {
    await this.settled();
    await Promise.all(this.#writes);
    return this.#files;
  }
}
