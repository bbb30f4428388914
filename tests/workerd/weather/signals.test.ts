/** Signals bear the weather in which they happened. */
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { dateIn } from '../../../core/itinerary/local-time.ts';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import type { Overrides } from '../api/client.ts';
import { startOpenMeteo } from '../api/stand-ins.ts';
import { actorKeyOf } from '../api/stored.ts';
import { bodies, deliver, reported, signalsOf } from '../signals/scene.ts';
import { cityOfOurOwn, type OutdoorTrip, outdoorTrip, poll, TIME_ZONE, underWay } from './scene.ts';

const provider = await startOpenMeteo();
const HOUR = 3_600_000;
const hourly = (at: number) => new Date(Math.floor(at / HOUR) * HOUR).toISOString();

let city: Awaited<ReturnType<typeof cityOfOurOwn>>;
beforeEach(async () => {
  city = await cityOfOurOwn();
});

/** On the way since today. */
async function travelling(): Promise<OutdoorTrip> {
  const there = await outdoorTrip(city, { start: dateIn(TIME_ZONE, Date.now()), days: 2 });
  await underWay(there);
  return there;
}

/** Rain for so many millimetres an hour, from an hour ago. */
async function rainNow(mm: number): Promise<void> {
  const now = Date.now();
  const rain = [{ from: hourly(now - HOUR), to: hourly(now + 3 * HOUR), mm }];
  await provider.bring(city.centre, { today: new Date(now - 2 * HOUR).toISOString().slice(0, 10), rain });
}

async function weatherOf(
  { guest }: OutdoorTrip,
  signals: Partial<SignalMessage>[],
  overrides: Overrides = provider.env,
) {
  const sent = signals.map((fields) => reported(guest.id, fields));
  await deliver('signals', bodies(sent), overrides);
  const rows = await signalsOf(await actorKeyOf(guest.id));
  const byId = new Map(rows.map(({ id, context }) => [id, (context as { weather: unknown }).weather]));
  return sent.map(({ id }) => byId.get(id));
}

describe('a signal from a trip', () => {
  it('bears the weather of its hour, whether it names the slot or the trip', async () => {
    const there = await travelling();
    await rainNow(1);
    await poll(provider.env);
    const slotId = there.slots.at(-1)!.id;
    const tripId = there.trip.id;
    const signals = [{ slotId }, { type: 'post_trip' as const, tripId }];
    expect(await weatherOf(there, signals)).toEqual(['rain', 'rain']);
    await rainNow(6);
    await poll(provider.env);
    expect(await weatherOf(there, [{ slotId, type: 'slot_view' }])).toEqual(['heavy_rain']);
  });

  it('bears it also where the object of the trip vouches for the moment', async () => {
    const there = await travelling();
    await rainNow(1);
    await poll(provider.env);
    const shown = { modelVersion: 'some@1', dayOfTrip: 2, dayPart: 'morning' as const, groupSize: 1 };
    const { id, venue } = there.slots.at(-1)!;
    expect(await weatherOf(there, [{ tripId: there.trip.id, slotId: id, venueId: venue.id, shown }])).toEqual(['rain']);
  });

  it('keeps what the app says', async () => {
    const there = await travelling();
    await rainNow(1);
    await poll(provider.env);
    const slotId = there.slots.at(-1)!.id;
    expect(await weatherOf(there, [{ slotId, context: { weather: 'snow' } }])).toEqual(['snow']);
  });

  it('bears none where nobody knows: no poll, another hour, before the trip, no trip, an old forecast', async () => {
    const there = await travelling();
    const planned = await outdoorTrip(city);
    const slotId = there.slots.at(-1)!.id;
    expect(await weatherOf(there, [{ slotId, type: 'slot_view' }])).toEqual([null]);
    await rainNow(1);
    await poll(provider.env);
    const longAgo = new Date(Date.now() - 80 * HOUR).toISOString();
    expect(await weatherOf(there, [{ slotId, occurredAt: longAgo }])).toEqual([null]);
    expect(await weatherOf(planned, [{ slotId: planned.slots[0]!.id }])).toEqual([null]);
    const venueId = there.slots[0]!.venue.id;
    expect(await weatherOf(there, [{ type: 'thumbs_up', venueId }])).toEqual([null]);

    const key = `weather/${city.slug}`;
    const forecast = JSON.parse((await env.CACHE.get(key))!);
    await env.CACHE.put(key, JSON.stringify({ ...forecast, fetchedAt: Date.now() - 5 * HOUR, runId: uuidv7() }));
    expect(await weatherOf(there, [{ slotId, type: 'slot_linger' }])).toEqual([null]);
  });

  it('is stored without it where no provider is named, or the store of forecasts is down', async () => {
    const there = await travelling();
    await rainNow(1);
    await poll(provider.env);
    const slotId = there.slots.at(-1)!.id;
    const down = { get: () => Promise.reject(new Error('KV is down')) } as unknown as KVNamespace;
    expect(await weatherOf(there, [{ slotId }], {})).toEqual([null]);
    expect(await weatherOf(there, [{ slotId, type: 'slot_view' }], { ...provider.env, CACHE: down })).toEqual([null]);
  });
});
