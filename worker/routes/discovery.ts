/** Discovery: cards to swipe before a trip, a ranking like any other; and the look back on a trip that is over. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq, isNotNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { ENDED } from '../../core/itinerary/trip-changes.ts';
import { toSlotVenueBody } from '../../core/live/trip-body.ts';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { behavioralSignals } from '../../platform/database/schema/index.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { idParam, slotVenue } from '../schemas/shared.ts';
import { discoveryCards } from '../trips/discovery-cards.ts';
import { plannableCity, requestedCity } from '../trips/plannable-city.ts';
import { answered } from '../trips/trip-problem.ts';
import { signedInTraveller } from './users.ts';

const cardsBody = z
  .object({
    ranking_event_id: z
      .uuid()
      .openapi({ description: 'Goes into `context.ranking_event_id` of each `discovery_swipe`' }),
    model_version: z.string(),
    cards: z.array(slotVenue).openapi({ description: 'Best first; none that was swiped before' }),
  })
  .openapi('DiscoveryCards');

const reviewBody = z
  .object({
    trip_id: z.uuid(),
    slots: z.array(z.object({ slot_id: z.uuid(), day: z.int(), venue: slotVenue })).openapi({
      description: 'What the traveller may rate with `post_trip` signals: all that was not skipped',
    }),
  })
  .openapi('TripReview');

export const discoveryRoutes = newRouter();

discoveryRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/cities/{slug}/discover',
    summary: 'Cards to swipe',
    tags: ['Discovery'],
    ...access('user'),
    request: {
      params: z.strictObject({ slug: z.string().max(60) }),
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(50).default(10) }),
    },
    responses: { 200: json(cardsBody, 'The cards'), ...problemResponses(400, 401, 422, 503) },
  }),
  async (c) => {
    const [traveller, requested] = await Promise.all([
      signedInTraveller(c),
      requestedCity(c, c.req.valid('param').slug),
    ]);
    const { city, fallback } = await plannableCity(c, requested);
    const swiped = await c.var.database
      .selectDistinct({ venueId: behavioralSignals.activityNodeId })
      .from(behavioralSignals)
      .where(
        and(
          eq(behavioralSignals.actorKey, traveller.actorKey),
          eq(behavioralSignals.signalType, 'discovery_swipe'),
          isNotNull(behavioralSignals.activityNodeId),
        ),
      );
    const made = await discoveryCards(c, traveller, {
      city,
      fallback,
      limit: c.req.valid('query').limit,
      without: new Set(swiped.map(({ venueId }) => venueId!)),
      rankingEventId: uuidv7(),
    });
    c.set('modelVersion', made.modelVersion);
    return c.json(
      {
        ranking_event_id: made.rankingEventId,
        model_version: made.modelVersion,
        cards: made.venues.map(toSlotVenueBody),
      },
      200,
    );
  },
);

discoveryRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/trips/{id}/review',
    summary: 'What of a trip that is over can be rated',
    tags: ['Discovery'],
    ...access('user'),
    request: { params: idParam },
    responses: { 200: json(reviewBody, 'The visits'), ...problemResponses(400, 401, 404, 409) },
  }),
  async (c) => {
    const trip = answered(c, await tripStub(c.env, c.req.valid('param').id).read(c.var.userId));
    if (!ENDED.has(trip.status)) throw new Problem(409, 'trip_not_over', `the trip is ${trip.status}`);
    return c.json(
      {
        trip_id: trip.id,
        slots: trip.slots
          .filter((slot) => slot.status !== 'skipped')
          .map((slot) => ({
            slot_id: slot.id,
            day: slot.dayNumber,
            venue: toSlotVenueBody(trip.venues[slot.venueId]!),
          })),
      },
      200,
    );
  },
);
