/** What a run needs to go on as if it had not been stopped. */
import { readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { writeWhole } from '../../platform/artifacts/whole-file.ts';
import type { AdamState } from './adam.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { ParameterValues } from './parameter-values.ts';

export interface Checkpoint {
  values: ParameterValues;
  optimiser: AdamState;
  history: readonly EpochRecord[];
  best: { epoch: number; validation: number; values: ParameterValues } | null;
}

/**
 * @param fingerprint of data, config and seed: a checkpoint of another run is not taken
 * @returns null where there is none, or none that can be read: training then begins anew
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!bytes) return null;
  try {
    const stored = deserialize(bytes) as { fingerprint: string; checkpoint: Checkpoint };
    return stored.fingerprint === fingerprint ? stored.checkpoint : null;
  } catch {
    return null;
  }
}

/** Atomic: a kill or a full disk leaves the one before. */
export async function writeCheckpoint(path: string, fingerprint: string, checkpoint: Checkpoint): Promise<void> {
  await writeWhole(path, serialize({ fingerprint, checkpoint }));
}
