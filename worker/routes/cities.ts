/** What there is: the vocabulary, the cities, their venues. */
import { createRoute, z } from '@hono/zod-openapi';
import { DIMENSIONS } from '../../core/persona/dimensions.ts';
import { ONBOARDING_GROUPS } from '../../core/persona/onboarding.ts';
import { CATEGORIES, CATEGORY_NAMES, VIBE_TAG_NAMES, VIBE_TAGS } from '../../core/venue/vocabulary.ts';
import { type City, findCity, listCities } from '../../platform/database/cities.ts';
import type { Database } from '../../platform/database/client.ts';
import { listVenues, type VenueCursor, venuesById } from '../../platform/database/venues.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { cursorParam, decodeCursor, encodeCursor } from '../schemas/cursor.ts';
import { idParam, location, venue, venueBody } from '../schemas/shared.ts';

const labelled = z.object({ label: z.string() });
const vocabularyBody = z
  .object({
    onboarding_tags: z.record(
      z.string(),
      z.object({ label: z.string(), multiple: z.boolean(), tags: z.array(z.string()) }),
    ),
    vibe_tags: z.record(z.enum(VIBE_TAG_NAMES), labelled),
    categories: z.record(z.enum(CATEGORY_NAMES), labelled),
    persona_dimensions: z.array(z.object({ name: z.string(), zero: z.string(), one: z.string() })),
  })
  .openapi('Vocabulary');

const cityBody = z
  .object({
    slug: z.string(),
    name: z.string(),
    country: z.string(),
    time_zone: z.string(),
    currency: z.string(),
    centre: location,
    venues: z.int(),
    available: z.boolean().openapi({ description: 'Whether it has a catalogue of ours' }),
  })
  .openapi('City');

const near = z
  .string()
  .transform((text, ctx) => {
    const parts = text.split(',');
    const [lat, lng] = parts.map(Number);
    const read = location.safeParse({ lat, lng });
    if (read.success && parts.length === 2 && parts.every((part) => part.trim() !== '')) return read.data;
    ctx.addIssue({ code: 'custom', message: 'must be "lat,lng" in degrees' });
    return z.NEVER;
  })
  .openapi({ type: 'string', description: 'Nearest first: `lat,lng`', example: '47.6097,-122.3422' });

/** Where a page ended: a name, or a distance in metres where the listing goes by distance. */
const positionByName = z.object({ key: z.string(), id: z.uuid() });
const positionByDistance = z.object({ key: z.number(), id: z.uuid() });

const labels = <Name extends string>(entries: Readonly<Record<Name, { label: string }>>) =>
  Object.fromEntries(
    Object.entries<{ label: string }>(entries).map(([name, { label }]) => [name, { label }]),
  ) as Record<Name, { label: string }>;

export async function requireCity(database: Database, slug: string): Promise<City> {
  const city = await findCity(database, slug);
  if (city) return city;
  const known = (await listCities(database)).map((other) => other.slug);
  throw new Problem(404, 'unknown_city', `there is no city "${slug}"`, {
    errors: [{ field: 'city', message: 'unknown city', known }],
  });
}

export const cityRoutes = newRouter()
  .openapi(
    createRoute({
      method: 'get',
      path: '/vocabulary',
      summary: 'The controlled tags',
      tags: ['Catalogue'],
      ...access('public'),
      responses: { 200: json(vocabularyBody, 'Every tag that the API takes or gives') },
    }),
    (c) =>
      c.json(
        {
          onboarding_tags: Object.fromEntries(
            Object.entries(ONBOARDING_GROUPS).map(([name, { label, multiple, tags }]) => [
              name,
              { label, multiple, tags: Object.keys(tags) },
            ]),
          ),
          vibe_tags: labels(VIBE_TAGS),
          categories: labels(CATEGORIES),
          persona_dimensions: DIMENSIONS.map(({ name, zero, one }) => ({ name, zero, one })),
        },
        200,
      ),
  )
  .openapi(
    createRoute({
      method: 'get',
      path: '/cities',
      summary: 'The cities',
      tags: ['Catalogue'],
      ...access('public'),
      responses: { 200: json(z.object({ cities: z.array(cityBody) }), 'In the order of their names') },
    }),
    async (c) => {
      const cities = await listCities(c.var.database);
      return c.json(
        {
          cities: cities.map((city) => ({
            slug: city.slug,
            name: city.name,
            country: city.country,
            time_zone: city.timeZone,
            currency: city.currency,
            centre: city.centre,
            venues: city.venueCount,
            available: city.venueCount > 0,
          })),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: 'get',
      path: '/cities/{slug}/venues',
      summary: 'The venues of a city',
      tags: ['Catalogue'],
      ...access('public'),
      request: {
        params: z.strictObject({ slug: z.string().max(60) }),
        query: z.strictObject({
          q: z.string().trim().min(1).max(80).optional().openapi({ description: 'Part of a name or neighbourhood' }),
          category: z.enum(CATEGORY_NAMES).optional(),
          near: near.optional(),
          limit: z.coerce.number().int().min(1).max(100).default(20),
          cursor: cursorParam,
        }),
      },
      responses: {
        200: json(z.object({ venues: z.array(venue), next_cursor: z.string().nullable() }), 'A page of venues'),
        ...problemResponses(400, 404, 422),
      },
    }),
    async (c) => {
      const { slug } = c.req.valid('param');
      const { cursor, ...query } = c.req.valid('query');
      const position: z.ZodType<VenueCursor> = query.near ? positionByDistance : positionByName;
      const after = cursor === undefined ? undefined : decodeCursor(cursor, position);
      const city = await requireCity(c.var.database, slug);
      const { venues, next } = await listVenues(c.var.database, { cityId: city.id, ...query, after });
      return c.json({ venues: venues.map(venueBody), next_cursor: next && encodeCursor(next) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: 'get',
      path: '/venues/{id}',
      summary: 'A venue',
      tags: ['Catalogue'],
      ...access('public'),
      request: { params: idParam },
      responses: { 200: json(venue, 'The venue'), ...problemResponses(400, 404) },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const found = (await venuesById(c.var.database, [id])).get(id);
      if (!found) throw new Problem(404, 'venue_not_found', 'there is no such venue');
      return c.json(venueBody(found), 200);
    },
  );
