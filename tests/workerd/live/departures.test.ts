/** Who deletes their account leaves nothing in trips that go on, and does not come back by what was under way (invariant 7). */
import { runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { tripMembers } from '../../../platform/database/schema/index.ts';
import type { Job } from '../../../platform/queue/jobs.ts';
import { call, database, inDays, newGuest } from '../api/client.ts';
import { storedTrip } from '../api/stored.ts';
import { deliver } from '../signals/scene.ts';
import { invited, travelling } from './live-client.ts';

const storedMembers = async (tripId: string) =>
  (await database.select().from(tripMembers).where(eq(tripMembers.tripId, tripId))).map(({ userId }) => userId);
const followed = (tripId: string, seq: number) =>
  vi.waitFor(async () => expect((await storedTrip(tripId)).trip?.seq).toBe(seq), { timeout: 15_000 });

describe('a member whose account goes before Postgres has heard that they joined', () => {
  it('never gets a row, and the object forgets them as soon as Postgres is told', async () => {
    const { trip, organiser, object, stub } = await travelling();
    const invite = await invited(trip.id, organiser);
    await runInDurableObject(object, (instance: TripObject) => {
      const inner = instance as unknown as { env: Cloudflare.Env };
      inner.env = { ...inner.env, JOBS: { sendBatch: async () => {} } as unknown as Queue };
    });
    const guest = await newGuest();
    expect((await call('POST', `/invites/${invite}/accept`, { token: guest.token })).status).toBe(200);
    expect((await call('DELETE', '/users/me', { token: guest.token })).status).toBe(204);
    expect((await stub.snapshot())!.members.map(({ userId }) => userId)).toEqual([organiser.id, guest.id]);

    const body: Job = { v: 1, id: uuidv7(), kind: 'project_trip', tripId: trip.id };
    expect(await deliver('jobs', [{ body }])).toMatchObject({ acked: ['m0'] });
    expect((await storedTrip(trip.id)).trip?.seq).toBe(2);
    expect(await storedMembers(trip.id)).toEqual([organiser.id]);
    expect(JSON.stringify(await stub.snapshot())).not.toContain(guest.id);
    expect(await deliver('jobs', [{ body }, { body }])).toMatchObject({ acked: { length: 2 } });
    expect((await storedTrip(trip.id)).trip?.seq).toBe(3);
    expect(await storedMembers(trip.id)).toEqual([organiser.id]);
  });
});

describe('where the days of a trip begin', () => {
  const START = { lat: 47.6097, lng: -122.3331 };

  async function shared() {
    const organiser = await newGuest();
    const json = { city: 'seattle', start_date: inDays(), days: 3, party: { size: 2 }, start_area: START };
    const { body: trip } = await call('POST', '/trips', { token: organiser.token, json });
    const guest = await newGuest();
    await call('POST', `/invites/${await invited(trip.id, organiser)}/accept`, { token: guest.token });
    await followed(trip.id, 2);
    return { organiser, guest, trip };
  }
  const starts = async (tripId: string) => {
    const { trip, slots } = await storedTrip(tripId);
    return {
      area: trip?.startArea,
      first: slots.filter(({ slotOrder }) => slotOrder === 1).map((s) => s.travelMetres),
    };
  };

  it("is not known any more once the organiser's account is deleted", async () => {
    const { organiser, guest, trip } = await shared();
    const before = await starts(trip.id);
    expect(before).toMatchObject({ area: START, first: { length: 3 } });
    expect(before.first).not.toContain(null);
    expect((await call('DELETE', '/users/me', { token: organiser.token })).status).toBe(204);
    await followed(trip.id, 3);
    expect(await starts(trip.id)).toEqual({ area: null, first: [null, null, null] });
    const read = await call('GET', `/trips/${trip.id}`, { token: guest.token });
    expect(read.status).toBe(200);
    for (const { slots } of read.body.days) {
      expect(slots.map((slot: { travel_from_previous: unknown }) => slot.travel_from_previous === null)).toEqual(
        slots.map((_: unknown, i: number) => i === 0),
      );
    }
  });

  it("stays when another member's is", async () => {
    const { guest, trip } = await shared();
    const before = await starts(trip.id);
    expect((await call('DELETE', '/users/me', { token: guest.token })).status).toBe(204);
    await followed(trip.id, 3);
    expect(await starts(trip.id)).toEqual(before);
  });
});
