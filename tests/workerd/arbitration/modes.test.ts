/** Who ranks for whom: on the real stack, with the models that come with the Worker. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../../core/arbitration/replay.ts';
import type { DecidedColumns } from '../../../core/arbitration/snapshot.ts';
import { isRuntimeLoaded } from '../../../platform/inference/ort-runtime.ts';
import { newGuest } from '../api/client.ts';
import { decisionsOn, experienced, LIVE, plan, rankingsOf, slotRows } from './warm.ts';

describe('a cold traveller', () => {
  it('never meets a trained ranker: it is not even loaded (invariant 8)', async () => {
    const guest = await newGuest();
    const { trip, versions } = await plan(guest);
    expect(trip.ranking.source).toBe('offline');
    expect(versions).not.toContain('dlrm');
    expect(await decisionsOn(trip.id)).toEqual([]);
    const almost = await experienced({ trips: 3, signals: 19 });
    const next = await plan(almost.guest);
    expect(next.trip.ranking.source).toBe('offline');
    expect(await decisionsOn(next.trip.id)).toEqual([]);
    expect(isRuntimeLoaded()).toBe(false);
  });
});

describe('a warm traveller', () => {
  it('is ranked for by the trained ranker, and response, log and events say so', async () => {
    const { guest } = await experienced({ trips: 3, signals: 26 });
    const { trip, slots, versions } = await plan(guest);
    const decisions = await decisionsOn(trip.id);
    expect(decisions).toHaveLength(slots.length);
    const served = new Set(decisions.map(({ contextSnapshot }) => (contextSnapshot as { served: string }).served));
    expect(served).toContain('ml');
    expect(versions).toMatch(/dlrm@[0-9a-f]{12}/);
    expect(isRuntimeLoaded()).toBe(true);
    const stored = await slotRows(trip.id);
    for (const slot of slots) {
      const decision = decisions.find(({ slotId }) => slotId === slot.id)!;
      const { modelVersion } = stored.find(({ id }) => id === slot.id)!;
      const { served, inputs } = decision.contextSnapshot as {
        served: string;
        inputs: { input: { ml: { version: string } } };
      };
      expect(decision.servedActivity).toBe(slot.venue.id);
      expect(modelVersion.split(',').includes(inputs.input.ml.version)).toBe(served === 'ml');
    }
    const rankings = await rankingsOf(trip.id);
    expect(new Set(rankings.map(({ source }) => source))).toContain('ml');
    expect(rankings.every(({ candidateSetSignalId }) => candidateSetSignalId !== null)).toBe(true);
  });

  it('with fewer than three trips has the cold rule in the event, and the other list', async () => {
    const { guest } = await experienced({ trips: 2, signals: 24 });
    const { trip, versions } = await plan(guest);
    const decisions = await decisionsOn(trip.id);
    const ruled = decisions.filter(({ arbitrationRule }) => arbitrationRule !== 'agreement');
    expect(ruled.length).toBeGreaterThan(0);
    expect(new Set(ruled.map(({ arbitrationRule }) => arbitrationRule))).toEqual(new Set(['cold']));
    expect(versions).toContain('offline-ranker@');
  });

  it('is served the other list in shadow, and the event says what would have been', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const { trip, versions } = await plan(guest, {}, { env: { ...LIVE, ARBITRATION_MODE: 'shadow' } });
    expect(versions).not.toContain('dlrm@');
    const decisions = await decisionsOn(trip.id);
    expect(decisions.map(({ contextSnapshot }) => contextSnapshot)).toEqual(
      decisions.map(() => expect.objectContaining({ mode: 'shadow', served: 'llm', propensity: 1 })),
    );
    expect(decisions.some(({ contextSnapshot }) => (contextSnapshot as { chosen: string }).chosen === 'ml')).toBe(true);
  });

  it('can have every decision made again from its row, byte for byte', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const { trip } = await plan(guest, {}, { env: { ...LIVE, EXPLORE_DISAGREEMENTS: '0.5', EXPLORE_SLOTS: '0.3' } });
    const decisions = await decisionsOn(trip.id);
    expect(decisions.length).toBeGreaterThan(0);
    for (const row of decisions) expect(replay(row as DecidedColumns).differences).toEqual([]);
  });
});
