/** The settings of the Worker: `[vars]` and secrets, checked, in one object. */
import { z } from 'zod';
import { ARBITRATION_MODES } from '../core/arbitration/decision.ts';
import { capFromUsd } from './llm/spend-gate.ts';

declare global {
  namespace Cloudflare {
    /** Secrets and local settings, which wrangler.toml does not list. */
    interface Env {
      DATABASE_URL?: string;
      /** Signs and checks tokens outside production. */
      AUTH_HS256_SECRET?: string;
      ANTHROPIC_API_KEY?: string;
      ANTHROPIC_BASE_URL?: string;
      PLACES_API_KEY?: string;
      PLACES_BASE_URL?: string;
      QDRANT_API_KEY?: string;
      WEATHER_API_KEY?: string;
    }
  }
}

const optional = z
  .string()
  .optional()
  .transform((text) => text || null);

const share = z.coerce.number().min(0).max(1);

const settingsSchema = z
  .object({
    ENVIRONMENT: z.enum(['development', 'test', 'production']),
    GUEST_ACCESS: z.enum(['on', 'off']),
    DATABASE_URL: z.string().min(1),
    AUTH_ISSUER: z.string().min(1),
    AUTH_AUDIENCE: z.string().min(1),
    AUTH_JWKS_URL: optional,
    AUTH_HS256_SECRET: optional,
    ANTHROPIC_API_KEY: optional,
    ANTHROPIC_BASE_URL: optional,
    LLM_DAILY_CAP_USD: z.string().transform(capFromUsd),
    LLM_DEADLINE_MS: z.coerce.number().int().positive(),
    PLACES_API_KEY: optional,
    PLACES_BASE_URL: optional,
    PLACES_DAILY_CALLS: z.coerce.number().int().min(0),
    WEATHER_URL: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).optional(),
    WEATHER_API_KEY: optional,
    QDRANT_URL: optional,
    QDRANT_API_KEY: optional,
    PGVECTOR_HNSW: z.enum(['on', 'off']),
    ARBITRATION_MODE: z.enum(ARBITRATION_MODES),
    EXPLORE_SLOTS: share,
    EXPLORE_DISAGREEMENTS: share,
    WARM_LLM_WAIT_MS: z.coerce.number().int().min(0),
  })
  .refine((env) => env.AUTH_JWKS_URL || (env.AUTH_HS256_SECRET && env.ENVIRONMENT !== 'production'), {
    path: ['AUTH_JWKS_URL'],
    message: 'needed to check tokens (HS256 secrets count outside production only)',
  })
  .transform((env) => ({
    environment: env.ENVIRONMENT,
    guestAccess: env.GUEST_ACCESS === 'on',
    databaseUrl: env.DATABASE_URL,
    auth: {
      issuer: env.AUTH_ISSUER,
      audience: env.AUTH_AUDIENCE,
      jwksUrl: env.AUTH_JWKS_URL,
      /** Never in production: there only the identity provider's keys count. */
      hs256Secret: env.ENVIRONMENT === 'production' ? null : env.AUTH_HS256_SECRET,
    },
    llm: {
      /** Null: the offline ranker and narrator serve. */
      apiKey: env.ANTHROPIC_API_KEY,
      baseUrl: env.ANTHROPIC_BASE_URL,
      dailyCapMicroUsd: env.LLM_DAILY_CAP_USD,
      /** For all calls of one request together. */
      deadlineMs: env.LLM_DEADLINE_MS,
    },
    places: {
      apiKey: env.PLACES_API_KEY,
      baseUrl: env.PLACES_BASE_URL,
      dailyCalls: env.PLACES_DAILY_CALLS,
    },
    /** Null: nobody asks for the weather. */
    weather: env.WEATHER_URL ? { url: env.WEATHER_URL, apiKey: env.WEATHER_API_KEY } : null,
    qdrant: { url: env.QDRANT_URL, apiKey: env.QDRANT_API_KEY },
    /** Search venues through HNSW: for large catalogues on Neon, whose index `overplanned migrate` makes. */
    pgvectorHnsw: env.PGVECTOR_HNSW === 'on',
    ranking: {
      arbitration: env.ARBITRATION_MODE,
      /** Share of the slots of a warm traveller's plan that show one of what would fit, by lot. */
      exploreSlots: env.EXPLORE_SLOTS,
      /** Share of the disagreements between the rankers that a fair coin decides. */
      exploreDisagreements: env.EXPLORE_DISAGREEMENTS,
      /** How long the plan of a warm traveller waits for the language model once the trained ranker has answered. */
      warmLlmWaitMs: env.WARM_LLM_WAIT_MS,
    },
  }));

export type Settings = z.output<typeof settingsSchema>;

/** By the environment that they were read from, which stays as it is: every request asks for them. */
const known = new WeakMap<Cloudflare.Env, Settings>();

/** Throws an error that names each setting that is missing or wrong, never its value. */
export function readSettings(env: Cloudflare.Env): Settings {
  const before = known.get(env);
  if (before) return before;
  const read = settingsSchema.safeParse(env);
  if (read.success) {
    known.set(env, read.data);
    return read.data;
  }
  const problems = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the Worker's settings are not usable: ${problems.join('; ')}`);
}
