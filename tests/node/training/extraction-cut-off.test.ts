/** An extraction that breaks off: the next one goes on, and what was counted stays whole. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../../platform/artifacts/artifact-store.ts';
import { Extraction } from '../../../platform/artifacts/dataset/extract.ts';
import { ManifestOvertaken } from '../../../platform/artifacts/dataset/manifest.ts';
import { folderStore } from '../../../platform/artifacts/folder-store.ts';
import { expectTidy, extract, newFolder, rowsOf, SMALL, someDays, tree } from './extraction-scene.ts';
import { database } from '../own-database.ts';
import { day, logSignals } from './logged-behaviour.ts';

describe('an extraction that is cut off', () => {
  /** Fails at the `nth` write, the manifest's included. */
  const cutOff = (store: ArtifactStore, nth: number, error = new Error('killed')): ArtifactStore => {
    let writes = 0;
    const counted = () => {
      if (++writes === nth) throw error;
    };
    return {
      ...store,
      write: async (path, bytes) => {
        counted();
        await store.write(path, bytes);
      },
      writeIfAt: async (path, bytes, version) => {
        counted();
        return store.writeIfAt(path, bytes, version);
      },
    };
  };

  it('anywhere, goes on with the next one: each row once, no file that nobody counts', async () => {
    await someDays();
    const whole = newFolder();
    await extract(whole, SMALL);
    const wanted = await tree(whole);
    let cut = 0;
    for (let finished = false; !finished; cut++) {
      const folder = newFolder();
      const error = await extract(cutOff(folderStore(folder), cut + 1), SMALL).then(
        () => null,
        (reason: Error) => reason.message,
      );
      finished = error === null;
      if (error !== null) expect(error).toBe('killed');
      await extract(folder, SMALL);
      expect(await tree(folder), `cut at write ${cut + 1}`).toEqual(wanted);
    }
    expect(cut).toBeGreaterThan(10);
  });

  it('and followed by new signals, still counts each row once', async () => {
    await someDays();
    const folder = newFolder();
    for (const nth of [2, 4]) await expect(extract(cutOff(folderStore(folder), nth), SMALL)).rejects.toThrow('killed');
    await logSignals(database, 50, [{ actor: 1, ranking: 1, venue: 1, at: day(0, 40) }]);
    await extract(folder, SMALL);
    const ids = (await rowsOf(folder, 'signals')).map((row) => row.signal_id);
    expect(ids).toHaveLength(24);
    expect(new Set(ids).size).toBe(24);
    expect(await rowsOf(folder, 'candidate_sets')).toHaveLength(3);
    await expectTidy(folder);
  });

  it('is not counted while it lasts: what the manifest names stays whole', async () => {
    await someDays();
    const folder = newFolder();
    await extract(folder, SMALL);
    const before = await rowsOf(folder, 'signals');
    await logSignals(
      database,
      50,
      Array.from({ length: 20 }, (_, i) => ({ actor: 1, ranking: 1, venue: i, at: day(4, i) })),
    );
    await expect(extract(cutOff(folderStore(folder), 5), SMALL)).rejects.toThrow('killed');
    expect(await rowsOf(folder, 'signals')).toEqual(before);
  });

  it('by another one that is quicker, loses its step and nothing else', async () => {
    await someDays();
    const folder = newFolder();
    const store = folderStore(folder);
    let overtaken = false;
    const slow = new Extraction(
      database,
      {
        ...store,
        write: async (path, bytes) => {
          if (!overtaken) await extract(folder, SMALL);
          overtaken = true;
          await store.write(path, bytes);
        },
      },
      SMALL,
    );
    await expect(slow.step(await slow.target())).rejects.toThrow(ManifestOvertaken);
    await extract(folder, SMALL);
    expect(await rowsOf(folder, 'signals')).toHaveLength(23);
    await expectTidy(folder);
  });

  it('by a full disk, leaves nothing half written', async () => {
    await someDays();
    const folder = newFolder();
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    await expect(extract(cutOff(folderStore(folder), 3, full), SMALL)).rejects.toMatchObject({ code: 'ENOSPC' });
    await extract(folder, SMALL);
    expect(await rowsOf(folder, 'signals')).toHaveLength(23);
    await expectTidy(folder);
  });
});

describe('a disk that is really full', () => {
  const mounted = (folder: string): boolean => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48k', 'tmpfs', folder], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };

  it('stops it with ENOSPC, without a file in part; with room again, it goes on', async (test) => {
    const small = newFolder();
    await mkdir(small, { recursive: true });
    if (!mounted(small)) test.skip('mounting a small tmpfs needs root');
    try {
      await someDays();
      await extract(small, SMALL).then(
        () => expect.unreachable('48 kB hold all of it'),
        (error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOSPC'),
      );
      expect(Object.keys(await tree(small)).filter((path) => path.endsWith('.unfinished'))).toEqual([]);
      const roomy = newFolder();
      await cp(small, roomy, { recursive: true });
      await extract(roomy, SMALL);
      expect(await rowsOf(roomy, 'signals')).toHaveLength(23);
      await expectTidy(roomy);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
