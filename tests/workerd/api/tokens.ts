/** Bearer tokens as tests need them: valid ones, and ones with one thing wrong. */
import { env } from 'cloudflare:workers';
import { type CryptoKey, type JWTPayload, SignJWT } from 'jose';

export const SECRET = new TextEncoder().encode(env.AUTH_HS256_SECRET);

export interface TokenParts {
  claims?: JWTPayload;
  /** Claims left out. */
  without?: string[];
  alg?: string;
  kid?: string;
  key?: CryptoKey | Uint8Array;
}

/** Valid for an hour but for what `parts` says. */
export function tokenOf(subject: string, parts: TokenParts = {}): Promise<string> {
  const { claims = {}, without = [], alg = 'HS256', kid, key = SECRET } = parts;
  const now = Math.floor(Date.now() / 1000);
  const payload: JWTPayload = {
    iss: env.AUTH_ISSUER,
    aud: env.AUTH_AUDIENCE,
    sub: subject,
    iat: now,
    exp: now + 3600,
    ...claims,
  };
  for (const name of without) delete payload[name];
  return new SignJWT(payload).setProtectedHeader({ alg, ...(kid ? { kid } : {}) }).sign(key);
}
