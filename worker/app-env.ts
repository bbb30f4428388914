/** What every handler finds in its context. */
import type { Context } from 'hono';
import type { VectorIndex } from '../core/venue/vector-index.ts';
import type { Role } from '../platform/auth/tokens.ts';
import type { Database } from '../platform/database/client.ts';
import type { Settings } from '../platform/settings.ts';

export interface AppEnv {
  Bindings: Cloudflare.Env;
  Variables: {
    requestId: string;
    settings: Settings;
    database: Database;
    vectors: VectorIndex;
    /** Milliseconds since the epoch, the same for all of the request. */
    now: number;
    /** Of the signed-in user; unset on public routes. */
    userId: string;
    role: Role;
    /** Of the user's token, seconds since the epoch. */
    tokenExpiresAt: number;
    /** What goes out as `X-Model-Version`. */
    modelVersion: string;
    log: (event: string, fields?: Record<string, unknown>) => void;
  };
}

export type AppContext = Context<AppEnv>;
