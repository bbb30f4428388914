/** Alive, and ready: each dependency is asked, and answers with its latency. */
import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { LLM_BUDGET_NAME } from '../../durable-objects/llm-budget.ts';
import { utcDay } from '../../platform/llm/spend-gate.ts';
import type { AppContext } from '../app-env.ts';
import { access } from '../middleware/access.ts';
import { services } from '../middleware/services.ts';
import { json, newRouter } from '../router.ts';

const CHECK_DEADLINE_MS = 2_000;

const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), latency_ms: z.number(), detail: z.string().optional() })),
  })
  .openapi('Readiness');

type Check = z.infer<typeof readiness>['checks'][string];

async function check(ask: () => Promise<unknown>): Promise<Check> {
  const from = performance.now();
  const latency = () => Math.round((performance.now() - from) * 10) / 10;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_DEADLINE_MS} ms`)), CHECK_DEADLINE_MS);
  });
  try {
    await Promise.race([ask(), late]);
    return { ok: true, latency_ms: latency() };
  } catch (error) {
    // The cause may name hosts and users: it goes to the log, the client learns that it failed.
    console.log(
      JSON.stringify({ event: 'health_check_failed', error: String(error), cause: String((error as Error).cause) }),
    );
    return { ok: false, latency_ms: latency(), detail: 'failed' };
  } finally {
    clearTimeout(timer);
  }
}

function dependencies(c: AppContext): Record<string, () => Promise<unknown>> {
  const { database, vectors, now } = c.var;
  return {
    postgres: () => database.execute(sql`select 1`),
    [`vectors_${vectors.adapter}`]: () => vectors.ping(),
    kv: () => c.env.CACHE.get('health'),
    r2: () => c.env.ARTIFACTS.head('health'),
    durable_objects: () => c.env.LLM_BUDGET.getByName(LLM_BUDGET_NAME).today(utcDay(now)),
  };
}

export const healthRoutes = newRouter();

healthRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/health',
    summary: 'Alive',
    tags: ['Health'],
    ...access('public'),
    responses: { 200: json(z.object({ status: z.literal('ok') }), 'The Worker answers') },
  }),
  (c) => c.json({ status: 'ok' as const }, 200),
);

healthRoutes.use('/health/ready', services);
healthRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/health/ready',
    summary: 'Ready to serve',
    tags: ['Health'],
    ...access('public'),
    responses: { 200: json(readiness, 'All dependencies answer'), 503: json(readiness, 'Some do not') },
  }),
  async (c) => {
    const checks = Object.fromEntries(
      await Promise.all(Object.entries(dependencies(c)).map(async ([name, ask]) => [name, await check(ask)] as const)),
    );
    const ready = Object.values(checks).every(({ ok }) => ok);
    return ready
      ? c.json({ status: 'ready' as const, checks }, 200)
      : c.json({ status: 'not_ready' as const, checks }, 503);
  },
);
