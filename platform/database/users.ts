/** Travellers: found or made by the `sub` they sign in with, and their stored persona. */
import { and, eq, isNull, or, sql } from 'drizzle-orm';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import { interestsFromTags, type OnboardingTags } from '../../core/persona/onboarding.ts';
import { makePersona, type Persona, personaFromTags } from '../../core/persona/persona.ts';
import { type StartingPoint, startingPoint } from '../../core/persona/starting-point.ts';
import type { Database, Queries } from './client.ts';
import { actorKeys, personaDimensions, users } from './schema/index.ts';

export type User = typeof users.$inferSelect;

export interface NewUser {
  id: string;
  actorKey: string;
  subject: string;
  onboardingTags: OnboardingTags;
  homeCurrency: string | null;
  /** Left out: the tags alone. */
  start?: StartingPoint | undefined;
  now: Date;
}

const tagsAlone = (tags: OnboardingTags) => startingPoint(tags, new Map());

function personaColumns({ persona, version }: StartingPoint) {
  return {
    personaEmbedding: [...persona.embedding],
    personaDescription: persona.description,
    personaVersion: version,
  };
}

/** Where the embedding is the encoder's, it stays: tags say nothing of what it was made of, and their space is another. */
function changedPersonaColumns({ embedding, description }: Persona, version: string) {
  const encoded = sql`${users.personaVersion} like 'persona-encoder@%'`;
  const given = `[${embedding.join(',')}]`;
  return {
    personaEmbedding: sql`case when ${encoded} then ${users.personaEmbedding} else ${given}::vector end`,
    personaDescription: description,
    personaVersion: sql`case when ${encoded} then ${users.personaVersion} else ${version} end`,
  };
}

/** Where a dimension comes from: who set it last, and the prior that it started from, for as long as it lasts. */
const sourceOf = (setBy: string, prior: string | null) => (prior === null ? setBy : `${setBy},${prior}`);

/** The dimensions to start from; of nobody where there is no such user, or where the account was deleted. */
function putDimensions(database: Database, userId: string, { persona, prior }: StartingPoint, now: Date) {
  const values = DIMENSION_NAMES.map((dimension) => ({ dimension, value: persona.dimensions[dimension] }));
  return database.execute(sql`
    insert into persona_dimensions (user_id, dimension, value, source, updated_at)
    select u.id, d.dimension, d.value, ${sourceOf('onboarding', prior)}, ${now.toISOString()}
    from users u, jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as d(dimension text, value double precision)
    where u.id = ${userId} and u.deleted_at is null
    on conflict (user_id, dimension) do update
      set value = excluded.value, source = excluded.source, updated_at = excluded.updated_at`);
}

/** In one transaction: the user, the actor key and the persona to start from. A subject that exists already is left as it is. */
export async function insertUser(database: Database, user: NewUser): Promise<void> {
  const { id, actorKey, subject, onboardingTags, homeCurrency, start = tagsAlone(onboardingTags), now } = user;
  // Whoever comes second with the same subject inserts none of the three: all hang on the first statement's row.
  await database.batch([
    database
      .insert(users)
      .values({ id, subject, onboardingTags, homeCurrency, ...personaColumns(start), createdAt: now, updatedAt: now })
      .onConflictDoNothing({ target: users.subject }),
    database.execute(sql`
      insert into actor_keys (user_id, actor_key, created_at)
      select id, ${actorKey}, ${now.toISOString()} from users where id = ${id}`),
    putDimensions(database, id, start, now),
  ]);
}

/** What the subject of a deleted account is replaced by: enough to refuse it, nothing that leads back to the person. */
export async function deletedSubject(subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject));
  return `deleted:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export async function findUserBySubject(
  database: Queries,
  subject: string,
): Promise<{ id: string; deleted: boolean } | null> {
  const [row] = await database
    .select({ id: users.id, deletedAt: users.deletedAt })
    .from(users)
    .where(or(eq(users.subject, subject), eq(users.subject, await deletedSubject(subject))));
  return row ? { id: row.id, deleted: row.deletedAt !== null } : null;
}

export interface Traveller {
  user: User;
  actorKey: string;
  persona: Persona;
}

/** A user with what ranking needs of them; null where there is none, or where the account was deleted. */
export async function findTraveller(database: Database, userId: string): Promise<Traveller | null> {
  const [[row], dimensionValues] = await database.batch([
    database
      .select({ user: users, actorKey: actorKeys.actorKey })
      .from(users)
      .innerJoin(actorKeys, eq(actorKeys.userId, users.id))
      .where(eq(users.id, userId)),
    database
      .select({ dimension: personaDimensions.dimension, value: personaDimensions.value })
      .from(personaDimensions)
      .where(eq(personaDimensions.userId, userId)),
  ]);
  if (!row || row.user.deletedAt !== null) return null;
  return { ...row, persona: storedPersona(row.user, dimensionValues) };
}

/** The stored dimensions (they may have started from a prior, or moved since); those of the tags where there is none. */
function storedPersona(user: User, values: readonly { dimension: string; value: number }[]): Persona {
  const fromTags = personaFromTags(user.onboardingTags);
  const stored = new Map(values.map(({ dimension, value }) => [dimension, value]));
  const dimensions = Object.fromEntries(
    DIMENSION_NAMES.map((name) => [name, stored.get(name) ?? fromTags.dimensions[name]]),
  ) as Dimensions;
  return makePersona(dimensions, interestsFromTags(user.onboardingTags), user.personaDescription);
}

export interface UserChanges {
  onboardingTags?: OnboardingTags | undefined;
  /** With the tags: where to start from now. Left out: the tags alone. */
  start?: StartingPoint | undefined;
  homeCurrency?: string | null | undefined;
}

/** New tags make a new persona. */
export async function updateUser(database: Database, userId: string, changes: UserChanges, now: Date): Promise<void> {
  const { onboardingTags, homeCurrency } = changes;
  const start = onboardingTags && (changes.start ?? tagsAlone(onboardingTags));
  await database.batch([
    database
      .update(users)
      .set({
        ...(homeCurrency === undefined ? {} : { homeCurrency }),
        ...(start ? { onboardingTags, ...changedPersonaColumns(start.persona, start.version) } : {}),
        updatedAt: now,
      })
      .where(and(eq(users.id, userId), isNull(users.deletedAt))),
    ...(start ? [putDimensions(database, userId, start, now)] : []),
  ]);
}

/**
 * Stores what a language model made of the starting point: a description, and dimensions nudged by it. Changes nothing
 * where the traveller has chosen other tags in the meantime.
 */
export async function storeDescribedPersona(
  database: Database,
  userId: string,
  tags: OnboardingTags,
  { persona, version, prior }: StartingPoint,
  now: Date,
): Promise<void> {
  const chosen = sql`${users.onboardingTags} = ${JSON.stringify(tags)}::jsonb and ${users.deletedAt} is null`;
  const values = DIMENSION_NAMES.map((dimension) => ({ dimension, value: persona.dimensions[dimension] }));
  await database.batch([
    database
      .update(users)
      .set({ ...changedPersonaColumns(persona, version), updatedAt: now })
      .where(and(eq(users.id, userId), chosen)),
    database.execute(sql`
      update persona_dimensions set value = d.value, source = ${sourceOf('llm', prior)}, updated_at = ${now.toISOString()}
      from users, jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as d(dimension text, value double precision)
      where users.id = ${userId} and ${chosen}
        and persona_dimensions.user_id = users.id and persona_dimensions.dimension = d.dimension`),
  ]);
}
