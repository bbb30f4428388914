/** Bearer tokens checked: issuer, audience, expiry and algorithm are pinned. */
import { createRemoteJWKSet, errors, type JWKSCacheInput, jwksCache, jwtVerify } from 'jose';
import { isShadowSubject } from '../../core/persona/shadow-subject.ts';
import type { Settings } from '../settings.ts';
import { hs256Key, type Role } from './tokens.ts';

/** Asymmetric only: a public key must never be usable as a shared secret. */
const PRODUCTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export interface Identity {
  subject: string;
  role: Role;
  /** Seconds since the epoch. */
  expiresAt: number;
}

export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

/** The token may be good: the identity provider's keys cannot be had to tell. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** What jose says where the key set, and not the token, is at fault. */
const KEY_SET_FAULTS: ReadonlySet<string> = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** Keys of the identity provider as last fetched: public, and shared by all requests of the isolate. */
const keySets = new Map<string, JWKSCacheInput>();

function keySet(url: string): ReturnType<typeof createRemoteJWKSet> {
  const cache = keySets.get(url) ?? {};
  keySets.set(url, cache);
  return createRemoteJWKSet(new URL(url), { [jwksCache]: cache });
}

/** Imported once, where jose would import the bytes again for each token. By the secret, which is the same for all. */
const sharedKeys = new Map<string, CryptoKey>();

async function sharedKey(secret: string): Promise<CryptoKey> {
  const known = sharedKeys.get(secret);
  if (known) return known;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', hs256Key(secret), algorithm, false, ['verify']);
  sharedKeys.set(secret, key);
  return key;
}

/** Throws `InvalidToken` with the reason, or `KeysUnavailable`. */
export async function verifyToken(token: string, auth: Settings['auth'], now: number): Promise<Identity> {
  const options = {
    issuer: auth.issuer,
    audience: auth.audience,
    requiredClaims: ['sub', 'exp'],
    currentDate: new Date(now),
  };
  try {
    const { payload } = auth.hs256Secret
      ? await jwtVerify(token, await sharedKey(auth.hs256Secret), { ...options, algorithms: ['HS256'] })
      : await jwtVerify(token, keySet(auth.jwksUrl ?? ''), { ...options, algorithms: PRODUCTION_ALGORITHMS });
    const { sub = '', exp = 0, role } = payload;
    if (sub === '' || sub.length > 255 || isShadowSubject(sub))
      throw new InvalidToken('the token names no usable subject');
    return { subject: sub, role: role === 'admin' ? 'admin' : 'user', expiresAt: exp };
  } catch (error) {
    if (error instanceof InvalidToken) throw error;
    if (error instanceof errors.JWTExpired) throw new InvalidToken('the token has expired');
    const blamesToken = error instanceof errors.JOSEError && !KEY_SET_FAULTS.has(error.code);
    if (blamesToken) throw new InvalidToken(`the token is not valid: ${error.code}`);
    throw new KeysUnavailable('the keys of the identity provider cannot be had', { cause: error });
  }
}
