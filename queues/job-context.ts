/** What every job works with. */
import type { Database } from '../platform/database/client.ts';
import type { Settings } from '../platform/settings.ts';

export interface JobContext {
  env: Cloudflare.Env;
  settings: Settings;
  database: Database;
  log: (event: string, fields?: Record<string, unknown>) => void;
  /** Milliseconds since the epoch. */
  now: number;
  /** The trips that Postgres was told of in this batch: whatever was sent before the batch came, it has heard of. */
  projected: Set<string>;
}
