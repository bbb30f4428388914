/** The data of a training job: brought up to date when it is first tried, and the same whenever it is tried again. */
import { copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Extraction, extractAll } from '../../platform/artifacts/dataset/extract.ts';
import { MANIFEST, ManifestOvertaken, parseManifest } from '../../platform/artifacts/dataset/manifest.ts';
import { folderStore } from '../../platform/artifacts/folder-store.ts';
import type { Database } from '../../platform/database/client.ts';

/** Another extraction into the same folder may come between. */
const MOST_TRIES = 5;

/**
 * The data set in `from`, as it is once everything logged is in it, kept in `into` without taking space: its files are
 * never written to again. What is in `into` from an earlier try stays, so that a checkpoint of it fits.
 * @param onStep throws to stop it
 */
export async function keptData(
  database: Database,
  { from, into, onStep }: { from: string; into: string; onStep: () => void },
): Promise<void> {
  if (await exists(into)) return;
  for (let tries = 1; ; tries++) {
    try {
      await extractAll(new Extraction(database, folderStore(from)), onStep);
      await keep(from, into);
      return;
    } catch (error) {
      const overtaken = error instanceof ManifestOvertaken || (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!overtaken || tries === MOST_TRIES) throw error;
    }
  }
}

async function keep(from: string, into: string): Promise<void> {
  const manifest = await readFile(join(from, MANIFEST)).catch((error: NodeJS.ErrnoException) => {
    // Nothing was ever logged, so nothing was written.
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const unfinished = `${into}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  if (manifest) {
    for (const { path } of parseManifest(manifest.toString('utf8')).files) {
      await mkdir(dirname(join(unfinished, path)), { recursive: true });
      await linkOrCopy(join(from, path), join(unfinished, path));
    }
    await writeFile(join(unfinished, MANIFEST), manifest);
  }
  await rename(unfinished, into);
}

/** A link goes not from one disk to another. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(error.code ?? '')) throw error;
    return copyFile(from, to);
  });
}

const exists = async (path: string) => (await stat(path).catch(() => null)) !== null;
