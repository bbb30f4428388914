/** Brings a shadow population into a database: some travellers at a time, each with all that is theirs or not at all. */
import { listCities } from '../../platform/database/cities.ts';
import { type Database, type Queries, uniqueViolation } from '../../platform/database/client.ts';
import {
  analyzeShadowTables,
  countShadowRows,
  deleteShadowRun,
  deleteShadowTravellers,
  findShadowRun,
  finishShadowRun,
  type ShadowRun,
  startShadowRun,
  storedTravellers,
  storeShadowRows,
} from '../../platform/database/shadow-population.ts';
import { SHADOW_TABLES, type ShadowTable } from '../../platform/database/shadow-rows.ts';
import { listVenues } from '../../platform/database/venues.ts';
import { type MadeTravellers, Population } from './population.ts';
import { SHADOW_CITIES, SHADOW_LINEAGE, type ShadowCity, type ShadowSettings, shadowId } from './settings.ts';

/** One transaction, and one message of the queue. */
export const TRAVELLERS_A_STRETCH = 15;

/** A population with other settings is there; nothing was written. */
export class OtherPopulation extends Error {
  override readonly name = 'OtherPopulation';
  readonly found: Record<string, unknown>;
  constructor(found: Record<string, unknown>) {
    super(`another shadow population is there (${JSON.stringify(found)}): replace it, or leave it`);
    this.found = found;
  }
}

const MOST_VENUES = 10_000;

/** The population that the cities of the database make. @throws RangeError where none has venues enough */
export async function openPopulation(database: Queries, seed: number, users: number): Promise<Population> {
  const known = await listCities(database);
  const cities: ShadowCity[] = [];
  for (const { id, slug, timeZone, catalogueVersion } of known) {
    if (!(SHADOW_CITIES as readonly string[]).includes(slug)) continue;
    const { venues } = await listVenues(database, { cityId: id, limit: MOST_VENUES });
    cities.push({ id, slug, timeZone, catalogueVersion, venues });
  }
  return new Population({ seed, users, cities });
}

/** With every object's keys in order: jsonb does not keep them as they were. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

export function sameSettings(found: Record<string, unknown>, wanted: ShadowSettings): boolean {
  return canonical(found) === canonical(wanted);
}

export interface SeedingClock {
  now: Date;
  codeRevision: string;
}

/** Answers the run, done or not. @throws OtherPopulation */
export async function beginSeeding(
  database: Database,
  { settings }: Population,
  { now, codeRevision }: SeedingClock,
): Promise<ShadowRun> {
  const run = await startShadowRun(database, {
    id: shadowId(settings.seed, 'run', canonical(settings)),
    seed: settings.seed,
    settings: { ...settings },
    lineage: SHADOW_LINEAGE,
    codeRevision,
    now,
  });
  if (!sameSettings(run.settings, settings)) throw new OtherPopulation(run.settings);
  return run;
}

export interface Stretch {
  /** Where the next one begins; null where there is none. */
  next: number | null;
  travellers: number;
  signals: number;
}

/** Writes those of the next travellers that are missing. What broke off is taken up, what is there stays as it is. */
export async function seedStretch(database: Database, population: Population, from: number): Promise<Stretch> {
  const until = Math.min(population.users.length, from + TRAVELLERS_A_STRETCH);
  const indices = Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i);
  const { travellers, signals } = await storeMissing(database, population, indices);
  return { next: until < population.users.length ? until : null, travellers, signals };
}

async function storeMissing(database: Database, population: Population, indices: readonly number[]) {
  const missing = await missingOf(database, population, indices);
  return store(database, population, missing, population.make(missing));
}

async function missingOf(database: Database, population: Population, indices: readonly number[]): Promise<number[]> {
  const there = await storedTravellers(
    database,
    indices.map((i) => population.userId(i)),
  );
  return indices.filter((i) => !there.has(population.userId(i)));
}

/** `made`: the travellers of `indices`. */
async function store(
  database: Database,
  population: Population,
  indices: readonly number[],
  { statements, travellers, signals }: MadeTravellers,
): Promise<{ travellers: number; signals: number }> {
  try {
    if (statements.length > 0) await storeShadowRows(database, statements, SHADOW_LINEAGE);
    return { travellers, signals };
  } catch (error) {
    if (uniqueViolation(error)?.table !== 'users') throw error;
    // Another run has written some of them in the meantime.
    return storeMissing(database, population, indices);
  }
}

/** Answers the rows of the whole population, table by table. */
export async function endSeeding(
  database: Database,
  population: Population,
  runId: string,
  now: Date,
): Promise<Record<ShadowTable, number>> {
  await analyzeShadowTables(database);
  const rows = await countShadowRows(database);
  await finishShadowRun(database, runId, { rows, left_out: population.leftOut }, now);
  return rows;
}

export interface SeedingOptions {
  /** Makes travellers; default: here and now. One that works elsewhere makes the next ones while these are stored. */
  make?: (indices: readonly number[]) => MadeTravellers | Promise<MadeTravellers>;
  /** So many are there, of all; so many signals were written. */
  onProgress?: (travellers: number, signals: number) => void;
}

/** From begin to end. Resumes what broke off; does nothing where all of it is there. */
export async function seedPopulation(
  database: Database,
  population: Population,
  clock: SeedingClock,
  { make = (indices) => population.make(indices), onProgress = () => {} }: SeedingOptions = {},
): Promise<{ rows: Record<ShadowTable, number>; written: number }> {
  const run = await beginSeeding(database, population, clock);
  const missing = await missingOf(database, population, [...population.users.keys()]);
  let there = population.users.length - missing.length;
  let written = 0;
  let signals = 0;
  const nextOf = (from: number) => {
    const indices = missing.slice(from, from + TRAVELLERS_A_STRETCH);
    const made = indices.length > 0 ? Promise.resolve(make(indices)) : null;
    // Whoever waits for it hears of it.
    made?.catch(() => {});
    return { indices, made };
  };
  let coming = nextOf(0);
  for (let from = TRAVELLERS_A_STRETCH; coming.made; from += TRAVELLERS_A_STRETCH) {
    const { indices } = coming;
    const made = await coming.made;
    coming = nextOf(from);
    const stored = await store(database, population, indices, made);
    written += stored.travellers;
    signals += stored.signals;
    there += indices.length;
    onProgress(there, signals);
  }
  if (written === 0 && run.status === 'done') return { rows: await countShadowRows(database), written };
  return { rows: await endSeeding(database, population, run.id, clock.now), written };
}

/** Takes some travellers out; once none is left, the run too. Answers how many are left. */
export async function removeStretch(database: Database): Promise<number> {
  const left = await deleteShadowTravellers(database, TRAVELLERS_A_STRETCH);
  if (left === 0) await deleteShadowRun(database);
  return left;
}

/** Whether the population that the database speaks of is there as it was when it was finished. */
export async function isWhole(database: Queries, rows: Readonly<Record<ShadowTable, number>>): Promise<boolean> {
  const run = await findShadowRun(database);
  if (run?.status !== 'done') return false;
  const finished = run.metrics?.rows as Record<ShadowTable, number> | undefined;
  return finished !== undefined && SHADOW_TABLES.every((table) => finished[table] === rows[table]);
}
