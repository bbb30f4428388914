import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArmDone, armsOnThreads } from '../../../../cli/simulation/arms.ts';
import type { CastOptions } from '../../../../cli/simulation/cast.ts';
import { RunFolder } from '../../../../simulation/agents/run-folder.ts';
import { BadSettings, type SimulationSettings } from '../../../../simulation/agents/settings.ts';
import { armsOf, runArm } from '../../../../simulation/agents/simulate.ts';
import { run, simulation, temporaryFolder } from './scene.ts';

const castOptions = (out: string): CastOptions => ({
  agent: 'choice_model',
  personaModel: 'haiku',
  secondModel: 'sonnet',
  rankerModel: 'sonnet',
  endpointPrice: [0, 0],
  maxUsd: 1,
  pollSeconds: 1,
  models: join(out, 'no-models'),
  hybrid: 'dlrm',
  seed: 7,
  out,
});

async function begun(settings: Partial<SimulationSettings> = {}) {
  const path = await temporaryFolder();
  const one = simulation(settings);
  const { folder } = await RunFolder.begin(path, run(one.settings));
  const done: ArmDone[] = [];
  const travel = (workers: number) => {
    const work = { simulation: { settings: one.settings, cities: one.cities }, cast: castOptions(path), path };
    return armsOnThreads(work, armsOf(one.settings), workers, (arm) => done.push(arm));
  };
  return { path, folder, one, arms: armsOf(one.settings), done, travel };
}

describe('arms on threads', () => {
  it('write the bytes that one thread writes, and each is told of once', async () => {
    const alone = await begun({ travellers: 12 });
    const together = await begun({ travellers: 12 });
    for (const arm of alone.arms) await runArm(alone.one, arm, alone.folder);
    await together.travel(2);
    expect(together.done.map(({ name }) => name).sort()).toEqual(alone.arms.map(({ name }) => name).sort());
    for (const { name } of alone.arms) expect(await together.folder.arm(name)).toEqual(await alone.folder.arm(name));
  });

  it('all end with the error of the first that fails, and no arm is whole that has not all its rows', async () => {
    const { travel, folder, arms, path, done } = await begun({
      travellers: 120,
      variants: ['random', 'sasrec', 'popularity'],
    });
    const failure = await travel(2).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BadSettings);
    expect((failure as Error).message).toContain('"sasrec" needs a trained model');
    expect(await folder.arm('sasrec@0.3')).toBeNull();
    expect(done.length).toBeLessThan(arms.length);
    for (const { name } of arms) {
      const found = await folder.arm(name);
      if (!found) continue;
      const rows = await readFile(join(path, 'arms', name, 'signals.jsonl'));
      expect(createHash('sha256').update(rows).digest('hex')).toBe(found.sha256['signals.jsonl']);
    }
    expect((await RunFolder.open(path)).run.state).toBe('running');
  });

  it('keep the code of an error of the system', async () => {
    const { travel, path } = await begun({ travellers: 12 });
    await writeFile(join(path, 'arms'), 'no folder');
    await expect(travel(2)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
