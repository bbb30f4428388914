/** The variables with which the Worker runs locally, over those of wrangler.toml. */
import { authSecret, LOCAL_ISSUER, type StateFolder } from './state-folder.ts';

/** Taken from the environment when set there; wrangler reads `.dev.vars` itself. */
const PASSED_THROUGH = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_BASE_URL',
  'PLACES_API_KEY',
  'PLACES_BASE_URL',
  'QDRANT_URL',
  'QDRANT_API_KEY',
  'WEATHER_URL',
  'WEATHER_API_KEY',
] as const;

export async function localVars(state: StateFolder, databaseUrl: string): Promise<Record<string, string>> {
  const passed = PASSED_THROUGH.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  return {
    ...Object.fromEntries(passed),
    ENVIRONMENT: 'development',
    GUEST_ACCESS: 'on',
    ARBITRATION_MODE: 'live',
    EXPLORE_SLOTS: '0.05',
    EXPLORE_DISAGREEMENTS: '0.05',
    AUTH_ISSUER: LOCAL_ISSUER,
    AUTH_HS256_SECRET: await authSecret(state),
    DATABASE_URL: databaseUrl,
  };
}
