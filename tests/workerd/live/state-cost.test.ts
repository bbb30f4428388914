/** What a live trip costs on the platform stays what `docs/live.md` reckons with. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { travelling } from './live-client.ts';

const sizeOf = (object: DurableObjectStub<TripObject>) =>
  runInDurableObject(object, (_: TripObject, { storage }) => storage.sql.databaseSize);

describe('the storage of an idle trip', () => {
  it.each([
    [3, 130_000],
    [14, 310_000],
  ])('of %i days stays under %i bytes, and waking up adds nothing', async (days, most) => {
    const { object, stub } = await travelling({ days });
    const size = await sizeOf(object);
    expect(size).toBeLessThan(most);
    await evictDurableObject(object);
    await stub.snapshot();
    expect(await sizeOf(object)).toBe(size);
  });
});

describe('the rows that are written', () => {
  it('are none for a read, and no more than reckoned for a change, a pivot and the alarm that sends them on', async () => {
    const { object, organiser, slots } = await travelling({ days: 3 });
    const written = await runInDurableObject(object, async (instance: TripObject, { storage }) => {
      const cursors: { rowsWritten: number }[] = [];
      const { sql } = storage;
      const exec = sql.exec.bind(sql);
      const counting = (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      };
      Object.defineProperty(sql, 'exec', { configurable: true, value: counting });
      const during = async (work: () => unknown) => {
        cursors.length = 0;
        await work();
        return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
      };
      const { id } = organiser;
      const swap = (n: number) => instance.actOnSlot(id, { slotId: slots[n]!.id, action: 'swap' });
      // Tables are made when they are first written to.
      await swap(0);
      await instance.askPivot(id, { id: uuidv7(), trigger: 'venue_closed' });
      await instance.alarm();
      let pivot: Awaited<ReturnType<TripObject['askPivot']>> | null = null;
      return {
        read: await during(() => instance.read(id)),
        swap: await during(() => swap(1)),
        ask: await during(async () => {
          pivot = await instance.askPivot(id, { id: uuidv7(), trigger: 'venue_closed', slotId: slots.at(-1)!.id });
        }),
        answer: await during(() => {
          const asked = pivot as Extract<Awaited<ReturnType<TripObject['askPivot']>>, { ok: true }> | null;
          return instance.answerPivot(id, asked!.pivot.event_id, { response: 'dismiss' });
        }),
        alarm: await during(() => instance.alarm()),
      };
    });
    expect(written.read).toBe(0);
    expect(written.swap).toBeGreaterThan(3);
    for (const [what, most] of [
      ['swap', 16],
      ['ask', 20],
      ['answer', 16],
      ['alarm', 12],
    ] as const) {
      expect([what, written[what] <= most]).toEqual([what, true]);
    }
  });
});
