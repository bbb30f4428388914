/** What a data set consists of: `manifest.json`, written last. A file that it does not name is none of the data set. */
import { z } from 'zod';
import type { ArtifactStore } from '../artifact-store.ts';

export const MANIFEST = 'manifest.json';
/** Raised with any change of the columns or of what they mean. */
export const SCHEMA_VERSION = 1;

export const DATASET_TABLES = ['signals', 'candidate_sets', 'venues', 'pivots', 'arbitration'] as const;
export type DatasetTable = (typeof DATASET_TABLES)[number];

const file = z.object({
  path: z.string(),
  table: z.enum(DATASET_TABLES),
  /** The day, UTC, on which its rows were stored; of tables that are read a month at a time, the month (YYYY-MM). */
  date: z.string().regex(/^\d{4}-\d\d(-\d\d)?$/),
  rows: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1),
  /** Of tables that are read a month at a time: tells whether it has changed since. */
  fingerprint: z.string().optional(),
});
export type DatasetFile = z.infer<typeof file>;

const manifest = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  /** All signals up to this `position` are in `files`. */
  position: z.int().min(0),
  /** Real users with three trips or more when it was last brought up to date: what synthetic rows weigh goes by it. */
  seasoned_users: z.int().min(0).default(0),
  files: z.array(file),
  /** An extraction on its way to position `to`: what it has written so far, and where it goes on. */
  pending: z
    .object({
      to: z.int(),
      table: z.enum(['candidate_sets', 'signals']),
      /** Of `table`, all days before this one are in `files`, and of this one all up to the position `after`. */
      day: z.string(),
      after: z.int(),
      files: z.array(file),
    })
    .nullable(),
});
export type Manifest = z.infer<typeof manifest>;
export type Pending = NonNullable<Manifest['pending']>;

export const EMPTY_MANIFEST: Manifest = {
  schema_version: SCHEMA_VERSION,
  position: 0,
  seasoned_users: 0,
  files: [],
  pending: null,
};

/** @throws Error where it is not one, or one of another schema version. */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`);
  }
  const version = (value as { schema_version?: unknown } | null)?.schema_version;
  if (version !== SCHEMA_VERSION) throw new Error(`schema_version is ${version}, this code reads ${SCHEMA_VERSION}`);
  const read = manifest.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  throw new Error(`${issue.path.map(String).join('.')}: ${issue.message}`);
}

/** With the version that `writeManifest` needs; an empty one where there is none yet. */
export async function readManifest(store: ArtifactStore): Promise<{ manifest: Manifest; version: string | null }> {
  const stored = await store.read(MANIFEST);
  if (!stored) return { manifest: EMPTY_MANIFEST, version: null };
  try {
    return { manifest: parseManifest(new TextDecoder().decode(stored.bytes)), version: stored.version };
  } catch (error) {
    throw new Error(`${MANIFEST}: ${(error as Error).message}`);
  }
}

/** Another extraction has moved the data set on in the meantime: what this one read of it no longer holds. */
export class ManifestOvertaken extends Error {
  override readonly name = 'ManifestOvertaken';
  constructor() {
    super('another extraction wrote to the data set in the meantime');
  }
}

/** @throws ManifestOvertaken when it is no longer at `version`. */
export async function writeManifest(store: ArtifactStore, written: Manifest, version: string | null): Promise<void> {
  const order = (a: DatasetFile, b: DatasetFile) => (a.path < b.path ? -1 : 1);
  const text = `${JSON.stringify({ ...written, files: written.files.toSorted(order) }, null, 1)}\n`;
  if (!(await store.writeIfAt(MANIFEST, new TextEncoder().encode(text), version))) throw new ManifestOvertaken();
}
