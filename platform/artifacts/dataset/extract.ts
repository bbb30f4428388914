/**
 * The log of behaviour into a data set, in steps: each writes some files and then the manifest, which alone makes them
 * count. What is killed between the two is done again, under the same names.
 */

import type { Database } from '../../database/client.ts';
import {
  candidateSetPage,
  candidateSetsById,
  type PageOf,
  placesOfAll,
  type StoredDay,
  type StoredSignal,
  settledPosition,
  signalPage,
  storedDays,
  warmPositions,
} from '../../database/extraction.ts';
import { type ArtifactStore, sha256Of } from '../artifact-store.ts';
import { ParquetPart, type Row } from '../parquet-part.ts';
import { COLUMNS } from './columns.ts';
import {
  type DatasetFile,
  type DatasetTable,
  type Manifest,
  type Pending,
  readManifest,
  writeManifest,
} from './manifest.ts';
import { RecentlyUsed } from './recently-used.ts';
import { candidateRows, type Propensities, propensitiesIn, signalRow } from './rows.ts';
import { changedTables } from './tables.ts';

export interface ExtractionLimits {
  /** About so many rows of a table (of candidate sets: sets) in a file, read in pages of so many. */
  signals: { file: number; page: number };
  candidate_sets: { file: number; page: number };
  /** A step ends once it has written so much, a candidate set being about as much work as fifty signals. */
  step: { cost: number; files: number };
}

/** A Worker has so much memory, and so many calls to R2. */
export const EXTRACTION_LIMITS: ExtractionLimits = {
  signals: { file: 20_000, page: 4_000 },
  candidate_sets: { file: 400, page: 25 },
  step: { cost: 20_000, files: 200 },
};
const COST = { signals: 1, candidate_sets: 50 } as const;

/** Of candidate sets that signals refer to: about 30 kB each. */
const SETS_KEPT = 300;

export interface ExtractionCounts {
  signals: number;
  candidate_sets: number;
  files: number;
}

export interface ExtractionStep {
  done: boolean;
  counts: ExtractionCounts;
}

export class Extraction {
  readonly #database: Database;
  readonly #store: ArtifactStore;
  readonly #limits: ExtractionLimits;
  readonly #warm = new RecentlyUsed<string, number | undefined>(100_000);
  readonly #sets = new RecentlyUsed<string, Propensities | null>(SETS_KEPT);
  #days: { from: number; to: number; days: StoredDay[] } | null = null;
  #places: Awaited<ReturnType<typeof placesOfAll>> | null = null;

  constructor(database: Database, store: ArtifactStore, limits: ExtractionLimits = EXTRACTION_LIMITS) {
    this.#database = database;
    this.#store = store;
    this.#limits = limits;
  }

