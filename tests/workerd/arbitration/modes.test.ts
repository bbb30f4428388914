/** Who ranks for whom: on the real stack, with the models that come with the Worker. */
import { env } from 'cloudflare:workers';
import { and, eq, inArray } from 'drizzle-orm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { replay } from '../../../core/arbitration/replay.ts';
import type { DecidedColumns } from '../../../core/arbitration/snapshot.ts';
import { ARBITER_FEATURE_NAMES, ARBITER_FEATURES_VERSION } from '../../../models/arbiter/inputs.ts';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { MODELS_PREFIX } from '../../../platform/inference/model-files.ts';
import { isRuntimeLoaded } from '../../../platform/inference/ort-runtime.ts';
import forLlm from '../../inference/arbiter-for-llm.onnx';
import forMl from '../../inference/arbiter-for-ml.onnx';
import { database, newGuest } from '../api/client.ts';
import { become, register, replace } from '../inference/registered.ts';
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

/** Here, for it changes what decides everywhere: no test beside it may ask for the rules. */
describe('the learned arbiter', () => {
  const hex = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12);
  const versions = { ml: hex(), llm: hex(), broken: hex() };
  const trees = { ml: new Uint8Array(forMl), llm: new Uint8Array(forLlm) };
  const own = and(eq(modelRegistry.modelName, 'arbiter'), inArray(modelRegistry.version, Object.values(versions)));
  afterAll(() => database.delete(modelRegistry).where(own));

  const store = async (version: string, file: Uint8Array) => {
    const features = JSON.stringify({ version: ARBITER_FEATURES_VERSION, features: ARBITER_FEATURE_NAMES });
    await env.ARTIFACTS.put(`${MODELS_PREFIX}arbiter/${version}/arbiter.onnx`, file);
    await env.ARTIFACTS.put(`${MODELS_PREFIX}arbiter/${version}/features.json`, features);
  };

  /** Plans until what decided is that version's; the isolate remembers for a few seconds what is in production. */
  const decidedBy = (version: string | null) =>
    vi.waitFor(
      async () => {
        const { guest } = await experienced({ trips: 3, signals: 24 });
        const { trip } = await plan(guest, { city: 'tokyo' });
        const decisions = (await decisionsOn(trip.id)).filter(({ arbitrationRule }) => arbitrationRule !== 'agreement');
        expect(decisions.length).toBeGreaterThan(0);
        for (const { contextSnapshot } of decisions) {
          const { learned } = (contextSnapshot as { inputs: { learned: { version: string } | null } }).inputs;
          expect(learned?.version ?? null).toBe(version && `arbiter@${version}`);
        }
        return decisions;
      },
      { timeout: 60_000, interval: 500 },
    );

  it.each(['ml', 'llm'] as const)('decides in place of the rules once it is in production: for %s', async (side) => {
    const version = versions[side];
    await store(version, trees[side]);
    await register('arbiter', version, side === 'ml' ? 'production' : 'shadow');
    if (side === 'llm') await replace('arbiter', versions.ml, version);
    const decisions = await decidedBy(version);
    for (const row of decisions) {
      expect(row.arbitrationRule).toBe('learned');
      expect(row.contextSnapshot).toMatchObject({ chosen: side, served: side });
      const { probabilityMl } = (row.contextSnapshot as { inputs: { learned: { probabilityMl: number } } }).inputs
        .learned;
      expect(probabilityMl > 0.5).toBe(side === 'ml');
      expect(replay(row as DecidedColumns).differences).toEqual([]);
    }
  });

  it('whose file is refused leaves the decision to the version before it, and one that is gone to the rules', async () => {
    await store(versions.broken, new Uint8Array(100));
    await register('arbiter', versions.broken, 'shadow');
    await replace('arbiter', versions.llm, versions.broken);
    await decidedBy(versions.llm);
    await become('arbiter', versions.broken, 'retired');
    const decisions = await decidedBy(null);
    expect(decisions.map(({ arbitrationRule }) => arbitrationRule)).not.toContain('learned');
  });
});
