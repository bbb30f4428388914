/** `POST /trips/:id/replan`: the trip anew, for all who travel along now. */

import type { GroupStrategy } from '../../core/group/strategies.ts';
import { daysBetween } from '../../core/itinerary/local-time.ts';
import { partyOfMembers, replanProblem } from '../../core/itinerary/replan.ts';
import type { Trip } from '../../core/itinerary/trip.ts';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { insertLlmUsage } from '../../platform/database/llm-usage.ts';
import { findTraveller, type Traveller } from '../../platform/database/users.ts';
import type { AppContext } from '../app-env.ts';
import { Problem } from '../problem.ts';
import { requestLlm } from '../request-llm.ts';
import { askedLater } from './asked-later.ts';
import { notBeforeOf } from './not-before.ts';
import { planDependencies } from './plan-dependencies.ts';
import { planTrip } from './plan-trip.ts';
import { plannableCity, requestedCity } from './plannable-city.ts';
import { StageTimer } from './stage-timer.ts';
import { answered, asProblem } from './trip-problem.ts';

/** All members, the organiser first. Throws the 409 where one of them is not known: nobody is left out in silence. */
async function travellersOf(c: AppContext, { members }: Trip): Promise<Traveller[]> {
  const found = await Promise.all(
    members
      .toSorted((a, b) => Number(b.role === 'organiser') - Number(a.role === 'organiser'))
      .map(({ userId }) => findTraveller(c.var.database, userId)),
  );
  const travellers = found.filter((traveller) => traveller !== null);
  if (travellers.length < found.length) {
    throw new Problem(409, 'member_unknown', 'a member of the trip has just deleted their account: try again');
  }
  return travellers;
}

/** @throws Problem 403, 404, 409 (`trip_changed` where somebody changed the trip meanwhile: try again). */
export async function replanTrip(c: AppContext, tripId: string, strategy: GroupStrategy | undefined): Promise<Trip> {
  const { database, now, userId, log } = c.var;
  const stages = new StageTimer();
  const stub = tripStub(c.env, tripId);
  const before = answered(c, await stub.read(userId));
  const problem = replanProblem(before, userId);
  if (problem) throw asProblem(problem);
  const [travellers, { city, fallback }] = await stages.timed('read', () =>
    Promise.all([
      travellersOf(c, before),
      requestedCity(c, before.city.slug).then((requested) => plannableCity(c, requested)),
    ]),
  );

  const llm = requestLlm(c, tripId);
  const planned = await planTrip(
    travellers,
    {
      tripId,
      city,
      startDate: before.startDate,
      days: daysBetween(before.startDate, before.endDate) + 1,
      notBefore: notBeforeOf(before.startDate, city.timeZone, now),
      party: partyOfMembers(before),
      budgetBand: before.budgetBand,
      startArea: before.startArea,
      fallback,
      closedVenueIds: new Set(before.closures?.map(({ venueId }) => venueId)),
      strategy,
    },
    planDependencies(c, llm, stages.timed),
  );
  const next: Trip = { ...planned.trip, seq: before.seq + 1, members: before.members };
  const { candidateSet, rankingEvents, arbitrationEvents } = planned;
  // The object keeps plan and log together, and Postgres hears of both from it: whatever fails now, neither goes alone.
  const trip = await stages
    .timed('store', async () =>
      answered(c, await stub.replan(userId, next, { candidateSet, rankingEvents, arbitrationEvents })),
    )
    .finally(() => c.executionCtx.waitUntil(insertLlmUsage(database, llm?.usage ?? [])));

  c.header('Server-Timing', stages.header);
  c.executionCtx.waitUntil(Promise.all([planned.afterwards(), askedLater(c, planned)]));
  log('trip_replanned', {
    trip_id: tripId,
    members: travellers.length,
    strategy: trip.group?.strategy ?? null,
    model_version: trip.ranking.modelVersion,
  });
  return trip;
}
