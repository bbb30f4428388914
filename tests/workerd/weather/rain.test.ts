/** Rain becomes suggestions: one poll a city, each slot told once, and nothing changes unless a member says so. */
import { createScheduledController, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, inArray, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../../core/live/messages.ts';
import { behavioralSignals, pivotEvents, trips } from '../../../platform/database/schema/index.ts';
import type { Job, JobOf } from '../../../platform/queue/jobs.ts';
import worker from '../../../worker/index.ts';
// @ts-expect-error: vite reads it as text.
import wranglerToml from '../../../wrangler.toml?raw';
import { call, database, type Guest, newGuest } from '../api/client.ts';
import { startOpenMeteo } from '../api/stand-ins.ts';
import { slotsOf } from '../api/trip-shape.ts';
import { invited, type LiveSocket, watch } from '../live/live-client.ts';
import { adminToken } from '../signals/scene.ts';
import {
  cityOfOurOwn,
  hoursOf,
  localInstant,
  type OutdoorTrip,
  outdoorSlots,
  outdoorTrip,
  poll,
  runJobs,
  setOut,
} from './scene.ts';

type Suggested = Extract<ServerMessage, { type: 'pivot_suggested' }>;

const provider = await startOpenMeteo();

let city: Awaited<ReturnType<typeof cityOfOurOwn>>;
beforeEach(async () => {
  city = await cityOfOurOwn();
});
let token: string;
beforeAll(async () => {
  token = await adminToken();
});

const read = async ({ trip, guest }: OutdoorTrip) =>
  (await call('GET', `/trips/${trip.id}`, { token: guest.token })).body;
const answer = ({ trip }: OutdoorTrip, { token }: Guest, eventId: string, json: object) =>
  call('POST', `/trips/${trip.id}/pivot/${eventId}`, { token, json });
const bring = (there: OutdoorTrip, rain: { from: string; to: string }[]) =>
  provider.bring(city.centre, { today: there.trip.start_date, rain: rain.map((spell) => ({ ...spell, mm: 2 })) });
const suggestions = (socket: LiveSocket) => socket.received.filter((m): m is Suggested => m.type === 'pivot_suggested');
const MINUTE = 60_000;

/** Under way, with rain on its first visit outdoors, and watched by its organiser. */
async function inTheRain() {
  const there = await outdoorTrip(city);
  await setOut(there);
  const [slot] = await outdoorSlots(there);
  await bring(there, [hoursOf(there, slot!)]);
  const socket = await watch(there.trip.id, there.guest.token);
  return { ...there, slot: slot!, socket };
}

describe('rain', () => {
  it('on a visit outdoors is told over the socket, and an accepted option brings the trip indoors', async () => {
    const there = await inTheRain();
    const { slot, socket, trip, guest } = there;
    const before = await read(there);
    await poll(provider.env);
    const suggested = await socket.first('pivot_suggested');
    expect(suggested).toMatchObject({
      seq: before.seq + 1,
      by: null,
      trigger: 'weather',
      mood: null,
      source: 'fallback',
      reason: null,
      note: expect.stringMatching(/^Rain is expected between \d\d:\d\d and \d\d:\d\d\.$/),
    });
    expect(suggested.options.length).toBeGreaterThan(0);
    for (const { changes } of suggested.options) {
      expect(changes).toMatchObject([{ slot_id: slot.id, from: slot.venueId }]);
    }
    // The plan is what it was.
    expect({ ...(await read(there)), seq: before.seq }).toEqual(before);

    const [option] = suggested.options;
    const accepted = await answer(there, guest, suggested.event_id, { response: 'accept', option_id: option!.id });
    expect([accepted.status, accepted.body.response]).toEqual([200, 'accept']);
    expect(await socket.first('pivot_resolved')).toMatchObject({ event_id: suggested.event_id, by: guest.id });
    const now = (await there.stub.snapshot())!;
    const changed = now.slots.find(({ id }) => id === slot.id)!;
    expect([changed.venueId, changed.status]).toEqual([option!.changes[0]!.to, 'swapped']);
    expect(now.venues[changed.venueId]!.setting).not.toBe('outdoor');
    expect(slotsOf(await read(there)).map(({ id }) => id)).toEqual(slotsOf(trip).map(({ id }) => id));
    socket.close();
  });

  it('that stays away tells nobody anything', async () => {
    const there = await inTheRain();
    await bring(there, []);
    const { seq } = await read(there);
    const { queued } = await poll(provider.env);
    expect(queued.filter((job) => job.kind === 'expect_rain' && job.cityId === city.id)).toEqual([]);
    expect((await read(there)).seq).toBe(seq);
    there.socket.close();
  });

  it('on other days, on what is past and on what is indoors is no reason', async () => {
    const there = await inTheRain();
    const outdoors = new Set((await outdoorSlots(there)).map(({ id }) => id));
    const indoors = (await there.stub.snapshot())!.slots.filter(({ id }) => !outdoors.has(id));
    const dry = indoors.filter(({ start, end }) =>
      [...outdoors].every((id) => {
        const other = there.slots.find((slot) => slot.id === id)!;
        const { from, to } = hoursOf(there, { start, end });
        return Date.parse(to) <= Date.parse(other.starts_at) || Date.parse(from) >= Date.parse(other.ends_at);
      }),
    );
    expect(dry.length).toBeGreaterThan(0);
    const past = { start: 0, end: 8 * 60 };
    const tomorrow = { start: 24 * 60, end: 34 * 60 };
    await bring(
      there,
      [...dry, past, tomorrow].map((span) => hoursOf(there, span)),
    );
    const { seq } = await read(there);
    const { queued } = await poll(provider.env);
    expect(queued.some((job) => job.kind === 'expect_rain' && job.cityId === city.id)).toBe(true);
    expect((await read(there)).seq).toBe(seq);
    there.socket.close();
  });

  it('is told once: not by the next poll, a redelivery, an object that was evicted, or a forecast that moves', async () => {
    const there = await inTheRain();
    const { slot, socket } = there;
    const { queued } = await poll(provider.env);
    const { seq } = await socket.first('pivot_suggested');
    await poll(provider.env);
    await runJobs(queued, provider.env);
    await evictDurableObject(there.object);
    await poll(provider.env);
    await bring(there, [hoursOf(there, { start: slot.start - 60, end: slot.end + 60 })]);
    // What it meets besides is none of this test's business.
    await poll(provider.env);
    const again = suggestions(socket).filter(({ options }) => options[0]!.changes[0]!.slot_id === slot.id);
    expect(again.map((message) => message.seq)).toEqual([seq]);
    socket.close();
  });

  it('that was dismissed is not told again', async () => {
    const there = await inTheRain();
    await poll(provider.env);
    const { event_id } = await there.socket.first('pivot_suggested');
    expect((await answer(there, there.guest, event_id, { response: 'dismiss' })).status).toBe(200);
    const { seq } = await read(there);
    await poll(provider.env);
    expect((await read(there)).seq).toBe(seq);
    there.socket.close();
  });

  it('can be heeded until the visit begins, and not after', async () => {
    const [heeding, ignoring] = [await inTheRain(), await inTheRain()];
    await bring(heeding, [hoursOf(heeding, heeding.slot), hoursOf(ignoring, ignoring.slot)]);
    await poll(provider.env);
    const begins = ({ trip, slot }: typeof heeding) => localInstant(trip.start_date, slot.start);
    const { event_id, options, expires_at } = await heeding.socket.first('pivot_suggested');
    expect(Date.parse(expires_at)).toBe(begins(heeding));
    // More than what a member's own pivot is open for.
    expect(heeding.slot.start - 8 * 60).toBeGreaterThan(20);
    await heeding.stub.setClock(begins(heeding) - MINUTE);
    const heeded = await answer(heeding, heeding.guest, event_id, { response: 'accept', option_id: options[0]!.id });
    expect([heeded.status, heeded.body.response]).toEqual([200, 'accept']);

    const unheeded = await ignoring.socket.first('pivot_suggested');
    await ignoring.stub.setClock(begins(ignoring));
    await runDurableObjectAlarm(ignoring.object);
    expect(await ignoring.socket.first('pivot_resolved')).toMatchObject({
      event_id: unheeded.event_id,
      response: 'ignore',
      by: null,
    });
    const late = await answer(ignoring, ignoring.guest, unheeded.event_id, { response: 'dismiss' });
    expect([late.status, late.body.code]).toEqual([409, 'pivot_expired']);
    for (const { socket } of [heeding, ignoring]) socket.close();
  });

  it('of which a member has asked already is not told', async () => {
    const there = await inTheRain();
    const { trip, guest, slot, socket } = there;
    const json = { id: uuidv7(), trigger: 'weather', slot_id: slot.id };
    const asked = await call('POST', `/trips/${trip.id}/pivot`, { token: guest.token, json });
    expect(asked.body.options.length).toBeGreaterThan(0);
    await poll(provider.env);
    expect(suggestions(socket).map(({ event_id }) => event_id)).toEqual([asked.body.event_id]);
    await answer(there, guest, asked.body.event_id, { response: 'dismiss' });
    const { seq } = await read(there);
    await poll(provider.env);
    expect((await read(there)).seq).toBe(seq);
    socket.close();
  });

  it('is for any member to answer, over the socket too, and the first answer stands', async () => {
    const there = await inTheRain();
    const companion = await newGuest();
    const invite = await invited(there.trip.id, there.guest);
    await call('POST', `/invites/${invite}/accept`, { token: companion.token });
    const other = await watch(there.trip.id, companion.token);
    await poll(provider.env);
    const { event_id, options } = await other.first('pivot_suggested');
    const accepted = await other.ask({ type: 'accept', event_id, option_id: options[0]!.id });
    const outcome = { response: 'accept', option_id: options[0]!.id };
    expect(accepted).toMatchObject({ type: 'ack', outcome });
    expect((await answer(there, there.guest, event_id, { response: 'dismiss' })).body).toMatchObject(outcome);
    for (const socket of [there.socket, other]) socket.close();
  });

  it('leaves a row without an actor, and a signal of whoever answered', async () => {
    const there = await inTheRain();
    await poll(provider.env);
    const { event_id, options } = await there.socket.first('pivot_suggested');
    const option_id = options[0]!.id;
    await answer(there, there.guest, event_id, { response: 'accept', option_id });
    await vi.waitFor(
      async () => {
        const [row] = await database.select().from(pivotEvents).where(eq(pivotEvents.id, event_id));
        expect(row).toMatchObject({
          tripId: there.trip.id,
          slotId: there.slot.id,
          actorKey: null,
          trigger: 'weather',
          source: 'fallback',
          response: 'accept',
          optionId: option_id,
        });
        const signals = await database
          .select()
          .from(behavioralSignals)
          .where(eq(behavioralSignals.tripId, there.trip.id));
        const about = signals.filter(({ context }) => (context as { event_id?: string }).event_id === event_id);
        expect(about.map(({ signalType }) => signalType)).toEqual(['pivot_accept']);
      },
      { timeout: 15_000 },
    );
    there.socket.close();
  });
});

describe('the poll', () => {
  it('asks once for a city, however many travel there, and not again when it is delivered again', async () => {
    const [a, b] = [await inTheRain(), await inTheRain()];
    const { runId, queued } = await poll(provider.env);
    expect(await provider.requests(city.centre)).toHaveLength(1);
    await Promise.all([a, b].map(({ socket }) => socket.first('pivot_suggested')));
    await runJobs(queued.slice(0, 1), provider.env);
    expect(await provider.requests(city.centre)).toHaveLength(1);
    await poll({ ...provider.env, WEATHER_API_KEY: 'secret' });
    const [, second] = await provider.requests(city.centre);
    expect(second!.query.apikey).toBe('secret');
    const run = (await call('GET', `/admin/jobs/${runId}`, { token })).body;
    expect(run).toMatchObject({ name: 'weather-poll', status: 'done', progress: { suggestions: 2 } });
    for (const { socket } of [a, b]) socket.close();
  });

  it('goes on from stretch to stretch, over the cities and over the trips of a city', async () => {
    const there = await inTheRain();
    // Of this trip so many more, without slots: 30 each in a city of its own, 60 in the same, whose ids come before its own.
    const { rows } = await database.execute<{ id: string }>(sql`
      with towns as (
        insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
        select gen_random_uuid(), 'town-' || gen_random_uuid(), name, country, time_zone, currency,
          jsonb_build_object('lat', -n, 'lng', -n), bounds, meal_times
        from cities, generate_series(1, 30) n where id = ${city.id} returning id
      )
      insert into trips (id, user_id, city_id, start_date, end_date, status, party_size, party_kind, budget_band, dimensions,
        ranking)
      select overlay(gen_random_uuid()::text placing '0000' from 1)::uuid, user_id, town, start_date, end_date, status, party_size, party_kind, budget_band,
        dimensions, ranking
      from trips, (select id as town from towns union all select ${city.id}::uuid from generate_series(1, 60)) t
      where trips.id = ${there.trip.id} returning id`);
    const { queued } = await poll(provider.env);
    const stretches = queued.filter((job) => job.kind === 'scheduled');
    const pages = queued.filter((job) => job.kind === 'expect_rain' && job.cityId === city.id);
    expect([stretches.length > 1, pages.length]).toEqual([true, 2]);
    for (let n = 1; n <= 30; n++) expect(await provider.requests({ lat: -n, lng: -n })).toHaveLength(1);
    await there.socket.first('pivot_suggested');
    await database.delete(trips).where(
      inArray(
        trips.id,
        rows.map(({ id }) => id),
      ),
    );
    there.socket.close();
  });

  it('runs every hour, and when an operator says so', async () => {
    const [, cron] = /crons = \[.*"(\d+ \* \* \* \*)".*\]/.exec(wranglerToml) ?? [];
    const queued: Job[] = [];
    const sendBatch = async (batch: MessageSendRequest<Job>[]) => void queued.push(...batch.map(({ body }) => body));
    const controller = createScheduledController({ cron: cron!, scheduledTime: new Date('2026-12-01T03:07:00Z') });
    await worker.scheduled(controller, { ...env, JOBS: { sendBatch } as unknown as Queue });
    const polls = queued.filter((job) => job.kind === 'scheduled' && job.name === 'weather-poll');
    expect(polls).toMatchObject([{ trigger: 'cron', after: null }]);
    const started = await call('POST', '/admin/jobs/weather-poll', { token });
    expect(started.status).toBe(202);
    await vi.waitFor(
      async () => {
        const { body } = await call('GET', `/admin/jobs/${started.body.id}`, { token });
        expect(body).toMatchObject({ name: 'weather-poll', trigger: 'admin', status: 'done' });
      },
      { timeout: 15_000, interval: 250 },
    );
  });

  it('asks for no city in which nobody travels', async () => {
    await outdoorTrip(city);
    await poll(provider.env);
    expect(await provider.requests(city.centre)).toEqual([]);
  });

  it.each([
    ['an outage', { status: 500, body: 'down' }],
    ['an answer out of shape', { status: 200, body: '{"hourly":{}}' }],
  ])('survives %s, which changes nothing', async (_, given) => {
    const there = await inTheRain();
    await poll(provider.env);
    const { seq } = await there.socket.first('pivot_suggested');
    const key = `weather/${city.slug}`;
    const before = await env.CACHE.get(key);
    expect(before).toContain('fetchedAt');
    await provider.override(given);
    const { runId } = await poll(provider.env);
    await provider.override(null);
    expect(await env.CACHE.get(key)).toBe(before);
    expect((await read(there)).seq).toBe(seq);
    const run = (await call('GET', `/admin/jobs/${runId}`, { token })).body;
    expect([run.status, run.progress.fetched]).toEqual(['done', 0]);
    expect(run.progress.failed).toBeGreaterThan(0);
    there.socket.close();
  });

  it('that comes too late tells nobody', async () => {
    const there = await inTheRain();
    const { seq } = await read(there);
    const { from, to } = hoursOf(there, there.slot);
    const stale: JobOf<'expect_rain'> = {
      v: 1,
      id: 'rain:stale',
      kind: 'expect_rain',
      runId: uuidv7(),
      cityId: city.id,
      fetchedAt: Date.now() - 3 * 3_600_000 - MINUTE,
      spells: [{ from: Date.parse(from), to: Date.parse(to) }],
      after: null,
    };
    await runJobs([stale], provider.env);
    expect((await read(there)).seq).toBe(seq);
    await runJobs([{ ...stale, fetchedAt: Date.now() }], provider.env);
    expect((await read(there)).seq).toBe(seq + 1);
    there.socket.close();
  });

  it('makes no call where no provider is named', async () => {
    const there = await inTheRain();
    const fetched = vi.spyOn(globalThis, 'fetch');
    const { runId, queued } = await poll({});
    const hosts = fetched.mock.calls.map(
      ([asked]) => new URL(asked instanceof Request ? asked.url : String(asked)).host,
    );
    fetched.mockRestore();
    expect(queued).toHaveLength(1);
    expect([...new Set(hosts)]).toEqual([new URL(env.DATABASE_URL!).host]);
    expect((await call('GET', `/admin/jobs/${runId}`, { token })).body).toMatchObject({ status: 'done', progress: {} });
    there.socket.close();
  });
});
