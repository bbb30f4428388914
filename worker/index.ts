/** The Worker's exports: requests, queue messages, scheduled jobs, Durable Objects. */
import { consume } from '../queues/consume.ts';
import { startScheduled } from '../queues/scheduled-jobs.ts';
import { app } from './app.ts';

export { LlmBudget } from '../durable-objects/llm-budget.ts';
export { TripObject } from '../durable-objects/trip.ts';

export default {
  fetch: app.fetch,
  queue: consume,
  scheduled: startScheduled,
} satisfies ExportedHandler<Cloudflare.Env>;
