/** What the nightly persona job reads and writes: signals that nobody has learned from yet, and what they taught. */
import { type SQL, sql } from 'drizzle-orm';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import type { OnboardingTags } from '../../core/persona/onboarding.ts';
import { PERSONA_VECTOR_VERSION } from '../../core/persona/persona-vector.ts';
import { SHADOW_SUBJECT_PREFIX } from '../../core/persona/shadow-subject.ts';
import { COUNTING_TYPES, type SignalSource, type SignalType } from '../../core/signal/signal.ts';
import { JUDGING_TYPES } from '../../core/signal/verdict.ts';
import type { Database } from './client.ts';
import type { SequenceEntry } from './schema/index.ts';

/** Sequence models read the last of these. */
export const SEQUENCE_SIGNALS = 200;

export interface LearnableSignal {
  type: SignalType;
  venueId: string | null;
  timeToActionMs: number | null;
  context: Record<string, unknown>;
  source: SignalSource;
  weight: number;
  counts: boolean;
  occurredAt: string;
}

export interface Learner {
  userId: string;
  actorKey: string;
  onboardingTags: OnboardingTags;
  description: string | null;
  /** Those stored; the ones missing are the tags'. */
  dimensions: Partial<Dimensions>;
  countingSignals: number;
  /** Of the embedding; null where there is none. */
  personaVersion: string | null;
  /** Of the user's row: what changed it in the meantime wins over what was learned. */
  version: string;
  learnedTo: number;
  /** `position` of the last signal read. */
  readTo: number;
  /** In the order in which they happened. */
  fresh: LearnableSignal[];
  /** The last ones, fresh ones included, oldest first. */
  latest: LearnableSignal[];
}

const types = (names: readonly string[]) => sql.raw(names.map((name) => `'${name}'`).join(', '));

/**
 * Signals that speak of venues. Of several alike, the one that counts; what never counts (swipes, answers after the
 * trip, backfill) speaks for itself.
 */
export const SPEAKS_OF_VENUES = sql`s.signal_type in (${types(JUDGING_TYPES)})
  and (s.counts or s.source <> 'user_behavioral' or s.signal_type not in (${types(COUNTING_TYPES)}))`;

