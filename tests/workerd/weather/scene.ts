/** What the tests of the weather share: a city of their own with a trip in it, and polls of its weather. */
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { expect, vi } from 'vitest';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import type { TripSlot } from '../../../core/itinerary/trip.ts';
import type { Location } from '../../../core/venue/venue.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import type { Job } from '../../../platform/queue/jobs.ts';
import { copyOfCity, type TestCity } from '../api/cities.ts';
import { call, database, inDays, newGuest, type Overrides } from '../api/client.ts';
import { storedTrip } from '../api/stored.ts';
import { slotsOf, type TripShape } from '../api/trip-shape.ts';
import { deliver } from '../signals/scene.ts';

export const TIME_ZONE = 'America/Los_Angeles';

/** Seattle's like, where nobody else's weather is asked for. */
export async function cityOfOurOwn(): Promise<TestCity & { centre: Location }> {
  const city = await copyOfCity('seattle');
  const centre = { lat: 47.6 + Math.random() / 1000, lng: -122.3 + Math.random() / 1000 };
  await database.execute(sql`update cities set centre = ${JSON.stringify(centre)}::jsonb where id = ${city.id}`);
  return { ...city, centre };
}

/** A trip by nature lovers, planned. */
export async function outdoorTrip(city: TestCity, { start = inDays(), days = 1 } = {}) {
  const guest = await newGuest({ interests: ['nature', 'hiking'] });
  const made = await call('POST', '/trips', {
    token: guest.token,
    json: { city: city.slug, start_date: start, days, budget: 'high' },
  });
  if (made.status !== 201) throw new Error(made.text);
  const trip = made.body as TripShape;
  return { guest, trip, slots: slotsOf(trip), stub: tripStub(env, trip.id), object: env.TRIP.getByName(trip.id) };
}

export type OutdoorTrip = Awaited<ReturnType<typeof outdoorTrip>>;

export const localInstant = (date: string, minutes: number) => Date.parse(wallClock(date, minutes, TIME_ZONE));

/** Until Postgres has heard that the trip is under way. */
export const underWay = ({ trip }: OutdoorTrip) =>
  vi.waitFor(async () => expect((await storedTrip(trip.id)).trip?.status).toBe('active'), { timeout: 15_000 });

/** Its first day has come, and it is eight in the morning. */
export async function setOut(there: OutdoorTrip): Promise<void> {
  await there.stub.setClock(localInstant(there.trip.start_date, 8 * 60));
  await underWay(there);
}

/** The trip's visits that are outdoors. */
export async function outdoorSlots({ stub }: OutdoorTrip): Promise<TripSlot[]> {
  const trip = await stub.snapshot();
  return trip!.slots.filter(({ venueId }) => trip!.venues[venueId]!.setting === 'outdoor');
}

/** The whole hours around a slot, as the provider's skies say it. */
export function hoursOf({ trip }: OutdoorTrip, { start, end }: Pick<TripSlot, 'start' | 'end'>) {
  const at = (minutes: number) => new Date(localInstant(trip.start_date, minutes)).toISOString();
  return { from: at(Math.floor(start / 60) * 60), to: at(Math.ceil(end / 60) * 60) };
}

export interface Polled {
  runId: string;
  /** All that the poll put into the queue `jobs`, in order. */
  queued: Job[];
}

/** `weather-poll` and all that comes of it, here and now. */
export async function poll(overrides: Overrides, runId = uuidv7()): Promise<Polled> {
  const first: Job = {
    v: 1,
    id: `${runId}:test`,
    kind: 'scheduled',
    name: 'weather-poll',
    runId,
    trigger: 'admin',
    after: null,
  };
  return { runId, queued: await runJobs([first], overrides) };
}

export async function runJobs(jobs: readonly Job[], overrides: Overrides): Promise<Job[]> {
  const queued = [...jobs];
  const sendBatch = async (batch: MessageSendRequest<Job>[]) => void queued.push(...batch.map(({ body }) => body));
  for (let i = 0; i < queued.length; i++) {
    const { acked } = await deliver('jobs', [{ id: 'j', body: queued[i] }], {
      ...overrides,
      JOBS: { sendBatch } as unknown as Queue,
    });
    expect(acked).toEqual(['j']);
  }
  return queued;
}
