/** Decisions between the two rankings, as they were logged. */
import { type ArbitrationEvent, servedOf } from '../../core/arbitration/trial.ts';
import type { ArbitrationRow } from '../../training/data/own/logged-tables.ts';

/**
 * `served` and `propensity` are logged in the snapshot, beside the facts.
 * @throws RangeError that names the event whose snapshot cannot be read
 */
export function arbitrationEvent(row: ArbitrationRow): ArbitrationEvent {
  const snapshot = read<Record<string, unknown>>(row, 'context_snapshot');
  const llm = new Set(read<string[]>(row, 'llm_top3'));
  const shared = read<string[]>(row, 'ml_top3').filter((venue) => llm.has(venue)).length;
  return {
    id: row.arbitration_id,
    actor: row.actor_key,
    time: row.occurred_at.getTime(),
    facts: { agreement: row.agreement_score, shared_top3: shared, ...snapshot },
    ...servedOf(snapshot),
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
