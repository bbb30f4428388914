/** What holds after every command, and what holds in the end. */
import { eq } from 'drizzle-orm';
import { expect, vi } from 'vitest';
import { SLOT_STATUSES, TRIP_STATUSES } from '../../../../core/itinerary/trip.ts';
import { toTripBody } from '../../../../core/live/trip-body.ts';
import { behavioralSignals, pivotEvents } from '../../../../platform/database/schema/index.ts';
import { loadTrip } from '../../../../platform/database/trips.ts';
import { database } from '../../api/client.ts';
import { slotsOf, type TripModel } from './model.ts';
import { inTime, type RealTrip } from './real-trip.ts';

/** The object, the API, a client that comes back and the open sockets all say what the model says. */
export async function check(model: TripModel, real: RealTrip): Promise<void> {
  await real.follow(model);
  const { replica } = real;
  expect([replica.seq, replica.status, replica.end_date]).toEqual([model.seq, model.status, model.endDate]);
  expect(slotsOf(replica)).toEqual(model.slots);
  expect(TRIP_STATUSES).toContain(model.status);
  for (const { status } of model.slots) expect(SLOT_STATUSES).toContain(status);

  const held = (await real.stub.snapshot())!;
  expect(toTripBody(held), "a client's log and snapshot make the object's trip").toEqual(replica);
  expect(held.members).toEqual(model.members);
  expect((await real.http(model.who(0), 'GET', '')).body).toEqual(replica);

  for (const [userId, socket] of real.sockets) {
    const [first] = socket.durable();
    if (!first || first.seq > model.seq) continue;
    await inTime(`event ${model.seq} at ${userId}`, socket.events(model.seq));
    expect(socket.durable(), 'an open socket hears everything, once').toEqual(
      model.log.filter(({ seq }) => seq >= first.seq),
    );
  }
}

/** Postgres, once every message has come to its consumer. */
export async function checkProjection(model: TripModel, real: RealTrip): Promise<void> {
  const stored = await loadTrip(database, real.id);
  expect(stored && toTripBody(stored)).toEqual(real.replica);
  expect(stored?.members).toEqual(model.members);
  const pivots = await database.select().from(pivotEvents).where(eq(pivotEvents.tripId, real.id));
  expect(sorted(pivots.map(({ id, trigger, response, optionId }) => [id, trigger, response, optionId]))).toEqual(
    sorted(
      model.pivots.map(({ body, request, resolution }) => [
        body.event_id,
        request.trigger,
        resolution?.response ?? null,
        resolution?.optionId ?? null,
      ]),
    ),
  );
  const signals = await database.select().from(behavioralSignals).where(eq(behavioralSignals.tripId, real.id));
  const types = signals.map(({ signalType, slotId }) =>
    signalType.startsWith('slot_') ? `${signalType} ${slotId}` : signalType,
  );
  expect(types.filter((type) => type !== 'candidate_set_logged').sort()).toEqual([...model.signals].sort());
}

/** Everything that is on its way arrives, however often. */
export async function arrive(model: TripModel, real: RealTrip): Promise<void> {
  await vi.waitFor(
    async () => {
      await real.queues.deliver(real.id, { twice: true, halfFails: false, again: true, seed: model.seq });
      await checkProjection(model, real);
    },
    { timeout: 30_000, interval: 20 },
  );
}

const sorted = (rows: readonly (string | null)[][]) => rows.map((row) => row.join()).sort();
