/** Rows of the database as rows of the data set. */

import { loggedCandidates } from '../../../core/ranking/logged-candidates.ts';
import { keptContext } from '../../../core/signal/kept-context.ts';
import { SIGNAL_SOURCES } from '../../../core/signal/signal.ts';
import type { StoredCandidateSet, StoredRanking, StoredSignal } from '../../database/extraction.ts';
import type { ShownRanking } from '../../database/shown-rankings.ts';
import type { Column, Row } from '../parquet-part.ts';

const SOURCES: ReadonlySet<unknown> = new Set(SIGNAL_SOURCES);
const INT32_MAX = 2 ** 31 - 1;

const whole = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX ? value : null;
const text = (value: unknown) => (typeof value === 'string' ? value : null);

export interface SignalFacts {
  ranking: Pick<ShownRanking, 'id' | 'candidate_set_id'> | null;
  propensity: number | null;
  city: string | null;
  /** The position of the signal that made the actor warm. */
  warmFrom: number | undefined;
}

export function signalRow(signal: StoredSignal, { ranking, propensity, city, warmFrom }: SignalFacts): Row {
  const { position, id, signal_type, source, context } = signal;
  const kept = keptContext(context);
  return {
    position: BigInt(position),
    signal_id: id,
    actor_key: signal.actor_key,
    venue_id: signal.venue_id,
    signal_type,
    weight: signal.weight,
    source,
    lineage: SOURCES.has(context.lineage) ? context.lineage : source,
    synthetic: signal.synthetic,
    counts: signal.counts,
    model_version: signal.model_version,
    propensity,
    occurred_at: new Date(Math.round(signal.occurred)),
    stored_at: new Date(Math.round(signal.stored)),
    trip_id: signal.trip_id,
    slot_id: signal.slot_id,
    day_of_trip: whole(kept.day_of_trip),
    day_part: text(kept.day_part),
    city,
    group_size: whole(kept.group_size),
    weather: text(kept.weather),
    time_to_action_ms: whole(kept.time_to_action_ms),
    reason: text(kept.reason),
    warm_at_event: warmFrom !== undefined && warmFrom < Number(position),
    candidate_set_id: ranking?.candidate_set_id ?? null,
    ranking_event_id: ranking?.id ?? null,
    context: JSON.stringify(kept),
  };
}

const json = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value));

/** A row for each ranking that refers to the set and is held by it. */
export function candidateRows(stored: StoredCandidateSet, cityOf: (id: string) => string | null): Row[] {
  const venueIds = JSON.stringify(stored.set.venue_ids);
  const scores = stored.set.scores.map((list) => JSON.stringify(list));
  return stored.rankings.flatMap((ranking) => {
    const logged = stored.set.rankings.find((one) => one.ranking_event_id === ranking.id);
    const offered = logged && loggedCandidates(stored.set, ranking.id);
    if (!logged || !offered) return [];
    return [
      {
        ...rankingColumns(ranking, cityOf),
        position: BigInt(stored.position),
        candidate_set_id: stored.id,
        trip_id: stored.trip_id,
        // The log of a ranking is the system's; whom it was made for says whether it is real.
        lineage: stored.source,
        synthetic: stored.synthetic,
        venue_ids: venueIds,
        scores: scores[logged.scores] ?? '[]',
        propensities: JSON.stringify(offered.propensities),
        shown: JSON.stringify(offered.shown),
      },
    ];
  });
}

function rankingColumns(ranking: StoredRanking, cityOf: (id: string) => string | null): Row {
  const { persona, personas, group, context, catalogue } = ranking.snapshot as Record<string, unknown> & {
    catalogue?: { version?: unknown };
  };
  return {
    ranking_event_id: ranking.id,
    actor_key: ranking.actor,
    city: cityOf(ranking.city),
    kind: ranking.kind,
    trip_day: ranking.day,
    day_part: ranking.part,
    model_version: ranking.version,
    ranked_by: ranking.source,
    ranked_at: new Date(Math.round(ranking.at)),
    catalogue_version: text(catalogue?.version),
    persona: json(persona),
    members: json(personas),
    group: json(group),
    context: json(context),
  };
}

/** A row of a dated table: its times come as milliseconds. */
export function datedRow(columns: readonly Column[], row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = row[name] ?? null;
      return [name, type === 'TIMESTAMP' && value !== null ? new Date(Math.round(value as number)) : value];
    }),
  );
}
