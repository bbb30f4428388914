/** A trip that several people travel on is planned for all of them, and says so. */
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import type { RankingLog } from '../../../platform/database/ranking-log.ts';
import { users } from '../../../platform/database/schema/index.ts';
import { call, database, type Guest, inDays, newGuest } from '../api/client.ts';
import { loggedRankings, storedTrip } from '../api/stored.ts';
import { type SlotShape, slotsOf, type TripShape, tripShape } from '../api/trip-shape.ts';

const FOOD_FIRST = { food: ['adventurous', 'foodie', 'street_food'], interests: ['markets'] };
const OUTDOORS_FIRST = {
  adventure: ['bold'],
  food: ['not_important'],
  interests: ['hiking', 'nature', 'outdoors', 'water'],
};
const DAYS = 3;

async function join(organiser: Guest, tripId: string, guest: Guest): Promise<void> {
  const invite = await call('POST', `/trips/${tripId}/invites`, { token: organiser.token });
  const joined = await call('POST', `/invites/${invite.body.token}/accept`, { token: guest.token });
  expect(joined.status, joined.text).toBe(200);
}

async function alone(guest: Guest): Promise<TripShape> {
  const json = { city: 'seattle', start_date: inDays(), days: DAYS };
  return (await call('POST', '/trips', { token: guest.token, json })).body;
}

async function together() {
  const [foodie, walker] = [await newGuest(FOOD_FIRST), await newGuest(OUTDOORS_FIRST)];
  const trip = await alone(foodie);
  await join(foodie, trip.id, walker);
  return { foodie, walker, trip };
}

const replan = (tripId: string, guest: Guest, json: object = {}) =>
  call('POST', `/trips/${tripId}/replan`, { token: guest.token, json });
/** Once Postgres has followed. */
const followed = (tripId: string, seq: number) =>
  vi.waitFor(async () => expect((await storedTrip(tripId)).trip?.seq).toBe(seq), { timeout: 15_000 });
const utilityOf = (slot: SlotShape, { id }: Guest) => slot.served!.find((served) => served.user_id === id)!;
const scoresOf = async (tripId: string) => (await storedTrip(tripId)).slots.map(({ score }) => score);
const venuesOf = (trip: TripShape) => slotsOf(trip).map((slot) => slot.venue.id);

