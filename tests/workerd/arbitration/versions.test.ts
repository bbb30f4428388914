/** Versions come and go while plans are made: of the ranker that all tests share, under versions of this file's own. */
import { env } from 'cloudflare:workers';
import { inArray } from 'drizzle-orm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import bpr from '../../../models/artifacts/bpr/651fe7cbbd0e/bpr.onnx';
import sasrec from '../../../models/artifacts/sasrec/aceaff60979c/sasrec.onnx';
// The three learned from the same venues.
import items from '../../../models/artifacts/u-sasrec/465c91ad4ab1/items.json' with { type: 'json' };
import uSasrec from '../../../models/artifacts/u-sasrec/465c91ad4ab1/u-sasrec.onnx';
import unseen from '../../../models/artifacts/u-sasrec/465c91ad4ab1/unseen.json' with { type: 'json' };
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { MODELS_PREFIX } from '../../../platform/inference/model-files.ts';
import { database } from '../api/client.ts';
import { become, register, replace, store } from '../inference/registered.ts';
import { experienced, LIVE, plan, rankingsOf, shadowsOf, soleProduction } from './warm.ts';

const hex = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12);
const [FIRST, SECOND, BESIDE] = [hex(), hex(), hex()] as [string, string, string];
/** Of the other models. */
const OTHERS: string[] = [];
const OTHER_FILES = {
  'u-sasrec': { onnx: uSasrec, items, unseen },
  sasrec: { onnx: sasrec, items },
  bpr: { onnx: bpr, items },
};
afterAll(async () => {
  await database.delete(modelRegistry).where(inArray(modelRegistry.version, [FIRST, SECOND, BESIDE, ...OTHERS]));
});

const rankerOf = (versions: string) => versions.split(',').filter((version) => version.startsWith('dlrm@'));

describe('another version of the ranker', () => {
  it('takes over under fifty plans at once: none fails, none mixes the two, the new one serves in the end', async () => {
    for (const version of [FIRST, SECOND]) await store('dlrm', version);
    await soleProduction('dlrm', FIRST);
    await register('dlrm', SECOND, 'shadow');
    const { guest } = await experienced({ trips: 3, signals: 25 });
    // Until the isolate, which remembers for a few seconds what is in production, has heard of the first.
    await vi.waitFor(async () => expect(rankerOf((await plan(guest)).versions)).toEqual([`dlrm@${FIRST}`]), {
      timeout: 60_000,
      interval: 500,
    });

    const made: string[] = [];
    let swapped = false;
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        if (i === 10) {
          await replace('dlrm', FIRST, SECOND);
          swapped = true;
        }
        made.push((await plan(guest, { days: 1 })).versions);
      }),
    );
    expect(swapped).toBe(true);
    expect(made).toHaveLength(50);
    for (const versions of made) expect(rankerOf(versions).length).toBeLessThanOrEqual(1);
    await vi.waitFor(async () => expect(rankerOf((await plan(guest)).versions)).toEqual([`dlrm@${SECOND}`]), {
      timeout: 60_000,
      interval: 500,
    });
  });

  it('in shadow ranks after the response: logged in full, never served', async () => {
    await store('dlrm', BESIDE);
    await register('dlrm', BESIDE, 'shadow');
    const { guest } = await experienced({ trips: 3, signals: 25 });
    const { trip, versions, shadows } = await vi.waitFor(
      async () => {
        const made = await plan(guest, { days: 1 }, { env: { ...LIVE, EXPLORE_SLOTS: '0.3' } });
        const shadows = (await shadowsOf(made.trip.id)).filter(({ version }) => version === BESIDE);
        expect(shadows.length).toBeGreaterThan(0);
        return { ...made, shadows };
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(versions).not.toContain(BESIDE);
    const events = await rankingsOf(trip.id);
    expect(new Set(shadows.map(({ rankingEventId }) => rankingEventId))).toEqual(new Set(events.map(({ id }) => id)));
    for (const { ranked, scores, latencyMs } of shadows) {
      expect(new Set(ranked).size).toBe(ranked.length);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(latencyMs).toBeGreaterThan(0);
    }
    // So is what the side that did not serve would have ranked.
    const others = (await shadowsOf(trip.id)).filter(({ version }) => version !== BESIDE);
    expect(others.map(({ rankingEventId }) => rankingEventId).sort()).toEqual(events.map(({ id }) => id).sort());
    await become('dlrm', BESIDE, 'retired');
  });

  it.each(['u-sasrec', 'sasrec', 'bpr'] as const)(
    'of another model, %s, ranks in shadow like any other',
    async (name) => {
      const version = hex();
      OTHERS.push(version);
      const { onnx, ...lists } = OTHER_FILES[name];
      const put = (file: string, content: ArrayBuffer | string) =>
        env.ARTIFACTS.put(`${MODELS_PREFIX}${name}/${version}/${file}`, content);
      await put(`${name}.onnx`, onnx);
      for (const [list, ids] of Object.entries(lists)) await put(`${list}.json`, JSON.stringify(ids));
      await register(name, version, 'shadow');
      const { guest } = await experienced({ trips: 3, signals: 25 });
      const rankings = await vi.waitFor(
        async () => {
          const { trip } = await plan(guest, { days: 1 });
          const found = (await shadowsOf(trip.id)).filter((row) => row.modelName === name && row.version === version);
          expect(found.length).toBeGreaterThan(0);
          return found;
        },
        { timeout: 60_000, interval: 500 },
      );
      for (const { scores } of rankings) {
        expect(new Set(scores).size).toBeGreaterThan(10);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }
      await become(name, version, 'retired');
    },
  );
});
