/** Who may call a route. Every route states it: `...access('user')` in its definition is both the gate and its documentation. */
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { rememberedUserOfSubject, userOfSubject } from '../../platform/auth/directory.ts';
import { InvalidToken, KeysUnavailable, verifyToken } from '../../platform/auth/verify.ts';
import type { AppContext, AppEnv } from '../app-env.ts';
import { Problem } from '../problem.ts';

export type Access = 'public' | 'user' | 'admin';

/** Before a token among the subprotocols of a socket. */
const BEARER_PROTOCOL = 'bearer.';

const unauthorised = (detail: string) => new Problem(401, 'unauthorised', detail);

/** From the header; where a socket is opened, also from its subprotocols, for browsers cannot set headers there. */
function tokenOf(c: AppContext): string | undefined {
  const header = /^Bearer ([\w.~+/=-]+)$/i.exec(c.req.header('authorization') ?? '');
  if (header || c.req.header('upgrade')?.toLowerCase() !== 'websocket') return header?.[1];
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(BEARER_PROTOCOL))?.slice(BEARER_PROTOCOL.length);
}

async function signIn(c: AppContext, find: typeof userOfSubject): Promise<void> {
  const { settings, database, now } = c.var;
  const token = tokenOf(c);
  if (!token) throw unauthorised('send a token: Authorization: Bearer <token>');
  try {
    const identity = await verifyToken(token, settings.auth, now);
    const found = await find(
      { kv: c.env.CACHE, database, now: new Date(now), waitUntil: (work) => c.executionCtx.waitUntil(work) },
      identity.subject,
    );
    if (found === 'deleted') throw unauthorised('the account was deleted');
    c.set('userId', found.userId);
    c.set('role', identity.role);
    c.set('tokenExpiresAt', identity.expiresAt);
  } catch (error) {
    if (error instanceof InvalidToken) throw unauthorised(error.message);
    if (error instanceof KeysUnavailable) {
      c.var.log('identity_provider_unavailable', { error: String(error.cause) });
      throw new Problem(503, 'identity_provider_unavailable', 'tokens cannot be checked just now');
    }
    throw error;
  }
}

const userOnly = createMiddleware<AppEnv>(async (c, next) => {
  await signIn(c, userOfSubject);
  await next();
});

const rememberedUserOnly = createMiddleware<AppEnv>(async (c, next) => {
  await signIn(c, rememberedUserOfSubject);
  await next();
});

const adminOnly = createMiddleware<AppEnv>(async (c, next) => {
  await signIn(c, userOfSubject);
  if (c.get('role') !== 'admin') throw new Problem(403, 'forbidden', 'only admins may call this');
  await next();
});

const GATES: Record<Access, MiddlewareHandler<AppEnv>[]> = { public: [], user: [userOnly], admin: [adminOnly] };

/** Spread into a route's definition. */
export function access(level: Access) {
  const security: { [scheme: string]: string[] }[] = level === 'public' ? [] : [{ bearer: [] }];
  return { 'x-access': level, security, middleware: GATES[level] };
}

/**
 * For users, too, where what the request reaches knows of a deletion by itself: a trip's object, which is told of it first,
 * or the consumer of signals. Who asks may then be known from memory, for some seconds.
 */
export function liveAccess() {
  const middleware: [MiddlewareHandler<AppEnv>] = [rememberedUserOnly];
  return { ...access('user'), middleware };
}
