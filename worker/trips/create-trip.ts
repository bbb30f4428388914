/** `POST /trips`: from a body that its schema has passed to a stored trip. */

import { v7 as uuidv7 } from 'uuid';
import { addDays, dateIn, daysBetween } from '../../core/itinerary/local-time.ts';
import type { Location } from '../../core/venue/venue.ts';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import type { City } from '../../platform/database/cities.ts';
import { uniqueViolation } from '../../platform/database/client.ts';
import { insertLlmUsage } from '../../platform/database/llm-usage.ts';
import { insertTrip } from '../../platform/database/trips.ts';
import { neighbourhoodCentre } from '../../platform/database/venues.ts';
import type { AppContext } from '../app-env.ts';
import { earlierAnswer, requestHashOf } from '../idempotency.ts';
import { invalidField, Problem } from '../problem.ts';
import { requestLlm } from '../request-llm.ts';
import { signedInTraveller } from '../routes/users.ts';
import { budgetOf } from '../schemas/budget.ts';
import { MOST_DAYS, partyOf, type TripRequestBody } from '../schemas/trip.ts';
import { askedLater } from './asked-later.ts';
import { notBeforeOf } from './not-before.ts';
import { planDependencies } from './plan-dependencies.ts';
import { planTrip } from './plan-trip.ts';
import { plannableCity, requestedCity } from './plannable-city.ts';
import { StageTimer } from './stage-timer.ts';
import { type TripBody, toTripBody } from './trip-body.ts';

/** The days to plan, checked against the city's calendar. */
function datesOf(body: TripRequestBody, city: City, now: number) {
  const { start_date: startDate } = body;
  const today = dateIn(city.timeZone, now);
  if (startDate < today) {
    throw invalidField('start_date', 'start_date_in_past', `in ${city.name} it is ${today} already`);
  }
  const days = body.days ?? daysBetween(startDate, body.end_date ?? startDate) + 1;
  if (days < 1) throw invalidField('end_date', 'dates_reversed', 'end_date lies before start_date');
  if (days > MOST_DAYS) throw invalidField('end_date', 'trip_too_long', `a trip has at most ${MOST_DAYS} days`);
  if (startDate > addDays(today, 730)) {
    throw invalidField('start_date', 'start_date_too_far', 'opening hours are not known that far ahead');
  }
  return { startDate, days, notBefore: notBeforeOf(startDate, city.timeZone, now) };
}

function checkLocation(area: TripRequestBody['start_area'], { name, bounds }: City): void {
  if (area === undefined || typeof area === 'string') return;
  const { south, west, north, east } = bounds;
  if (area.lat < south || area.lat > north || area.lng < west || area.lng > east) {
    throw invalidField('start_area', 'outside_city', `the location lies outside ${name}`);
  }
}

async function startAreaOf(c: AppContext, area: TripRequestBody['start_area'], city: City): Promise<Location | null> {
  if (area === undefined) return null;
  if (typeof area !== 'string') return area;
  const { centre, known } = await neighbourhoodCentre(c.var.database, city.id, area);
  if (centre) return centre;
  throw invalidField('start_area', 'unknown_neighbourhood', `${city.name} has no neighbourhood "${area}"`, known);
}

export interface CreatedTrip {
  body: TripBody;
  /** The answer to an earlier request with the same key. */
  replayed: boolean;
}

export async function createTrip(c: AppContext, body: TripRequestBody, key: string | undefined): Promise<CreatedTrip> {
  const { database, now, log } = c.var;
  const requestHash = await requestHashOf(body);
  const stages = new StageTimer();
  const { timed } = stages;
  const [earlier, traveller, requested] = await timed('read', () =>
    Promise.all([
      key === undefined ? null : earlierAnswer<TripBody>(c, key, requestHash),
      signedInTraveller(c),
      requestedCity(c, body.city),
    ]),
  );
  if (earlier) return { body: earlier, replayed: true };
  const dates = datesOf(body, requested, now);
  checkLocation(body.start_area, requested);
  const { city, fallback } = await plannableCity(c, requested);
  const startArea = await startAreaOf(c, body.start_area, city);

  const tripId = uuidv7();
  const llm = requestLlm(c, tripId);
  const planned = await planTrip(
    [traveller],
    {
      tripId,
      city,
      ...dates,
      party: body.party ? partyOf(body.party) : { size: 1, kind: 'solo' },
      budgetBand: body.budget ?? budgetOf(traveller.persona),
      startArea,
      fallback,
    },
    planDependencies(c, llm, timed),
  );
  const { trip } = planned;
  if (planned.rankingEvents.length === 0) throw new Problem(422, 'nothing_to_plan', 'the trip has no days');
  const response = toTripBody(trip);
  c.set('modelVersion', trip.ranking.modelVersion);

  try {
    await timed('store', () =>
      insertTrip(database, {
        trip,
        userId: traveller.user.id,
        candidateSet: planned.candidateSet,
        rankingEvents: planned.rankingEvents,
        arbitrationEvents: planned.arbitrationEvents,
        idempotency: key === undefined ? null : { key, requestHash, response },
        now: new Date(now),
      }),
    );
  } catch (error) {
    // A retry that overtook this request has stored its answer: that one counts.
    if (key === undefined || uniqueViolation(error)?.table !== 'idempotency_keys') throw error;
    const winner = await earlierAnswer<TripBody>(c, key, requestHash);
    if (!winner) throw error;
    return { body: winner, replayed: true };
  } finally {
    c.executionCtx.waitUntil(insertLlmUsage(database, llm?.usage ?? []));
  }

  // Before the answer: an object that were told later might bring back a trip that was deleted meanwhile. One that cannot
  // be told now reads the trip from Postgres when it is first touched.
  await timed('adopt', () => tripStub(c.env, trip.id).adopt(trip)).catch((error: unknown) =>
    log('trip_not_adopted', { trip_id: trip.id, error: String(error) }),
  );
  c.header('Server-Timing', stages.header);
  c.executionCtx.waitUntil(Promise.all([planned.afterwards(), askedLater(c, planned)]));
  log('trip_planned', {
    trip_id: trip.id,
    model_version: trip.ranking.modelVersion,
    cache: trip.ranking.cache,
    fallback: trip.ranking.fallback,
    fallback_reason: trip.ranking.fallbackReason,
  });
  return { body: response, replayed: false };
}
