/** What real and simulated travellers of each archetype took and refused: read whole by the nightly review, which stores what it finds. */
import { sql } from 'drizzle-orm';
import { ARCHETYPES } from '../../core/persona/archetypes.ts';
import { AFFINITY_PRIOR } from '../../core/ranking/archetype-affinity.ts';
import type { TravellerShares } from '../../core/signal/archetype-comparison.ts';
import type { Acceptance, Comparison } from '../../core/signal/correction.ts';
import { COUNTING_TYPES, type SignalSource } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Database, Queries } from './client.ts';

/** The lineages of simulated travellers. */
export const SYNTHETIC_SOURCES = ['synthetic_agent_v1', 'synthetic_choice_model_v1'] as const satisfies SignalSource[];
export type SyntheticSource = (typeof SYNTHETIC_SOURCES)[number];

export interface ArchetypeShares extends TravellerShares {
  archetype: string;
  source: SyntheticSource | 'user_behavioral';
}

export interface VenueAcceptance {
  source: SyntheticSource;
  archetype: string;
  venueId: string;
  real: Acceptance;
  synthetic: Acceptance;
}

export interface Behaviour {
  shares: ArchetypeShares[];
  /** Where at least the minimum of travellers decided on both sides. */
  venues: VenueAcceptance[];
}

/** Who only lingered neither took a place nor refused it. */
const DECIDING = COUNTING_TYPES.filter((type) => type !== 'slot_linger');
const TAKING = DECIDING.filter((type) =>
  verdictsOf({ type, venueId: 'any', timeToActionMs: null, context: {} }).some(({ accepted }) => accepted),
);

