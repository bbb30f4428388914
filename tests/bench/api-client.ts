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
