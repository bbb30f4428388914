/** A swap is told twice, by the trip's object and by an app, and counts once. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { SignalMessage } from '../../../core/signal/signal-message.ts';
import { slotActionSignal } from '../../../core/signal/trip-signal.ts';
import { tripStub } from '../../../durable-objects/trip-stub.ts';
import { bodies, countOf, deliver, reported, signalsOf, travelling } from './scene.ts';

/** Two swaps of one slot, A to B to C, as its object tells of them. */
async function swappedTwice() {
  const { guest, actorKey, trip } = await travelling();
  const whole = (await tripStub(env, trip.id).snapshot())!;
  const slot = whole.slots.find(({ alternatives }) => alternatives.length >= 2)!;
  const venues = [slot.venueId, ...slot.alternatives.slice(0, 2).map(({ venueId }) => venueId)];
  const holding = (venueId: string) => ({ ...slot, venueId });
  const swap = (nth: number): SignalMessage =>
    slotActionSignal(
      { ...whole, slots: [holding(venues[nth + 1]!)] },
      holding(venues[nth]!),
      'swap',
      guest.id,
      nth + 2,
      Date.now() + nth * 1000,
    );
  /** As an app reports it: of a venue that it names, or of none. */
  const app = (venueId: string | null) =>
    reported(guest.id, {
      type: 'slot_swap',
      slotId: slot.id,
      venueId,
      occurredAt: new Date(Date.now() - 1000).toISOString(),
    });
  const counted = async () => ({
    users: await countOf(guest.id),
    rows: (await signalsOf(actorKey)).filter(({ counts }) => counts).map(({ activityNodeId }) => activityNodeId),
  });
  const [a, b, c] = venues as [string, string, string];
  return { swaps: [swap(0), swap(1)] as const, app, counted, a, b, c };
}

const given = (signals: SignalMessage[]) => deliver('signals', bodies(signals));

describe('a swap', () => {
  it.each([
    ['the new venue', 'b'],
    ['the venue that was given up', 'a'],
    ['no venue', null],
  ] as const)('counts once beside an app that names %s, whoever comes first', async (_, named) => {
    for (const order of ['object first', 'app first', 'together', 'redelivered'] as const) {
      const { swaps, app, counted, ...venues } = await swappedTwice();
      const theirs = app(named && venues[named]);
      const [ours] = swaps;
      if (order === 'together') await given([theirs, ours]);
      else for (const signal of order === 'object first' ? [ours, theirs] : [theirs, ours]) await given([signal]);
      if (order === 'redelivered') await given([ours, theirs, ours]);
      const { users, rows } = await counted();
      expect([order, users, rows]).toEqual([order, 1, [venues.a]]);
    }
  });

  it('counts, and so does the next one of its slot, whatever an app says of either', async () => {
    const { swaps, app, counted, a, b, c } = await swappedTwice();
    const [first, second] = swaps;
    await given([app(b), app(c)]);
    await given([first]);
    await given([app(null), app(a), app(b), app(c)]);
    await given([second, app(b)]);
    await given([first, second]);
    expect(await counted()).toEqual({ users: 2, rows: [a, b] });
  });

  it('that only an app tells of counts', async () => {
    const { app, counted, b } = await swappedTwice();
    await given([app(b)]);
    expect(await counted()).toEqual({ users: 1, rows: [b] });
  });
});
