/** The consumer of the queue `signals`: a batch is one insert, each message is settled by itself. */
import type { z } from 'zod';
import { type SignalMessage, signalMessageSchema } from '../core/signal/signal-message.ts';
import { citiesOf } from '../platform/database/active-trips.ts';
import { type Database, openDatabase } from '../platform/database/client.ts';
import { isDataFault } from '../platform/database/failure.ts';
import { MAY_COME_TRUE, type SignalRefusal, storeSignals } from '../platform/database/signals.ts';
import type { GivenUp } from '../platform/queue/dead-letters.ts';
import { readSettings } from '../platform/settings.ts';
import { storedForecasts } from '../platform/weather/stored-forecasts.ts';
import { acknowledge, giveUp, log, tryLater } from './give-up.ts';
import { withWeather } from './signal-weather.ts';

/** So many attempts, about two minutes of them, for Postgres to hear of the slot or the member that a signal names. */
const ATTEMPTS_TO_COME_TRUE = 6;

/** A database that does not answer is as good as none. */
const DEADLINE_MS = 30_000;
const WEATHER_DEADLINE_MS = 5_000;

interface Readable {
  message: Message;
  signal: SignalMessage;
}

type Outcome =
  | { kind: 'stored' }
  | { kind: 'refused'; refusal: SignalRefusal }
  /** Postgres cannot hold it. */
  | { kind: 'poison'; detail: string }
  | { kind: 'outage'; error: unknown };

const faultsOf = ({ issues }: z.ZodError) =>
  issues.map(({ path, code }) => `${path.map(String).join('.') || 'message'}: ${code}`).join('; ');

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A batch that Postgres finds fault with is halved until the fault stands alone, so that the others get in. */
async function store(database: Database, batch: readonly Readable[], now: Date): Promise<Outcome[]> {
  if (batch.length === 0) return [];
  try {
    const signals = batch.map(({ signal }) => signal);
    const refusals = await within(DEADLINE_MS, storeSignals(database, signals, now));
    return refusals.map((refusal) => (refusal ? { kind: 'refused', refusal } : { kind: 'stored' }));
  } catch (error) {
    if (!isDataFault(error)) return batch.map(() => ({ kind: 'outage', error }));
    if (batch.length === 1) return [{ kind: 'poison', detail: String((error as Error).cause ?? error) }];
    const half = Math.ceil(batch.length / 2);
    return [...(await store(database, batch.slice(0, half), now)), ...(await store(database, batch.slice(half), now))];
  }
}

/** Without the weather where it cannot be looked up: signals do not wait for it. */
async function weathered(
  readable: readonly Readable[],
  env: Cloudflare.Env,
  database: Database,
): Promise<readonly Readable[]> {
  try {
    const signals = await within(
      WEATHER_DEADLINE_MS,
      withWeather(
        readable.map(({ signal }) => signal),
        {
          citiesOf: (happenings) => citiesOf(database, happenings),
          forecastOf: (city) => storedForecasts(env.CACHE).read(city),
        },
      ),
    );
    return readable.map(({ message }, i) => ({ message, signal: signals[i]! }));
  } catch (error) {
    log('signals_without_weather', { messages: readable.length, error: String(error) });
    return readable;
  }
}

export async function consumeSignals(batch: MessageBatch, env: Cloudflare.Env): Promise<void> {
  const settings = readSettings(env);
  const database = openDatabase(settings.databaseUrl);
  const readable: Readable[] = [];
  const done: Message[] = [];
  const later: Message[] = [];
  const givenUp: (GivenUp & { message: Message })[] = [];

  for (const message of batch.messages) {
    const read = signalMessageSchema.safeParse(message.body);
    if (read.success) readable.push({ message, signal: read.data });
    else givenUp.push({ message, reason: 'malformed', detail: faultsOf(read.error) });
  }

  const complete = settings.weather ? await weathered(readable, env, database) : readable;
  const outcomes = await store(database, complete, new Date());
  for (const [i, { message }] of readable.entries()) {
    const outcome = outcomes[i]!;
    switch (outcome.kind) {
      case 'stored':
        done.push(message);
        break;
      case 'outage':
        later.push(message);
        break;
      case 'poison':
        givenUp.push({ message, reason: 'not_storable', detail: outcome.detail });
        break;
      case 'refused': {
        const { refusal } = outcome;
        if (refusal === 'sender_gone') done.push(message);
        else if (MAY_COME_TRUE.has(refusal) && message.attempts < ATTEMPTS_TO_COME_TRUE) later.push(message);
        else givenUp.push({ message, reason: refusal, detail: null });
      }
    }
  }

  const outage = outcomes.find((outcome) => outcome.kind === 'outage');
  if (outage) {
    const { error } = outage;
    log('signals_delayed', {
      messages: later.length,
      error: String(error),
      cause: String((error as Error).cause ?? ''),
    });
  }
  acknowledge(done);
  tryLater(later);
  await giveUp(env.SIGNALS_DEAD, givenUp);
}