describe('a food-first organiser and an outdoors-first companion', async () => {
  const { foodie, walker, trip } = await together();
  const answer = await replan(trip.id, foodie);
  const planned: TripShape = answer.body;
  await followed(trip.id, planned.seq);
  const log = await loggedRankings(trip.id);
  const second = log.sets.find((set) => set.id !== log.sets[0]!.id)!;

  it('get a plan of the trip anew', () => {
    expect(answer.status, answer.text).toBe(200);
    tripShape.parse(planned);
    // One change for joining, one for the plan.
    expect(planned).toMatchObject({ id: trip.id, seq: 3, status: 'planning', party: { size: 2, kind: 'couple' } });
    expect(venuesOf(planned)).not.toEqual(venuesOf(trip));
    expect(answer.headers.get('x-model-version')).toBe(planned.ranking.model_version);
    expect(planned.ranking.model_version).toContain('group-nash@1');
  });

  it('both find their kind of slot, and are told whom each slot serves how well', () => {
    const slots = slotsOf(planned);
    for (const slot of slots) {
      expect(slot.served!.map(({ user_id }) => user_id).sort()).toEqual([foodie.id, walker.id].sort());
      for (const { utility, best } of slot.served!) expect(utility).toBeLessThanOrEqual(best);
    }
    for (const [one, other] of [
      [foodie, walker],
      [walker, foodie],
    ] as const) {
      const theirs = slots.filter((slot) => {
        const { utility, best } = utilityOf(slot, one);
        return utility > utilityOf(slot, other).utility && utility > 0.9 * best;
      });
      expect(theirs.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('are told what the trip adds up to for each', () => {
    const group = planned.group!;
    expect(group).toMatchObject({ strategy: 'nash', weights_by_day: { length: DAYS } });
    expect(group.conflict).toBeGreaterThan(0);
    expect(group.weights_by_day[0]).toEqual([1, 1]);
    expect(group.weights_by_day[1]).not.toEqual([1, 1]);
    for (const { user_id, total } of group.members) {
      const sum = slotsOf(planned).reduce((t, slot) => t + slot.served!.find((s) => s.user_id === user_id)!.utility, 0);
      expect(total).toBeCloseTo(sum, 2);
    }
    const satisfactions = group.members.map(({ satisfaction }) => satisfaction);
    expect(satisfactions).toHaveLength(2);
    expect(group.least_satisfaction).toBe(Math.min(...satisfactions));
    expect(group.mean_satisfaction).toBeCloseTo((satisfactions[0]! + satisfactions[1]!) / 2, 3);
  });

  it('see the same plan, from the object and from what Postgres keeps', async () => {
    for (const { token } of [foodie, walker]) {
      expect((await call('GET', `/trips/${trip.id}`, { token })).body).toEqual(planned);
    }
    const stored = await storedTrip(trip.id);
    expect(stored.trip).toMatchObject({ seq: 3, group: { strategy: 'nash' }, partySize: 2 });
    expect(stored.slots.map((slot) => slot.id)).toEqual(slotsOf(planned).map((slot) => slot.id));
    for (const slot of stored.slots) expect(slot.served).toMatchObject({ venueId: slot.activityNodeId });
  });

  it('are logged in full, as a group and without a name', () => {
    expect(log.sets).toHaveLength(2);
    const events = log.events.filter((event) => event.candidateSetSignalId === second.id);
    expect(events).toHaveLength(DAYS * 3);
    const ids = new Set(events.map(({ id }) => id));
    expect(events[0]!.featureSnapshot).toMatchObject({
      personas: { length: 2 },
      group: { strategy: 'nash', weights: [1, 1], conflict: expect.any(Number) },
      context: { party_size: 2 },
    });
    expect(JSON.stringify([second, events])).not.toMatch(new RegExp(`${foodie.id}|${walker.id}`));
    // Each day is scored by itself: what it holds depends on the days before.
    const set = (
      second.context as { full_candidate_set: { scores: number[][]; rankings: { ranking_event_id: string }[] } }
    ).full_candidate_set;
    expect(set.scores).toHaveLength(DAYS * 3);
    for (const { ranking_event_id } of set.rankings) expect(ids).toContain(ranking_event_id);
  });

  it('are ranked otherwise, and may get another plan, under another strategy', async () => {
    const plans = [{ places: venuesOf(planned).join(), scores: (await scoresOf(trip.id)).join() }];
    for (const strategy of ['average', 'least_misery']) {
      const { body } = await replan(trip.id, foodie, { strategy });
      expect(body.group.strategy).toBe(strategy);
      await followed(trip.id, body.seq);
      expect(body.ranking.model_version).toContain(`group-${strategy.replaceAll('_', '-')}@1`);
      plans.push({ places: venuesOf(body).join(), scores: (await scoresOf(trip.id)).join() });
    }
    expect(new Set(plans.map(({ scores }) => scores)).size).toBe(3);
    expect(plans[2]!.places).not.toBe(plans[0]!.places);
  });

  it('hear nothing of a slot that has got another venue since, and nothing of who has left', async () => {
    const fresh: TripShape = (await replan(trip.id, foodie)).body;
    const slot = slotsOf(fresh).at(-1)!;
    const swapped = await call('PATCH', `/trips/${trip.id}/slots/${slot.id}`, {
      token: foodie.token,
      json: { action: 'swap' },
    });
    expect(slotsOf(swapped.body).map(({ served }) => served === null)).toEqual(
      slotsOf(fresh).map(({ id }) => id === slot.id),
    );
    await call('DELETE', `/trips/${trip.id}/members/${walker.id}`, { token: walker.token });
    const left = await call('GET', `/trips/${trip.id}`, { token: foodie.token });
    expect(left.body.group.members.map(({ user_id }: { user_id: string }) => user_id)).toEqual([foodie.id]);
    expect(left.text).not.toContain(walker.id);
    expect(JSON.stringify(await tripStub(env, trip.id).snapshot())).not.toContain(walker.id);
  });
});

/** As if the trip had been ranked once more. */
async function anotherLog(tripId: string): Promise<RankingLog> {
  const { sets, events } = await loggedRankings(tripId);
  const { position: _, ...set } = sets[0]!;
  const candidateSet = { ...set, id: uuidv7() };
  return {
    candidateSet,
    rankingEvents: [{ ...events[0]!, id: uuidv7(), candidateSetSignalId: candidateSet.id }],
    arbitrationEvents: [],
  };
}

describe('planning anew', () => {
  it('is as before for one who travels alone', async () => {
    const guest = await newGuest(FOOD_FIRST);
    const trip = await alone(guest);
    expect(trip).toMatchObject({ group: null });
    const again = await replan(trip.id, guest, { strategy: 'average' });
    expect(again.body).toMatchObject({ seq: 2, group: null, party: { size: 1, kind: 'solo' } });
    expect(venuesOf(again.body)).toEqual(venuesOf(trip));
    expect(again.body.ranking.model_version).toBe(trip.ranking.model_version);
    for (const { served } of slotsOf(again.body)) expect(served).toBeNull();
  });

  it('is for the organiser', async () => {
    const { walker, trip } = await together();
    expect(await replan(trip.id, walker)).toMatchObject({ status: 403, body: { code: 'organiser_only' } });
    expect(await replan(trip.id, await newGuest())).toMatchObject({ status: 404, body: { code: 'trip_not_found' } });
  });

  it('leaves locked slots alone, and names them', async () => {
    const guest = await newGuest();
    const trip = await alone(guest);
    const [slot] = slotsOf(trip);
    await call('PATCH', `/trips/${trip.id}/slots/${slot!.id}`, { token: guest.token, json: { action: 'lock' } });
    expect(await replan(trip.id, guest)).toMatchObject({
      status: 409,
      body: { code: 'slot_locked', errors: [{ field: 'slot_id', message: slot!.id }] },
    });
  });

  it('for a group holds nothing of an account that is deleted', async () => {
    const { foodie, walker, trip } = await together();
    await replan(trip.id, foodie);
    const stub = tripStub(env, trip.id);
    expect(JSON.stringify(await stub.snapshot())).toContain(walker.id);
    await stub.forgetUser(walker.id);
    const after = await stub.snapshot();
    expect(JSON.stringify(after)).not.toContain(walker.id);
    expect(after).toMatchObject({ dimensions: NEUTRAL_DIMENSIONS, group: { strategy: 'nash' } });
  });

  it('is over once the trip is', async () => {
    const guest = await newGuest();
    const trip = await alone(guest);
    await call('PATCH', `/trips/${trip.id}`, { token: guest.token, json: { status: 'cancelled' } });
    expect(await replan(trip.id, guest)).toMatchObject({ status: 409, body: { code: 'not_in_planning' } });
  });

  it('never takes a group for less than it is', async () => {
    const { foodie, walker, trip } = await together();
    await database.update(users).set({ deletedAt: new Date() }).where(eq(users.id, walker.id));
    expect(await replan(trip.id, foodie)).toMatchObject({ status: 409, body: { code: 'member_unknown' } });
    expect((await call('GET', `/trips/${trip.id}`, { token: foodie.token })).body.seq).toBe(2);
  });

  it('refuses a plan of a trip that has changed since', async () => {
    const guest = await newGuest();
    const trip = await alone(guest);
    const stub = tripStub(env, trip.id);
    const read = await stub.read(guest.id);
    if (!read.ok) throw new Error(read.problem.code);
    const log = await anotherLog(trip.id);
    expect(await stub.replan(guest.id, read.trip, log)).toEqual({ ok: false, problem: { code: 'trip_changed' } });
    expect((await stub.projection()).rankings).toEqual([]);
  });
});
