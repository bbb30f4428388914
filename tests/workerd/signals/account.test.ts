/** Deleting and exporting an account (invariant 7). */
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { startingPoint } from '../../../core/persona/starting-point.ts';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import { ACTOR_TABLES } from '../../../platform/database/export-user.ts';
import {
  actorKeys,
  behavioralSequences,
  behavioralSignals,
  idempotencyKeys,
  personaDimensions,
  tripMembers,
  trips,
  users,
} from '../../../platform/database/schema/index.ts';
import { deletedSubject, storeDescribedPersona, updateUser } from '../../../platform/database/users.ts';
import { call, database, inDays, newGuest } from '../api/client.ts';
import { actorKeyOf, loggedRankings } from '../api/stored.ts';
import { tokenOf } from '../api/tokens.ts';
import { bodies, deliver, reported, signalsOf, type Travelling, travelling, UNREACHABLE } from './scene.ts';

const remove = (token: string) => call('DELETE', '/users/me', { token });

/** Every table of the database in which the text occurs in any column of any row. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows: tables } = await database.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.execute<{ n: number }>(
      sql`select count(*)::int as n from ${sql.identifier(name)} r where strpos(r::text, ${text}) > 0`,
    );
    if (rows[0]!.n > 0) found.push(name);
  }
  return found.sort();
}

async function active(): Promise<Travelling & { token: string; sub: string; signals: SignalMessage[] }> {
  const sub = `idp|${uuidv7()}`;
  const token = await tokenOf(sub);
  const { body } = await call('GET', '/users/me', { token });
  await call('PATCH', '/users/me', {
    token,
    json: { onboarding_tags: { food: ['ramen'] }, home_currency: 'EUR' },
  });
  const made = await call('POST', '/trips', {
    token,
    json: { city: 'seattle', start_date: inDays(), days: 1 },
    headers: { 'idempotency-key': 'once' },
  });
  const slots = made.body.days[0].slots;
  const actorKey = await actorKeyOf(body.id);
  const signals = [
    reported(body.id, {
      slotId: slots[0].id,
      timeToActionMs: 700,
      reason: 'my mother in law lives there',
      context: {
        note: 'call me at 555-0100',
        at: { lat: 47.6097123, lng: -122.3422456 },
        lat: 47.6097123,
        day_part: 'morning',
        weather: 'rain',
        direction: 'secret words',
        rating: 4,
      },
    }),
    reported(body.id, { type: 'intention', reason: 'too_far', context: { words: 'so far' } }),
  ];
  await deliver('signals', bodies(signals));
  return { guest: { id: body.id, token }, token, sub, trip: made.body, slots, actorKey, signals };
}

describe('a deleted account', () => {
  it('is refused at once, everywhere, and its subject makes no new one', async () => {
    const { token, sub, guest, trip } = await active();
    const live = `/trips/${trip.id}`;
    // Who watches a trip is known from memory.
    for (let i = 0; i < 2; i += 1) expect((await call('GET', live, { token })).status).toBe(200);
    expect((await remove(token)).status).toBe(204);
    for (const [method, path] of [
      ['GET', live],
      ['GET', '/users/me'],
      ['GET', '/users/me/export'],
      ['DELETE', '/users/me'],
      ['GET', '/trips'],
      ['POST', '/signals'],
    ] as const) {
      // KV knows: Postgres is not asked.
      expect(
        (await call(method, path, { token, json: method === 'POST' ? {} : undefined, env: UNREACHABLE })).status,
      ).toBe(401);
    }
    const [row, ...others] = await database.select().from(users).where(eq(users.id, guest.id));
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      subject: await deletedSubject(sub),
      onboardingTags: {},
      homeCurrency: null,
      personaEmbedding: null,
      personaDescription: null,
      countingSignals: 0,
      deletedAt: expect.any(Date),
    });
    expect(await database.$count(users, eq(users.subject, sub))).toBe(0);
  });

  it('leaves nothing that leads from the signals to the person; the signals stay', async () => {
    const { token, sub, guest, actorKey, trip, signals } = await active();
    const ranked = await loggedRankings(trip.id);
    expect(await tablesWith(actorKey)).toContain('actor_keys');
    await remove(token);
    for (const table of [actorKeys, personaDimensions, idempotencyKeys]) {
      expect(await database.$count(table, eq(table.userId, guest.id))).toBe(0);
    }
    expect(await tablesWith(sub)).toEqual([]);
    // The trip goes through its object, and Postgres follows.
    await vi.waitFor(async () => expect(await tablesWith(guest.id)).toEqual(['users']), { timeout: 15_000 });
    // A nightly job that another file runs meanwhile makes a sequence of any signals.
    const left = (await tablesWith(actorKey)).filter((table) => table !== 'behavioral_sequences');
    expect(left).toEqual(['behavioral_signals', 'ranking_events']);
    expect((await signalsOf(actorKey)).map(({ id }) => id).sort()).toEqual(signals.map(({ id }) => id).sort());
    expect((await loggedRankings(trip.id)).set).toEqual(ranked.set);
  });

  it('leaves no words and no positions in its signals, and what models need', async () => {
    const { token, actorKey, signals } = await active();
    await remove(token);
    const byId = new Map((await signalsOf(actorKey)).map((row) => [row.id, row.context]));
    expect(byId.get(signals[0]!.id)).toEqual({
      time_to_action_ms: 700,
      day_of_trip: 1,
      day_part: 'morning',
      group_size: 1,
      weather: 'rain',
      rating: 4,
    });
    expect(byId.get(signals[1]!.id)).toMatchObject({ reason: 'too_far' });
    for (const secret of ['mother in law', '555-0100', '47.6097123', 'secret words', 'so far']) {
      expect(await tablesWith(secret), secret).toEqual([]);
    }
  });

  it('stores none of its signals that were still in the queue, nor a dead letter of them', async () => {
    const { token, guest, slots, actorKey, signals } = await active();
    await remove(token);
    const late = reported(guest.id, { slotId: slots[0]!.id });
    const { acked, dead } = await deliver('signals', bodies([late, ...signals]));
    expect(acked).toHaveLength(3);
    expect(dead).toEqual([]);
    expect(await signalsOf(actorKey)).toHaveLength(signals.length);
    await deliver('signals-dead', [{ body: late }]);
    expect(await tablesWith(late.id)).toEqual([]);
  });

  it('gets no persona back from what was still being worked out for it', async () => {
    const { token, guest } = await active();
    await remove(token);
    const start = startingPoint({}, new Map());
    const persona = { ...start.persona, description: 'likes ramen' };
    await storeDescribedPersona(database, guest.id, {}, { ...start, persona }, new Date());
    await updateUser(database, guest.id, { onboardingTags: { food: ['ramen'] }, homeCurrency: 'EUR' }, new Date());
    const [row] = await database.select().from(users).where(eq(users.id, guest.id));
    expect(row).toMatchObject({
      onboardingTags: {},
      homeCurrency: null,
      personaEmbedding: null,
      personaDescription: null,
    });
    expect(await database.$count(personaDimensions, eq(personaDimensions.userId, guest.id))).toBe(0);
  });

  it('takes the trips that nobody else is in, and leaves the others to who is left', async () => {
    const { token, guest, trip } = await active();
    const other = await newGuest();
    const shared = await call('POST', '/trips', {
      token,
      json: { city: 'seattle', start_date: inDays(), days: 1, party: { size: 2 } },
    });
    const id = shared.body.id as string;
    const invite = await call('POST', `/trips/${id}/invites`, { token, json: {} });
    const joined = await call('POST', `/invites/${invite.body.token}/accept`, { token: other.token });
    expect(joined.status).toBeLessThan(300);
    expect((await remove(token)).status).toBe(204);

    expect(await tripStub(env, trip.id).snapshot()).toBeNull();
    const left = await tripStub(env, id).snapshot();
    expect(left?.members).toEqual([{ userId: other.id, role: 'organiser' }]);
    expect(JSON.stringify(left)).not.toContain(guest.id);
    expect((await call('GET', `/trips/${id}`, { token: other.token })).status).toBe(200);
    await vi.waitFor(
      async () => {
        expect(await database.$count(trips, eq(trips.id, trip.id))).toBe(0);
        expect(await database.$count(tripMembers, eq(tripMembers.userId, guest.id))).toBe(0);
        const [row] = await database.select().from(trips).where(eq(trips.id, id));
        expect(row?.userId).toBe(other.id);
      },
      { timeout: 15_000 },
    );
  });

  it('is forgotten by the trips later where their objects could not be told at once', async () => {
    const { token, guest, trip } = await active();
    const queued: { kind: string; trips: string[] }[] = [];
    const sendBatch = async (batch: MessageSendRequest<{ kind: string; trips: string[] }>[]) =>
      void queued.push(...batch.map(({ body }) => body));
    const overrides = {
      JOBS: { sendBatch } as unknown as Queue,
      TRIP: {
        getByName: () => ({ forgetUser: async () => Promise.reject(new Error('Network connection lost.')) }),
      } as unknown as Cloudflare.Env['TRIP'],
    };
    expect((await call('DELETE', '/users/me', { token, env: overrides })).status).toBe(204);
    expect((await call('GET', '/users/me', { token })).status).toBe(401);
    expect(queued).toMatchObject([{ kind: 'forget_user', userId: guest.id, trips: [trip.id] }]);
    const job = { id: 'j', body: queued[0] };
    expect(await deliver('jobs', [job], overrides)).toMatchObject({ retried: ['j'] });
    expect(await deliver('jobs', [job])).toMatchObject({ acked: ['j'] });
    expect(await tripStub(env, trip.id).snapshot()).toBeNull();
    expect(await deliver('jobs', [job])).toMatchObject({ acked: ['j'] });
  });

  it('is not deleted at all where the queue cannot take the work', async () => {
    const { token, actorKey } = await active();
    const broken = { sendBatch: async () => Promise.reject(new Error('down')) } as unknown as Queue;
    expect((await call('DELETE', '/users/me', { token, env: { JOBS: broken } })).status).toBe(500);
    expect((await call('GET', '/users/me', { token })).status).toBe(200);
    expect(await database.$count(actorKeys, eq(actorKeys.actorKey, actorKey))).toBe(1);
    expect((await remove(token)).status).toBe(204);
  });
});

describe('an export', () => {
  it('holds everything that the database has of the person', async () => {
    const { token, guest, actorKey, trip, signals } = await active();
    await database.insert(behavioralSequences).values({ actorKey, sequence: [], learnedTo: 0, updatedAt: new Date() });
    const answer = await call('GET', '/users/me/export', { token });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    const { body } = answer;
    expect(body.user).toMatchObject({ id: guest.id, home_currency: 'EUR', onboarding_tags: { food: ['ramen'] } });
    expect(body.user.persona_embedding).toHaveLength(128);
    expect(body.trips).toEqual([trip]);
    expect(body.memberships).toMatchObject([{ trip_id: trip.id, role: 'organiser' }]);
    expect(body.persona_dimensions.length).toBeGreaterThan(8);
    const stored = await database.$count(behavioralSignals, eq(behavioralSignals.actorKey, actorKey));
    expect(body.signals).toHaveLength(stored);
    const note = body.signals.find(({ id }: { id: string }) => id === signals[0]!.id);
    expect(note).toMatchObject({ signal_type: 'slot_accept', context: { note: 'call me at 555-0100' } });
    expect(body.intentions).toMatchObject([{ intention: 'too_far' }]);
    expect(body.rankings.length).toBeGreaterThan(0);
    expect(body.sequences).toHaveLength(1);
    expect(body.idempotency_keys).toMatchObject([{ key: 'once' }]);
    // What leads to the signals is of use to nobody else, and not to this person once they are gone.
    expect(answer.text).not.toContain(actorKey);
  });

  it('reaches every table in which the person or their key occurs', async () => {
    const { token, guest, actorKey } = await active();
    await deliver('signals-dead', [{ body: reported(guest.id, {}) }]);
    const { body } = await call('GET', '/users/me/export', { token });
    const held: Record<string, string> = {
      users: 'user',
      actor_keys: '',
      persona_dimensions: 'persona_dimensions',
      trips: 'trips',
      trip_members: 'memberships',
      idempotency_keys: 'idempotency_keys',
      behavioral_signals: 'signals',
      ranking_events: 'rankings',
      dead_letters: 'undelivered',
    };
    const tables = new Set([...(await tablesWith(guest.id)), ...(await tablesWith(actorKey))]);
    expect([...tables].sort()).toEqual(Object.keys(held).sort());
    for (const name of Object.values(held).filter(Boolean)) {
      expect(Object.keys(body[name]).length, name).toBeGreaterThan(0);
    }
  });

  it('knows every table whose rows bear an actor key', async () => {
    const { rows } = await database.execute<{ name: string }>(sql`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'actor_key' and table_name <> 'actor_keys'`);
    expect(rows.map(({ name }) => name).sort()).toEqual([...ACTOR_TABLES].sort());
  });

  it('of another person is another', async () => {
    const one = await travelling();
    const other = await newGuest();
    const { text, body } = await call('GET', '/users/me/export', { token: other.token });
    expect(text).not.toContain(one.trip.id);
    expect(body).toMatchObject({ trips: [], signals: [], rankings: [] });
  });
});
