/** Signals of our own log as interactions. */
import { COUNTING_TYPES, type SignalSource, type SignalType, trainingFactor } from '../../../core/signal/signal.ts';
import { type Verdict, verdictsOf } from '../../../core/signal/verdict.ts';

/** A row of `signals`, as far as it is read here. */
export interface SignalRow {
  position: bigint;
  signal_id: string;
  actor_key: string;
  venue_id: string | null;
  signal_type: SignalType;
  weight: number;
  source: SignalSource;
  lineage: string;
  synthetic: boolean;
  counts: boolean;
  occurred_at: Date;
  trip_id: string | null;
  day_of_trip: number | null;
  day_part: string | null;
  city: string | null;
  group_size: number | null;
  time_to_action_ms: number | null;
  warm_at_event: boolean;
  ranking_event_id: string | null;
  context: string;
}

const COUNTING: ReadonlySet<string> = new Set(COUNTING_TYPES);
/** Who only lingered neither took a place nor refused it. */
const UNDECIDED: SignalType = 'slot_linger';

/** What a signal says of venues: nothing where another one alike counts instead. Two for a swap that names its replacement. */
export function decisionsOf(row: SignalRow): Verdict[] {
  const { signal_type: type, source, counts } = row;
  if (type === UNDECIDED) return [];
  if (!counts && source === 'user_behavioral' && COUNTING.has(type)) return [];
  return verdictsOf({
    type,
    venueId: row.venue_id,
    timeToActionMs: row.time_to_action_ms,
    context: JSON.parse(row.context) as Record<string, unknown>,
  });
}

/** Ranking models train on these and on nothing else outside development (invariant 5). */
export function isEligible({ source, warm_at_event, synthetic, lineage }: SignalRow): boolean {
  return source === 'user_behavioral' && lineage === 'user_behavioral' && warm_at_event && !synthetic;
}

/** Whether real users have taken its place: it trains nobody any more. */
export function isSuperseded({ source, warm_at_event }: SignalRow, seasonedUsers: number): boolean {
  return source !== 'system' && trainingFactor(source, warm_at_event, seasonedUsers) === 0;
}

/** Of the row in training, in [0, 1]. `seasonedUsers`: as the manifest has them. */
export function trainingWeight(row: SignalRow, seasonedUsers: number): number {
  return row.weight * trainingFactor(row.source, row.warm_at_event, seasonedUsers);
}
