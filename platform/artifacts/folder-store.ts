/** Artifacts in a folder. For Node. One process writes to it at a time. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ArtifactStore, StoredArtifact } from './artifact-store.ts';
import { writeWhole } from './whole-file.ts';

const missing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

export function folderStore(folder: string): ArtifactStore {
  const read = async (path: string): Promise<StoredArtifact | null> => {
    try {
      const bytes = await readFile(join(folder, path));
      return { bytes, version: createHash('sha256').update(bytes).digest('hex') };
    } catch (error) {
      if (missing(error)) return null;
      throw error;
    }
  };
  return {
    read,
    write: (path, bytes) => writeWhole(join(folder, path), bytes),
    async writeIfAt(path, bytes, version) {
      if (((await read(path))?.version ?? null) !== version) return false;
      await writeWhole(join(folder, path), bytes);
      return true;
    },
    async list(prefix) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (missing(error)) return [];
        throw error;
      });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((path) => path.startsWith(prefix))
        .sort();
    },
    async remove(paths) {
      for (const path of paths) await rm(join(folder, path), { force: true });
    },
  };
}
