/** What the consumer counts towards being warm (invariant 8), and what it lets into the table at all. */
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { behavioralSignals } from '../../../platform/database/schema/index.ts';
import { call, database } from '../api/client.ts';
import { bodies, countOf, deliver, reported, signalsOf, storedIds, travelling } from './scene.ts';

describe('what counts', () => {
  it('is one of several alike, whatever the client sends besides, in one batch or in many', async () => {
    const { guest, actorKey, slots, trip } = await travelling();
    const { id: slotId, venue } = slots[0]!;
    const alike = () => [
      reported(guest.id, { slotId }),
      reported(guest.id, { slotId, venueId: venue.id }),
      reported(guest.id, { tripId: trip.id, venueId: venue.id }),
    ];
    await deliver('signals', bodies([...alike(), reported(guest.id, { slotId, type: 'slot_view' })]));
    await Promise.all([deliver('signals', bodies(alike())), deliver('signals', bodies(alike()))]);
    expect(await countOf(guest.id)).toBe(1);
    expect((await signalsOf(actorKey)).filter(({ counts }) => counts)).toHaveLength(1);
    expect(await signalsOf(actorKey)).toHaveLength(10);
    // Another type, another slot, another venue of the slot: each is an act of its own.
    await deliver(
      'signals',
      bodies([
        reported(guest.id, { slotId, type: 'slot_skip' }),
        reported(guest.id, { slotId: slots[1]!.id }),
        reported(guest.id, { slotId: null, type: 'thumbs_up', venueId: venue.id }),
      ]),
    );
    expect(await countOf(guest.id)).toBe(4);
  });

  it('cannot be counted twice by the table itself', async () => {
    const { guest, actorKey, slots } = await travelling();
    await deliver('signals', bodies([reported(guest.id, { slotId: slots[0]!.id })]));
    const [row] = await signalsOf(actorKey);
    const { position: _, ...copy } = { ...row!, id: uuidv7() };
    const again = Promise.resolve(database.insert(behavioralSignals).values(copy));
    await expect(again).rejects.toMatchObject({ cause: { constraint: 'behavioral_signals_counts_once' } });
  });

  it('is never a view, a swipe, an ignored pivot, an intention or an answer after the trip', async () => {
    const { guest, actorKey, slots, trip } = await travelling();
    const venueId = slots[0]!.venue.id;
    await deliver(
      'signals',
      bodies([
        reported(guest.id, { type: 'slot_view', slotId: slots[0]!.id }),
        reported(guest.id, { type: 'discovery_swipe', venueId }),
        reported(guest.id, { type: 'pivot_ignore', tripId: trip.id }),
        reported(guest.id, { type: 'intention', reason: 'too_far' }),
        reported(guest.id, { type: 'post_trip', tripId: trip.id }),
      ]),
    );
    expect(await signalsOf(actorKey)).toHaveLength(5);
    expect(await countOf(guest.id)).toBe(0);
  });

  it('makes a traveller warm at twenty', async () => {
    const { guest, slots } = await travelling({ days: 4 });
    const acts = slots.flatMap(({ id: slotId }) =>
      (['slot_accept', 'slot_skip'] as const).map((type) => reported(guest.id, { type, slotId })),
    );
    const persona = async () => (await call('GET', '/users/me/persona', { token: guest.token })).body;
    await deliver('signals', bodies(acts.slice(0, 19)));
    expect(await persona()).toMatchObject({ state: 'cold', counting_signals: 19 });
    await deliver('signals', bodies(acts.slice(0, 20)));
    expect(await persona()).toMatchObject({ state: 'warm', counting_signals: 20 });
  });
});

describe("what is not the sender's", () => {
  it('never reaches the table: it waits for Postgres to hear of it, and is given up in the end', async () => {
    const owner = await travelling();
    const stranger = await travelling();
    const { id: slotId, venue } = owner.slots[0]!;
    const user = stranger.guest.id;
    const waiting: [string, Partial<SignalMessage>][] = [
      ['trip_not_senders', { slotId }],
      ['trip_not_senders', { type: 'post_trip', tripId: owner.trip.id }],
      ['trip_not_senders', { tripId: owner.trip.id, venueId: venue.id }],
      ['slot_unknown', { slotId: uuidv7() }],
      ['trip_unknown', { type: 'pivot_accept', tripId: uuidv7() }],
      ['venue_not_in_trip', { tripId: stranger.trip.id, venueId: uuidv7() }],
      ['venue_not_in_slot', { slotId: stranger.slots[0]!.id, venueId: uuidv7() }],
    ];
    const hopeless: [string, Partial<SignalMessage>][] = [
      [
        'slot_of_other_trip',
        { slotId: stranger.slots[0]!.id, tripId: (await travellingAgain(stranger.guest.token)).id },
      ],
      ['venue_unknown', { type: 'thumbs_up', venueId: uuidv7() }],
    ];
    const cases = [...waiting, ...hopeless];
    const signals = cases.map(([, fields]) => reported(user, fields));
    const first = await deliver('signals', bodies(signals));
    expect(first.retried).toEqual(waiting.map((_, i) => `m${i}`));
    expect(first.dead.map(({ reason }) => reason)).toEqual(hopeless.map(([reason]) => reason));
    const last = await deliver('signals', bodies(signals, 6));
    expect(last.retried).toEqual([]);
    expect(last.dead.map(({ reason }) => reason)).toEqual(cases.map(([reason]) => reason));
    expect(await storedIds(signals)).toEqual([]);
    expect(await signalsOf(stranger.actorKey)).toEqual([]);
    expect(await countOf(user)).toBe(0);
  });

  const travellingAgain = async (token: string) => {
    const [trip] = (await call('GET', '/trips', { token })).body.trips;
    const made = await call('POST', '/trips', {
      token,
      json: { city: 'seattle', start_date: trip.start_date, days: 1 },
    });
    return made.body as { id: string };
  };

  it("does not take the place of another's signal with the same id", async () => {
    const one = await travelling();
    const other = await travelling();
    const id = uuidv7();
    await deliver('signals', bodies([reported(one.guest.id, { id, slotId: one.slots[0]!.id })]));
    await deliver('signals', bodies([reported(other.guest.id, { id, slotId: other.slots[0]!.id })]));
    expect(await signalsOf(one.actorKey)).toMatchObject([{ id }]);
    expect(await signalsOf(other.actorKey)).toEqual([]);
    expect(await countOf(other.guest.id)).toBe(0);
  });
});
