/** What a traveller does, followed over HTTP, through the queues and the nightly job, into the data set in R2. */
import { env } from 'cloudflare:workers';
import { parquetReadObjects } from 'hyparquet';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sha256Of } from '../../../platform/artifacts/artifact-store.ts';
import { type DatasetTable, parseManifest } from '../../../platform/artifacts/dataset/manifest.ts';
import type { JobOf } from '../../../platform/queue/jobs.ts';
import { DATASETS } from '../../../queues/extract.ts';
// @ts-expect-error: vite reads it as text.
import wranglerToml from '../../../wrangler.toml?raw';
import { call } from '../api/client.ts';
import { adminToken, deliver, signalsOf, travelling } from '../signals/scene.ts';

let token: string;
beforeAll(async () => {
  token = await adminToken();
});

const WAIT = { timeout: 60_000, interval: 250 };

async function manifest() {
  const stored = await env.ARTIFACTS.get(`${DATASETS}manifest.json`);
  return parseManifest(await stored!.text());
}

async function rowsOf(table: DatasetTable): Promise<Record<string, unknown>[]> {
  const { files } = await manifest();
  const rows = files
    .filter((file) => file.table === table)
    .map(async ({ path, rows, sha256 }) => {
      const bytes = await (await env.ARTIFACTS.get(DATASETS + path))!.arrayBuffer();
      expect(await sha256Of(new Uint8Array(bytes))).toBe(sha256);
      const read = await parquetReadObjects({ file: bytes });
      expect(read).toHaveLength(rows);
      return read;
    });
  return (await Promise.all(rows)).flat();
}

/** Through the admin's endpoint and the real queue, to the end. */
async function extractNow() {
  const started = await call('POST', '/admin/jobs/extract-training-data', { token });
  expect(started.status).toBe(202);
  return vi.waitFor(async () => {
    const { body } = await call('GET', `/admin/jobs/${started.body.id}`, { token });
    expect(body).toMatchObject({ status: 'done', error: null });
    return body;
  }, WAIT);
}

describe('the nightly extraction', () => {
  it('takes a slot_accept that was sent over HTTP into a Parquet file in R2, once', async () => {
    const { guest, actorKey, trip, slots } = await travelling();
    const slot = slots[0]!;
    const id = uuidv7();
    const occurred_at = new Date(Date.now() + 1000).toISOString();
    const sent = await call('POST', '/signals', {
      token: guest.token,
      json: {
        signals: [
          {
            id,
            type: 'slot_accept',
            slot_id: slot.id,
            occurred_at,
            time_to_action_ms: 1234,
            context: { note: 'for my birthday', position: { lat: 1, lng: 2 }, weather: 'rain' },
          },
        ],
      },
    });
    expect(sent.status).toBe(202);
    await vi.waitFor(async () => expect(await signalsOf(actorKey)).toHaveLength(1), WAIT);

    const run = await extractNow();
    expect(run.progress.signals).toBeGreaterThan(0);
    const found = (await rowsOf('signals')).filter((row) => row.signal_id === id);
    expect(found).toEqual([
      expect.objectContaining({
        actor_key: actorKey,
        venue_id: slot.venue.id,
        signal_type: 'slot_accept',
        source: 'user_behavioral',
        lineage: 'user_behavioral',
        synthetic: false,
        weight: 1,
        counts: true,
        propensity: 1,
        occurred_at: new Date(occurred_at),
        trip_id: trip.id,
        slot_id: slot.id,
        day_of_trip: 1,
        day_part: slot.day_part,
        city: 'seattle',
        group_size: 1,
        weather: 'rain',
        time_to_action_ms: 1234,
        warm_at_event: false,
      }),
    ]);
    expect(found[0]!.context).not.toContain('birthday');
    expect(found[0]!.context).not.toContain('lat');

    const sets = (await rowsOf('candidate_sets')).filter((row) => row.ranking_event_id === found[0]!.ranking_event_id);
    expect(sets).toMatchObject([
      { candidate_set_id: found[0]!.candidate_set_id, actor_key: actorKey, city: 'seattle', kind: 'itinerary' },
    ]);
    const offered = JSON.parse(sets[0]!.venue_ids as string) as string[];
    const shown = JSON.parse(sets[0]!.shown as string) as number[];
    expect(shown.map((i) => offered[i])).toContain(slot.venue.id);
    expect(JSON.parse(sets[0]!.scores as string)).toHaveLength(offered.length);
    const venues = await rowsOf('venues');
    expect(venues.some((row) => row.venue_id === slot.venue.id)).toBe(true);
  });

  it('a second time writes nothing, and leaves what is there as it is', async () => {
    await extractNow();
    const before = await manifest();
    // What other tests do at the same time is no concern of this one.
    const again = await extractNow();
    const after = await manifest();
    if (after.position === before.position) expect(again.progress.signals).toBe(0);
    const paths = new Set(after.files.map(({ path }) => path));
    for (const file of before.files.filter(({ table }) => table === 'signals')) expect(paths.has(file.path)).toBe(true);
    const ids = (await rowsOf('signals')).map((row) => row.signal_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('stretches that come twice, or meet, count nothing twice', async () => {
    const stretch = (): JobOf<'scheduled'> => ({
      v: 1,
      id: uuidv7(),
      kind: 'scheduled',
      name: 'extract-training-data',
      runId: uuidv7(),
      trigger: 'admin',
      after: null,
    });
    await travelling();
    const job = stretch();
    // The stretches after these are left out: the next run goes on where they stopped.
    const JOBS = { sendBatch: async () => {} } as unknown as Queue;
    const deliveries = [job, job, stretch()].map((body) => deliver('jobs', [{ body }], { JOBS }));
    const results = await Promise.all(deliveries);
    // Whoever was overtaken comes again.
    for (const { acked, retried } of results) expect([...acked, ...retried]).toEqual(['m0']);
    await extractNow();
    const ids = (await rowsOf('candidate_sets')).map((row) => row.ranking_event_id);
    expect(new Set(ids).size).toBe(ids.length);
    const listed = await env.ARTIFACTS.list({ prefix: DATASETS });
    const held = (await manifest()).files.map(({ path }) => DATASETS + path);
    expect(listed.objects.map(({ key }) => key).sort()).toEqual([...held, `${DATASETS}manifest.json`].sort());
  });

  it('has its hour', () => {
    expect(wranglerToml).toContain('"47 3 * * *"');
  });
});
