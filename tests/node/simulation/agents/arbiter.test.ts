import { describe, expect, it } from 'vitest';
import { arbiterPart } from '../../../../cli/simulation-report/arbiter.ts';
import { toJson } from '../../../../simulation/agents/report/json.ts';
import { readReport } from '../../../../simulation/agents/report/report.ts';
import { RunFolder } from '../../../../simulation/agents/run-folder.ts';
import { armsOf, runArm } from '../../../../simulation/agents/simulate.ts';
import { run, simulation, temporaryFolder } from './scene.ts';

/** Likes a place by the last letters of its id. */
const ranker = {
  modelVersion: 'dlrm@test',
  rank: async ({ candidates, moments }: { candidates: readonly { id: string }[]; moments: readonly object[] }) => ({
    modelVersion: 'dlrm@test',
    logits: moments.map(() => Float32Array.from(candidates, ({ id }) => Number.parseInt(id.slice(-4), 16) / 65_536)),
  }),
};
const rankers = {
  llm_standin: 'llm-standin@1',
  dlrm: 'dlrm@test',
  hybrid: 'hybrid:rules@1,dlrm@test,llm-standin@1',
};

async function reported(travellers: number, archetypes: string[]) {
  const variants = ['llm_standin', 'dlrm', 'hybrid'] as const;
  const one = simulation(
    { travellers, archetypes, variants, rankers },
    { trained: { dlrm: ranker }, hybridRanker: ranker },
  );
  const path = await temporaryFolder();
  const { folder } = await RunFolder.begin(path, run(one.settings));
  for (const arm of armsOf(one.settings)) await runArm(one, arm, folder);
  const report = await readReport(folder, (await RunFolder.open(path)).run, 100);
  return { report, hybrid: report.arms[2]!, page: arbiterPart(report.arms, ['hr_at_5'])!.text };
}

describe('the report on the arbiter', () => {
  it('gives each rule its slots, whom it served and what the sources say, and hybrid beside its two sides', async () => {
    const { report, hybrid, page } = await reported(48, ['A3', 'A8']);
    const total = hybrid.arbitration.reduce((sum, { slots }) => sum + slots, 0);
    expect(hybrid.arbitration.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    const cold = hybrid.arbitration.find(({ rule }) => rule === 'cold')!;
    expect(cold).toMatchObject({ served: 'llm', share: cold.slots / total, reading: { side: 'llm' } });
    expect(page).toContain(cold.reading!.why);
    expect(hybrid.sides.map(({ arm }) => arm)).toEqual(['llm_standin@0.3', 'dlrm@0.3']);
    for (const { same, travellers, differences } of hybrid.sides) {
      expect(same).toBeLessThan(travellers);
      expect(differences.hr_at_5!.interval).not.toBeNull();
    }
    expect(page).not.toContain('hybrid is ');
    expect(report.arms[1]!.sides).toEqual([]);
    const json = JSON.parse(JSON.stringify(toJson(report)));
    expect(json.arms[2].sides[1].differences.hr_at_5.interval).toHaveLength(2);
  });

  it('says so where hybrid is one of its sides', async () => {
    // The one who is warm had five trips before: every rule that holds is for ML.
    const { hybrid, page } = await reported(3, ['A7']);
    expect(hybrid.arbitration.map(({ served }) => served)).not.toContain('llm');
    const dlrm = hybrid.sides.find(({ arm }) => arm === 'dlrm@0.3')!;
    expect(dlrm.same).toBe(dlrm.travellers);
    expect(dlrm.differences.hr_at_5!.value).toBe(0);
    expect(page).toContain('hybrid is dlrm@0.3</span>: all');
  });
});
