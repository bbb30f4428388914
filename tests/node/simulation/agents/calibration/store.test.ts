/** A calibrated run in a database of its own: all of it or nothing, and once. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { storeRun } from '../../../../../cli/calibration/store.ts';
import { calibrationSchema } from '../../../../../core/arbitration/calibration.ts';
import { Extraction, extractAll } from '../../../../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../../../../platform/artifacts/folder-store.ts';
import { readCatalogues } from '../../../../../platform/database/city-catalogues.ts';
import { cities } from '../../../../../platform/database/schema/index.ts';
import { seedMissingCities } from '../../../../../platform/database/seed-cities.ts';
import { AGENT_LINEAGE, CHOICE_MODEL_LINEAGE } from '../../../../../simulation/agents/settings.ts';
import { database, databaseUrl } from '../../../own-database.ts';
import { temporaryFolder } from '../scene.ts';
import { calibrated, changeRows, SLUG, sometimesSilent, type WholeRun, wholeRun } from './scene.ts';

const CLI = fileURLToPath(new URL('../../../../../cli/overplanned.ts', import.meta.url));
const NOW = new Date('2026-02-01T00:00:00.000Z');

beforeAll(async () => {
  const catalogues = (await readCatalogues()).filter(({ city }) => city.slug === SLUG);
  await seedMissingCities(database, { now: NOW, catalogues });
});

async function rowsOf<Row extends Record<string, unknown>>(query: string): Promise<Row[]> {
  return (await database.execute<Row>(sql.raw(query))).rows;
}
const store = async (whole: WholeRun, found?: Awaited<ReturnType<typeof calibrated>>) =>
  storeRun(databaseUrl, whole.folder, whole.run, found ?? (await calibrated(whole)), NOW);
/** All that a run may leave, as text. */
const everything = async () =>
  JSON.stringify(
    await Promise.all(
      [
        'simulation_runs',
        'behavioral_signals',
        'archetype_affinities',
        'persona_priors',
        'arbitration_calibrations',
      ].map((table) => rowsOf(`select to_jsonb(t) - 'position' as row from ${table} t order by 1`)),
    ),
  );

describe('a stored run', () => {
  it('is there whole, each row with its lineage, its archetype and its run, and counts for nobody', async () => {
    const whole = await wholeRun({ seed: 11, travellers: 60 });
    const found = await calibrated(whole);
    const written = await store(whole, found);
    const ours = `context ->> 'run_id' = '${found.runId}'`;
    expect(
      await rowsOf(`select source, synthetic, counts, weight, count(*)::int as n, count(distinct actor_key)::int as actors
        from behavioral_signals where ${ours} group by 1, 2, 3, 4`),
    ).toEqual([
      { source: CHOICE_MODEL_LINEAGE, synthetic: true, counts: false, weight: 1, n: found.arm.rows, actors: 60 },
    ]);
    expect(
      await rowsOf(`select distinct context ->> 'archetype' as archetype from behavioral_signals
        where ${ours} and jsonb_typeof(context #> '{persona_snapshot,culture}') = 'number' order by 1`),
    ).toEqual([{ archetype: 'A1' }, { archetype: 'A8' }]);
    expect(written).toMatchObject({ behavioral_signals: found.arm.rows, persona_priors: 24 });

    const [prior] = await rowsOf(`select value, deviation, travellers, run_id from persona_priors
      where archetype_id = 'A8' and dimension = 'food_priority' and source = '${CHOICE_MODEL_LINEAGE}'`);
    const { value, deviation } = found.priors.A8!.dimensions.food_priority;
    expect(prior).toEqual({ value, deviation, travellers: 30, run_id: found.runId });
    const [sums] = await rowsOf(`select count(*)::int as n, sum(observations)::int as offered from archetype_affinities
      where run_id = '${found.runId}'`);
    expect(sums).toEqual({ n: found.affinities.length, offered: found.arm.slots });
    const [run] = await rowsOf(`select status, seed::int, lineage, config -> 'settings' -> 'travellers' as travellers
      from simulation_runs where id = '${found.runId}'`);
    expect(run).toEqual({ status: 'done', seed: 11, lineage: CHOICE_MODEL_LINEAGE, travellers: 60 });
    const [calibration] = await rowsOf<{ lineage: string[]; calibration: unknown }>(
      `select lineage, calibration from arbitration_calibrations where run_id = '${found.runId}'`,
    );
    expect(calibration!.lineage).toEqual([CHOICE_MODEL_LINEAGE, 'llm_standin']);
    expect(calibrationSchema.parse(calibration!.calibration)).toEqual(found.calibration);
  });

  it('is stored once: a second time changes nothing', async () => {
    const whole = await wholeRun({ seed: 12 });
    expect(await store(whole)).not.toBeNull();
    const before = await everything();
    expect(await store(whole)).toBeNull();
    const [one, other] = await Promise.all([store(whole), store(whole)]);
    expect([one, other]).toEqual([null, null]);
    expect(await everything()).toBe(before);
  });

  it('replaces what its source said of its archetypes, and keeps apart from runs of the same seed', async () => {
    const first = await wholeRun({ seed: 13, archetypes: ['A1', 'A9'] });
    const second = await wholeRun({ seed: 13, archetypes: ['A9'] });
    const ids = [(await calibrated(first)).runId, (await calibrated(second)).runId];
    await store(first);
    await store(second);
    for (const table of ['persona_priors', 'archetype_affinities']) {
      expect(
        await rowsOf(`select distinct archetype_id, run_id from ${table}
          where archetype_id in ('A1', 'A9') and source = '${CHOICE_MODEL_LINEAGE}' order by 1`),
      ).toEqual([
        { archetype_id: 'A1', run_id: ids[0] },
        { archetype_id: 'A9', run_id: ids[1] },
      ]);
    }
  });

  it('keeps who decided: an agent, or the built-in model in its place', async () => {
    const whole = await wholeRun({ seed: 14, agent: 'stub@p1', latentShares: [] }, { agent: sometimesSilent });
    const { runId, leftOut, arm } = await calibrated(whole);
    await store(whole);
    const rows = await rowsOf(`select source, count(*)::int as n from behavioral_signals
      where context ->> 'run_id' = '${runId}' group by 1 order by 1`);
    expect(rows).toEqual([
      { source: AGENT_LINEAGE, n: arm.rows - leftOut },
      { source: CHOICE_MODEL_LINEAGE, n: leftOut },
    ]);
    expect(await rowsOf(`select distinct source from persona_priors where run_id = '${runId}'`)).toEqual([
      { source: AGENT_LINEAGE },
    ]);
  });

  it('goes through the extraction: its rows have no user, and stay synthetic', async () => {
    const into = await temporaryFolder();
    const counts = await extractAll(new Extraction(database, folderStore(into)), () => {});
    const [stored] = await rowsOf<{ n: number }>(`select count(*)::int as n from behavioral_signals`);
    expect(stored!.n).toBeGreaterThan(0);
    expect(counts.signals).toBe(stored!.n);
  });
});

