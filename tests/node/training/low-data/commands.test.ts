import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, signalLine, tinyWorld } from './rows.ts';

const CLI = fileURLToPath(new URL('../../../../cli/overplanned.ts', import.meta.url));
const world = tinyWorld();

async function overplanned(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [CLI, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'low-data-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const lines = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('augment, personalise and active-learn', () => {
  it('go from the signals of a few travellers to what to ask next, with lineage all the way', async () => {
    const at = await folder();
    const [real, made, out, asked] = ['real.jsonl', 'made.jsonl', 'out', 'ask.jsonl'].map((name) => join(at, name)) as [
      string,
      string,
      string,
      string,
    ];
    const rows = world.few.get(4)!;
    const others = (city: string) =>
      world.cities
        .get(city)!
        .slice(0, 3)
        .map(({ id }) => id);
    await writeFile(
      real,
      jsonLines(
        rows.map((row) => {
          const line = signalLine(row);
          return { ...line, context: { ...(line.context as object), candidates: others(row.city) } };
        }),
      ),
    );

    const first = await overplanned('augment', real, made, '--variations', '3', '--seed', '2');
    expect(first).toMatchObject({ code: 0 });
    const report = JSON.parse(await readFile(`${made}.report.json`, 'utf8'));
    expect(report).toMatchObject({ travellers: 3, data: { synthetic: true }, intent: { limit: 0.05 } });
    const derived = await lines(made);
    expect(derived.every(({ source, synthetic }) => source === 'real_user_derived' && synthetic === true)).toBe(true);
    for (const { derived_from_actor: of } of derived) expect(report.held_out.actors).not.toContain(of);

    expect(await overplanned('personalise', real, made, '--out', out)).toMatchObject({ code: 0 });
    const [version] = await readdir(join(out, 'decision-model'));
    const model = join(out, 'decision-model', version!);
    const { lineage } = JSON.parse(await readFile(join(model, 'training.json'), 'utf8'));
    expect(lineage).toMatchObject({
      synthetic: true,
      rows: { real_user_derived: derived.length, user_behavioral: rows.length },
    });
    expect(JSON.parse(await readFile(join(out, 'personalisation.json'), 'utf8')).travellers).toHaveLength(4);
    expect(await readFile(join(out, 'personalisation.html'), 'utf8')).not.toMatch(/undefined|NaN|\[object/);

    expect(await overplanned('active-learn', real, '--model', model, '--top', '10', '--out', asked)).toMatchObject({
      code: 0,
    });
    const questions = await lines(asked);
    expect(questions).toHaveLength(10);
    expect(new Set(questions.map(({ actor_key, venue_id }) => `${actor_key}/${venue_id}`)).size).toBe(10);
    for (const question of questions) {
      expect(question).toMatchObject({
        why: expect.stringContaining('the model gives'),
        lineage: { asked_by: 'active_learning', model_synthetic: true, model: `decision-model@${version}` },
      });
    }
    expect((await readdir(at)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });

  it.each<[string, (at: string) => string[], RegExp]>([
    [
      'rows of nobody real',
      (at) => ['augment', join(at, 'synthetic'), join(at, 'out')],
      /no decision of a real traveller/,
    ],
    ['the originals as the target', (at) => ['augment', join(at, 'synthetic'), join(at, 'synthetic')], /would be lost/],
    [
      'a model that is none',
      (at) => ['active-learn', join(at, 'synthetic'), '--model', at],
      /training\.json: there is no/,
    ],
  ])('refuse %s in a line, and write nothing', async (_, args, message) => {
    const at = await folder();
    await writeFile(join(at, 'synthetic'), jsonLines(world.synthetic.slice(0, 5).map((row) => signalLine(row))));
    const { code, stderr } = await overplanned(...args(at));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(await readdir(at)).toEqual(['synthetic']);
  });
});
