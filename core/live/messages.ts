/** What travels over a trip's socket: one versioned, discriminated union a direction. */
import { z } from 'zod';
import { SLOT_STATUSES, TRIP_STATUSES } from '../itinerary/trip.ts';
import { SLOT_ACTIONS } from '../itinerary/trip-changes.ts';
import { MOODS, PIVOT_TRIGGERS } from '../pivot/pivot.ts';
import { PARTY_KINDS } from '../ranking/ranker.ts';
import type { SlotBody, SlotVenueBody, TripBody } from './trip-body.ts';

export const PROTOCOL = 'overplanned.v1';
export const MESSAGE_VERSION = 1;

/** In lower case: ids are compared as text. */
const uuid = z.uuid().toLowerCase();

/** The fields of a pivot that is asked for, the same over HTTP and over the socket. */
export const pivotFields = {
  id: uuid.describe("The asker's own id: the same id again is answered with the first answer"),
  trigger: z.enum(PIVOT_TRIGGERS),
  slot_id: uuid.optional().describe('Default: the slot that goes on now, or the next one'),
  mood: z.enum(MOODS).optional().describe('For the trigger `mood`'),
  delay_minutes: z.int().min(1).max(720).optional().describe('For `transit_delay` and `running_late`'),
  early_minutes: z.int().min(1).max(720).optional().describe('For `early`'),
  note: z.string().max(500).optional().describe('Shown to the companions'),
};

export interface PivotFields {
  trigger: string;
  mood?: string | undefined;
}

/** A mood is named exactly where it is what triggers. */
export const moodMatchesTrigger = ({ trigger, mood }: PivotFields) => (trigger === 'mood') === (mood !== undefined);
export const MOOD_RULE = { path: ['mood'], message: 'goes with the trigger `mood`, and with no other' };

const v = z.literal(MESSAGE_VERSION);

export const clientMessage = z
  .discriminatedUnion('type', [
    z.strictObject({ v, type: z.literal('trigger'), ...pivotFields }),
    z.strictObject({ v, type: z.literal('accept'), id: uuid, event_id: uuid, option_id: uuid }),
    z.strictObject({ v, type: z.literal('dismiss'), id: uuid, event_id: uuid }),
    z.strictObject({
      v,
      type: z.literal('slot_action'),
      id: uuid,
      slot_id: uuid,
      action: z.enum(SLOT_ACTIONS),
      venue_id: uuid.optional().describe('For `swap`: the venue to take; default: the best that fits'),
      time_to_action_ms: z.int().min(0).optional().describe('How long the slot was in view'),
    }),
  ])
  .refine((message) => message.type !== 'trigger' || moodMatchesTrigger(message), MOOD_RULE)
  .refine((message) => message.type !== 'slot_action' || message.venue_id === undefined || message.action === 'swap', {
    path: ['venue_id'],
    message: 'only a swap takes a venue',
  });
export type ClientMessage = z.infer<typeof clientMessage>;

export const DURABLE_TYPES = [
  'slot_changed',
  'pivot_suggested',
  'pivot_resolved',
  'trip_status',
  'member_changed',
] as const;

export const PIVOT_OUTCOMES = ['accept', 'dismiss', 'ignore'] as const;
export type PivotOutcome = (typeof PIVOT_OUTCOMES)[number];

/** What a pivot is answered with. `slotVenue`: the schema of a venue as slots show it. */
export function pivotSchema<Venue extends z.ZodType<SlotVenueBody>>(slotVenue: Venue) {
  return z.object({
    event_id: uuid,
    source: z.enum(['fallback', 'search', 'retime']),
    expires_at: z.string().describe('After that it counts as ignored'),
    options: z
      .array(
        z.object({
          id: uuid,
          reason: z.string().describe('A sentence of facts'),
          reason_code: z.string(),
          changes: z.array(
            z.object({
              slot_id: uuid,
              from: uuid.describe('The venue that stands there'),
              to: uuid.nullable().describe('The venue that would stand there; null: the slot is left out'),
              venue: slotVenue.nullable().describe('The record of `to`'),
              starts_at: z.string(),
              ends_at: z.string(),
            }),
          ),
        }),
      )
      .describe('At most three, best first'),
    reason: z.string().nullable().describe('Why there is no option; null where there are some'),
  });
}
export type PivotBody = z.infer<ReturnType<typeof pivotSchema<z.ZodType<SlotVenueBody>>>>;

