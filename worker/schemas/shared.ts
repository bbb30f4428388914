/** Pieces that several request and response bodies share. */
import { z } from '@hono/zod-openapi';
import { toSlotVenueBody } from '../../core/live/trip-body.ts';
import { MEALS, SETTINGS, type Venue } from '../../core/venue/venue.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';

export const location = z
  .strictObject({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) })
  .openapi('Location', { description: 'WGS 84 degrees', example: { lat: 47.6097, lng: -122.3422 } });

/** In lower case, for an id names a row and a trip's object: two spellings must not be two objects. */
export const uuid = z.uuid().toLowerCase();

export const idParam = z.strictObject({ id: uuid });

/** The venue as a slot shows it. */
export const slotVenue = z
  .object({
    id: z.uuid(),
    name: z.string(),
    category: z.enum(CATEGORY_NAMES),
    neighbourhood: z.string(),
    location,
    price_level: z.int().min(0).max(4),
    vibe_tags: z.array(z.enum(VIBE_TAG_NAMES)),
    cross_ref_confidence: z.number().nullable(),
    source: z.enum(['catalogue', 'places']),
  })
  .openapi('SlotVenue');

export const venue = slotVenue
  .extend({
    slug: z.string(),
    hours: z
      .array(z.array(z.tuple([z.int(), z.int()])))
      .nullable()
      .openapi({ description: 'Opening intervals a weekday, Monday first, in minutes from local midnight' }),
    meals: z.array(z.enum(MEALS)),
    setting: z.enum(SETTINGS),
    visit_minutes: z.int(),
    energy: z.number(),
    tourist_score: z.number().nullable(),
    local_score: z.number().nullable(),
    overrated: z.boolean(),
    first_seen_at: z.string().nullable(),
  })
  .openapi('Venue');

export function venueBody(record: Venue): z.infer<typeof venue> {
  return {
    ...toSlotVenueBody(record),
    slug: record.slug,
    hours: record.hours?.map((day) => day.map(([open, close]): [number, number] => [open, close])) ?? null,
    meals: [...record.meals],
    setting: record.setting,
    visit_minutes: record.visitMinutes,
    energy: record.energy,
    tourist_score: record.touristScore,
    local_score: record.localScore,
    overrated: record.overrated,
    first_seen_at: record.firstSeenAt,
  };
}
