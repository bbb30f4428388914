/** The API as the benchmarks call it. */
import type { LocalStack } from './local-stack.ts';

/** Distinct tastes, so that not every plan is the same. */
const TASTES = [
  { food: ['ramen', 'coffee'], pace: 'slow' },
  { interests: ['museums', 'architecture'], locals: 'mix' },
  { interests: ['outdoors'], pace: 'fast', rhythm: 'early_bird' },
  { nightlife: ['cocktails', 'live_music'], rhythm: 'night_owl' },
  { food: ['foodie', 'sushi'], budget: 'high' },
  { budget: 'low', food: ['street_food'], locals: 'local_first' },
];

const TRIP = { city: 'seattle', start_date: '2027-03-05', days: 3 };

export interface Guest {
  token: string;
}

export interface PlannedTrip {
  id: string;
  days: { slots: { id: string }[] }[];
  ranking: { model_version: string };
}

/** `expected`: statuses besides 2xx that are no error. */
export async function call<T>(
  stack: LocalStack,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
  expected: readonly number[] = [],
): Promise<T> {
  const answer = await fetch(`${stack.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok && !expected.includes(answer.status)) {
    throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  }
  return JSON.parse(text) as T;
}

/** One traveller of each taste. */
export function newGuests(stack: LocalStack): Promise<Guest[]> {
  return Promise.all(TASTES.map((onboarding_tags) => call<Guest>(stack, 'POST', '/users', null, { onboarding_tags })));
}

/** Three days in Seattle. */
export function plan(stack: LocalStack, guest: Guest): Promise<PlannedTrip> {
  return call(stack, 'POST', '/trips', guest.token, TRIP);
}

/** One traveller of each taste, with three trips and thirty signals that count. */
export async function warmGuests(stack: LocalStack): Promise<Guest[]> {
  const guests = await newGuests(stack);
  for (const guest of guests) {
    for (let trip = 0; trip < 3; trip++) {
      const { id, days } = await plan(stack, guest);
      const slots = days.flatMap((day) => day.slots).slice(0, 10);
      const signals = slots.map((slot, i) => ({
        id: crypto.randomUUID(),
        type: i % 3 === 2 ? 'slot_skip' : 'slot_accept',
        trip_id: id,
        slot_id: slot.id,
        occurred_at: new Date().toISOString(),
      }));
      await call(stack, 'POST', '/signals', guest.token, { signals });
    }
  }
  for (const guest of guests) await untilRankedByMl(stack, guest);
  return guests;
}

/** Signals arrive through their queue. */
async function untilRankedByMl(stack: LocalStack, guest: Guest): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { ranking } = await plan(stack, guest);
    if (ranking.model_version.includes('dlrm@')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no plan was ranked by the trained models');
}
