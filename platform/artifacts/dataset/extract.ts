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
  settledPosition,
  signalPage,
  storedDays,
  warmPositions,
} from '../../database/extraction.ts';
import { countRealUsers } from '../../database/real-users.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { Row } from '../parquet-part.ts';
import { type DayGroup, dayGroups } from './day-groups.ts';
import { type Manifest, type Pending, readManifest, writeManifest } from './manifest.ts';
import { PartFiles } from './part-files.ts';
import { type Propensities, PropensityReader } from './propensities.ts';
import { RankingFinder } from './ranking-finder.ts';
import { RecentlyUsed } from './recently-used.ts';
import { candidateRows, signalRow } from './rows.ts';
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

/** Of candidate sets that signals refer to: about 10 kB each. */
const SETS_KEPT = 4_000;
const SETS_AT_ONCE = 100;

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
  readonly #sets = new RecentlyUsed<string, Propensities | undefined>(SETS_KEPT);
  readonly #propensities = new PropensityReader();
  readonly #rankings: RankingFinder;
  #days: { from: number; to: number; days: StoredDay[] } | null = null;
  #places: Awaited<ReturnType<typeof placesOfAll>> | null = null;

  constructor(database: Database, store: ArtifactStore, limits: ExtractionLimits = EXTRACTION_LIMITS) {
    this.#database = database;
    this.#store = store;
    this.#limits = limits;
    this.#rankings = new RankingFinder(database);
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
      const { seasonedUsers } = await countRealUsers(this.#database);
      if (seasonedUsers !== next.seasoned_users) next = { ...next, seasoned_users: seasonedUsers };
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

  /** The manifest with what this step wrote. */
  async #advance(manifest: Manifest, from: Pending, counts: ExtractionCounts): Promise<Manifest> {
    const files = new PartFiles(this.#store);
    try {
      const at = await this.#readOn(manifest, from, files, counts);
      const written = await files.written();
      counts.files += written.length;
      const all = [...from.files, ...written];
      return at
        ? { ...manifest, pending: { ...at, files: all } }
        : { ...manifest, position: from.to, files: [...manifest.files, ...all], pending: null };
    } finally {
      await files.settled();
    }
  }

  /** One table after the other, day by day, until the step is long enough; null where all is read. */
  async #readOn(
    manifest: Manifest,
    from: Pending,
    files: PartFiles,
    counts: ExtractionCounts,
  ): Promise<Pending | null> {
    const days = await this.#daysBetween(manifest.position, from.to);
    const at = { ...from };
    let cost = 0;
    for (const table of ['candidate_sets', 'signals'] as const) {
      if (table === 'candidate_sets' && at.table === 'signals') continue;
      if (table !== at.table) Object.assign(at, { table, day: '', after: manifest.position });
      const left = days.filter(({ day }) => day >= at.day);
      const column = table === 'signals' ? 'signals' : 'candidateSets';
      for (const group of dayGroups(left, column, this.#limits[table].page)) {
        const first = group.days[0]!;
        if (first > at.day) Object.assign(at, { day: first, after: manifest.position });
        for (let more = true; more; ) {
          if (cost >= this.#limits.step.cost || files.count >= this.#limits.step.files) return at;
          const read =
            table === 'signals' ? await this.#signals(group, at, files) : await this.#candidateSets(group, at, files);
          files.cut(table);
          cost += read.rows * COST[table];
          counts[table] += read.rows;
          at.after = read.last;
          more = read.more;
        }
      }
    }
    return null;
  }

  async #signals(group: DayGroup, at: Pending, files: PartFiles): Promise<Read> {
    const places = await this.#known();
    return this.#read('signals', group, at, files, {
      page: async (page) => {
        const signals = await signalPage(this.#database, page);
        const rankings = await this.#rankings.find(signals);
        const sets = await this.#sets.getAll(
          signals.flatMap(({ venue_id }, i) => (venue_id !== null && rankings[i]?.candidate_set_id) || []),
          (ids) => this.#loadSets(ids),
        );
        const warm = await this.#warm.getAll(
          signals.map((signal) => signal.actor_key),
          (actors) => warmPositions(this.#database, actors),
        );
        return signals.map((signal, i) => {
          const { position, stored, venue_id, actor_key, city_id } = signal;
          const ranking = rankings[i]!;
          const of = ranking && sets.get(ranking.candidate_set_id);
          const facts = {
            ranking,
            propensity: of && venue_id ? of(ranking.id, venue_id) : null,
            city: places.venues.get(venue_id ?? '') ?? places.cities.get(ranking?.city_id ?? city_id ?? '') ?? null,
            warmFrom: warm.get(actor_key),
          };
          return { position, stored, signal, facts };
        });
      },
      rows: ({ signal, facts }) => [signalRow(signal, facts)],
    });
  }

  async #candidateSets(group: DayGroup, at: Pending, files: PartFiles): Promise<Read> {
    const { cities } = await this.#known();
    return this.#read('candidate_sets', group, at, files, {
      page: (page) => candidateSetPage(this.#database, page),
      rows: (stored) => {
        this.#sets.set(stored.id, this.#propensities.read(stored.set));
        return candidateRows(stored, (id) => cities.get(id) ?? null);
      },
    });
  }

  /** Page by page until a file is full or the group is read. The next page comes while one is worked on. */
  async #read<T extends { position: string; stored: number }>(
    table: keyof typeof COST,
    { days, dense }: DayGroup,
    { to, after }: Pending,
    files: PartFiles,
    { page, rows }: { page: (of: PageOf) => Promise<T[]>; rows: (found: T) => Row[] },
  ): Promise<Read> {
    const limits = this.#limits[table];
    const of = { from: days[0]!, until: days.at(-1)!, dense, to, limit: limits.page };
    const read: Read = { rows: 0, last: after, more: false };
    for (let coming: Promise<T[]> | null = page({ ...of, after }); coming; ) {
      const found: T[] = await coming;
      read.rows += found.length;
      if (found.length > 0) read.last = Number(found.at(-1)!.position);
      // Several days are one page.
      const ended = days.length > 1 || found.length < limits.page;
      read.more = !ended && read.rows >= limits.file;
      coming = ended || read.more ? null : page({ ...of, after: read.last });
      // Whoever fails first, the other must not be an unhandled rejection.
      coming?.catch(() => {});
      // Lets the request out before this page takes the thread.
      await new Promise((resolve) => setTimeout(resolve, 0));
      for (const one of found) files.add(table, dayOf(one.stored), Number(one.position), rows(one));
    }
    return read;
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

  /** A few at a time: they are large. */
  async #loadSets(ids: readonly string[]): Promise<Map<string, Propensities>> {
    const sets = new Map<string, Propensities>();
    for (let i = 0; i < ids.length; i += SETS_AT_ONCE) {
      const found = await candidateSetsById(this.#database, ids.slice(i, i + SETS_AT_ONCE));
      for (const [id, set] of found) sets.set(id, this.#propensities.read(set));
    }
    return sets;
  }
}

interface Read {
  rows: number;
  last: number;
  more: boolean;
}

const begin = (manifest: Manifest, to: number): Pending => ({
  to,
  day: '',
  table: 'candidate_sets',
  after: manifest.position,
  files: [],
});

/** UTC; `stored` has microseconds. */
const dayOf = (stored: number) => new Date(Math.floor(stored)).toISOString().slice(0, 10);

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
