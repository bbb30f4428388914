/** Invariant 9, where it matters most: what learned from simulated travellers ranks for nobody real. */
import { describe, expect, it } from 'vitest';
import { isRuntimeLoaded } from '../../../platform/inference/ort-runtime.ts';
import { decisionsOn, experienced, LIVE, plan } from './warm.ts';

describe('a warm traveller outside development', () => {
  it('is not ranked for by models of simulated data', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const { trip, versions } = await plan(guest, {}, { env: { ...LIVE, ENVIRONMENT: 'test' } });
    expect(versions).not.toContain('dlrm@');
    expect(isRuntimeLoaded()).toBe(false);
    const decisions = await decisionsOn(trip.id);
    expect(new Set(decisions.map(({ arbitrationRule }) => arbitrationRule))).toEqual(new Set(['ml_unavailable']));
  });
});
