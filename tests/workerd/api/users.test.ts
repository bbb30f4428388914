import { exports } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { dimensionsFromTags, readOnboardingTags } from '../../../core/persona/onboarding.ts';
import { actorKeys, users } from '../../../platform/database/schema/index.ts';
import { call, database, newGuest } from './client.ts';

describe('a guest', () => {
  it('is made with tags as strings or lists, and signs in with the token that comes back', async () => {
    const made = await call('POST', '/users', {
      json: { onboarding_tags: { food: ['ramen', 'coffee'], pace: 'slow' }, home_currency: 'EUR' },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-model-version')).toBe('none');
    expect(made.body).toEqual({ id: expect.any(String), token: expect.any(String), expires_at: expect.any(String) });
    expect(Date.parse(made.body.expires_at)).toBeGreaterThan(Date.now());

    const me = await call('GET', '/users/me', { token: made.body.token });
    expect(me.status).toBe(200);
    expect(me.body).toEqual({
      id: made.body.id,
      onboarding_tags: { food: ['coffee', 'ramen'], pace: ['slow'] },
      home_currency: 'EUR',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('gets a random actor key that is not the user id', async () => {
    const [one, other] = [await newGuest(), await newGuest()];
    const keyOf = async (id: string) =>
      (await database.select().from(actorKeys).where(eq(actorKeys.userId, id)))[0]?.actorKey;
    const keys = [await keyOf(one.id), await keyOf(other.id)];
    expect(new Set([...keys, one.id, other.id]).size).toBe(4);
  });

  it('renews the token, and stays the same user', async () => {
    const guest = await newGuest();
    const renewed = await call('POST', '/users/me/token', { token: guest.token });
    expect(renewed.status).toBe(200);
    expect((await call('GET', '/users/me', { token: renewed.body.token })).body.id).toBe(guest.id);
  });

  it('is refused where guest access is off, and no user is made', async () => {
    const guest = await newGuest();
    const off = { GUEST_ACCESS: 'off' };
    const before = await database.$count(users);
    const refused = await call('POST', '/users', { json: { onboarding_tags: {} }, env: off });
    expect(refused).toMatchObject({ status: 403, body: { code: 'guest_access_off' } });
    expect((await call('POST', '/users/me/token', { token: guest.token, env: off })).status).toBe(403);
    expect(await database.$count(users)).toBe(before);
  });

  it.each([
    ['an unknown tag', { food: ['ramen', 'gravel'] }, 'onboarding_tags.food', 'ramen'],
    ['an unknown group', { shoes: 'red' }, 'onboarding_tags.shoes', 'food'],
    ['two tags where one is taken', { pace: ['slow', 'fast'] }, 'onboarding_tags.pace', 'slow'],
    ['a name that every object has', { food: 'constructor' }, 'onboarding_tags.food', 'ramen'],
    ['a group that every object has', { toString: 'x' }, 'onboarding_tags.toString', 'food'],
  ])('is refused with %s, and told the known ones', async (_, onboarding_tags, field, known) => {
    const refused = await call('POST', '/users', { json: { onboarding_tags } });
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'unknown_tag', request_id: expect.any(String) });
    expect(refused.body.errors).toContainEqual({
      field,
      message: expect.any(String),
      known: expect.arrayContaining([known]),
    });
  });

  it('changes tags and currency, and with the tags the persona', async () => {
    const guest = await newGuest({ pace: 'slow' });
    const persona = async () => (await call('GET', '/users/me/persona', { token: guest.token })).body;
    const before = await persona();
    const changed = await call('PATCH', '/users/me', {
      token: guest.token,
      json: { onboarding_tags: { pace: 'fast' }, home_currency: 'JPY' },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { onboarding_tags: { pace: ['fast'] }, home_currency: 'JPY' },
    });
    const after = await persona();
    expect(after.dimensions.pace_preference.value).not.toBe(before.dimensions.pace_preference.value);

    const cleared = await call('PATCH', '/users/me', { token: guest.token, json: { home_currency: null } });
    expect(cleared.body).toMatchObject({ onboarding_tags: { pace: ['fast'] }, home_currency: null });
  });

  it('keeps all as it was when a change is refused', async () => {
    const guest = await newGuest({ pace: 'slow' });
    const refused = await call('PATCH', '/users/me', {
      token: guest.token,
      json: { onboarding_tags: { pace: 'gravel' }, home_currency: 'JPY' },
    });
    expect(refused.status).toBe(422);
    expect((await call('GET', '/users/me', { token: guest.token })).body).toMatchObject({
      onboarding_tags: { pace: ['slow'] },
      home_currency: null,
    });
  });
});

describe('the persona', () => {
  it('is that of the tags: dimensions with what they mean, nearest archetypes, cold and why', async () => {
    const selection = { food: ['ramen', 'coffee'], pace: 'slow' };
    const guest = await newGuest(selection);
    const { body } = await call('GET', '/users/me/persona', { token: guest.token });
    const tags = readOnboardingTags(selection).tags ?? {};
    for (const [name, value] of Object.entries(dimensionsFromTags(tags))) {
      expect(body.dimensions[name]).toEqual({
        value: expect.closeTo(value, 6),
        zero: expect.any(String),
        one: expect.any(String),
      });
    }
    const distances = body.nearest_archetypes.map((a: { distance: number }) => a.distance);
    expect(distances).toHaveLength(3);
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(body).toMatchObject({ state: 'cold', counting_signals: 0, reason: expect.stringContaining('20') });
  });

  it('is warm from twenty counting signals on', async () => {
    const guest = await newGuest();
    for (const [signals, state] of [
      [19, 'cold'],
      [20, 'warm'],
    ] as const) {
      await database.update(users).set({ countingSignals: signals }).where(eq(users.id, guest.id));
      const { body } = await call('GET', '/users/me/persona', { token: guest.token });
      expect(body).toMatchObject({ state, counting_signals: signals });
    }
  });

  it('is the same for two travellers with the same tags, in whatever order they chose them', async () => {
    const read = async (tags: Record<string, string[]>) => {
      const { token } = await newGuest(tags);
      return (await call('GET', '/users/me/persona', { token })).body;
    };
    expect(await read({ food: ['ramen', 'coffee'] })).toEqual(await read({ food: ['coffee', 'ramen'] }));
  });
});

it('the Worker answers over its own export as it does here', async () => {
  const response = await exports.default.fetch('https://api.test/api/v1/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ onboarding_tags: {} }),
  });
  expect(response.status).toBe(201);
});
