/** The venues' vectors in the spaces of the two-tower versions whose files are on this machine, made by Node's own runtime. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { VectorIndex } from '../../core/venue/vector-index.ts';
import type { Database } from '../../platform/database/client.ts';
import { ModelRefused } from '../../platform/inference/check-model.ts';
import { itemTowerModel, TWO_TOWER } from '../../platform/inference/item-tower.ts';
import { onnxSession } from '../../platform/inference/onnx-session.ts';
import { openModel } from '../../platform/inference/served-model.ts';
import { indexVenues, versionsToIndex } from '../../platform/vectors/item-vectors.ts';
import { ROOT } from './state-folder.ts';

const PAGE = 1000;

const ARTIFACTS = join(ROOT, 'models', 'artifacts');

export interface IndexedVersion {
  version: string;
  /** Null where its files are not in the folder (the job `index-item-vectors` finds them in the bucket), or are refused. */
  written: number | null;
  /** Why nothing was written. */
  reason: string | null;
}

/**
 * Writes what is missing or of an older venue; safe to repeat.
 * @param folder of model folders, `<name>/<version>/`
 */
export async function indexItemVectors(
  database: Database,
  vectors: VectorIndex,
  { folder = ARTIFACTS }: { folder?: string } = {},
): Promise<IndexedVersion[]> {
  const indexed: IndexedVersion[] = [];
  for (const { version, artifactPath } of await versionsToIndex(database)) {
    const path = join(folder, artifactPath ?? join(TWO_TOWER, version));
    const opened = await openModel(itemTowerModel, {
      version,
      read: (file) => fileIn(path, version, file),
      createSession,
    }).catch((error: unknown) => {
      if (error instanceof ModelRefused) return error;
      throw error;
    });
    if (opened instanceof ModelRefused) {
      indexed.push({ version, written: null, reason: opened.message });
      continue;
    }
    let written = 0;
    try {
      await vectors.openSpace(opened.serves.space);
      for (let after: string | null = null, more = true; more; more = after !== null) {
        const stretch = await indexVenues(database, vectors, opened.serves, after, PAGE);
        written += stretch.written;
        after = stretch.next;
      }
    } finally {
      await opened.close();
    }
    indexed.push({ version, written, reason: null });
  }
  return indexed;
}

async function fileIn(path: string, version: string, file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(join(path, file)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ModelRefused('missing', `${TWO_TOWER}@${version}`, file, `not in ${path}`);
  }
}

const createSession = async (bytes: Uint8Array) =>
  onnxSession(ort, await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 }));
