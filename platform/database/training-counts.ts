/** How much there is to train on, by the rules by which the trainer reads it from the data set. */
import { type SQL, sql } from 'drizzle-orm';
import { WARM_SIGNALS } from '../../core/persona/persona.ts';
import {
  CLIENT_SIGNAL_TYPES,
  COUNTING_TYPES,
  SIGNAL_SOURCES,
  type SignalSource,
  type SignalType,
} from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Database } from './client.ts';

/** The least history that a sequence model learns from. */
const LONG_ENOUGH = 5;

/** By the units in which models state their minimum. */
export interface TrainingCounts {
  interactions: number;
  'sequences of 5 or more': number;
  'events with outcomes': number;
}

export interface TrainingData {
  /** Of travellers who were warm at the event (invariant 5). */
  warmUsers: TrainingCounts;
  /** Of everybody, simulated travellers among them. */
  allRows: TrainingCounts;
}

export async function countTrainingData(database: Database): Promise<TrainingData> {
  const { rows } = await database.execute<
    Record<`${'warm' | 'all'}_${'interactions' | 'sequences'}` | 'events', string>
  >(
    sql`
    with warm as (
      select actor_key, (array_agg(position order by position))[${sql.raw(String(WARM_SIGNALS))}] as position
      from behavioral_signals where counts group by actor_key
    ), judged as (
      select s.actor_key, ${takenIn} as taken, ${refusedIn} as refused,
        s.source = 'user_behavioral' and not s.synthetic and w.position < s.position
          and coalesce(s.context ->> 'lineage', '') <> all(${texts(OTHER_SOURCES)}) as eligible
      from behavioral_signals s left join warm w on w.actor_key = s.actor_key
      where s.signal_type = any(${texts(JUDGED)})
        and (s.counts or s.source <> 'user_behavioral' or s.signal_type <> all(${texts(COUNTING_TYPES)}))
    ), actors as (
      select sum(taken + refused) as interactions, sum(taken) as taken,
        coalesce(sum(taken + refused) filter (where eligible), 0) as warm_interactions,
        coalesce(sum(taken) filter (where eligible), 0) as warm_taken
      from judged group by actor_key
    )
    select coalesce(sum(interactions), 0) as all_interactions, count(*) filter (where taken >= ${LONG_ENOUGH}) as all_sequences,
      coalesce(sum(warm_interactions), 0) as warm_interactions,
      count(*) filter (where warm_taken >= ${LONG_ENOUGH}) as warm_sequences,
      (select count(*) from arbitration_events where accepted is not null and served_activity is not null) as events
    from actors`,
  );
  const found = rows[0]!;
  const counts = (interactions: string, sequences: string): TrainingCounts => ({
    interactions: Number(interactions),
    'sequences of 5 or more': Number(sequences),
    'events with outcomes': Number(found.events),
  });
  return {
    warmUsers: counts(found.warm_interactions, found.warm_sequences),
    allRows: counts(found.all_interactions, found.all_sequences),
  };
}

const OTHER_SOURCES = SIGNAL_SOURCES.filter((source): source is SignalSource => source !== 'user_behavioral');

/** Their verdict follows from the type alone. Who only lingered decided nothing. */
const plain = (accepted: boolean): SignalType[] =>
  CLIENT_SIGNAL_TYPES.filter(
    (type) =>
      type !== 'slot_linger' &&
      verdictsOf({ type, venueId: '', timeToActionMs: null, context: {} }).some((one) => one.accepted === accepted),
  );
const TAKING = plain(true);
const REFUSING = plain(false);
const JUDGED: readonly SignalType[] = [...TAKING, ...REFUSING, 'discovery_swipe', 'post_trip'];

/** Text, as jsonb holds it; null for what is no number. */
const rating = sql`case when jsonb_typeof(s.context -> 'rating') = 'number' then (s.context ->> 'rating')::numeric end`;

const takenIn: SQL = sql`(s.activity_node_id is not null and (s.signal_type = any(${texts(TAKING)})
    or (s.signal_type = 'discovery_swipe' and coalesce(s.context ->> 'direction', '') = 'right')
    or (s.signal_type = 'post_trip' and coalesce(${rating} > 3 and ${rating} <= 5, false))))::int
  + (s.signal_type = 'slot_swap' and coalesce(s.context ->> 'replacement_venue_id' ~ '^[0-9a-f-]{36}$', false))::int`;

const refusedIn: SQL = sql`(s.activity_node_id is not null and (s.signal_type = any(${texts(REFUSING)})
    or (s.signal_type = 'discovery_swipe' and coalesce(s.context ->> 'direction', '') = 'left')
    or (s.signal_type = 'post_trip' and coalesce(${rating} < 3 and ${rating} >= 1, false))))::int`;

function texts(values: readonly string[]): SQL {
  return sql`${sql.param(values)}::text[]`;
}
