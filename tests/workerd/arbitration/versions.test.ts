/** Versions come and go while plans are made: of the ranker that all tests share, under versions of this file's own. */
import { and, eq, inArray } from 'drizzle-orm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { modelRegistry } from '../../../platform/database/schema/index.ts';
import { database } from '../api/client.ts';
import { become, register, replace, store } from '../inference/registered.ts';
import { experienced, plan, rankingsOf, shadowsOf, soleProduction } from './warm.ts';

const hex = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12);
const [FIRST, SECOND, BESIDE] = [hex(), hex(), hex()] as [string, string, string];
afterAll(async () => {
  const own = inArray(modelRegistry.version, [FIRST, SECOND, BESIDE]);
  await database.delete(modelRegistry).where(and(eq(modelRegistry.modelName, 'dlrm'), own));
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
        const made = await plan(guest, { days: 1 });
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
});
