/** The columns of each table of a data set. A change of them raises `SCHEMA_VERSION`. */
import type { Column, ColumnType } from '../parquet-part.ts';
import type { DatasetTable } from './manifest.ts';

const given = (name: string, type: ColumnType = 'STRING'): Column => ({ name, type, nullable: false });
const maybe = (name: string, type: ColumnType = 'STRING'): Column => ({ name, type, nullable: true });

export const COLUMNS: Readonly<Record<DatasetTable, readonly Column[]>> = {
  signals: [
    given('position', 'INT64'),
    given('signal_id'),
    given('actor_key'),
    maybe('venue_id'),
    given('signal_type'),
    /** Of the row (invariant 5). */
    given('weight', 'FLOAT'),
    given('source'),
    given('lineage'),
    given('synthetic', 'BOOLEAN'),
    /** Of several alike, the one that counts (invariant 8); never true of what cannot count. */
    given('counts', 'BOOLEAN'),
    given('model_version'),
    /** With which the policy showed the venue; null where no logged ranking offered it. */
    maybe('propensity', 'FLOAT'),
    given('occurred_at', 'TIMESTAMP'),
    given('stored_at', 'TIMESTAMP'),
    maybe('trip_id'),
    maybe('slot_id'),
    maybe('day_of_trip', 'INT32'),
    maybe('day_part'),
    maybe('city'),
    maybe('group_size', 'INT32'),
    maybe('weather'),
    maybe('time_to_action_ms', 'INT32'),
    maybe('reason'),
    /** Whether 20 counting signals of the actor came before it. */
    given('warm_at_event', 'BOOLEAN'),
    maybe('candidate_set_id'),
    maybe('ranking_event_id'),
    given('context', 'JSON'),
  ],
  /** A row a ranking. */
  candidate_sets: [
    given('position', 'INT64'),
    given('candidate_set_id'),
    given('ranking_event_id'),
    given('actor_key'),
    maybe('trip_id'),
    maybe('city'),
    given('kind'),
    maybe('trip_day', 'INT32'),
    maybe('day_part'),
    given('model_version'),
    /** llm, offline, ... */
    given('ranked_by'),
    given('lineage'),
    given('synthetic', 'BOOLEAN'),
    given('ranked_at', 'TIMESTAMP'),
    maybe('catalogue_version'),
    /** `{dimensions, interests, nearest_archetypes}` of the traveller; null of a group. */
    maybe('persona', 'JSON'),
    /** The same of each member, in no order that names them; null where one traveller was ranked for. */
    maybe('members', 'JSON'),
    maybe('group', 'JSON'),
    /** Day part, trip day, party, budget: as the ranker was told. */
    maybe('context', 'JSON'),
    /** Arrays of one length and order; `shown` holds indices of them. */
    given('venue_ids', 'JSON'),
    given('scores', 'JSON'),
    given('propensities', 'JSON'),
    given('shown', 'JSON'),
  ],
  venues: [
    given('venue_id'),
    given('version', 'INT32'),
    given('city'),
    given('catalogue_version'),
    given('valid_from', 'TIMESTAMP'),
    given('record', 'JSON'),
  ],
  pivots: [
    given('pivot_id'),
    given('trip_id'),
    maybe('slot_id'),
    maybe('actor_key'),
    given('trigger'),
    maybe('mood'),
    given('source'),
    given('options', 'JSON'),
    maybe('response'),
    maybe('option_id'),
    given('latency_ms', 'FLOAT'),
    given('created_at', 'TIMESTAMP'),
    given('expires_at', 'TIMESTAMP'),
    maybe('responded_at', 'TIMESTAMP'),
  ],
  arbitration: [
    given('arbitration_id'),
    maybe('actor_key'),
    maybe('trip_id'),
    maybe('slot_id'),
    given('ml_top3', 'JSON'),
    given('llm_top3', 'JSON'),
    given('arbitration_rule'),
    maybe('served_activity'),
    maybe('accepted', 'BOOLEAN'),
    maybe('agreement_score', 'DOUBLE'),
    given('context_snapshot', 'JSON'),
    given('occurred_at', 'TIMESTAMP'),
  ],
};
