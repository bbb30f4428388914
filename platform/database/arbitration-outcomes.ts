/** What travellers made of what the arbiter served. */
import { sql } from 'drizzle-orm';
import type { SignalType } from '../../core/signal/signal.ts';
import type { Database, Transaction } from './client.ts';

/** What says of a slot's venue that it was wanted, and what says that it was not. */
const TAKEN: readonly SignalType[] = ['slot_accept', 'thumbs_up'];
const REFUSED: readonly SignalType[] = ['slot_skip', 'slot_swap', 'thumbs_down'];

const texts = (types: readonly string[]) => sql.raw(`array[${types.map((type) => `'${type}'`).join(', ')}]`);

/**
 * Sets `accepted` of the decisions that served what these signals are about: same slot, same venue. The first answer
 * stands, be it of one batch or of several. Only stored signals of travellers in the app speak; that their sender is on
 * the trip was checked when they were stored. To be run behind the insert, in its transaction.
 */
export function recordOutcomes(queries: Database | Transaction, signalIds: readonly string[]) {
  return queries.execute(sql`
    with heard as (
      select distinct on (e.id) e.id, b.signal_type = any(${texts(TAKEN)}) as accepted
      from behavioral_signals b
      join arbitration_events e on e.slot_id = b.slot_id and e.served_activity = b.activity_node_id
      where b.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(signalIds)}::jsonb))
        and b.signal_type = any(${texts([...TAKEN, ...REFUSED])})
        and b.source = 'user_behavioral' and not b.synthetic
        and e.accepted is null
      order by e.id, b.occurred_at, b.position
    ),
    -- In one order, so that two batches about the same trip do not wait for each other.
    held as (
      select id from arbitration_events where id in (select id from heard) order by id for update
    )
    update arbitration_events e set accepted = heard.accepted
    from heard join held on held.id = heard.id
    where e.id = heard.id and e.accepted is null`);
}
