import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toPage } from '../../../../cli/simulation-report/page.ts';
import { toJson } from '../../../../simulation/agents/report/json.ts';
import { readReport } from '../../../../simulation/agents/report/report.ts';
import { type ArmDescription, RunFolder } from '../../../../simulation/agents/run-folder.ts';
import {
  BadSettings,
  readArchetypes,
  readLatentShares,
  readVariants,
  type SimulationSettings,
} from '../../../../simulation/agents/settings.ts';
import type { SignalRow } from '../../../../simulation/agents/signal-rows.ts';
import { armsOf, type Cast, runArm } from '../../../../simulation/agents/simulate.ts';
import { run, simulation, temporaryFolder } from './scene.ts';

async function simulate(path: string, settings: Partial<SimulationSettings> = {}, cast: Partial<Cast> = {}) {
  const one = simulation(settings, cast);
  const { folder } = await RunFolder.begin(path, run(one.settings));
  const arms: ArmDescription[] = [];
  for (const arm of armsOf(one.settings)) arms.push(await runArm(one, arm, folder));
  await folder.finish(new Date('2026-01-02'));
  return { folder, arms };
}
const rowsOf = async (path: string, arm: string) =>
  (await readFile(join(path, 'arms', arm, 'signals.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SignalRow);

describe('a run', () => {
  it('gives the same bytes with the same seed, and others with another', async () => {
    const sums = (arms: ArmDescription[]) => arms.map(({ sha256 }) => sha256);
    const first = sums((await simulate(await temporaryFolder())).arms);
    expect(sums((await simulate(await temporaryFolder())).arms)).toEqual(first);
    const other = sums((await simulate(await temporaryFolder(), { seed: 8 })).arms);
    for (const [i, sum] of other.entries()) expect(sum['signals.jsonl']).not.toBe(first[i]!['signals.jsonl']);
  });

  it('writes each decision as a signal with its lineage, snapshot and context', async () => {
    const path = await temporaryFolder();
    await simulate(path, { variants: ['offline'] });
    const rows = await rowsOf(path, 'offline@0.3');
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const row of rows) {
      expect(row).toMatchObject({ synthetic: true, source: 'synthetic_choice_model_v1' });
      const { decision, candidates, predicted_top, pivot_reason, rank } = row.context as Record<string, unknown>;
      expect(predicted_top).toBe((candidates as string[])[0]);
      expect(pivot_reason !== null).toBe(decision === 'pivot');
      expect(rank !== null).toBe(decision === 'accept' || decision === 'linger');
      const types = { accept: ['slot_accept'], linger: ['slot_accept', 'slot_linger'], skip: ['slot_skip'] };
      expect(types[decision as 'skip'] ?? ['pivot_requested']).toContain(row.signal_type);
      if (rank !== null) expect((candidates as string[])[(rank as number) - 1]).toBe(row.venue_id);
      expect(Object.keys(row.persona_snapshot)).toHaveLength(12);
    }
  });

  it('that breaks off has no whole arm, and goes on to the same rows', async () => {
    const whole = await simulate(await temporaryFolder(), { variants: ['random', 'offline'] });
    const path = await temporaryFolder();
    const one = simulation({ variants: ['random', 'offline'] });
    const { folder } = await RunFolder.begin(path, run(one.settings));
    const [first, second] = armsOf(one.settings);
    await runArm(one, first!, folder);
    const stopped = new Error('stopped');
    const progress = (travellers: number) => {
      if (travellers === 10) throw stopped;
    };
    await expect(runArm(one, second!, folder, progress)).rejects.toBe(stopped);
    expect(await folder.arm(second!.name)).toBeNull();
    expect(await readdir(join(path, 'arms', second!.name))).not.toContain('arm.json');
    await expect(readReport(folder, (await RunFolder.open(path)).run)).rejects.toThrow(/offline@0.3 is missing/);
    expect((await RunFolder.open(path)).run.state).toBe('running');

    const again = await RunFolder.begin(path, run(one.settings));
    expect(again.resumed).toBe(true);
    const arms = [];
    for (const arm of armsOf(one.settings)) arms.push(await runArm(one, arm, again.folder));
    expect(arms.map(({ sha256 }) => sha256)).toEqual(whole.arms.map(({ sha256 }) => sha256));
  });

  it('is refused in the folder of a run with other settings, naming what differs', async () => {
    const path = await temporaryFolder();
    await RunFolder.begin(path, run(simulation().settings));
    const other = simulation({ travellers: 25, latentShares: [0.5] }).settings;
    await expect(RunFolder.begin(path, run(other))).rejects.toThrow(
      /travellers was 24, now 25; latentShares was \[0.3\], now \[0.5\]/,
    );
    await writeFile(join(path, 'run.json'), '{"half"');
    await expect(RunFolder.begin(path, run(other))).rejects.toThrow(BadSettings);
    await expect(RunFolder.open(await temporaryFolder())).rejects.toThrow(/holds no simulation/);
  });

  it('refuses what there is none of, by name', () => {
    expect(() => readVariants(['dlrm', 'bert'])).toThrow(/"bert"/);
    expect(() => readVariants([''])).toThrow(BadSettings);
    expect(() => readArchetypes(['A1', 'A13'])).toThrow(/"A13"/);
    expect(() => readLatentShares([0.2, 1])).toThrow(/not 1/);
    expect(readArchetypes(['A8', 'A2'])).toEqual(['A2', 'A8']);
  });

  it('wants a ranker for each trained variant before anything runs', async () => {
    for (const variant of ['dlrm', 'hybrid', 'llm'] as const) {
      await expect(simulate(await temporaryFolder(), { variants: [variant] })).rejects.toThrow(`"${variant}"`);
    }
  });
});

describe('the report', () => {
  it('gives every metric with an interval around it, overall and by archetype, and paired differences', async () => {
    const path = await temporaryFolder();
    const { folder } = await simulate(path, { travellers: 96, latentShares: [0.1, 0.3, 0.5] });
    const report = await readReport(folder, (await RunFolder.open(path)).run, 200);
    expect(report.groups).toEqual(['all', 'warm', 'cold', ...readArchetypes([])]);
    expect(report.arms.map(({ arm }) => arm.name)).toEqual(['offline@0.3', 'llm_standin@0.3', 'random@0.3']);
    expect(report.sensitivity.map(({ arm }) => arm.latent_share)).toEqual([0.1, 0.1, 0.1, 0.5, 0.5, 0.5]);
    for (const { estimates } of report.arms) {
      for (const group of report.groups) {
        const { value, interval, n } = estimates[group]!.hr_at_5!;
        expect(value).not.toBeNull();
        expect(interval!.lower).toBeLessThanOrEqual(value!);
        expect(interval!.upper).toBeGreaterThanOrEqual(value!);
        expect(n).toBe(group === 'all' ? 96 : group === 'warm' || group === 'cold' ? 48 : 8);
      }
    }
    const [offline, baseline] = report.arms;
    expect(baseline!.differences).toBeNull();
    const { value, interval } = offline!.differences!.all!.hr_at_5!;
    expect(value).toBeCloseTo(offline!.estimates.all!.hr_at_5!.value! - baseline!.estimates.all!.hr_at_5!.value!, 12);
    // Paired: of the same travellers, so narrower than two intervals together.
    const width = (one: { lower: number; upper: number } | null) => one!.upper - one!.lower;
    const apart = width(offline!.estimates.all!.hr_at_5!.interval) + width(baseline!.estimates.all!.hr_at_5!.interval);
    expect(width(interval)).toBeLessThan(apart);
  });

  it('holds the stand-in against what is expected of a language model, and names the rule where the pattern differs', async () => {
    const path = await temporaryFolder();
    const { folder } = await simulate(path, { travellers: 48 });
    const report = await readReport(folder, (await RunFolder.open(path)).run, 200);
    const held = report.expected.find(({ metric }) => metric === 'tourist_trap_escape')!;
    expect(held).toMatchObject({ group: 'A1', variant: 'llm', arm: 'llm_standin@0.3', expected: 0.55 });
    expect(held.deviates).toBe(held.measured.interval!.lower > 0.55 || held.measured.interval!.upper < 0.55);
    expect(report.patterns.every(({ rule }) => rule !== undefined)).toBe(true);
    expect(report.patterns.every(({ verdict }) => verdict === 'not_measured')).toBe(true);
  });

  it('is one page that loads and runs nothing, and the same as JSON', async () => {
    const path = await temporaryFolder();
    const { folder } = await simulate(path, { travellers: 48 });
    const report = await readReport(folder, (await RunFolder.open(path)).run, 100);
    const page = toPage(report);
    expect(page).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
    expect(page.includes('Affinity of archetype and venue')).toBe(true);
    expect(page.includes('deviates by')).toBe(true);
    const json = JSON.parse(JSON.stringify(toJson(report)));
    expect(json).toMatchObject({ format: 'overplanned-simulation-report', v: 1, run: { settings: { seed: 7 } } });
    expect(json.arms[0].estimates.all.hr_at_5.interval).toHaveLength(2);
    const { rows } = json.affinity as { rows: { offered: number; accepted: number; affinity: number }[] };
    for (const { offered, accepted, affinity } of rows) {
      expect(accepted).toBeLessThanOrEqual(offered);
      expect(affinity).toBeGreaterThan(0);
      expect(affinity).toBeLessThan(1);
    }
  });
});