describe('a run is not stored', () => {
  it('in part: rows that change between two readings leave nothing behind', async () => {
    const whole = await wholeRun({ seed: 15, travellers: 120 });
    const found = await calibrated(whole);
    expect(found.arm.rows).toBeGreaterThan(1000);
    const before = await everything();
    const path = await changeRows(whole, (rows) => rows.slice(0, -1));
    await expect(store(whole, found)).rejects.toThrow(`${path} is not as its arm.json says`);
    expect(await everything()).toBe(before);
  });

  it('where the catalogue is another one, or venues are missing: they are named', async () => {
    const whole = await wholeRun({ seed: 16, travellers: 4 });
    const found = await calibrated(whole);
    const before = await everything();
    const elsewhere = { ...whole.run, settings: { ...whole.run.settings, catalogues: { atlantis: 'v1' } } };
    await expect(store({ ...whole, run: elsewhere }, found)).rejects.toThrow(/the city atlantis is missing/);
    const unknown = { ...found, venueIds: [...found.venueIds, found.runId] };
    await expect(store(whole, unknown)).rejects.toThrow(`1 venues are missing: ${found.runId}`);
    const [{ version }] = (await database
      .select({ version: cities.catalogueVersion })
      .from(cities)
      .where(eq(cities.slug, SLUG))) as [{ version: string }];
    const setVersion = (catalogueVersion: string) =>
      database.update(cities).set({ catalogueVersion }).where(eq(cities.slug, SLUG));
    await setVersion('newer');
    await expect(store(whole, found)).rejects.toThrow(`${SLUG} has catalogue newer, the run ${version}`);
    await setVersion(version);
    expect(await everything()).toBe(before);
  });
});

it('overplanned calibrate --store does all of it', async () => {
  const whole = await wholeRun({ seed: 17 });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CLI, 'calibrate', whole.folder.path, '--resamples', '100', '--store'],
    { env: { ...process.env, DATABASE_URL: databaseUrl } },
  );
  expect(stdout).toMatch(/A1 has no threshold of its own: \d+ slots of \d+ travellers/);
  expect(stdout).toMatch(/behavioral_signals +│ \d+/);
  expect(await store(whole)).toBeNull();
});
