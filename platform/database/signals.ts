/** Signals into their table: each once, checked against the sender's trips, completed by what was shown. */
import { type SQL, sql } from 'drizzle-orm';
import { mayCount, sourceOf, weightOf } from '../../core/signal/signal.ts';
import type { SignalMessage } from '../../core/signal/signal-message.ts';
import { recordOutcomes } from './arbitration-outcomes.ts';
import type { Database } from './client.ts';

/** Why a signal does not reach the table. */
export const SIGNAL_REFUSALS = [
  /** The account was deleted: nobody is to learn whose it was. */
  'sender_gone',
  'slot_unknown',
  'trip_unknown',
  'trip_not_senders',
  'slot_of_other_trip',
  'venue_not_in_trip',
  'venue_not_in_slot',
  'venue_unknown',
] as const;
export type SignalRefusal = (typeof SIGNAL_REFUSALS)[number];

/** Postgres follows the trips' objects: what it does not know may be on its way. */
export const MAY_COME_TRUE: ReadonlySet<SignalRefusal> = new Set<SignalRefusal>([
  'slot_unknown',
  'trip_unknown',
  'trip_not_senders',
  'venue_not_in_trip',
  'venue_not_in_slot',
]);

/** A client's word for the weather is taken where it is a word. */
const WORD = /^[a-z_]{1,20}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the table's context begins with; the database adds what it knows of the moment. */
function contextOf({ context, timeToActionMs, reason }: SignalMessage): Record<string, unknown> {
  const { weather, full_candidate_set: _, ...rest } = context;
  return {
    ...rest,
    time_to_action_ms: timeToActionMs,
    ...(reason === null ? {} : { reason }),
    weather: typeof weather === 'string' && WORD.test(weather) ? weather : null,
  };
}

function givenRow(message: SignalMessage, n: number) {
  const { type, context, shown } = message;
  const source = sourceOf(type);
  const rankingEvent = context.ranking_event_id;
  return {
    n,
    id: message.id,
    user_id: message.userId,
    type,
    trip_id: message.tripId,
    slot_id: message.slotId,
    venue_id: message.venueId,
    occurred_at: message.occurredAt,
    context: contextOf(message),
    source,
    weight: weightOf(source),
    may_count: mayCount(type, source),
    intention: type === 'intention' ? message.reason : null,
    ranking_event_id: typeof rankingEvent === 'string' && UUID.test(rankingEvent) ? rankingEvent : null,
    vouched: shown !== null,
    shown_version: shown?.modelVersion ?? null,
    shown_day: shown?.dayOfTrip ?? null,
    shown_part: shown?.dayPart ?? null,
    shown_size: shown?.groupSize ?? null,
  };
}

/** The trips' objects make name-based ids, which are refused from apps. */
const OBJECTS_OWN = sql.raw(`substr(b.id::text, 15, 1) = '5'`);

/**
 * One swap, told twice: by the trip's object, of the venue that was given up, and by an app, which names the new one, or
 * none.
 */
const sameSwap = (app: SQL, replacement: SQL) => sql`(${app} is null or ${app}::text = ${replacement})`;

/** Where a signal has no slot, the trip stands in for it; as in the index `behavioral_signals_counts_once`. */
const NONE = sql.raw(`'00000000-0000-0000-0000-000000000000'::uuid`);

/**
 * Stores a batch in one transaction and one insert. Signals that are stored already stay as they are. Answers why it
 * refuses a message, or null where it is in the table, in the order of the messages.
 *
 * Their users' rows are locked first, in a statement of its own so that the second one sees what others committed in the
 * meantime: no two batches count the same act, and a user's `position`s become visible in their order.
 */
