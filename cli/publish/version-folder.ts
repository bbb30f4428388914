/** The folder of a trained version (`training/artifact/artifact.ts`), held against what its `training.json` says. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MOST_MODEL_BYTES } from '../../platform/inference/check-model.ts';
import { LONGEST_NAME, MODEL_FILE, MODEL_NAME, TRAINED_VERSION } from '../../platform/inference/version-names.ts';
import { CommandError } from '../command-error.ts';

const DESCRIPTION = 'training.json';
/** Beside the files that it lists: written with it, of it. */
const BESIDE = ['config.json', 'metrics.json', 'card.md'];

const described = z.object({
  model: z.string().max(LONGEST_NAME).regex(MODEL_NAME),
  version: z.string().regex(TRAINED_VERSION),
  metrics: z.record(
    z.string(),
    z.object({ value: z.number(), interval: z.object({ lower: z.number(), upper: z.number() }).nullable() }),
  ),
  lineage: z.object({ rows: z.record(z.string(), z.number()) }),
  files: z.array(
    z.object({
      name: z.string().max(LONGEST_NAME).regex(MODEL_FILE),
      bytes: z.int().min(1).max(MOST_MODEL_BYTES),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export interface VersionFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
}

export interface TrainedVersion {
  model: string;
  version: string;
  metrics: z.infer<typeof described>['metrics'];
  lineage: string[];
  /** When its folder was written; of a copy, when it was copied, and then the gate counts from there. */
  trainedAt: Date;
  /** In the order in which they are to be stored: who finds the last one finds all. */
  files: VersionFile[];
}

/** @throws CommandError that names the file, or the field of `training.json`, that is not as it should be */
export async function readVersionFolder(folder: string): Promise<TrainedVersion> {
  const description = await fileOf(folder, DESCRIPTION);
  const { model, version, metrics, lineage, files } = parsed(description.bytes, join(folder, DESCRIPTION));
  const listed = await Promise.all(
    files.map(async (told) => sameAsTold(await fileOf(folder, told.name), told, folder)),
  );
  const known = new Set([...files.map(({ name }) => name), ...BESIDE, DESCRIPTION]);
  const stranger = (await readdir(folder)).find((name) => !known.has(name) && !name.startsWith('.'));
  if (stranger) throw new CommandError(`${join(folder, stranger)}: ${DESCRIPTION} does not list it.`);
  const beside = await Promise.all(BESIDE.map((name) => fileOf(folder, name)));
  const { mtime } = await stat(join(folder, DESCRIPTION));
  return {
    ...{ model, version, metrics, lineage: Object.keys(lineage.rows).sort(), trainedAt: mtime },
    files: [...listed, ...beside, description],
  };
}

async function fileOf(folder: string, name: string): Promise<VersionFile> {
  const path = join(folder, name);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: ${error.code === 'ENOENT' ? 'there is none' : error.message}.`);
  });
  return { name, bytes: new Uint8Array(bytes), sha256: createHash('sha256').update(bytes).digest('hex') };
}

function parsed(bytes: Uint8Array, path: string): z.infer<typeof described> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
  const read = described.safeParse(value);
  if (read.success) return read.data;
  const { path: field, message } = read.error.issues[0]!;
  throw new CommandError(`${path}: ${field.map(String).join('.') || 'its content'}: ${message}`);
}

function sameAsTold(file: VersionFile, told: z.infer<typeof described>['files'][number], folder: string): VersionFile {
  const path = join(folder, file.name);
  if (file.bytes.length !== told.bytes)
    throw new CommandError(`${path}: ${file.bytes.length} bytes, ${DESCRIPTION} says ${told.bytes}.`);
  if (file.sha256 !== told.sha256)
    throw new CommandError(`${path}: not the file that ${DESCRIPTION} lists: another SHA-256.`);
  return file;
}
