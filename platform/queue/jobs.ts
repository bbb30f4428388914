/** What travels through the queue `jobs`. */
import { z } from 'zod';
import { MOODS, PIVOT_TRIGGERS } from '../../core/pivot/pivot.ts';
import { BUDGET_BANDS, DAY_PARTS, PARTY_KINDS, RANKED_TRIP_DAYS } from '../../core/ranking/ranker.ts';
import { sendAll } from './delivery.ts';

/** The jobs that run by the clock; an operator may start any of them now. */
export const SCHEDULED_JOBS = [
  'persona-update',
  'persona-embedding',
  'index-item-vectors',
  'weather-poll',
  'canary-guard',
  'extract-training-data',
  'weekly-training',
  'arbitration-review',
  'synthetic-review',
] as const;
export type ScheduledJob = (typeof SCHEDULED_JOBS)[number];

const envelope = { v: z.literal(1), id: z.string().min(1).max(100) };

/** Lists of the ranking cache that a plan found, or missed. */
const archetypeLists = {
  city: z.string(),
  /** What the plan was ranked with. */
  catalogueVersion: z.string(),
  rankerVersion: z.string(),
  archetypeIds: z.array(z.string()).min(1).max(3),
  partyKind: z.enum(PARTY_KINDS),
  budgetBand: z.enum(BUDGET_BANDS),
};

export const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    ...envelope,
    /** Fill the ranking cache for travellers like this one, with what ranks when the job runs. */
    kind: z.literal('prewarm'),
    ...archetypeLists,
  }),
  z.object({
    ...envelope,
    /** Have the larger model rank the moments in which both sides of the arbiter were unsure. */
    kind: z.literal('escalate'),
    ...archetypeLists,
    moments: z.array(z.object({ tripDay: z.int().min(1).max(RANKED_TRIP_DAYS), dayPart: z.enum(DAY_PARTS) })).min(1),
  }),
  z.object({
    ...envelope,
    /** Make Postgres say what the trip's object says; the object is asked when the job runs. */
    kind: z.literal('project_trip'),
    tripId: z.uuid(),
  }),
  z.object({ ...envelope, kind: z.literal('delete_trip'), tripId: z.uuid() }),
  z.object({
    ...envelope,
    /** A pivot of a trip as it now stands; the row is keyed by `eventId`. */
    kind: z.literal('pivot_event'),
    eventId: z.uuid(),
    tripId: z.uuid(),
    /** Who asked; null once their account is deleted. */
    userId: z.uuid().nullable(),
    /** `product`: nobody asked, and the row has no actor. */
    askedBy: z.enum(['traveller', 'product']).default('traveller'),
    slotId: z.uuid().nullable(),
    trigger: z.enum(PIVOT_TRIGGERS),
    mood: z.enum(MOODS).nullable(),
    source: z.enum(['fallback', 'search', 'retime']),
    options: z.array(z.record(z.string(), z.unknown())),
    latencyMs: z.number().min(0),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    response: z.enum(['accept', 'dismiss', 'ignore']).nullable(),
    optionId: z.uuid().nullable(),
    respondedAt: z.iso.datetime().nullable(),
  }),
  z.object({
    ...envelope,
    /** Tell a city's active trips of the rain that is forecast: those after `after`, a page of them each. */
    kind: z.literal('expect_rain'),
    /** Of `weather-poll`. */
    runId: z.uuid(),
    cityId: z.uuid(),
    /** Milliseconds since the epoch, as in the spells. */
    fetchedAt: z.int(),
    spells: z.array(z.object({ from: z.int(), to: z.int() })).min(1),
    after: z.uuid().nullable(),
  }),
  z.object({
    ...envelope,
    /** Take what other places than Postgres hold of a person whose account is deleted. */
    kind: z.literal('forget_user'),
    userId: z.uuid(),
    /** Their trips. */
    trips: z.array(z.uuid()),
  }),
  z.object({
    ...envelope,
    /** Some travellers of a shadow population: each message asks for the next ones. */
    kind: z.literal('seed_training_data'),
    runId: z.uuid(),
    seed: z.int(),
    users: z.int().min(1),
    /** Another population goes first. */
    replace: z.boolean(),
    /** The next traveller, from 0. */
    from: z.int().min(0),
  }),
  z.object({
    ...envelope,
    /** A stretch of a scheduled job: each asks for the next one when it is done. */
    kind: z.literal('scheduled'),
    name: z.enum(SCHEDULED_JOBS),
    runId: z.uuid(),
    trigger: z.enum(['cron', 'admin']),
    /** Where the stretch before ended, in the job's own terms; null for the first. */
    after: z.string().min(1).max(60).nullable(),
  }),
]);

export type Job = z.infer<typeof jobSchema>;
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>;

export function sendJobs(queue: Queue, jobs: readonly Job[], options?: QueueSendBatchOptions): Promise<void> {
  return sendAll(queue, jobs, options);
}

export { MAX_RETRIES } from './delivery.ts';
