/** Who took to a venue and who did not, real and simulated travellers of each archetype. */
import { sql } from 'drizzle-orm';
import { ARCHETYPES } from '../../core/persona/archetypes.ts';
import type { Acceptance } from '../../core/signal/correction.ts';
import { COUNTING_TYPES, type SignalSource } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Database } from './client.ts';

/** The lineages of simulated travellers. */
export const SYNTHETIC_SOURCES = ['synthetic_agent_v1', 'synthetic_choice_model_v1'] as const satisfies SignalSource[];
export type SyntheticSource = (typeof SYNTHETIC_SOURCES)[number];

export interface VenueAcceptance {
  archetype: string;
  venueId: string;
  venueName: string;
  category: string;
  city: string;
  real: Acceptance;
  synthetic: Acceptance;
}

/** Who only lingered neither took a place nor refused it. */
const DECIDING = COUNTING_TYPES.filter((type) => type !== 'slot_linger');
const TAKING = DECIDING.filter((type) =>
  verdictsOf({ type, venueId: 'any', timeToActionMs: null, context: {} }).some(({ accepted }) => accepted),
);

const anyOf = (names: readonly string[]) => sql.raw(`(${names.map((name) => `'${name}'`).join(', ')})`);

const CENTROIDS = JSON.stringify(
  ARCHETYPES.flatMap(({ id, dimensions }, n) =>
    Object.entries(dimensions).map(([dimension, value]) => ({ archetype: id, n, dimension, value })),
  ),
);

/**
 * Of each archetype and venue on which at least `minimum` real and `minimum` simulated travellers decided: how many took it, by
 * the last decision of each. A traveller's archetype is the one nearest to their dimensions as they are now
 * (`archetypesByDistance`); who deleted their account has none, and is not among them.
 */
export async function acceptanceByArchetype(
  database: Database,
  { source, minimum }: { source: SyntheticSource; minimum: number },
): Promise<VenueAcceptance[]> {
  const { rows } = await database.execute<Record<string, unknown>>(sql`
    with decided as (
      select distinct on (s.actor_key, s.activity_node_id, s.source)
        s.actor_key, s.activity_node_id, s.source = ${source} as synthetic, s.signal_type in ${anyOf(TAKING)} as accepted
      from behavioral_signals s
      where s.activity_node_id is not null and s.signal_type in ${anyOf(DECIDING)}
        and (s.source = ${source} or s.source = 'user_behavioral' and s.counts and not s.synthetic)
      order by s.actor_key, s.activity_node_id, s.source, s.occurred_at desc, s.position desc
    ),
    enough as (
      select activity_node_id from decided group by activity_node_id
      having count(*) filter (where synthetic) >= ${minimum} and count(*) filter (where not synthetic) >= ${minimum}
    ),
    actor as (
      select k.actor_key, k.user_id from actor_keys k join users u on u.id = k.user_id
      where u.deleted_at is null and k.actor_key in (
        select d.actor_key from decided d join enough e on e.activity_node_id = d.activity_node_id)
    ),
    centroid as (
      select * from jsonb_to_recordset(${CENTROIDS}::jsonb) as c (archetype text, n int, dimension text, value float8)
    ),
    distance as (
      select a.actor_key, c.archetype, c.n, avg((p.value - c.value) ^ 2) as squares
      from actor a join persona_dimensions p on p.user_id = a.user_id join centroid c on c.dimension = p.dimension
      group by a.actor_key, c.archetype, c.n
    ),
    nearest as (
      select distinct on (actor_key) actor_key, archetype from distance order by actor_key, squares, n
    ),
    cell as (
      select n.archetype, d.activity_node_id,
        count(*) filter (where not d.synthetic)::int as real_travellers,
        count(*) filter (where not d.synthetic and d.accepted)::int as real_accepted,
        count(*) filter (where d.synthetic)::int as synthetic_travellers,
        count(*) filter (where d.synthetic and d.accepted)::int as synthetic_accepted
      from decided d join enough e on e.activity_node_id = d.activity_node_id join nearest n on n.actor_key = d.actor_key
      group by n.archetype, d.activity_node_id
    )
    select c.*, v.name, v.category, t.slug as city
    from cell c join activity_nodes v on v.id = c.activity_node_id join cities t on t.id = v.city_id
    where c.real_travellers >= ${minimum} and c.synthetic_travellers >= ${minimum}
    order by c.archetype, c.activity_node_id`);
  return rows.map((row) => ({
    archetype: String(row.archetype),
    venueId: String(row.activity_node_id),
    venueName: String(row.name),
    category: String(row.category),
    city: String(row.city),
    real: { accepted: Number(row.real_accepted), travellers: Number(row.real_travellers) },
    synthetic: { accepted: Number(row.synthetic_accepted), travellers: Number(row.synthetic_travellers) },
  }));
}
