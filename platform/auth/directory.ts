/** From the subject of a token to a user: KV first, so that Postgres is not on the path of every request. */
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import { type Database, uniqueViolation } from '../database/client.ts';
import { deletedSubject, findUserBySubject, insertUser } from '../database/users.ts';

/** How long KV may answer for a user before Postgres is asked again; then it is, after the response. */
const FRESH_MS = 3600_000;
/** For so long it answers where Postgres cannot be asked. A deletion overwrites the entry at once. */
const KEPT_SECONDS = 30 * 24 * 3600;
const DELETED = 'deleted';

/** How long an isolate may answer from memory, and for how many users. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;
const remembered = new Map<string, { userId: string; until: number }>();
/** Counts the deletions: what was read before one is not remembered after it. */
let deletions = 0;

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

/**
 * As `userOfSubject`, from memory where this isolate was told so some seconds ago. A deletion elsewhere is heard of that much
 * later: only for requests that reach nothing of a deleted account, whoever asks for it.
 */
export async function rememberedUserOfSubject(directory: Directory, subject: string): Promise<Found> {
  const now = directory.now.getTime();
  const known = remembered.get(subject);
  if (known && now < known.until && known.until <= now + REMEMBERED_MS) return { userId: known.userId };
  const before = deletions;
  const { found, isFresh } = await askKv(directory, subject);
  if (isFresh && found !== 'deleted' && deletions === before) {
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(subject, { userId: found.userId, until: now + REMEMBERED_MS });
  }
  return found;
}

/** The subject's user, made where a valid token names an unknown one. */
export async function userOfSubject(directory: Directory, subject: string): Promise<Found> {
  return (await askKv(directory, subject)).found;
}

/** `isFresh`: said by KV, on what Postgres said lately. */
async function askKv(directory: Directory, subject: string): Promise<{ found: Found; isFresh: boolean }> {
  const { kv, now, waitUntil } = directory;
  const { value, metadata } = await kv.getWithMetadata<EntryMetadata>(await directoryKey(subject));
  if (value === DELETED) return { found: 'deleted', isFresh: true };
  if (value === null) return { found: await askPostgres(directory, subject), isFresh: false };
  const isFresh = now.getTime() - (metadata?.checkedAt ?? 0) <= FRESH_MS;
  if (!isFresh) waitUntil(askPostgres(directory, subject).catch(() => {}));
  return { found: { userId: value }, isFresh };
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
  forgetRemembered(subject);
  await kv.put(await directoryKey(subject), DELETED);
  // What was read in the meantime.
  forgetRemembered(subject);
}

function forgetRemembered(subject: string): void {
  deletions++;
  remembered.delete(subject);
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