  /** Where a run that begins now ends. */
  target(): Promise<number> {
    return settledPosition(this.#database);
  }

  /**
   * The next files on the way to `target`, if need be of a run before this one first. Same rows, same bytes.
   * @throws ManifestOvertaken when another extraction was quicker; nothing of this step counts then.
   */
  async step(target: number): Promise<ExtractionStep> {
    // Before the manifest is read: what is there now and is not in the manifest written at the end belongs to nobody.
    const before = await this.#store.list('');
    const { manifest, version } = await readManifest(this.#store);
    const counts: ExtractionCounts = { signals: 0, candidate_sets: 0, files: 0 };
    let next = manifest;
    if (manifest.pending || manifest.position < target) {
      next = await this.#advance(manifest, manifest.pending ?? begin(manifest, target), counts);
    }
    let done = next.pending === null && next.position >= target;
    if (done) {
      const changed = await changedTables(this.#database, this.#store, next, this.#limits.step.files - counts.files);
      next = changed.manifest;
      counts.files += changed.written;
      done = changed.done;
    }
    // A first run leaves a data set behind, if an empty one.
    if (next === manifest && version !== null) return { done, counts };
    await writeManifest(this.#store, next, version);
    if (next.pending === null) {
      const held = new Set(next.files.map(({ path }) => path));
      await this.#store.remove(before.filter((path) => path.endsWith('.parquet') && !held.has(path)));
    }
    return { done, counts };
  }

  async #advance(manifest: Manifest, from: Pending, counts: ExtractionCounts): Promise<Manifest> {
    const days = (await this.#daysBetween(manifest.position, from.to)).filter(({ day }) => day >= from.day);
    const at: Pending = { ...from, files: [...from.files] };
    let cost = 0;
    for (const day of days) {
      if (day.day > at.day) Object.assign(at, { day: day.day, table: 'candidate_sets', after: manifest.position });
      for (const table of ['candidate_sets', 'signals'] as const) {
        if (table === 'candidate_sets' && at.table === 'signals') continue;
        if (table === 'signals' && at.table === 'candidate_sets')
          Object.assign(at, { table, after: manifest.position });
        const all = table === 'signals' ? day.signals : day.candidateSets;
        while (all > 0) {
          if (cost >= this.#limits.step.cost || counts.files >= this.#limits.step.files)
            return { ...manifest, pending: at };
          const part = table === 'signals' ? await this.#signals(day, at) : await this.#candidateSets(day, at);
          if (part.read === 0) break;
          at.after = part.last;
          cost += part.read * COST[table];
          counts[table] += part.read;
          if (part.file) {
            at.files.push(part.file);
            counts.files++;
          }
          if (part.read < this.#limits[table].file) break;
        }
      }
    }
    return { ...manifest, position: at.to, files: [...manifest.files, ...at.files], pending: null };
  }

  async #signals(day: StoredDay, at: Pending): Promise<Part> {
    const places = await this.#known();
    return this.#part('signals', day, at, {
      read: async (page) => {
        const signals = await signalPage(this.#database, page);
        await this.#learnWarm(signals);
        await this.#learnSets(signals);
        // Looked up here: the page after this one may push out what is remembered for it.
        return signals.map((signal) => {
          const { position, venue_id, ranking_event_id, candidate_set_id } = signal;
          const of = candidate_set_id === null ? null : this.#sets.get(candidate_set_id);
          const facts = {
            propensity: of && ranking_event_id && venue_id ? of(ranking_event_id, venue_id) : null,
            city: places.venues.get(venue_id ?? '') ?? places.cities.get(signal.city_id ?? '') ?? null,
            warmFrom: this.#warm.get(signal.actor_key),
          };
          return { position, signal, facts };
        });
      },
      rows: ({ signal, facts }) => [signalRow(signal, facts)],
    });
  }

  async #candidateSets(day: StoredDay, at: Pending): Promise<Part> {
    const { cities } = await this.#known();
    return this.#part('candidate_sets', day, at, {
      read: (page) => candidateSetPage(this.#database, page),
      rows: (stored) => {
        this.#sets.set(stored.id, propensitiesIn(stored.set));
        return candidateRows(stored, (id) => cities.get(id) ?? null);
      },
    });
  }

  /** Reads page by page until a file is full or the day is over, and writes it. The next page comes while one is worked on. */
  async #part<T extends { position: string }>(
    table: keyof typeof COST,
    day: StoredDay,
    { to, after }: Pending,
    { read, rows: made }: { read: (page: PageOf) => Promise<T[]>; rows: (found: T) => Row[] },
  ): Promise<Part> {
    const { file: most, page } = this.#limits[table];
    const part = new ParquetPart(COLUMNS[table]);
    let first = 0;
    let last = after;
    let rows = 0;
    for (let coming: Promise<T[]> | null = read({ day, after, to, limit: page }); coming; ) {
      const found: T[] = await coming;
      if (rows === 0 && found.length > 0) first = Number(found[0]!.position);
      if (found.length > 0) last = Number(found.at(-1)!.position);
      rows += found.length;
      coming = found.length < page || rows >= most ? null : read({ day, after: last, to, limit: page });
      // Whoever fails first, the other must not be an unhandled rejection.
      coming?.catch(() => {});
      // Lets the request out before this page takes the thread.
      await new Promise((resolve) => setTimeout(resolve, 0));
      for (const one of found) for (const row of made(one)) part.add(row);
    }
    const path = `${table}/date=${day.day}/part-${first}-${last}.parquet`;
    const file = part.rows > 0 ? await writePart(this.#store, table, day.day, path, part) : null;
    return { read: rows, last, file };
  }

  async #daysBetween(from: number, to: number): Promise<readonly StoredDay[]> {
    if (this.#days?.from !== from || this.#days.to !== to) {
      this.#days = { from, to, days: await storedDays(this.#database, from, to) };
    }
    return this.#days.days;
  }

  async #known() {
    this.#places ??= await placesOfAll(this.#database);
    return this.#places;
  }

  async #learnWarm(signals: readonly StoredSignal[]): Promise<void> {
    const unknown = [...new Set(signals.map((signal) => signal.actor_key))].filter((actor) => !this.#warm.has(actor));
    const found = await warmPositions(this.#database, unknown);
    for (const actor of unknown) this.#warm.set(actor, found.get(actor));
  }

  async #learnSets(signals: readonly StoredSignal[]): Promise<void> {
    const named = new Set(signals.flatMap((signal) => (signal.venue_id && signal.candidate_set_id) || []));
    // So that what this page needs is not what goes.
    this.#sets.room = Math.max(SETS_KEPT, named.size);
    const unknown = [...named].filter((id) => !this.#sets.has(id));
    for (let i = 0; i < unknown.length; i += 100) {
      const ids = unknown.slice(i, i + 100);
      const found = await candidateSetsById(this.#database, ids);
      for (const id of ids) {
        const set = found.get(id);
        this.#sets.set(id, set ? propensitiesIn(set) : null);
      }
    }
  }
}

interface Part {
  read: number;
  last: number;
  file: DatasetFile | null;
}

const begin = (manifest: Manifest, to: number): Pending => ({
  to,
  day: '',
  table: 'candidate_sets',
  after: manifest.position,
  files: [],
});

export async function writePart(
  store: ArtifactStore,
  table: DatasetTable,
  date: string,
  path: string,
  part: ParquetPart,
): Promise<DatasetFile> {
  const bytes = part.finish();
  await store.write(path, bytes);
  return { path, table, date, rows: part.rows, sha256: await sha256Of(bytes), bytes: bytes.length };
}

/** To the end: everything that was there when it began. */
export async function extractAll(
  extraction: Extraction,
  onStep: (counts: ExtractionCounts) => void = () => {},
): Promise<ExtractionCounts> {
  const target = await extraction.target();
  const sum: ExtractionCounts = { signals: 0, candidate_sets: 0, files: 0 };
  for (let done = false; !done; ) {
    const step = await extraction.step(target);
    for (const key of Object.keys(sum) as (keyof ExtractionCounts)[]) sum[key] += step.counts[key];
    onStep(step.counts);
    done = step.done;
  }
  return sum;
}
