/** PGlite does not lock its folder, and two of them in one folder destroy it: this lock is taken before it opens. */
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { lock } from 'proper-lockfile';

/** How long the holder may fail to renew the lock before it counts as gone. Long, for a holder that is suspended. */
const STALE_MS = 30_000;

export class DataDirLocked extends Error {}

/**
 * Locks `dataDir` (made when missing) for this process with `<dataDir>.lock`, and returns the release.
 * `<dataDir>.pid` names the holder, so that the lock of a killed one is taken over at once.
 * `onLost` is called if another process took the lock over: nothing may be written to the folder from then on.
 * @throws DataDirLocked when another process holds it.
 */
export async function lockDataDir(dataDir: string, onLost: () => void): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const take = () => lock(dataDir, { stale: STALE_MS, update: STALE_MS / 6, onCompromised: onLost });
  const pidFile = `${dataDir}.pid`;
  let release: () => Promise<void>;
  try {
    release = await take();
  } catch (error) {
    if (!isLocked(error)) throw error;
    const holder = await readPid(pidFile);
    if (holder === null || isAlive(holder)) throw locked(dataDir, holder);
    await rmdir(`${dataDir}.lock`).catch(() => {});
    release = await take().catch((again: unknown) => {
      throw isLocked(again) ? locked(dataDir, null) : again;
    });
  }
  await writeFile(pidFile, String(process.pid));
  return async () => {
    await rm(pidFile, { force: true });
    await release();
  };
}

function locked(dataDir: string, holder: number | null): DataDirLocked {
  const process = holder === null ? '' : ` (process ${holder})`;
  return new DataDirLocked(`${dataDir} is in use: another start is running${process}.`);
}

const isLocked = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ELOCKED';

async function readPid(file: string): Promise<number | null> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
