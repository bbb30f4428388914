/** What the nightly encoding reads and writes: warm travellers of whom there is something new, and their embeddings. */
import { eq, sql } from 'drizzle-orm';
import { WARM_SIGNALS } from '../../core/persona/persona.ts';
import { SHADOW_SUBJECT_PREFIX } from '../../core/persona/shadow-subject.ts';
import type { Database } from './client.ts';
import { JUDGEMENT_AS_JSON, type LearnableSignal, SPEAKS_OF_VENUES } from './persona-learning.ts';
import { users } from './schema/index.ts';

/** A signal that says nothing of a venue after all makes room for an older one. */
const SPARE = 2;

export interface WarmTraveller {
  userId: string;
  countingSignals: number;
  /** Of the user's row: what changed it in the meantime wins. */
  version: string;
  /** The last ones that speak of venues, oldest first. */
  signals: LearnableSignal[];
}

/**
 * The next travellers, in the order of their ids, who are warm and were not encoded by this version since something of them
 * changed: `persona_embedded_at` is the row's `updated_at` for as long as nothing has. Cold ones are never among them.
 * @param modelVersion `persona-encoder@<version>`
 * @param length decisions that the encoder reads
 */
export async function nextWarmTravellers(
  database: Database,
  { modelVersion, length }: { modelVersion: string; length: number },
  after: string | null,
  limit: number,
): Promise<WarmTraveller[]> {
  const { rows } = await database.execute<Record<keyof WarmTraveller, unknown>>(sql`
    with due as (
      select u.id, u.counting_signals, u.updated_at::text as version, k.actor_key
      from users u join actor_keys k on k.user_id = u.id
      where u.deleted_at is null and u.counting_signals >= ${WARM_SIGNALS}
        and u.subject not like ${`${SHADOW_SUBJECT_PREFIX}%`} ${after === null ? sql`` : sql`and u.id > ${after}`}
        and (u.persona_version is distinct from ${modelVersion} or u.persona_embedded_at is distinct from u.updated_at
          or exists (
            select from behavioral_signals s
            where s.actor_key = k.actor_key and s.created_at > u.persona_embedded_at and ${SPEAKS_OF_VENUES}))
      order by u.id limit ${limit}
    )
    select d.id as "userId", d.counting_signals as "countingSignals", d.version, l.signals
    from due d
    cross join lateral (
      select coalesce(jsonb_agg(signal order by occurred_at, position), '[]') as signals from (
        select ${JUDGEMENT_AS_JSON} as signal, s.occurred_at, s.position
        from behavioral_signals s where s.actor_key = d.actor_key and ${SPEAKS_OF_VENUES}
        order by s.occurred_at desc, s.position desc limit ${length * SPARE}) newest
    ) l
    order by d.id`);
  return rows as unknown as WarmTraveller[];
}

export interface EncodedTraveller {
  traveller: Pick<WarmTraveller, 'userId' | 'version'>;
  /** [128] */
  embedding: Float32Array;
}

/** Nearer than this, in Euclidean distance, two embeddings differ by rounding alone: batches of other sizes round differently. */
const ROUNDING = 1e-4;

/**
 * Stores embeddings, and what was there before where they differ. Leaves out whoever changed or deleted their account, or was
 * learned from, in the meantime; answers the ids of the others. Where nothing differs, only the time does.
 */
export async function storeEncoded(
  database: Database,
  encoded: readonly EncodedTraveller[],
  modelVersion: string,
  now: Date,
): Promise<{ id: string; changed: boolean }[]> {
  if (encoded.length === 0) return [];
  const given = JSON.stringify(
    encoded.map(({ traveller, embedding }) => ({
      user_id: traveller.userId,
      version: traveller.version,
      embedding: `[${embedding.join(',')}]`,
    })),
  );
  const ids = JSON.stringify(encoded.map(({ traveller }) => traveller.userId));
  const at = now.toISOString();
  const [, stored] = await database.batch([
    // First, in a statement of its own, as where personas learn: the next one sees what others committed before it.
    database.execute(sql`
      select id from users where id in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb))
      order by id for no key update`),
    database.execute<{ id: string; changed: boolean }>(sql`
      with due as (
        select u.id, g.embedding::vector as embedding, u.persona_embedding as before, u.persona_version as version_before,
          coalesce(u.persona_version is distinct from ${modelVersion} or u.persona_embedding <-> g.embedding::vector > ${ROUNDING}, true) as changed
        from jsonb_to_recordset(${given}::jsonb) as g (user_id uuid, version text, embedding text)
        join users u on u.id = g.user_id and u.deleted_at is null and u.updated_at::text = g.version
          and u.counting_signals >= ${WARM_SIGNALS}
      )
      update users u set
        persona_embedding_before = case when d.changed then d.before else u.persona_embedding_before end,
        persona_version_before = case when d.changed then d.version_before else u.persona_version_before end,
        persona_embedding = case when d.changed then d.embedding else u.persona_embedding end,
        persona_version = ${modelVersion}, persona_embedded_at = ${at}, updated_at = ${at}
      from due d where u.id = d.id
      returning u.id, d.changed`),
  ]);
  return stored.rows;
}

export interface PersonaState {
  countingSignals: number;
  embedding: number[] | null;
  version: string | null;
  embeddedAt: Date | null;
  embeddingBefore: number[] | null;
  versionBefore: string | null;
  updatedAt: Date;
}

/** Null where there is no such user, or where the account was deleted. */
export async function findPersonaState(database: Database, userId: string): Promise<PersonaState | null> {
  const [row] = await database
    .select({
      countingSignals: users.countingSignals,
      embedding: users.personaEmbedding,
      version: users.personaVersion,
      embeddedAt: users.personaEmbeddedAt,
      embeddingBefore: users.personaEmbeddingBefore,
      versionBefore: users.personaVersionBefore,
      updatedAt: users.updatedAt,
      deletedAt: users.deletedAt,
    })
    .from(users)
    .where(eq(users.id, userId));
  if (!row || row.deletedAt !== null) return null;
  const { deletedAt: _, ...state } = row;
  return state;
}
