/** Decisions between the two rankings, as they were logged. */
import type { ArbitrationRow } from '../../training/data/own/logged-tables.ts';

export const SIDES = ['ml', 'llm'] as const;
export type Side = (typeof SIDES)[number];

export interface ArbitrationEvent {
  id: string;
  /** Events of one actor hang together; null: nobody's, apart from all others. */
  actor: string | null;
  /** Milliseconds since the epoch. */
  time: number;
  /** `ArbiterFacts`, and whatever else was logged. */
  facts: Readonly<Record<string, unknown>>;
  /** Null where it was not logged. */
  served: Side | null;
  /** With which the side that was served was to be; 1 of a decision that was not randomised, null where it was not logged. */
  propensity: number | null;
  /** Null while nobody has decided. */
  accepted: boolean | null;
}

/** An event from which something can be learned: either side could have been served, one was, and was taken or refused. */
export interface Trial extends ArbitrationEvent {
  served: Side;
  propensity: number;
  accepted: boolean;
}

/** What was shown decides what could be accepted: without a chance of the other side, the outcome says nothing of it. */
export function isTrial(event: ArbitrationEvent): event is Trial {
  const { served, propensity, accepted } = event;
  return served !== null && accepted !== null && propensity !== null && propensity > 0 && propensity < 1;
}

/**
 * `served` and `propensity` are logged in the snapshot, beside the facts.
 * @throws RangeError that names the event whose snapshot cannot be read
 */
export function arbitrationEvent(row: ArbitrationRow): ArbitrationEvent {
  const snapshot = read<Record<string, unknown>>(row, 'context_snapshot');
  const llm = new Set(read<string[]>(row, 'llm_top3'));
  const shared = read<string[]>(row, 'ml_top3').filter((venue) => llm.has(venue)).length;
  const { served, propensity } = snapshot;
  return {
    id: row.arbitration_id,
    actor: row.actor_key,
    time: row.occurred_at.getTime(),
    facts: { agreement: row.agreement_score, shared_top3: shared, ...snapshot },
    served: served === 'ml' || served === 'llm' ? served : null,
    propensity: typeof propensity === 'number' && propensity >= 0 && propensity <= 1 ? propensity : null,
    accepted: row.accepted,
  };
}

function read<Value>(row: ArbitrationRow, field: 'context_snapshot' | 'ml_top3' | 'llm_top3'): Value {
  try {
    const value: unknown = JSON.parse(row[field]);
    if (typeof value === 'object' && value !== null) return value as Value;
  } catch {}
  throw new RangeError(`arbitration event ${row.arbitration_id}: ${field} is not JSON of its kind`);
}
