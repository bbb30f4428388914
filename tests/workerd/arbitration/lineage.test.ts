/** Invariant 9, where it matters most: what learned from simulated travellers ranks for nobody real. */
import { and, eq } from 'drizzle-orm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { isRuntimeLoaded } from '../../../platform/inference/ort-runtime.ts';
import { database } from '../api/client.ts';
import { store } from '../inference/registered.ts';
import { decisionsOn, experienced, LIVE, plan, soleProduction } from './warm.ts';

const VERSION = crypto.randomUUID().replaceAll('-', '').slice(0, 12);
const own = and(eq(modelRegistry.modelName, 'dlrm'), eq(modelRegistry.version, VERSION));
afterAll(async () => {
  await database.delete(modelRegistry).where(own);
});

describe('a warm traveller outside development', () => {
  it('is not ranked for by models of simulated data, whatever the registry says', async () => {
    const { guest } = await experienced({ trips: 3, signals: 25 });
    await store('dlrm', VERSION);
    await soleProduction('dlrm', VERSION, ['user_behavioral', 'synthetic_choice_model_v1']);
    const { trip, versions } = await plan(guest, {}, { env: { ...LIVE, ENVIRONMENT: 'test' } });
    expect(versions).not.toContain('dlrm@');
    expect(isRuntimeLoaded()).toBe(false);
    const decisions = await decisionsOn(trip.id);
    expect(new Set(decisions.map(({ arbitrationRule }) => arbitrationRule))).toEqual(new Set(['ml_unavailable']));
    // The same version in another light: it is the lineage alone that kept it away.
    await database
      .update(modelRegistry)
      .set({ lineage: ['user_behavioral'] })
      .where(own);
    await vi.waitFor(
      async () => {
        const next = await plan(guest, {}, { env: { ...LIVE, ENVIRONMENT: 'test' } });
        expect(next.versions).toContain(`dlrm@${VERSION}`);
      },
      { timeout: 60_000, interval: 500 },
    );
  });
});
