/** A whole run of one arm in one city, with a ranker that needs no artifact. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profilesOf } from '../../../../../cli/calibration/profiles.ts';
import type { MlRanker } from '../../../../../core/ranking/ml-ranker.ts';
import { calibrate } from '../../../../../simulation/agents/calibration/calibrate.ts';
import { ChoiceModelAgent } from '../../../../../simulation/agents/choice-agent.ts';
import type { PersonaAgent } from '../../../../../simulation/agents/persona-agent.ts';
import { type RunDescription, RunFolder } from '../../../../../simulation/agents/run-folder.ts';
import { AGENT_LINEAGE, type SimulationSettings } from '../../../../../simulation/agents/settings.ts';
import { armsOf, type Cast, runArm, type Simulation } from '../../../../../simulation/agents/simulate.ts';
import { run as describedRun, simulation, temporaryFolder } from '../scene.ts';

export const SLUG = 'mexico-city';

/** Puts first what locals love. */
const ranker: MlRanker = {
  modelVersion: 'dlrm@test',
  rank: async ({ candidates, moments }) => ({
    logits: moments.map(() => Float32Array.from(candidates, ({ localScore }) => localScore ?? -1)),
    modelVersion: 'dlrm@test',
  }),
};

export interface WholeRun {
  simulation: Simulation;
  folder: RunFolder;
  run: RunDescription;
  armName: string;
}

export async function wholeRun(
  settings: Partial<SimulationSettings> = {},
  cast: Partial<Cast> = {},
): Promise<WholeRun> {
  const given = simulation(
    { travellers: 24, variants: ['dlrm'], archetypes: ['A1', 'A8'], rankers: { dlrm: 'dlrm@test' }, ...settings },
    { trained: { dlrm: ranker }, ...cast },
  );
  const cities = given.cities.filter(({ slug }) => slug === SLUG);
  const catalogues = Object.fromEntries(cities.map(({ slug, catalogueVersion }) => [slug, catalogueVersion]));
  const one: Simulation = { ...given, settings: { ...given.settings, catalogues }, cities };
  const { folder } = await RunFolder.begin(await temporaryFolder(), describedRun(one.settings));
  const [arm] = armsOf(one.settings);
  await runArm(one, arm!, folder);
  await folder.finish(new Date('2026-01-02T00:00:00.000Z'));
  const { run } = await RunFolder.open(folder.path);
  return { simulation: one, folder, run, armName: arm!.name };
}

export const calibrated = ({ folder, run, armName, simulation: { cities, settings } }: WholeRun) =>
  calibrate(folder, run, armName, profilesOf(cities, settings.catalogues), 100);

/** Changes the lines of the arm's rows on disk. */
export async function changeRows(
  { folder, armName }: WholeRun,
  change: (lines: string[]) => string[],
): Promise<string> {
  const path = join(folder.path, 'arms', armName, 'signals.jsonl');
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${change(lines).join('\n')}\n`);
  return path;
}

/** Decides as the built-in model, and cannot answer in the mornings. */
export const sometimesSilent = (): PersonaAgent => {
  const inner = new ChoiceModelAgent(7, 0.3);
  return {
    label: 'stub@p1',
    lineage: AGENT_LINEAGE,
    decideAll: async (cases) =>
      (await inner.decideAll(cases)).map((decision, i) =>
        cases[i]!.context.dayPart === 'morning' ? { ...decision, fallback: 'no answer' } : decision,
      ),
  };
};
