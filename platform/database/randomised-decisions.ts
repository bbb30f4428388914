/** The served rankings of which chance decided a part, with what versions ranked then and what travellers took. */
import { sql } from 'drizzle-orm';
import { isRandomised, type RandomisedDecision } from '../../core/registry/hit-rate.ts';
import { type OrderedShown, SHOWN } from '../../core/registry/shown-ndcg.ts';
import type { Database } from './client.ts';

const ROWS_A_QUERY = 200;

export interface DecisionLog {
  decisions: RandomisedDecision[];
  /** Lists of ten in random order, as the version orders them. */
  shown: OrderedShown[];
  /** Trips with a decision of which chance had a part and the version's ranking. */
  sessions: number;
}

interface Row {
  [column: string]: unknown;
  id: string;
  at: string;
  actor_key: string;
  session: string;
  model_version: string;
  shown_order: string | null;
  venue_ids: string[];
  shown: number[];
  propensities: number[] | null;
  scores: number[];
  taken: string[] | null;
  rankings: Record<string, string[]> | null;
}

/**
 * Of real travellers, after `since`, for which `version` has a ranking. A version's ranking is what it was logged with in
 * `shadow_rankings`, or, where it served, the scores of the candidate set. What was taken are the shown venues of which the
 * traveller accepted a slot in that trip, afterwards; of discovery's cards, those that were swiped to the right. Read in pages, and kept short: of 200 candidates only those that could be
 * shown.
 * @param version whose decisions they are, as `name@version`
 * @param others whose rankings of the same decisions are wanted
 */
export async function randomisedDecisions(
  database: Database,
  { version, others, since, most = 50_000 }: { version: string; others: readonly string[]; since: Date; most?: number },
): Promise<DecisionLog> {
  const models = [version, ...others];
  const decisions: RandomisedDecision[] = [];
  const shown: OrderedShown[] = [];
  const sessions = new Set<string>();
  let after = { at: since.toISOString(), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  for (let read = 0; read < most; read += ROWS_A_QUERY) {
    const rows = await page(database, version, models, after);
    for (const row of rows) {
      const rankings = rankingsOf(row, models);
      if (!rankings.has(version)) continue;
      const ordered = orderedShown(row, rankings.get(version)!);
      if (ordered) shown.push(ordered);
      if (!row.propensities || !isRandomised(row.propensities, row.shown)) continue;
      decisions.push(decisionOf(row, row.propensities, rankings));
      sessions.add(row.session);
    }
    const last = rows.at(-1);
    if (rows.length < ROWS_A_QUERY || !last) break;
    after = { at: last.at, id: last.id };
  }
  return { decisions, shown, sessions: sessions.size };
}

async function page(
  database: Database,
  version: string,
  models: readonly string[],
  after: { at: string; id: string },
): Promise<Row[]> {
  const [name, number] = [version.slice(0, version.lastIndexOf('@')), version.slice(version.lastIndexOf('@') + 1)];
  const { rows } = await database.execute<Row>(sql`
    select e.id, to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.actor_key,
      coalesce(e.trip_id, e.id) as session, e.model_version, e.feature_snapshot ->> 'order' as shown_order,
      logged.set -> 'venue_ids' as venue_ids, r -> 'shown' as shown,
      logged.set -> 'propensities' -> (r -> 'propensity' ->> 'list')::int as propensities,
      logged.set -> 'scores' -> (r ->> 'scores')::int as scores,
      (select jsonb_agg(distinct s.activity_node_id) from behavioral_signals s
        where s.actor_key = e.actor_key and s.source = 'user_behavioral' and not s.synthetic and s.occurred_at >= e.created_at
          and (s.trip_id = e.trip_id and s.signal_type = 'slot_accept'
            or e.trip_id is null and s.signal_type = 'discovery_swipe' and s.context ->> 'direction' = 'right'
              and s.context ->> 'ranking_event_id' = e.id::text)) as taken,
      (select jsonb_object_agg(h.model_name || '@' || h.version, to_jsonb(h.ranked)) from shadow_rankings h
        where h.ranking_event_id = e.id
          and h.model_name || '@' || h.version in (select jsonb_array_elements_text(${JSON.stringify(models)}::jsonb))) as rankings
    from ranking_events e
    join behavioral_signals c on c.id = e.candidate_set_signal_id and not c.synthetic
    cross join lateral (select c.context -> 'full_candidate_set' as set) logged
    cross join lateral jsonb_array_elements(logged.set -> 'rankings') r
    where (e.created_at, e.id) > (${after.at}::timestamptz, ${after.id}::uuid)
      and r ->> 'ranking_event_id' = e.id::text
      and (r -> 'propensity' ? 'list' or e.feature_snapshot ->> 'order' = 'random')
      and (${version} = any(string_to_array(e.model_version, ',')) or exists (
        select 1 from shadow_rankings h
        where h.ranking_event_id = e.id and h.model_name = ${name} and h.version = ${number}))
    order by e.created_at, e.id limit ${ROWS_A_QUERY}`);
  return rows;
}

/** Of the versions that have one: venue ids, best first. */
function rankingsOf(row: Row, models: readonly string[]): Map<string, readonly string[]> {
  const rankings = new Map<string, readonly string[]>(Object.entries(row.rankings ?? {}));
  const served = row.model_version.split(',');
  for (const model of models) {
    if (rankings.has(model) || !served.includes(model)) continue;
    const order = row.venue_ids.map((_, i) => i).sort((a, b) => row.scores[b]! - row.scores[a]!);
    rankings.set(
      model,
      order.map((i) => row.venue_ids[i]!),
    );
  }
  return rankings;
}

function decisionOf(
  row: Row,
  propensities: readonly number[],
  rankings: ReadonlyMap<string, readonly string[]>,
): RandomisedDecision {
  const open = row.venue_ids.filter((_, i) => propensities[i]! > 0);
  const could = new Set(open);
  const accepted = new Set(row.taken ?? []);
  return {
    actorKey: row.actor_key,
    sessionId: row.session,
    open,
    taken: row.shown.flatMap((i) => {
      const venueId = row.venue_ids[i]!;
      return accepted.has(venueId) ? [{ venueId, propensity: propensities[i]! }] : [];
    }),
    rankings: new Map([...rankings].map(([model, ranked]) => [model, ranked.filter((id) => could.has(id))])),
  };
}

function orderedShown({ shown_order, shown, venue_ids, taken, actor_key }: Row, ranking: readonly string[]) {
  if (shown_order !== 'random' || shown.length !== SHOWN) return null;
  const those = new Set(shown.map((i) => venue_ids[i]!));
  return { actorKey: actor_key, order: ranking.filter((id) => those.has(id)), taken: new Set(taken ?? []) };
}
