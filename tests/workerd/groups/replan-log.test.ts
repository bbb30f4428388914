/** A trip that is planned anew has its rankings logged (invariant 1), whatever fails on the way to Postgres. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { eq, inArray, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { rankingEvents } from '../../../platform/database/schema/index.ts';
import { projectTrip } from '../../../platform/database/trip-projection.ts';
import type { Job } from '../../../platform/queue/jobs.ts';
import { call, database } from '../api/client.ts';
import { loggedRankings, storedTrip } from '../api/stored.ts';
import { slotsOf } from '../api/trip-shape.ts';
import { travelling } from '../live/live-client.ts';
import { deliver } from '../signals/scene.ts';

/** A trip planned anew, whose object sends its messages nowhere: `deliver` takes their place. */
async function replanned(companions = 0) {
  const there = await travelling({ companions, days: 2 });
  await vi.waitFor(async () => expect((await storedTrip(there.trip.id)).trip?.seq).toBe(there.seq), {
    timeout: 15_000,
  });
  const { object, trip, organiser } = there;
  await runInDurableObject(object, (instance: TripObject) => {
    const inner = instance as unknown as { env: Cloudflare.Env };
    inner.env = { ...inner.env, JOBS: { sendBatch: async () => {} } as unknown as Queue };
  });
  const answer = await call('POST', `/trips/${trip.id}/replan`, { token: organiser.token, json: {} });
  expect(answer.status, answer.text).toBe(200);
  const job = (kind: 'project_trip' | 'delete_trip'): Job => ({ v: 1, id: uuidv7(), kind, tripId: trip.id });
  return { ...there, planned: answer.body, job, project: () => deliver('jobs', [{ body: job('project_trip') }]) };
}

/** The ranking events that the plan's slots name, which Postgres has. */
async function eventsOf(slots: { id: string }[], tripId: string) {
  const stored = (await storedTrip(tripId)).slots;
  expect(stored.map(({ id }) => id).sort()).toEqual(slots.map(({ id }) => id).sort());
  const ids = [...new Set(stored.map(({ rankingEventId }) => rankingEventId!))];
  const events = await database.select().from(rankingEvents).where(inArray(rankingEvents.id, ids));
  expect(events.map(({ id }) => id).sort()).toEqual(ids.sort());
  return events;
}

describe('a plan made anew', () => {
  it('is logged with its projection: once, whole, and then kept by its object no longer', async () => {
    const { trip, planned, stub, object, project } = await replanned(1);
    const { rankings } = await stub.projection();
    expect(rankings).toMatchObject([{ rankingEvents: { length: 6 } }]);
    expect((await loggedRankings(trip.id)).sets).toHaveLength(1);
    // What the object holds, it holds on disk.
    await evictDurableObject(object);
    expect((await stub.projection()).rankings).toEqual(rankings);

    for (let i = 0; i < 2; i++) expect(await project()).toMatchObject({ acked: ['m0'] });
    const events = await eventsOf(slotsOf(planned), trip.id);
    const setId = rankings[0]!.candidateSet.id;
    for (const event of events) expect(event.candidateSetSignalId).toBe(setId);
    const { sets } = await loggedRankings(trip.id);
    expect(sets).toHaveLength(2);
    expect(sets.find(({ id }) => id === setId)).toMatchObject(rankings[0]!.candidateSet);
    expect((await stub.projection()).rankings).toEqual([]);
  });

  it('is logged although the commit of its projection failed, and never without it', async () => {
    const { trip, planned, stub, project } = await replanned();
    const { trip: held, rankings } = await stub.projection();
    // The transaction gets as far as its COMMIT, which fails.
    await database.execute(
      sql.raw(`
      create or replace function refuse_commit() returns trigger language plpgsql as $$
      begin raise exception 'the disk is full' using errcode = '53100'; end $$`),
    );
    await database.execute(
      sql.raw(`
      create constraint trigger refuse_${trip.id.replaceAll('-', '')} after insert on behavioral_signals
      deferrable initially deferred for each row when (new.trip_id = '${trip.id}') execute function refuse_commit()`),
    );
    await expect(projectTrip(database, held!, new Date(), rankings)).rejects.toThrow();
    expect(await project()).toMatchObject({ acked: [], retried: ['m0'], dead: [] });
    expect((await loggedRankings(trip.id)).sets).toHaveLength(1);
    expect((await storedTrip(trip.id)).trip?.seq).toBe(1);
    expect((await stub.projection()).rankings).toEqual(rankings);

    await database.execute(sql.raw(`drop trigger refuse_${trip.id.replaceAll('-', '')} on behavioral_signals`));
    expect(await project()).toMatchObject({ acked: ['m0'] });
    await eventsOf(slotsOf(planned), trip.id);
    expect((await loggedRankings(trip.id)).sets).toHaveLength(2);
  });

  it('of a trip that is deleted before Postgres hears of it is logged too', async () => {
    const { trip, organiser, stub, object, job } = await replanned();
    expect((await call('DELETE', `/trips/${trip.id}`, { token: organiser.token })).status).toBe(204);
    expect(await deliver('jobs', [{ body: job('delete_trip') }])).toMatchObject({ acked: ['m0'] });
    const { sets } = await loggedRankings(trip.id);
    expect(sets).toHaveLength(2);
    for (const { id } of sets) {
      expect(await database.$count(rankingEvents, eq(rankingEvents.candidateSetSignalId, id))).toBe(6);
    }
    expect((await stub.projection()).rankings).toEqual([]);
    const keys = await runInDurableObject(object, (_: TripObject, { storage }) => [...storage.kv.list()]);
    expect(keys).toEqual([]);
  });
});
