/** As it is in production: tokens of an identity provider, checked against its published keys. */
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, type Overrides } from './client.ts';
import { type KeySet, startKeySet } from './stand-ins.ts';
import { tokenOf } from './tokens.ts';

const ALGORITHMS = ['RS256', 'ES256'] as const;

interface Keys {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

let keySet: KeySet;
let production: Overrides;
const keys = new Map<string, Keys>();

async function publicJwk(kid: string) {
  const pair = await generateKeyPair(kid.split('-')[0] ?? '', { extractable: true });
  keys.set(kid, pair);
  return { ...(await exportJWK(pair.publicKey)), kid, use: 'sig' };
}

beforeAll(async () => {
  keySet = await startKeySet(await Promise.all(ALGORITHMS.map(publicJwk)));
  production = { ENVIRONMENT: 'production', GUEST_ACCESS: 'off', AUTH_JWKS_URL: keySet.url };
});

const me = (token: string, env: Overrides = production) => call('GET', '/users/me', { token, env });

describe('in production', () => {
  it.each(ALGORITHMS)('a token signed with %s and a published key is good', async (alg) => {
    const token = await tokenOf(uuidv7(), { alg, kid: alg, key: keys.get(alg)?.privateKey as CryptoKey });
    expect((await me(token)).status).toBe(200);
  });

  it('issuer, audience and expiry still count', async () => {
    const signed = { alg: 'ES256', kid: 'ES256', key: keys.get('ES256')?.privateKey as CryptoKey };
    for (const claims of [{ iss: 'https://other.test' }, { aud: 'other' }, { exp: 1 }]) {
      expect((await me(await tokenOf(uuidv7(), { ...signed, claims }))).status).toBe(401);
    }
  });

  it('a shared secret is no key, also where one is configured', async () => {
    expect((await me(await tokenOf(uuidv7()))).status).toBe(401);
  });

  it('a published key is not a shared secret: HS256 over its text is refused', async () => {
    const published = keys.get('RS256') as Keys;
    const texts = [await exportSPKI(published.publicKey), JSON.stringify(await exportJWK(published.publicKey))];
    for (const text of texts) {
      const key = new TextEncoder().encode(text);
      expect((await me(await tokenOf(uuidv7(), { alg: 'HS256', kid: 'RS256', key }))).status).toBe(401);
    }
  });

  it('a key that nobody published is refused, whatever name it bears', async () => {
    const forged = await generateKeyPair('RS256');
    const token = await tokenOf(uuidv7(), { alg: 'RS256', kid: 'RS256', key: forged.privateKey });
    expect((await me(token)).status).toBe(401);
  });

  it('nobody is let in where only a shared secret is configured', async () => {
    const refused = await me(await tokenOf(uuidv7()), { ENVIRONMENT: 'production', AUTH_JWKS_URL: '' });
    expect(refused.status).toBe(500);
    expect(refused.body.code).toBe('internal_error');
    expect(refused.text).not.toContain('AUTH');
  });

  it('guests are not served, for nobody could sign their tokens', async () => {
    const refused = await call('POST', '/users', {
      json: { onboarding_tags: {} },
      env: { ...production, GUEST_ACCESS: 'on' },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: 'guest_access_off' } });
  });

  it('an identity provider that fails is no fault of the token: 503, and 401 for nobody', async () => {
    const failing = await startKeySet([]);
    await failing.serve([], 500);
    const token = await tokenOf(uuidv7(), {
      alg: 'ES256',
      kid: 'ES256',
      key: keys.get('ES256')?.privateKey as CryptoKey,
    });
    const down = 'http://127.0.0.1:9/jwks.json';
    for (const AUTH_JWKS_URL of [failing.url, down]) {
      const answer = await me(token, { ...production, AUTH_JWKS_URL });
      expect(answer).toMatchObject({ status: 503, body: { code: 'identity_provider_unavailable' } });
    }
  });
});
