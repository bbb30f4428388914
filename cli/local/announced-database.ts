/** Whoever has the embedded Postgres of a state folder says in the folder where it is, so that other commands can use it, too. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../platform/database/client.ts';
import type { StateFolder } from './state-folder.ts';

const fileIn = (state: StateFolder) => join(state.path, 'database.json');

/** @returns what takes it back */
export async function announceDatabase(state: StateFolder, url: string): Promise<() => Promise<void>> {
  const file = fileIn(state);
  await writeFile(file, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** Its URL; null where nobody has it open. What a killed process left behind does not count. */
export async function announcedDatabase(state: StateFolder): Promise<string | null> {
  const text = await readFile(fileIn(state), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { pid, url } = JSON.parse(text) as { pid: number; url: string };
    process.kill(pid, 0);
    await openDatabase(url).execute(sql`select 1`);
    return url;
  } catch {
    return null;
  }
}
