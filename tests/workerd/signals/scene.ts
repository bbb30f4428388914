/** What the tests of signals share: a traveller on a trip, signals of theirs, and a consumer to give them to. */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { asc, eq, inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { behavioralSignals, users } from '../../../platform/database/schema/index.ts';
import type { DeadLetterMessage } from '../../../platform/queue/dead-letters.ts';
import worker from '../../../worker/index.ts';
import { call, database, type Guest, inDays, newGuest, type Overrides } from '../api/client.ts';
import { actorKeyOf } from '../api/stored.ts';
import { tokenOf } from '../api/tokens.ts';
import { type SlotShape, slotsOf, type TripShape } from '../api/trip-shape.ts';

/** Nobody listens there. */
export const UNREACHABLE: Overrides = { DATABASE_URL: 'postgresql://postgres@127.0.0.1:9/postgres' };

export interface Travelling {
  guest: Guest;
  actorKey: string;
  trip: TripShape;
  slots: SlotShape[];
}

export async function travelling({ days = 1, party = 1 } = {}): Promise<Travelling> {
  const guest = await newGuest();
  const made = await call('POST', '/trips', {
    token: guest.token,
    json: { city: 'seattle', start_date: inDays(), days, party: { size: party } },
  });
  if (made.status !== 201) throw new Error(made.text);
  return { guest, actorKey: await actorKeyOf(guest.id), trip: made.body, slots: slotsOf(made.body) };
}

/** A message as the edge makes it. */
export function reported(userId: string, fields: Partial<SignalMessage>): SignalMessage {
  return {
    v: 1,
    id: uuidv7(),
    kind: 'signal',
    userId,
    type: 'slot_accept',
    tripId: null,
    slotId: null,
    venueId: null,
    occurredAt: new Date().toISOString(),
    timeToActionMs: null,
    reason: null,
    context: {},
    shown: null,
    ...fields,
  };
}

export interface Delivery {
  id?: string;
  body: unknown;
  attempts?: number;
}

/** Gives messages to their consumer as the queue would; `dead` is what it sent to the dead-letter queue. */
export async function deliver(
  queue: 'signals' | 'jobs' | 'signals-dead' | 'jobs-dead',
  deliveries: readonly Delivery[],
  overrides: Overrides = {},
) {
  const context = createExecutionContext();
  const dead: DeadLetterMessage[] = [];
  const sendBatch = async (sent: MessageSendRequest<DeadLetterMessage>[]) => void dead.push(...sent.map((s) => s.body));
  const graveyard = { sendBatch } as unknown as Queue;
  const batch = createMessageBatch<unknown>(
    queue,
    deliveries.map(({ id, body, attempts = 1 }, i) => ({ id: id ?? `m${i}`, body, attempts, timestamp: Date.now() })),
  );
  const delays: (number | undefined)[] = [];
  for (const message of batch.messages) {
    const retry = message.retry.bind(message);
    // The result names who is to be retried, but not when.
    message.retry = (options) => {
      delays.push(options?.delaySeconds);
      retry(options);
    };
  }
  await worker.queue(batch, { ...env, SIGNALS_DEAD: graveyard, JOBS_DEAD: graveyard, ...overrides });
  const result = await getQueueResult(batch, context);
  return {
    acked: result.explicitAcks,
    retried: result.retryMessages.map(({ msgId }) => msgId),
    delays,
    dead,
  };
}

export const bodies = (signals: readonly SignalMessage[], attempts = 1): Delivery[] =>
  signals.map((body, i) => ({ id: `m${i}`, body, attempts }));

/** The rows that signals made, without what planning logged. */
export async function signalsOf(actorKey: string) {
  const rows = await database
    .select()
    .from(behavioralSignals)
    .where(eq(behavioralSignals.actorKey, actorKey))
    .orderBy(asc(behavioralSignals.position));
  return rows.filter(({ signalType }) => signalType !== 'candidate_set_logged');
}

export async function countOf(userId: string): Promise<number> {
  const [row] = await database.select({ n: users.countingSignals }).from(users).where(eq(users.id, userId));
  return row?.n ?? Number.NaN;
}

export const adminToken = () => tokenOf(`idp|${uuidv7()}`, { claims: { role: 'admin' } });

/** Of these signals, those that are in the table; sorted. */
export const storedIds = async (signals: readonly SignalMessage[]) => {
  const ids = signals.map(({ id }) => id);
  const rows = await database
    .select({ id: behavioralSignals.id })
    .from(behavioralSignals)
    .where(inArray(behavioralSignals.id, ids));
  return rows.map(({ id }) => id).sort();
};
