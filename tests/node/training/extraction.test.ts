/** The log of behaviour as a data set: each row once, the same bytes each time, whatever comes between. */
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { WARM_SIGNALS } from '../../../core/persona/persona.ts';
import { EXTRACTION_LIMITS } from '../../../platform/artifacts/dataset/extract.ts';
import type { DatasetTable } from '../../../platform/artifacts/dataset/manifest.ts';
import { pivotEvents } from '../../../platform/database/schema/index.ts';
import { openManifest, tableRows } from '../../../training/data/own/parquet-table.ts';
import { expectTidy, extract, newFolder, rowsOf, SMALL, someDays, tree } from './extraction-scene.ts';
import { database } from '../own-database.ts';
import { actor, day, id, logRanking, logSignals, venue } from './logged-behaviour.ts';

describe('a signal in the data set', () => {
  it('says what was done, what was shown and how likely that was; neither words nor places', async () => {
    await logRanking(database, 1, { actor: 1, at: day(0) });
    await logSignals(database, 0, [
      {
        actor: 1,
        ranking: 1,
        venue: 2,
        at: day(0, 1),
        context: { note: 'my words', lat: 47.6, rating: 4, weather: 'rain' },
      },
      { actor: 1, ranking: 1, venue: 7, at: day(0, 2), type: 'slot_skip', context: { reason: 'too_far' } },
    ]);
    const folder = newFolder();
    expect(await extract(folder)).toMatchObject({ signals: 2, candidate_sets: 1 });
    const [shown, other] = await rowsOf(folder, 'signals');
    expect(shown).toEqual({
      position: 2n,
      signal_id: id('signal', 0),
      actor_key: actor(1),
      venue_id: venue(2),
      signal_type: 'slot_accept',
      weight: 1,
      source: 'user_behavioral',
      lineage: 'user_behavioral',
      synthetic: false,
      counts: true,
      model_version: 'offline@1',
      propensity: 0.75,
      occurred_at: day(0, 1),
      stored_at: day(0, 1),
      trip_id: id('trip', 1),
      slot_id: id('slot', 0),
      day_of_trip: 1,
      day_part: 'morning',
      city: 'testville',
      group_size: 1,
      weather: 'rain',
      time_to_action_ms: 900,
      reason: null,
      warm_at_event: false,
      candidate_set_id: id('set', 1),
      ranking_event_id: id('ranking', 1),
      context: expect.any(String),
    });
    expect(JSON.parse(shown!.context as string)).toEqual({
      day_of_trip: 1,
      day_part: 'morning',
      group_size: 1,
      time_to_action_ms: 900,
      rating: 4,
      weather: 'rain',
    });
    expect(other).toMatchObject({ reason: 'too_far', propensity: expect.closeTo(0.025, 6) });
    const [set] = await rowsOf(folder, 'candidate_sets');
    expect(set).toMatchObject({
      candidate_set_id: id('set', 1),
      ranking_event_id: id('ranking', 1),
      actor_key: actor(1),
      city: 'testville',
      kind: 'itinerary',
      trip_day: 1,
      day_part: 'morning',
      catalogue_version: 'v1',
      ranked_at: day(0),
      shown: '[0,1,2]',
      members: null,
    });
    expect(JSON.parse(set!.venue_ids as string)).toHaveLength(30);
    expect(JSON.parse(set!.persona as string)).toMatchObject({ dimensions: { culture: 0.1 }, interests: ['quiet'] });
  });

  it('names no ranking that came after it, nor one of somebody else', async () => {
    await logRanking(database, 1, { actor: 1, at: day(1) });
    await logSignals(database, 0, [
      { actor: 1, ranking: 1, venue: 1, at: day(0, 59) },
      { actor: 2, venue: 1, at: day(2), type: 'discovery_swipe', context: { ranking_event_id: id('ranking', 1) } },
      { actor: 1, venue: 1, at: day(2), type: 'discovery_swipe', context: { ranking_event_id: id('ranking', 1) } },
      { actor: 1, venue: 1, at: day(0), type: 'discovery_swipe', context: { ranking_event_id: id('ranking', 1) } },
      { actor: 1, venue: null, at: day(2), type: 'post_trip' },
      { actor: 1, ranking: 1, venue: 1, at: day(2) },
    ]);
    const folder = newFolder();
    await extract(folder);
    const rows = (await rowsOf(folder, 'signals')).sort((a, b) => Number(a.position) - Number(b.position));
    expect(rows.map((row) => [row.ranking_event_id, row.propensity === null])).toEqual([
      [null, true],
      [null, true],
      [id('ranking', 1), false],
      [null, true],
      [null, true],
      [id('ranking', 1), false],
    ]);
  });

  it('has its propensity also where a page refers to more rankings than are remembered', async () => {
    const many = 320;
    for (let n = 0; n < many; n++) await logRanking(database, n, { actor: 1, at: day(0) });
    const once = Array.from({ length: many }, (_, n) => ({ actor: 1, ranking: n, venue: 1, at: day(1, n) }));
    await logSignals(database, 0, once);
    await logSignals(database, many, once);
    const folder = newFolder();
    await extract(folder, { ...EXTRACTION_LIMITS, signals: { file: 20_000, page: many } });
    const rows = await rowsOf(folder, 'signals');
    expect(rows).toHaveLength(2 * many);
    expect(rows.filter((row) => row.propensity !== 0.75)).toEqual([]);
  });

  it('was of a warm traveller where 20 counting ones came before it, in this extraction or an earlier one', async () => {
    const store = newFolder();
    const signals = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ actor: 1, ranking: 1, venue: i, at: day(0, i) }));
    await logSignals(database, 0, signals(WARM_SIGNALS - 2));
    await logSignals(database, 100, [{ actor: 1, type: 'slot_view', counts: false, at: day(0) }]);
    await extract(store, SMALL);
    await logSignals(database, 200, signals(5));
    await extract(store, SMALL);
    const rows = (await rowsOf(store, 'signals')).sort((a, b) => Number(a.position) - Number(b.position));
    expect(rows.map((row) => row.warm_at_event)).toEqual([...Array(WARM_SIGNALS + 1).fill(false), true, true, true]);
  });
});

