import { env } from 'cloudflare:workers';
import { eq, inArray } from 'drizzle-orm';
import { UnsecuredJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { actorKeys, personaDimensions, users } from '../../../platform/database/schema/index.ts';
import { deletedSubject } from '../../../platform/database/users.ts';
import { call, database, newGuest } from './client.ts';
import { tokenOf } from './tokens.ts';

const subject = () => `idp|${uuidv7()}`;
const hour = 3600;
const now = () => Math.floor(Date.now() / 1000);

const usersOf = (sub: string) => database.select().from(users).where(eq(users.subject, sub));

describe('a token', () => {
  it('that is valid lets its subject in', async () => {
    expect((await call('GET', '/users/me', { token: await tokenOf(subject()) })).status).toBe(200);
  });

  it.each([
    ['a signature of another secret', { key: new TextEncoder().encode('x'.repeat(48)) }],
    ['another issuer', { claims: { iss: 'https://other.test' } }],
    ['another audience', { claims: { aud: 'other' } }],
    ['an audience among others that is not ours', { claims: { aud: ['a', 'b'] } }],
    ['an expiry that is past', { claims: { exp: now() - 60 } }],
    ['a beginning that is to come', { claims: { nbf: now() + hour } }],
    ['no expiry', { without: ['exp'] }],
    ['no issuer', { without: ['iss'] }],
    ['no audience', { without: ['aud'] }],
    ['no subject', { without: ['sub'] }],
    ['an empty subject', { claims: { sub: '' } }],
    ['another algorithm of the same kind', { alg: 'HS384' }],
  ])('with %s is refused, and makes no user', async (_, parts) => {
    const sub = subject();
    const refused = await call('GET', '/users/me', { token: await tokenOf(sub, parts) });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('x-model-version')).toBe('none');
    expect(refused.body).toMatchObject({ code: 'unauthorised', request_id: expect.any(String) });
    expect(await usersOf(sub)).toHaveLength(0);
  });

  it('without a signature (alg none) is refused', async () => {
    const sub = subject();
    const token = new UnsecuredJWT({})
      .setIssuer(env.AUTH_ISSUER)
      .setAudience(env.AUTH_AUDIENCE)
      .setSubject(sub)
      .setExpirationTime('1h')
      .encode();
    expect((await call('GET', '/users/me', { token })).status).toBe(401);
    expect(await usersOf(sub)).toHaveLength(0);
  });

  it.each([
    ['none', {}],
    ['Basic', { authorization: 'Basic YTpi' }],
    ['an empty Bearer', { authorization: 'Bearer ' }],
    ['no JWT', { authorization: 'Bearer abc' }],
  ])('is needed: %s is refused', async (_, headers) => {
    const refused = await call('GET', '/users/me', { headers: headers as Record<string, string> });
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorised' } });
  });
});

describe('a subject that nobody has seen', () => {
  it.each([
    ['a text', subject],
    ['a UUID', uuidv7],
  ])('(%s) becomes one user, also when it comes several times at once', async (_, newSubject) => {
    const sub = newSubject();
    const token = await tokenOf(sub);
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('GET', '/users/me', { token })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const [user, ...others] = await usersOf(sub);
    expect(others).toEqual([]);
    const id = user?.id ?? '';
    expect(await database.$count(actorKeys, eq(actorKeys.userId, id))).toBe(1);
    expect(await database.$count(personaDimensions, eq(personaDimensions.userId, id))).toBeGreaterThan(8);
  });

  it('is not let into an account whose id it bears', async () => {
    const known = await tokenOf(subject());
    const { body } = await call('GET', '/users/me', { token: known });
    const refused = await call('GET', '/users/me', { token: await tokenOf(body.id) });
    expect(refused.status).toBe(401);
    expect((await call('GET', '/users/me', { token: known })).status).toBe(200);
  });
});

it('a deleted account gets 401 from every route, and its subject makes no new one', async () => {
  const guest = await newGuest();
  const anonymised = await deletedSubject(guest.id);
  await database.update(users).set({ deletedAt: new Date(), subject: anonymised }).where(eq(users.id, guest.id));
  for (const path of ['/users/me', '/users/me/persona', '/trips', `/trips/${uuidv7()}`]) {
    expect((await call('GET', path, { token: guest.token })).status).toBe(401);
  }
  expect(await database.$count(users, inArray(users.subject, [guest.id, anonymised]))).toBe(1);
});

describe('admin routes', () => {
  it('are forbidden for users, and serve admins', async () => {
    const user = await tokenOf(subject());
    const refused = await call('GET', '/admin/llm-spend', { token: user });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const admin = await tokenOf(subject(), { claims: { role: 'admin' } });
    const served = await call('GET', '/admin/llm-spend', { token: admin });
    expect(served.body).toEqual({
      day: new Date().toISOString().slice(0, 10),
      spent_micro_usd: 0,
      cap_micro_usd: Number(env.LLM_DAILY_CAP_USD) * 1e6,
      week_average_micro_usd: 0,
      alert: false,
      refused_calls: 0,
    });
  });

  it.each([['Admin'], ['superuser'], [['admin']], [{ admin: true }]])('take no role %j for admin', async (role) => {
    const token = await tokenOf(subject(), { claims: { role } });
    expect((await call('GET', '/admin/llm-spend', { token })).status).toBe(403);
  });
});