const anyOf = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(', ')})`;

const CENTROIDS = ARCHETYPES.flatMap(({ id, dimensions }, n) =>
  Object.entries(dimensions).map(([dimension, value]) => `('${id}', ${n}, '${dimension}', ${value}::float8)`),
).join(', ');

/** A traveller's last decision on a venue; those of several lineages apart. */
const DECIDED = `
  create temp table reviewed_decisions on commit drop as
  select distinct on (s.actor_key, s.activity_node_id, s.source)
    s.actor_key, s.activity_node_id, s.source, s.signal_type in ${anyOf(TAKING)} as accepted,
    case when s.source <> 'user_behavioral' then s.context ->> 'archetype' end as stated
  from behavioral_signals s
  where s.activity_node_id is not null and s.signal_type in ${anyOf(DECIDING)}
    and (s.source in ${anyOf(SYNTHETIC_SOURCES)} or s.source = 'user_behavioral' and s.counts and not s.synthetic)
  order by s.actor_key, s.activity_node_id, s.source, s.occurred_at desc, s.position desc`;

/**
 * Who has an account or is of the shadow population: the archetype nearest to their dimensions as they are now
 * (`archetypesByDistance`). Travellers of stored simulations have neither; their rows say it. Who deleted their account
 * has none.
 */
const ACTORS = `
  create temp table reviewed_actors on commit drop as
  with actor as (
    select d.actor_key, min(d.stated) as stated, (array_agg(k.user_id))[1] as user_id
    from reviewed_decisions d left join actor_keys k on k.actor_key = d.actor_key group by d.actor_key
  ),
  distance as (
    select a.actor_key, c.archetype, c.n, avg((p.value - c.value) ^ 2) as squares
    from actor a join users u on u.id = a.user_id and u.deleted_at is null
    join persona_dimensions p on p.user_id = u.id
    join (values ${CENTROIDS}) as c (archetype, n, dimension, value) on c.dimension = p.dimension
    group by a.actor_key, c.archetype, c.n
  )
  select * from (select distinct on (actor_key) actor_key, archetype from distance order by actor_key, squares, n) nearest
  union all
  select actor_key, stated from actor where user_id is null and stated in ${anyOf(ARCHETYPES.map(({ id }) => id))}`;

const AFFINITY = `(accepted + ${AFFINITY_PRIOR} * sum(accepted) over of_archetype / sum(travellers) over of_archetype::float8)
  / (travellers + ${AFFINITY_PRIOR})`;

const CELLS = `
  create temp table reviewed_cells on commit drop as
  select a.archetype, d.activity_node_id, d.source, count(*)::int as travellers,
    (count(*) filter (where d.accepted))::int as accepted
  from reviewed_decisions d join reviewed_actors a on a.actor_key = d.actor_key
  group by a.archetype, d.activity_node_id, d.source`;

/**
 * One request and one transaction, whatever there is to read: it stays in the database. Writes how real travellers of each
 * archetype take to each venue (`archetype_affinities` of `user_behavioral`) over what it wrote before.
 */
export async function reviewBehaviour(
  database: Database,
  { reviewId, minimum, now }: { reviewId: string; minimum: number; now: Date },
): Promise<Behaviour> {
  const [, , , , , shares, venues] = await database.batch([
    database.execute(
      sql`select pg_advisory_xact_lock(hashtext('synthetic-review')), set_config('work_mem', '64MB', true)`,
    ),
    database.execute(sql.raw(DECIDED)),
    database.execute(sql.raw('analyze reviewed_decisions')),
    database.execute(sql.raw(ACTORS)),
    database.execute(sql.raw(CELLS)),
    database.execute<Record<keyof ArchetypeShares, unknown>>(sql`
      select t.archetype, t.source, count(*)::int as travellers, sum(t.share) as sum, sum(t.share ^ 2) as squares
      from (
        select a.archetype, d.source, avg(d.accepted::int)::float8 as share
        from reviewed_decisions d join reviewed_actors a on a.actor_key = d.actor_key
        group by a.archetype, d.source, d.actor_key) t
      group by t.archetype, t.source`),
    database.execute<Record<string, unknown>>(sql`
      select s.source, s.archetype, s.activity_node_id, r.travellers as real_travellers, r.accepted as real_accepted,
        s.travellers as synthetic_travellers, s.accepted as synthetic_accepted
      from reviewed_cells s join reviewed_cells r using (archetype, activity_node_id)
      where s.source <> 'user_behavioral' and r.source = 'user_behavioral'
        and s.travellers >= ${minimum} and r.travellers >= ${minimum}
      order by s.source, s.archetype, s.activity_node_id`),
    database.execute(sql`delete from archetype_affinities where source = 'user_behavioral'`),
    database.execute(sql`
      insert into archetype_affinities (archetype_id, activity_node_id, source, affinity, observations, accepted, run_id, updated_at)
      select archetype, activity_node_id, source,
        ${sql.raw(AFFINITY)}, travellers, accepted, ${reviewId}::uuid, ${now.toISOString()}::timestamptz
      from reviewed_cells where source = 'user_behavioral' window of_archetype as (partition by archetype)`),
  ]);
  return {
    shares: shares.rows.map((row) => ({
      archetype: String(row.archetype),
      source: row.source as ArchetypeShares['source'],
      travellers: Number(row.travellers),
      sum: Number(row.sum),
      squares: Number(row.squares),
    })),
    venues: venues.rows.map((row) => ({
      source: row.source as SyntheticSource,
      archetype: String(row.archetype),
      venueId: String(row.activity_node_id),
      real: { accepted: Number(row.real_accepted), travellers: Number(row.real_travellers) },
      synthetic: { accepted: Number(row.synthetic_accepted), travellers: Number(row.synthetic_travellers) },
    })),
  };
}

export type StoredDivergence = Omit<VenueAcceptance, 'real' | 'synthetic'> & Comparison & { q: number };

const ROWS_A_STATEMENT = 2_000;

/** Over all that a review before it found. */
export async function replaceDivergences(
  database: Queries,
  reviewId: string,
  found: readonly StoredDivergence[],
): Promise<void> {
  await database.execute(
    sql`delete from correction_signals where source = any(${sql.param(SYNTHETIC_SOURCES)}::text[])`,
  );
  for (let from = 0; from < found.length; from += ROWS_A_STATEMENT) {
    const rows = found.slice(from, from + ROWS_A_STATEMENT).map((one) => ({
      archetype_id: one.archetype,
      activity_node_id: one.venueId,
      source: one.source,
      real_travellers: one.real.travellers,
      real_accepted: one.real.accepted,
      synthetic_travellers: one.synthetic.travellers,
      synthetic_accepted: one.synthetic.accepted,
      difference: one.difference,
      lower: one.interval.lower,
      upper: one.interval.upper,
      p: one.p,
      q: one.q,
      review_id: reviewId,
    }));
    await database.execute(sql`
      insert into correction_signals
      select r.* from jsonb_populate_recordset(null::correction_signals, ${JSON.stringify(rows)}::jsonb) r`);
  }
}

export interface VenueDivergence {
  archetype: string;
  venue: { id: string; name: string; category: string; city: string };
  real: Acceptance;
  synthetic: Acceptance;
  difference: number;
  interval: { lower: number; upper: number };
  p: number;
}

/** As the last review left them, strongest evidence first; venues that are no longer in the catalogue are left out. */
export async function storedDivergences(
  database: Queries,
  { source, minimum }: { source: SyntheticSource; minimum: number },
): Promise<VenueDivergence[]> {
  const { rows } = (await database.execute(sql`
    select c.*, v.name, v.category, t.slug as city
    from correction_signals c join activity_nodes v on v.id = c.activity_node_id join cities t on t.id = v.city_id
    where c.source = ${source} and c.real_travellers >= ${minimum} and c.synthetic_travellers >= ${minimum}
    order by c.p, abs(c.difference) desc, c.archetype_id, c.activity_node_id`)) as unknown as {
    rows: Record<string, unknown>[];
  };
  return rows.map((row) => ({
    archetype: String(row.archetype_id),
    venue: {
      id: String(row.activity_node_id),
      name: String(row.name),
      category: String(row.category),
      city: String(row.city),
    },
    real: { accepted: Number(row.real_accepted), travellers: Number(row.real_travellers) },
    synthetic: { accepted: Number(row.synthetic_accepted), travellers: Number(row.synthetic_travellers) },
    difference: Number(row.difference),
    interval: { lower: Number(row.lower), upper: Number(row.upper) },
    p: Number(row.p),
  }));
}