export async function storeSignals(
  database: Database,
  messages: readonly SignalMessage[],
  now: Date,
): Promise<(SignalRefusal | null)[]> {
  const given = JSON.stringify(messages.map(givenRow));
  const users = JSON.stringify([...new Set(messages.map((message) => message.userId))]);
  const [, stored] = await database.batch([
    database.execute(sql`
      select id from users where id in (select value::uuid from jsonb_array_elements_text(${users}::jsonb))
      order by id for no key update`),
    database.execute<{ n: number; refused: SignalRefusal | null }>(sql`
      with given as (
        select * from jsonb_to_recordset(${given}::jsonb) as g (
          n int, id uuid, user_id uuid, type text, trip_id uuid, slot_id uuid, venue_id uuid, occurred_at timestamptz,
          context jsonb, source text, weight real, may_count boolean, intention text, ranking_event_id uuid,
          vouched boolean, shown_version text, shown_day int, shown_part text, shown_size int)
      ),
      located as (
        select g.*, k.actor_key, m.user_id is not null as member,
          t.id as known_trip, t.start_date, t.end_date, t.party_size, t.ranking ->> 'modelVersion' as trip_version,
          s.id as known_slot, s.trip_id as slot_trip, s.activity_node_id as slot_venue, s.alternatives,
          s.day_number, s.day_part, s.model_version as slot_version,
          r.model_version as ranking_version,
          g.occurred_at at time zone c.time_zone as local_time,
          g.type like 'slot\\_%' and g.slot_id is null as slot_by_venue,
          -- Of a swap that does not say what was given up, the slot cannot say it either.
          coalesce(g.venue_id, case when g.type <> 'slot_swap' then s.activity_node_id end) as venue
        from given g
        left join actor_keys k on k.user_id = g.user_id
        left join lateral (
          select * from itinerary_slots i
          where not g.vouched and (
            i.id = g.slot_id
            or (g.slot_id is null and g.type like 'slot\\_%' and i.trip_id = g.trip_id and i.activity_node_id = g.venue_id))
          order by i.status = 'skipped', i.id limit 1
        ) s on true
        left join trips t on not g.vouched and t.id = coalesce(s.trip_id, g.trip_id)
        left join cities c on c.id = t.city_id
        left join trip_members m on m.trip_id = t.id and m.user_id = g.user_id
        left join ranking_events r on r.id = g.ranking_event_id and r.actor_key = k.actor_key
      ),
      judged as (
        select *, case
            when actor_key is null then 'sender_gone'
            when vouched then null
            when slot_id is not null and known_slot is null then 'slot_unknown'
            when trip_id is not null and known_trip is null then 'trip_unknown'
            when known_trip is not null and not member then 'trip_not_senders'
            when slot_trip <> trip_id then 'slot_of_other_trip'
            when slot_by_venue and known_slot is null then 'venue_not_in_trip'
            when venue <> slot_venue
              and not alternatives @> jsonb_build_array(jsonb_build_object('venueId', venue)) then 'venue_not_in_slot'
            when venue is not null and not exists (select from activity_nodes a where a.id = venue) then 'venue_unknown'
          end as refused,
          coalesce(known_slot, slot_id) as the_slot,
          coalesce(slot_trip, trip_id) as the_trip
        from located
      ),
      accepted as (
        select distinct on (id) * from judged where refused is null order by id, n
      ),
      chosen as (
        -- What an app says of a swap that the trip's object has told already does not count.
        select a.*, a.may_count and not (a.type = 'slot_swap' and not a.vouched and (
            exists (select from accepted b where b.vouched and b.type = 'slot_swap' and b.actor_key = a.actor_key
              and b.the_slot = a.the_slot and ${sameSwap(sql.raw('a.venue'), sql.raw(`b.context ->> 'replacement_venue_id'`))})
            or exists (select from behavioral_signals b where b.actor_key = a.actor_key and b.signal_type = 'slot_swap'
              and b.slot_id = a.the_slot and ${OBJECTS_OWN}
              and ${sameSwap(sql.raw('a.venue'), sql.raw(`b.context ->> 'replacement_venue_id'`))}))) as countable
        from accepted a
      ),
      ranked as (
        select *, row_number() over (
          partition by actor_key, type, coalesce(the_slot, the_trip, ${NONE}), coalesce(venue, ${NONE}), countable
          order by occurred_at, id) as nth
        from chosen
      ),
      fresh as (
        insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, trip_id, slot_id, context, weight,
          source, model_version, counts, occurred_at, created_at)
        select id, actor_key, type, venue, the_trip, the_slot,
          context || jsonb_build_object(
            'day_of_trip', coalesce(shown_day, day_number,
              case when local_time::date between start_date and end_date then local_time::date - start_date + 1 end),
            'day_part', coalesce(shown_part, day_part,
              case when local_time::date between start_date and end_date then
                case when extract(hour from local_time) < 12 then 'morning'
                  when extract(hour from local_time) < 17 then 'afternoon' else 'evening' end end),
            'group_size', coalesce(shown_size, party_size)),
          weight, source,
          coalesce(shown_version, slot_version, ranking_version, trip_version, 'none'),
          countable and nth = 1 and not exists (
            select from behavioral_signals b
            where b.counts and b.actor_key = ranked.actor_key and b.signal_type = type
              and coalesce(b.slot_id, b.trip_id, ${NONE}) = coalesce(the_slot, the_trip, ${NONE})
              and coalesce(b.activity_node_id, ${NONE}) = coalesce(venue, ${NONE})),
          occurred_at, ${now.toISOString()}
        from ranked order by occurred_at, id
        on conflict (id) do nothing
        returning id, actor_key, counts, source
      ),
      intended as (
        insert into intention_signals (id, behavioral_signal_id, intention, confidence, source, created_at)
        select f.id, f.id, c.intention, 1, f.source, ${now.toISOString()}
        from fresh f join chosen c on c.id = f.id where c.intention is not null
      ),
      -- Where the app was faster, the object's word takes the place of the app's.
      outdone as (
        update behavioral_signals b set counts = false
        from chosen c
        where c.vouched and c.type = 'slot_swap' and b.counts and b.actor_key = c.actor_key
          and b.signal_type = 'slot_swap' and b.slot_id = c.the_slot and not ${OBJECTS_OWN}
          and ${sameSwap(sql.raw('b.activity_node_id'), sql.raw(`c.context ->> 'replacement_venue_id'`))}
        returning b.actor_key
      ),
      raised as (
        update users u set counting_signals = u.counting_signals + f.n
        from (
          select actor_key, sum(n)::int as n from (
            select actor_key, 1 as n from fresh where counts union all select actor_key, -1 from outdone) changes
          group by actor_key
        ) f
        join actor_keys k on k.actor_key = f.actor_key
        where u.id = k.user_id
      )
      select n, refused from judged order by n`),
    recordOutcomes(
      database,
      messages.map(({ id }) => id),
    ),
  ]);
  return stored.rows.map(({ refused }) => refused);
}
