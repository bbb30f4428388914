/** From the subject of a token to a user: KV first, so that Postgres is not on the path of every request. */
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import { type Database, uniqueViolation } from '../database/client.ts';
import { deletedSubject, findUserBySubject, insertUser } from '../database/users.ts';

/** How long KV may answer for a user without Postgres being asked. A deletion overwrites the entry at once. */
const KEPT_SECONDS = 3600;
const DELETED = 'deleted';

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
export async function userOfSubject({ kv, database, now, waitUntil }: Directory, subject: string): Promise<Found> {
  const key = await directoryKey(subject);
  const known = await kv.get(key);
  if (known === DELETED) return 'deleted';
  if (known) return { userId: known };

  let found = await findUserBySubject(database, subject);
  if (!found) {
    await makeUser(database, subject, now);
    found = await findUserBySubject(database, subject);
  }
  if (!found || found.deleted) {
    waitUntil(kv.put(key, DELETED));
    return 'deleted';
  }
  waitUntil(kv.put(key, found.id, { expirationTtl: KEPT_SECONDS }));
  return { userId: found.id };
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
