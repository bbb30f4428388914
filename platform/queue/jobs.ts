/** What travels through the queue `jobs`. */
import { z } from 'zod';
import { BUDGET_BANDS, PARTY_KINDS } from '../../core/ranking/ranker.ts';

const envelope = { v: z.literal(1), id: z.string().min(1).max(100) };

export const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    ...envelope,
    /** Fill the ranking cache for travellers like this one. */
    kind: z.literal('prewarm'),
    city: z.string(),
    /** What the request was ranked with; the job ranks with what holds when it runs. */
    catalogueVersion: z.string(),
    rankerVersion: z.string(),
    archetypeIds: z.array(z.string()).min(1).max(3),
    partyKind: z.enum(PARTY_KINDS),
    budgetBand: z.enum(BUDGET_BANDS),
  }),
  z.object({
    ...envelope,
    /** Make Postgres say what the trip's object says; the object is asked when the job runs. */
    kind: z.literal('project_trip'),
    tripId: z.uuid(),
  }),
  z.object({ ...envelope, kind: z.literal('delete_trip'), tripId: z.uuid() }),
]);

export type Job = z.infer<typeof jobSchema>;
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>;

/** As in wrangler.toml: after these the queue gives a message up to the dead-letter queue. */
export const MAX_RETRIES = 5;

/** The counts that a local stop waits for: everything sent is settled. */
export function logQueueCount(event: 'queue_sent' | 'queue_settled', n: number): void {
  console.log(JSON.stringify({ event, n }));
}

export async function sendJobs(queue: Queue, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return;
  await queue.sendBatch(jobs.map((body) => ({ body })));
  logQueueCount('queue_sent', jobs.length);
}
