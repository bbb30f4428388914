/** Bearer tokens signed with a shared secret (HS256): what the CLI and guest access hand out, never production. */
import { SignJWT } from 'jose';

export type Role = 'user' | 'admin';

export interface TokenClaims {
  /** Text of 32 random bytes or more; its UTF-8 bytes are the key. */
  secret: string;
  issuer: string;
  audience: string;
  /** The user's id. */
  subject: string;
  role: Role;
  now: Date;
  lifetimeSeconds: number;
}

/** A compact JWT with `iss`, `aud`, `sub`, `role`, `iat` and `exp`. */
export function signToken(claims: TokenClaims): Promise<string> {
  const issuedAt = Math.floor(claims.now.getTime() / 1000);
  return new SignJWT({ role: claims.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setSubject(claims.subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + claims.lifetimeSeconds)
    .sign(hs256Key(claims.secret));
}

/** The key that `secret` stands for; verification must use the same. */
export function hs256Key(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}
