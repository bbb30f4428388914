/** `.overplanned/`: everything that the local start keeps between runs. Not committed. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Local tokens name this issuer; production refuses it. */
export const LOCAL_ISSUER = 'overplanned-local';

export const stateOption = () =>
  new Option('--state <folder>', 'where local data is kept').default(join(ROOT, '.overplanned'), '.overplanned');

export interface StateFolder {
  path: string;
  /** The embedded Postgres. */
  postgres: string;
  /** The Worker's bundle. */
  bundle: string;
  /** KV, R2 and Durable Objects. */
  bindings: string;
}

export function stateFolder(folder: string): StateFolder {
  const path = resolve(folder);
  return { path, postgres: join(path, 'pg'), bundle: join(path, 'worker'), bindings: join(path, 'bindings') };
}

/** The secret that signs local tokens: 32 random bytes as base64url, made at the first call and kept. */
export async function authSecret(state: StateFolder): Promise<string> {
  const file = join(state.path, 'auth-secret');
  await mkdir(state.path, { recursive: true });
  try {
    // Fails when it exists, so that of two first calls both end up with one secret.
    await writeFile(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