/** A `LearnableSignal` of a row `s`. */
export const JUDGEMENT_AS_JSON = sql`jsonb_build_object('type', s.signal_type, 'venueId', s.activity_node_id,
  'timeToActionMs', (s.context ->> 'time_to_action_ms')::bigint, 'context', s.context, 'source', s.source,
  'weight', s.weight, 'counts', s.counts, 'occurredAt', to_char(s.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** The last signals of one actor that speak of venues, oldest first: a row each, its `signal` a `LearnableSignal`. */
export function latestJudgements(actorKey: string, limit: number): SQL {
  return sql`
    select signal from (
      select ${JUDGEMENT_AS_JSON} as signal, s.occurred_at, s.position
      from behavioral_signals s where s.actor_key = ${actorKey} and ${SPEAKS_OF_VENUES}
      order by s.occurred_at desc, s.position desc limit ${limit}) newest
    order by occurred_at, position`;
}

const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** Their venues, each as often as it comes; a replacement that is no id is nobody's venue. */
export function latestJudgedVenues(actorKey: string, limit: number): SQL {
  return sql`
    select unnest(array[venue, replacement]) from (
      select s.activity_node_id as venue, case when s.context ->> 'replacement_venue_id' ~ ${UUID} then (s.context ->> 'replacement_venue_id')::uuid end as replacement
      from behavioral_signals s where s.actor_key = ${actorKey} and ${SPEAKS_OF_VENUES}
      order by s.occurred_at desc, s.position desc limit ${limit}) newest`;
}

/** The next users, in the order of their ids, with signals past their watermark. */
export async function nextLearners(database: Database, after: string | null, limit: number): Promise<Learner[]> {
  const { rows } = await database.execute<Record<keyof Learner, unknown>>(sql`
    with due as (
      select u.id, u.onboarding_tags, u.persona_description, u.counting_signals, u.persona_version,
        u.updated_at::text as version, k.actor_key, coalesce(b.learned_to, 0) as learned_to
      from users u join actor_keys k on k.user_id = u.id left join behavioral_sequences b on b.actor_key = k.actor_key
      -- Those who are made up stay as they were made.
      where u.deleted_at is null and u.subject not like ${`${SHADOW_SUBJECT_PREFIX}%`} ${after === null ? sql`` : sql`and u.id > ${after}`}
        and exists (
          select from behavioral_signals s
          where s.actor_key = k.actor_key and s.position > coalesce(b.learned_to, 0) and ${SPEAKS_OF_VENUES})
      order by u.id limit ${limit}
    )
    select d.id as "userId", d.actor_key as "actorKey", d.onboarding_tags as "onboardingTags",
      d.persona_description as description, d.counting_signals as "countingSignals",
      d.persona_version as "personaVersion", d.version,
      d.learned_to as "learnedTo", f.read_to as "readTo", f.signals as fresh, l.signals as latest,
      coalesce((select jsonb_object_agg(dimension, value) from persona_dimensions p where p.user_id = d.id), '{}') as dimensions
    from due d
    cross join lateral (
      select max(s.position) as read_to, jsonb_agg(${JUDGEMENT_AS_JSON} order by s.occurred_at, s.position) as signals
      from behavioral_signals s where s.actor_key = d.actor_key and s.position > d.learned_to and ${SPEAKS_OF_VENUES}
    ) f
    cross join lateral (
      select jsonb_agg(signal order by occurred_at, position) as signals from (
        select ${JUDGEMENT_AS_JSON} as signal, s.occurred_at, s.position
        from behavioral_signals s where s.actor_key = d.actor_key and ${SPEAKS_OF_VENUES}
        order by s.occurred_at desc, s.position desc limit ${SEQUENCE_SIGNALS}) newest
    ) l
    order by d.id`);
  return rows.map((row) => ({
    ...(row as unknown as Learner),
    learnedTo: Number(row.learnedTo),
    readTo: Number(row.readTo),
  }));
}

export interface Learned {
  learner: Learner;
  dimensions: Dimensions;
  /** Null: the stored one stays, which another space has. */
  embedding: Float32Array | null;
  sequence: SequenceEntry[];
}

/**
 * Stores what was learned and moves the watermarks, in one transaction. Leaves out whoever learned from the same signals
 * in the meantime, changed their record, or deleted their account; answers the ids of the others.
 */
export async function storeLearned(database: Database, learned: readonly Learned[], now: Date): Promise<string[]> {
  if (learned.length === 0) return [];
  const given = JSON.stringify(
    learned.map(({ learner, dimensions, embedding, sequence }) => ({
      user_id: learner.userId,
      actor_key: learner.actorKey,
      version: learner.version,
      learned_to: learner.learnedTo,
      read_to: learner.readTo,
      sequence,
      embedding: embedding && `[${embedding.join(',')}]`,
      dimensions: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, dimensions[name]])),
    })),
  );
  const users = JSON.stringify(learned.map(({ learner }) => learner.userId));
  const at = now.toISOString();
  const [, stored] = await database.batch([
    // First, in a statement of its own: what the next one reads of these users is then nobody else's to change.
    database.execute(sql`
      select id from users where id in (select value::uuid from jsonb_array_elements_text(${users}::jsonb))
      order by id for no key update`),
    database.execute<{ id: string }>(sql`
      with given as (
        select * from jsonb_to_recordset(${given}::jsonb) as g (
          user_id uuid, actor_key uuid, version text, learned_to bigint, read_to bigint, sequence jsonb, embedding text,
          dimensions jsonb)
      ),
      due as (
        select g.* from given g
        join users u on u.id = g.user_id and u.deleted_at is null and u.updated_at::text = g.version
        left join behavioral_sequences b on b.actor_key = g.actor_key
        where coalesce(b.learned_to, 0) = g.learned_to
      ),
      moved as (
        insert into behavioral_sequences as b (actor_key, sequence, learned_to, updated_at)
        select actor_key, sequence, read_to, ${at}::timestamptz from due
        on conflict (actor_key) do update
          set sequence = excluded.sequence, learned_to = excluded.learned_to, updated_at = excluded.updated_at
      ),
      dimensions as (
        insert into persona_dimensions as p (user_id, dimension, value, source, updated_at)
        select d.user_id, e.key, e.value::float8, 'signals', ${at}::timestamptz
        from due d, jsonb_each_text(d.dimensions) e
        on conflict (user_id, dimension) do update
          set value = excluded.value, updated_at = excluded.updated_at,
            -- The prior that it started from has a part in it for ever.
            source = concat_ws(',', excluded.source, substring(p.source from 'archetype_prior:[^,]+'))
      )
      update users u set persona_embedding = coalesce(d.embedding::vector, u.persona_embedding),
        persona_version = case when d.embedding is null then u.persona_version else ${PERSONA_VECTOR_VERSION} || coalesce(substring(u.persona_version from '[+].*$'), '') end,
        updated_at = ${at}
      from due d where u.id = d.user_id
      returning u.id`),
  ]);
  return stored.rows.map(({ id }) => id);
}
