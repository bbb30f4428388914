/** The Worker's exports: requests, queue messages, Durable Objects. */
import { consumeJobs } from '../queues/jobs.ts';
import { app } from './app.ts';

export { LlmBudget } from '../durable-objects/llm-budget.ts';
export { TripObject } from '../durable-objects/trip.ts';

export default {
  fetch: app.fetch,
  queue: consumeJobs,
} satisfies ExportedHandler<Cloudflare.Env>;
