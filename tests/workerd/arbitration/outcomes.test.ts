/** What a traveller does with a slot is the outcome of the decision that filled it. */
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { replay } from '../../../core/arbitration/replay.ts';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import { findArbitrationEvent } from '../../../platform/database/arbitration.ts';
import { arbitrationEvents, behavioralSignals } from '../../../platform/database/schema/index.ts';
import { database, newGuest } from '../api/client.ts';
import { bodies, deliver, reported, type Travelling, travelling } from '../signals/scene.ts';
import { event, insertEvents, novelVenueInput } from './scene.ts';

async function decided(scene: Travelling, nth = 0) {
  const { actorKey, trip, slots } = scene;
  const slot = slots[nth]!;
  const made = event({ actorKey, tripId: trip.id, slotId: slot.id, servedActivity: slot.venue.id });
  await insertEvents([made]);
  const says = (type: SignalMessage['type'], more: Partial<SignalMessage> = {}) =>
    reported(scene.guest.id, { type, slotId: slot.id, ...more });
  const accepted = async () => {
    const [row] = await database.select().from(arbitrationEvents).where(eq(arbitrationEvents.id, made.id));
    return row!.accepted;
  };
  return { slot, says, accepted };
}

const given = (...signals: SignalMessage[]) => deliver('signals', bodies(signals));
const at = (seconds: number) => new Date(Date.now() - 60_000 + seconds * 1000).toISOString();

describe('the outcome of a decision', () => {
  it.each([
    ['slot_accept', true],
    ['thumbs_up', true],
    ['slot_skip', false],
    ['slot_swap', false],
    ['thumbs_down', false],
    ['slot_view', null],
    ['slot_linger', null],
  ] as const)('after %s is %s', async (type, outcome) => {
    const { says, accepted, slot } = await decided(await travelling());
    await given(says(type, { venueId: slot.venue.id }));
    expect(await accepted()).toBe(outcome);
  });

  it('is that of the first answer, in one batch and across several, redelivered or not', async () => {
    const scene = await travelling();
    const one = await decided(scene, 0);
    const [skip, accept] = [
      one.says('slot_skip', { occurredAt: at(1) }),
      one.says('slot_accept', { occurredAt: at(2) }),
    ];
    await given(accept, skip);
    expect(await one.accepted()).toBe(false);
    await given(accept, one.says('thumbs_up', { occurredAt: at(0) }));
    expect(await one.accepted()).toBe(false);
    const two = await decided(scene, 1);
    await given(two.says('slot_accept'));
    await given(two.says('slot_swap', { venueId: two.slot.venue.id }));
    expect(await two.accepted()).toBe(true);
  });

  it('is about the venue that was served, in that slot', async () => {
    const scene = await travelling();
    const one = await decided(scene, 0);
    const two = await decided(scene, 1);
    const [slot] = (await tripStub(env, scene.trip.id).snapshot())!.slots;
    const other = slot!.alternatives[0]!.venueId;
    await given(one.says('thumbs_up', { venueId: other }), one.says('slot_swap', { venueId: other }));
    expect(await one.accepted()).toBeNull();
    await given(two.says('slot_accept'));
    expect(await one.accepted()).toBeNull();
    expect(await two.accepted()).toBe(true);
  });

  it('is not for a stranger to say, nor for what a refused signal says', async () => {
    const scene = await travelling();
    const { says, accepted } = await decided(scene);
    const stranger = await newGuest();
    await given(says('slot_accept', { userId: stranger.id }));
    await given(says('slot_accept', { venueId: uuidv7() }));
    expect(await accepted()).toBeNull();
  });

  it('comes with the signal or not at all', async () => {
    const scene = await travelling();
    const { says, accepted } = await decided(scene);
    const lost = says('slot_accept');
    const { retried } = await deliver('signals', bodies([lost]), {
      DATABASE_URL: 'postgresql://postgres@127.0.0.1:9/postgres',
    });
    expect(retried).toHaveLength(1);
    expect(await accepted()).toBeNull();
    await given(lost);
    expect(await accepted()).toBe(true);
    expect(await database.select().from(behavioralSignals).where(eq(behavioralSignals.id, lost.id))).toHaveLength(1);
  });
});

describe('a logged decision', () => {
  it('comes back from the database as it went in: replayed, it is the same byte for byte', async () => {
    const inputs = [0, 0.05, 1].map((exploration) => novelVenueInput(exploration));
    const made = inputs.flatMap((input) => [
      event({}, input, [0.01, 0.3]),
      event({}, input, [0.3000000000000001, 0.7]),
    ]);
    await insertEvents(made);
    await insertEvents(made);
    for (const { id } of made) {
      const row = (await findArbitrationEvent(database, id))!;
      const contextSnapshot = row.contextSnapshot as Record<string, unknown>;
      expect(replay({ ...row, contextSnapshot }).differences).toEqual([]);
    }
  });

  it('of many slots is stored in pages', async () => {
    const tripId = uuidv7();
    await insertEvents(Array.from({ length: 250 }, () => event({ tripId })));
    const rows = await database
      .select({ id: arbitrationEvents.id })
      .from(arbitrationEvents)
      .where(eq(arbitrationEvents.tripId, tripId));
    expect(rows).toHaveLength(250);
  });
});
