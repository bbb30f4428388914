/** Trips on the wire: what may be asked, and what is answered. */
import { z } from '@hono/zod-openapi';
import { GROUP_STRATEGIES } from '../../core/group/strategies.ts';
import { SLOT_STATUSES, TRIP_STATUSES } from '../../core/itinerary/trip.ts';
import { SLOT_ACTIONS } from '../../core/itinerary/trip-changes.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { BUDGET_BANDS, DAY_PARTS, PARTY_KINDS } from '../../core/ranking/ranker.ts';
import { location, slotVenue, uuid } from './shared.ts';

export const MOST_DAYS = 30;

const party = z
  .strictObject({
    size: z.int().min(1).max(20),
    kind: z.enum(PARTY_KINDS).optional(),
  })
  .refine((p) => p.kind !== 'solo' || p.size === 1, { path: ['kind'], message: 'a party of more than one is not solo' })
  .refine((p) => !(p.size === 1 && (p.kind === 'couple' || p.kind === 'friends' || p.kind === 'family')), {
    path: ['size'],
    message: 'one person is no couple, family or group of friends',
  })
  .openapi('Party', { example: { size: 2, kind: 'couple' } });

/** The party that is meant where its kind is left out. */
export function partyOf({ size, kind }: z.infer<typeof party>): Party {
  return { size, kind: kind ?? (size === 1 ? 'solo' : size === 2 ? 'couple' : 'friends') };
}

const dates = {
  start_date: z.iso.date().openapi({ description: 'First day, in the time zone of the city', example: '2026-12-05' }),
  days: z.int().min(1).max(MOST_DAYS).optional(),
  end_date: z.iso.date().optional(),
};

export const tripRequest = z
  .strictObject({
    city: z.string().min(1).max(60).openapi({ description: 'Slug, as in GET /cities', example: 'seattle' }),
    ...dates,
    party: party.optional(),
    budget: z.enum(BUDGET_BANDS).optional().openapi({ description: 'Default: from the persona' }),
    start_area: z
      .union([location, z.string().min(1).max(80)])
      .optional()
      .openapi({ description: 'Where days begin: a location, or a neighbourhood of the city by name' }),
  })
  .superRefine((body, ctx) => {
    if ((body.days === undefined) === (body.end_date === undefined)) {
      ctx.addIssue({ code: 'custom', path: ['days'], message: 'give either days or end_date' });
    }
  })
  .openapi('TripRequest', { example: { city: 'seattle', start_date: '2026-12-05', days: 3 } });

export type TripRequestBody = z.infer<typeof tripRequest>;

export const tripChange = z
  .strictObject({
    end_date: z.iso.date().optional().openapi({ description: 'An earlier last day' }),
    party: party.optional(),
    status: z.enum(TRIP_STATUSES).optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), { message: 'nothing to change' })
  .openapi('TripChange');

export const slotChange = z
  .strictObject({
    action: z.enum(SLOT_ACTIONS),
    venue_id: uuid.optional().openapi({ description: 'For swap: the venue to take; default: the best that fits' }),
  })
  .refine((body) => body.venue_id === undefined || body.action === 'swap', {
    path: ['venue_id'],
    message: 'only a swap takes a venue',
  })
  .openapi('SlotChange');

export const replanRequest = z
  .strictObject({
    strategy: z
      .enum(GROUP_STRATEGIES)
      .optional()
      .openapi({ description: "How the members' wishes become one; default: nash, fair over the days" }),
  })
  .openapi('ReplanRequest', { example: { strategy: 'nash' } });

const served = z
  .object({
    user_id: z.uuid(),
    utility: z.number().openapi({ description: 'What the slot is worth to the member, in [0, 1]' }),
    best: z.number().openapi({ description: 'What it could have been worth to them at most' }),
  })
  .openapi('Served');

const group = z
  .object({
    strategy: z.enum(GROUP_STRATEGIES),
    conflict: z.number().openapi({ description: 'How far the members are from agreeing, in [0, 1]' }),
    weights_by_day: z.array(z.array(z.number())).openapi({
      description:
        "The members' say on each day by what the days before gave them, in the order of `members`; nash follows it",
    }),
    members: z.array(z.object({ user_id: z.uuid(), total: z.number(), mean: z.number(), satisfaction: z.number() })),
    least_satisfaction: z.number(),
    mean_satisfaction: z.number(),
  })
  .openapi('Group');

export const slot = z
  .object({
    id: z.uuid(),
    order: z.int(),
    day_part: z.enum(DAY_PARTS),
    role: z.enum(['activity', 'breakfast', 'lunch', 'dinner']),
    starts_at: z.string().openapi({ description: "ISO 8601 with the city's offset" }),
    ends_at: z.string(),
    travel_from_previous: z
      .object({ mode: z.enum(['walk', 'transit']), minutes: z.int(), metres: z.int() })
      .nullable()
      .openapi({ description: 'From the slot before, or from start_area; null where neither is known' }),
    venue: slotVenue,
    narrative: z.string(),
    status: z.enum(SLOT_STATUSES),
    served: z
      .array(served)
      .nullable()
      .openapi({ description: 'Null for a trip of one, and where the slot has got another venue since' }),
  })
  .openapi('Slot');

export const tripBody = z
  .object({
    id: z.uuid(),
    seq: z.int(),
    city: z.string(),
    start_date: z.string(),
    end_date: z.string(),
    status: z.enum(TRIP_STATUSES),
    party: z.object({ size: z.int(), kind: z.enum(PARTY_KINDS) }),
    budget: z.enum(BUDGET_BANDS),
    ranking: z.object({
      source: z.enum(['ml', 'llm', 'offline', 'mixed']),
      model_version: z.string(),
      cache: z.enum(['hit', 'miss', 'partial']),
      fallback: z.enum(['offline', 'places']).nullable(),
      fallback_reason: z.string().nullable(),
    }),
    days: z.array(
      z.object({
        day: z.int(),
        date: z.string(),
        slots: z.array(slot),
        notes: z.array(z.string()).openapi({ description: 'What of the day stays empty, and why' }),
      }),
    ),
    group: group.nullable().openapi({ description: 'Null for a trip that was planned for one' }),
  })
  .openapi('Trip');

export const tripListing = z
  .object({
    id: z.uuid(),
    city: z.string(),
    start_date: z.string(),
    end_date: z.string(),
    status: z.enum(TRIP_STATUSES),
    role: z.enum(['organiser', 'member']),
    created_at: z.string(),
  })
  .openapi('TripListing');
