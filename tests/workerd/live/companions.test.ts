/** Companions: invited once, joining, leaving, removed, forgotten. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { tripInvites, tripMembers, trips } from '../../../platform/database/schema/index.ts';
import { inviteHash } from '../../../platform/database/trip-invites.ts';
import { call, database, newGuest } from '../api/client.ts';
import { invited, travelling, watch } from './live-client.ts';

const accept = (token: string, invite: string) => call('POST', `/invites/${invite}/accept`, { token });
const storedMembers = async (tripId: string) =>
  (await database.select().from(tripMembers).where(eq(tripMembers.tripId, tripId)))
    .map(({ userId, role }) => ({ userId, role }))
    .sort((a, b) => (a.userId < b.userId ? -1 : 1));

describe('an invite', () => {
  it('brings one person in, who then reads and changes the trip; the others are told', async () => {
    const { trip, organiser, slots } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    const guest = await newGuest();
    const token = await invited(trip.id, organiser);
    const joined = await accept(guest.token, token);
    expect(joined.status).toBe(200);
    expect(joined.body).toEqual({ ...trip, seq: 2 });
    expect(await socket.first('member_changed')).toMatchObject({
      seq: 2,
      change: 'joined',
      user_id: guest.id,
      members: [
        { user_id: organiser.id, role: 'organiser' },
        { user_id: guest.id, role: 'member' },
      ],
    });
    const act = { token: guest.token, json: { action: 'accept' } };
    expect((await call('PATCH', `/trips/${trip.id}/slots/${slots[0]!.id}`, act)).status).toBe(200);
    // Asking again is no second joining.
    expect((await accept(guest.token, token)).body.seq).toBe(3);
    await vi.waitFor(async () => expect((await storedMembers(trip.id)).length).toBe(2), { timeout: 15_000 });
    expect((await call('GET', '/trips', { token: guest.token })).body.trips).toMatchObject([
      { id: trip.id, role: 'member' },
    ]);
    socket.close();
  });

  it('is used once: of many who accept at once, one joins, and who was removed does not come back by it', async () => {
    const { trip, organiser, object } = await travelling();
    const invite = await invited(trip.id, organiser);
    const guests = await Promise.all(Array.from({ length: 4 }, () => newGuest()));
    const answers = await Promise.all(guests.map(({ token }) => accept(token, invite)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const joined = guests[answers.findIndex(({ status }) => status === 200)]!;
    await evictDurableObject(object);
    const removed = await call('DELETE', `/trips/${trip.id}/members/${joined.id}`, { token: organiser.token });
    expect(removed.status).toBe(204);
    const again = await accept(joined.token, invite);
    expect([again.status, again.body.code]).toEqual([409, 'invite_used']);
  });

  it('is stored as a hash, expires after seven days, and only the organiser makes it', async () => {
    const { trip, organiser, others } = await travelling({ companions: 1 });
    const invite = await invited(trip.id, organiser);
    const rows = await database.select().from(tripInvites).where(eq(tripInvites.tripId, trip.id));
    expect(JSON.stringify(rows)).not.toContain(invite);
    const tokenHash = await inviteHash(invite);
    const row = rows.find((candidate) => candidate.tokenHash === tokenHash)!;
    expect(row.expiresAt.getTime() - row.createdAt.getTime()).toBe(7 * 24 * 3600_000);
    await database
      .update(tripInvites)
      .set({ expiresAt: new Date(0) })
      .where(eq(tripInvites.tokenHash, tokenHash));
    const { token } = await newGuest();
    const late = await accept(token, invite);
    expect([late.status, late.body.code]).toEqual([410, 'invite_expired']);
    expect((await accept(token, 'no-such-token')).body.code).toBe('invite_not_found');
    const byMember = await call('POST', `/trips/${trip.id}/invites`, { token: others[0]!.token });
    expect([byMember.status, byMember.body.code]).toEqual([403, 'organiser_only']);
  });
});

describe('a member', () => {
  it('leaves, and has nothing to do with the trip any more', async () => {
    const { trip, organiser, others } = await travelling({ companions: 1 });
    const [guest] = others;
    const socket = await watch(trip.id, guest!.token);
    const left = await call('DELETE', `/trips/${trip.id}/members/${guest!.id}`, { token: guest!.token });
    expect(left.status).toBe(204);
    expect((await socket.closed).code).toBe(4403);
    expect((await call('GET', `/trips/${trip.id}`, { token: guest!.token })).status).toBe(404);
    const { body } = await call('GET', `/trips/${trip.id}/members`, { token: organiser.token });
    expect(body.members).toEqual([{ user_id: organiser.id, role: 'organiser' }]);
    await vi.waitFor(
      async () => expect(await storedMembers(trip.id)).toEqual([{ userId: organiser.id, role: 'organiser' }]),
      { timeout: 15_000 },
    );
  });

  it('cannot have others go; the organiser can, and hands on when they go themselves', async () => {
    const { trip, organiser, others } = await travelling({ companions: 2 });
    const [a, b] = others;
    const remove = (who: string, token: string) => call('DELETE', `/trips/${trip.id}/members/${who}`, { token });
    expect((await remove(b!.id, a!.token)).body.code).toBe('organiser_only');
    expect((await remove(b!.id, organiser.token)).status).toBe(204);
    expect((await remove(b!.id, organiser.token)).body.code).toBe('member_not_found');
    expect((await remove(organiser.id, organiser.token)).status).toBe(204);
    const { body } = await call('GET', `/trips/${trip.id}/members`, { token: a!.token });
    expect(body.members).toEqual([{ user_id: a!.id, role: 'organiser' }]);
    const alone = await remove(a!.id, a!.token);
    expect([alone.status, alone.body.code]).toEqual([409, 'last_member']);
    await vi.waitFor(
      async () => {
        const [row] = await database.select().from(trips).where(eq(trips.id, trip.id));
        expect(row?.userId).toBe(a!.id);
      },
      { timeout: 15_000 },
    );
  });
});

describe('a forgotten person', () => {
  it('leaves no trace in the object, and the others keep their gapless log', async () => {
    const { trip, organiser, others, slots, stub, object } = await travelling({ companions: 1 });
    const [guest] = others;
    const socket = await watch(trip.id, organiser.token);
    const theirs = await watch(trip.id, organiser.token);
    await theirs.ask({ type: 'slot_action', slot_id: slots[0]!.id, action: 'accept' });
    for (const slot of slots) {
      await theirs.ask({ type: 'trigger', trigger: 'venue_closed', slot_id: slot.id, note: 'my knee hurts' });
    }
    await stub.forgetUser(organiser.id);
    await stub.forgetUser(organiser.id);
    expect((await theirs.closed).code).toBe(4403);
    expect((await socket.closed).code).toBe(4403);
    const held = await runInDurableObject(object, (_: TripObject, { storage }) =>
      ['trip', 'slots', 'events', 'answered', 'pivots'].map((table) =>
        JSON.stringify(storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
      ),
    );
    expect(held.join()).not.toContain(organiser.id);
    expect(held.join()).not.toContain('my knee hurts');
    const log = await watch(trip.id, guest!.token, 1);
    const { seq } = (await call('GET', `/trips/${trip.id}`, { token: guest!.token })).body;
    const events = await log.events(seq);
    expect(events.map((event) => (event as { seq: number }).seq)).toEqual(
      Array.from({ length: seq - 1 }, (_, i) => i + 2),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'member_changed',
      user_id: null,
      members: [{ user_id: guest!.id, role: 'organiser' }],
    });
    log.close();
  });

  it('takes a trip that nobody else is in along', async () => {
    const { trip, organiser, stub } = await travelling();
    await stub.forgetUser(organiser.id);
    expect((await call('GET', `/trips/${trip.id}`, { token: organiser.token })).status).toBe(404);
    await vi.waitFor(async () => expect(await database.select().from(trips).where(eq(trips.id, trip.id))).toEqual([]), {
      timeout: 15_000,
    });
  });
});