const person = uuid.nullable().describe('A user id; null: the product itself, or an account that was deleted');
const role = z.enum(['organiser', 'member']);

/** The edge's schemas of what is inside: a trip, a slot, a venue. */
export interface BodySchemas<
  Body extends z.ZodType<TripBody>,
  Slot extends z.ZodType<SlotBody>,
  Venue extends z.ZodType<SlotVenueBody>,
> {
  trip: Body;
  slot: Slot;
  slotVenue: Venue;
}

export function serverMessageSchema<
  Body extends z.ZodType<TripBody>,
  Slot extends z.ZodType<SlotBody>,
  Venue extends z.ZodType<SlotVenueBody>,
>({ trip, slot, slotVenue }: BodySchemas<Body, Slot, Venue>) {
  const durable = { v, seq: z.int().min(1), at: z.string(), by: person };
  const changedSlots = {
    slots: z.array(z.object({ day: z.int().min(1), slot })).describe('Every slot that is no longer what it was'),
    removed_slot_ids: z.array(uuid),
  };
  return z.discriminatedUnion('type', [
    z.object({ v, type: z.literal('snapshot'), seq: z.int().min(1), trip }),
    z.object({
      ...durable,
      type: z.literal('slot_changed'),
      slot_id: uuid,
      action: z.enum(SLOT_ACTIONS),
      status: z.enum(SLOT_STATUSES),
      ...changedSlots,
    }),
    z.object({
      ...durable,
      type: z.literal('pivot_suggested'),
      trigger: z.enum(PIVOT_TRIGGERS),
      mood: z.enum(MOODS).nullable(),
      note: z.string().nullable(),
      ...pivotSchema(slotVenue).shape,
    }),
    z.object({
      ...durable,
      type: z.literal('pivot_resolved'),
      event_id: uuid,
      response: z.enum(PIVOT_OUTCOMES),
      option_id: uuid.nullable(),
      ...changedSlots,
    }),
    z.object({
      ...durable,
      type: z.literal('trip_status'),
      status: z.enum(TRIP_STATUSES),
      end_date: z.string(),
      party: z.object({ size: z.int(), kind: z.enum(PARTY_KINDS) }),
      ...changedSlots,
    }),
    z.object({
      ...durable,
      type: z.literal('member_changed'),
      change: z.enum(['joined', 'left', 'removed']),
      user_id: person,
      members: z.array(z.object({ user_id: person, role })),
    }),
    z.object({
      v,
      type: z.literal('ack'),
      id: uuid,
      seq: z.int().min(1).optional().describe('Of the event that the message caused, or that had settled it before'),
      pivot: pivotSchema(slotVenue).optional().describe('For `trigger`'),
      outcome: z
        .object({ event_id: uuid, response: z.enum(PIVOT_OUTCOMES), option_id: uuid.nullable() })
        .optional()
        .describe('For `accept` and `dismiss`: what the pivot came to, which is what the first answer made it'),
    }),
    z.object({ v, type: z.literal('error'), id: z.string().optional(), code: z.string() }),
    z.object({ v, type: z.literal('presence'), members: z.array(uuid).describe('User ids of those online') }),
  ]);
}

export type ServerMessage = z.infer<
  ReturnType<typeof serverMessageSchema<z.ZodType<TripBody>, z.ZodType<SlotBody>, z.ZodType<SlotVenueBody>>>
>;
type OfType<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;
export type DurableMessage = OfType<(typeof DURABLE_TYPES)[number]>;
export type Ack = OfType<'ack'>;

/** A durable message before the log gives it its place. */
export type EventDraft = DurableMessage extends infer Message
  ? Message extends DurableMessage
    ? Omit<Message, 'v' | 'seq' | 'at'>
    : never
  : never;
