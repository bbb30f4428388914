import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openTrained } from '../../../../cli/simulation/trained-rankers.ts';
import { TRAINED_VARIANTS } from '../../../../simulation/agents/settings.ts';
import { armsOf, tripsOf } from '../../../../simulation/agents/simulate.ts';
import { simulation, temporaryFolder } from './scene.ts';

const CLI = fileURLToPath(new URL('../../../../cli/overplanned.ts', import.meta.url));
const ARTIFACTS = fileURLToPath(new URL('../../../../models/artifacts', import.meta.url));

async function overplanned(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { ANTHROPIC_API_KEY: _, ...env } = process.env;
  const run = promisify(execFile)(process.execPath, [CLI, ...args], { env });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

describe('overplanned simulate', () => {
  it('runs a pilot to its report, and reports on it again', async () => {
    const out = await temporaryFolder();
    const args = ['--travellers', '12', '--variants', 'llm_standin,two_tower,hybrid', '--latent', '0.3', '--out', out];
    const first = await overplanned('simulate', ...args);
    expect(first.stderr).toContain('hybrid@0.3');
    expect(first.code).toBe(0);
    const report = await readFile(join(out, 'report.json'), 'utf8');
    expect(JSON.parse(report).run.settings.rankers.two_tower).toMatch(/^two-tower@/);
    const again = await overplanned('report', out);
    expect(again.stdout).toContain(join(out, 'report.html'));
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe(report);
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown variant', ['--variants', 'bert'], /no variant "bert"/],
    ['an unknown archetype', ['--archetypes', 'A1,Z9'], /no archetype "Z9"/],
    ['a budget of 0', ['--max-usd', '0'], /budget of "0" buys nothing/],
    ['a share of 1', ['--latent', '1'], /from 0 to below 1/],
    ['a language model without its key', ['--variants', 'llm'], /ANTHROPIC_API_KEY/],
    ['an endpoint without its address', ['--variants', 'random', '--agent', 'endpoint'], /--endpoint URL/],
  ])('refuses %s in a line that names it', async (_, args, message) => {
    const { code, stderr } = await overplanned('simulate', '--out', await temporaryFolder(), ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });

  it('reports on no run that is not whole', async () => {
    const { code, stderr } = await overplanned('report', await temporaryFolder());
    expect(code).toBe(1);
    expect(stderr).toMatch(/holds no simulation/);
  });
});

describe('a trained variant', () => {
  it('is refused where its file is another model, is missing or is cut short', async () => {
    const folder = await temporaryFolder();
    await expect(openTrained('sasrec', folder)).rejects.toThrow(/"sasrec" needs a trained model/);
    const path = join(folder, 'sasrec', 'v1');
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'training.json'), '{}');
    await expect(openTrained('sasrec', folder)).rejects.toThrow(/"sasrec" needs .*sasrec.onnx/);
    await writeFile(join(path, 'items.json'), '[]');
    await cp(join(ARTIFACTS, 'bpr', '651fe7cbbd0e', 'bpr.onnx'), join(path, 'sasrec.onnx'));
    await expect(openTrained('sasrec', folder)).rejects.toThrow(/"sasrec" cannot use .*sasrec.onnx/);
    await writeFile(join(path, 'sasrec.onnx'), 'no model');
    await expect(openTrained('sasrec', folder)).rejects.toThrow(/"sasrec" cannot use .*sasrec.onnx/);
  });

  it('ranks what is offered by what was taken: each artifact answers, and two pasts give two lists', async () => {
    for (const variant of TRAINED_VARIANTS) {
      const ranker = await openTrained(variant, ARTIFACTS);
      const one = simulation({ travellers: 36, variants: [variant] }, { trained: { [variant]: ranker } });
      const tops = new Map<string, Set<string>>();
      for await (const { traveller, slots } of tripsOf(one, armsOf(one.settings)[0]!)) {
        if (!traveller.warm) continue;
        expect(slots[0]!.modelVersion.split(',')[0]).toBe(ranker.modelVersion);
        const key = `${traveller.number}`;
        tops.set(key, (tops.get(key) ?? new Set()).add(slots[0]!.ranked.map(({ id }) => id).join()));
      }
      for (const lists of tops.values()) expect(lists.size, variant).toBeGreaterThan(1);
    }
  });
});
