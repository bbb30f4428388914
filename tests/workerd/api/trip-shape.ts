/** The body of a trip as the API promises it: strictly these fields. Written down apart from the product's own schema. */
import { z } from 'zod';

const dateTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
const unit = z.number().min(0).max(1);

const venue = z.strictObject({
  id: z.uuid(),
  name: z.string().min(1),
  category: z.string().min(1),
  neighbourhood: z.string(),
  location: z.strictObject({ lat: z.number(), lng: z.number() }),
  price_level: z.int().min(0).max(4),
  vibe_tags: z.array(z.string()),
  cross_ref_confidence: unit.nullable(),
  source: z.enum(['catalogue', 'places']),
});

const slot = z.strictObject({
  id: z.uuid(),
  order: z.int().min(1),
  day_part: z.enum(['morning', 'afternoon', 'evening']),
  starts_at: dateTime,
  ends_at: dateTime,
  travel_from_previous: z
    .strictObject({ mode: z.string(), minutes: z.int().min(0), metres: z.int().min(0) })
    .nullable(),
  venue,
  narrative: z.string().min(1),
  status: z.string(),
  served: z.array(z.strictObject({ user_id: z.uuid(), utility: unit, best: unit })).nullable(),
  /** Beyond what was asked for: what the slot is there for. */
  role: z.enum(['activity', 'breakfast', 'lunch', 'dinner']),
});

export const tripShape = z.strictObject({
  id: z.uuid(),
  seq: z.int().min(1),
  city: z.string(),
  start_date: z.iso.date(),
  end_date: z.iso.date(),
  status: z.enum(['planning', 'active', 'completed', 'shortened', 'cancelled']),
  ranking: z.strictObject({
    source: z.enum(['llm', 'offline', 'mixed']),
    model_version: z.string().regex(/^[\w.-]+@[\w.-]+(,[\w.-]+@[\w.-]+)*$/),
    cache: z.enum(['hit', 'miss', 'partial']),
    fallback: z.enum(['offline', 'places']).nullable(),
    /** Beyond what was asked for: why. */
    fallback_reason: z.string().nullable(),
  }),
  days: z.array(
    z.strictObject({
      day: z.int().min(1),
      date: z.iso.date(),
      slots: z.array(slot),
      /** Beyond what was asked for: what of the day stays empty, and why. */
      notes: z.array(z.string()),
    }),
  ),
  group: z
    .strictObject({
      strategy: z.enum(['nash', 'average', 'least_misery']),
      conflict: unit,
      weights_by_day: z.array(z.array(z.number().min(0.5).max(2))),
      members: z.array(z.strictObject({ user_id: z.uuid(), total: z.number().min(0), mean: unit, satisfaction: unit })),
      least_satisfaction: unit,
      mean_satisfaction: unit,
    })
    .nullable(),
  /** Beyond what was asked for: what the trip was planned for. */
  party: z.strictObject({ size: z.int().min(1), kind: z.string() }),
  budget: z.enum(['low', 'mid', 'high']),
});

export type TripShape = z.infer<typeof tripShape>;
export type SlotShape = TripShape['days'][number]['slots'][number];

export const slotsOf = (trip: TripShape): SlotShape[] => trip.days.flatMap((day) => day.slots);
