/** From the subject of a token to a user: KV first, so that Postgres is not on the path of every request. */
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import { type Database, uniqueViolation } from '../database/client.ts';
import { deletedSubject, findUserBySubject, insertUser } from '../database/users.ts';

/** How long KV may answer for a user before Postgres is asked again; then it is, after the response. */
const FRESH_MS = 3600_000;
/** For so long it answers where Postgres cannot be asked. A deletion overwrites the entry at once. */
const KEPT_SECONDS = 30 * 24 * 3600;
const DELETED = 'deleted';

interface EntryMetadata {
  /** When Postgres said so, milliseconds since the epoch. */
  checkedAt: number;
}

/** `user/<hash of the subject>` -> user id, or `deleted`. */
async function directoryKey(subject: string): Promise<string> {
  return `user/${(await deletedSubject(subject)).slice('deleted:'.length)}`;
}

export type Found = { userId: string } | 'deleted';

export interface Directory {
  kv: KVNamespace;
  database: Database;
  now: Date;
  waitUntil: (work: Promise<unknown>) => void;
}

/** The subject's user, made where a valid token names an unknown one. */
export async function userOfSubject(directory: Directory, subject: string): Promise<Found> {
  const { kv, now, waitUntil } = directory;
  const { value, metadata } = await kv.getWithMetadata<EntryMetadata>(await directoryKey(subject));
  if (value === DELETED) return 'deleted';
  if (value === null) return askPostgres(directory, subject);
  const stale = now.getTime() - (metadata?.checkedAt ?? 0) > FRESH_MS;
  if (stale) waitUntil(askPostgres(directory, subject).catch(() => {}));
  return { userId: value };
}

/** Has KV answer the next time. */
async function askPostgres({ kv, database, now, waitUntil }: Directory, subject: string): Promise<Found> {
  let found = await findUserBySubject(database, subject);
  if (!found) {
    await makeUser(database, subject, now);
    found = await findUserBySubject(database, subject);
  }
  if (!found || found.deleted) {
    waitUntil(forgetSubject(kv, subject));
    return 'deleted';
  }
  const metadata: EntryMetadata = { checkedAt: now.getTime() };
  waitUntil(kv.put(await directoryKey(subject), found.id, { expirationTtl: KEPT_SECONDS, metadata }));
  return { userId: found.id };
}

/** From now on, tokens of the subject are refused without Postgres being asked. */
export async function forgetSubject(kv: KVNamespace, subject: string): Promise<void> {
  await kv.put(await directoryKey(subject), DELETED);
}

/** Two first requests at once make one user: whoever comes second makes nothing. */
async function makeUser(database: Database, subject: string, now: Date): Promise<void> {
  const id = isUuid(subject) ? subject : uuidv7();
  const actorKey = crypto.randomUUID();
  try {
    await insertUser(database, { id, actorKey, subject, onboardingTags: {}, homeCurrency: null, now });
  } catch (error) {
    // The id is the subject's own where that is a UUID, so that the second one may also fail on it.
    if (!uniqueViolation(error)) throw error;
  }
}