describe('the files', () => {
  it('are partitioned by the day of storage, named by their first and last position', async () => {
    await someDays();
    const folder = newFolder();
    await extract(folder);
    const { manifest } = await openManifest(folder);
    const of = (table: DatasetTable) => manifest.files.filter((file) => file.table === table);
    expect(of('signals').map(({ path, rows }) => [path, rows])).toEqual([
      ['signals/date=2026-05-01/part-2-24.parquet', 10],
      ['signals/date=2026-05-02/part-3-25.parquet', 10],
      ['signals/date=2026-05-03/part-4-10.parquet', 3],
    ]);
    expect(of('candidate_sets').map(({ path, rows }) => [path, rows])).toEqual([
      ['candidate_sets/date=2026-05-01/part-1-26.parquet', 3],
    ]);
    expect(manifest.position).toBe(26);
    expect((await rowsOf(folder, 'signals')).map((row) => row.signal_id).sort()).toEqual(
      Array.from({ length: 23 }, (_, i) => id('signal', i)).sort(),
    );
    await expectTidy(folder);
  });

  it('hold the rows of their own day, also where many days with a few rows each are read at once', async () => {
    const days = 70;
    const scattered = Array.from({ length: 2 * days }, (_, i) => ({
      actor: i % 3,
      ranking: 1,
      venue: i % 30,
      at: day(i % days, 20 + i),
      storedAt: new Date(day(i % days).getTime() - 8 * 3_600_000 + (i < days ? 0 : 86_399_999)),
    }));
    await logSignals(database, 0, scattered);
    const [whole, parts] = [newFolder(), newFolder()];
    const counts = await extract(whole);
    expect(counts.signals).toBe(2 * days);
    await extract(parts, { ...SMALL, signals: { file: 7, page: 7 }, step: { cost: 9, files: 5 } });
    expect(await tree(parts)).toEqual(await tree(whole));
    const { manifest } = await openManifest(whole);
    const files = manifest.files.filter(({ table }) => table === 'signals');
    expect(files).toHaveLength(days);
    for await (const { file, rows } of tableRows<{ stored_at: Date; position: bigint }>(whole, manifest, 'signals')) {
      expect(rows.map((row) => row.stored_at.toISOString().slice(0, 10))).toEqual([file.date, file.date]);
      expect(file.path).toContain(`/date=${file.date}/part-${rows[0]!.position}-${rows[1]!.position}.`);
    }
  });

  it('are the same, byte for byte, for the same rows', async () => {
    await someDays();
    const [one, other] = [newFolder(), newFolder()];
    await extract(one, SMALL);
    await extract(other, SMALL);
    expect(await tree(other)).toEqual(await tree(one));
  });

  it('stay as they are where nothing is new, and only new ones are added where something is', async () => {
    await someDays();
    const folder = newFolder();
    await extract(folder);
    const before = await tree(folder);
    expect(await extract(folder)).toEqual({ signals: 0, candidate_sets: 0, files: 0 });
    expect(await tree(folder)).toEqual(before);

    await logSignals(database, 50, [{ actor: 1, ranking: 1, venue: 1, at: day(0, 40) }]);
    expect(await extract(folder)).toMatchObject({ signals: 1, files: 1 });
    const after = await tree(folder);
    const added = Object.keys(after).filter((path) => !(path in before));
    expect(added).toEqual(['signals/date=2026-05-01/part-27-27.parquet']);
    for (const path of Object.keys(before)) if (path !== 'manifest.json') expect(after[path]).toBe(before[path]);
    expect(await rowsOf(folder, 'signals')).toHaveLength(24);
  });

  it('of nothing are none, and yet a data set', async () => {
    await database.execute(sql`truncate cities cascade`);
    const folder = newFolder();
    expect(await extract(folder)).toMatchObject({ files: 0 });
    expect((await openManifest(folder)).manifest).toMatchObject({ position: 0, files: [] });
  });

  it('keep what deleted travellers did: rows know no person', async () => {
    await someDays();
    const folder = newFolder();
    await extract(folder);
    await database.execute(sql`delete from actor_keys`);
    await logSignals(database, 50, [{ actor: 1, venue: 1, at: day(0, 40) }]);
    await extract(folder);
    expect((await rowsOf(folder, 'signals')).filter((row) => row.actor_key === actor(1))).toHaveLength(10);
  });

  it('of pivots are written anew when an answer comes, and the old ones go', async () => {
    await someDays();
    const folder = newFolder();
    await extract(folder);
    expect(await rowsOf(folder, 'pivots')).toMatchObject([{ response: null, latency_ms: 4, actor_key: actor(1) }]);
    await database
      .update(pivotEvents)
      .set({ response: 'accept', optionId: id('option', 1), respondedAt: day(1, 1) })
      .where(eq(pivotEvents.id, id('pivot', 1)));
    expect(await extract(folder)).toEqual({ signals: 0, candidate_sets: 0, files: 1 });
    const [pivot, ...others] = await rowsOf(folder, 'pivots');
    expect(others).toEqual([]);
    expect(pivot).toMatchObject({ response: 'accept', option_id: id('option', 1), responded_at: day(1, 1) });
    expect(JSON.parse(pivot!.options as string)).toEqual([{ id: id('option', 1), reason: 'indoors' }]);
    await expectTidy(folder);
  });

  it('of venues and of arbitration hold each version and each decision', async () => {
    await database.execute(sql`
      insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
      select id, 2, (to_jsonb(n) - 'vibe_embedding') || '{"price_level": 4}', 'v2', ${day(3).toISOString()}
      from activity_nodes n where id = ${venue(5)}`);
    await database.execute(sql`
      insert into arbitration_events (id, ml_top3, llm_top3, arbitration_rule, context_snapshot, occurred_at)
      values (${id('choice', 1)}, array[${venue(1)}]::uuid[], '{}', 'cold_user', '{"v": 1}', ${day(2).toISOString()})`);
    const folder = newFolder();
    await extract(folder);
    const versions = (await rowsOf(folder, 'venues')).filter((row) => row.venue_id === venue(5));
    expect(versions.map(({ version, valid_from }) => [version, valid_from])).toEqual([
      [1, day(-30)],
      [2, day(3)],
    ]);
    expect(await rowsOf(folder, 'arbitration')).toMatchObject([
      { arbitration_id: id('choice', 1), ml_top3: JSON.stringify([venue(1)]), accepted: null, occurred_at: day(2) },
    ]);
  });
});
