import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { evaluateCommand } from '../../../cli/commands/evaluate.ts';
import { FLOORS } from '../../../models/floors/index.ts';
import { readDataset } from '../../../training/data/read-dataset.ts';
import { evaluate } from '../../../training/evaluation/evaluate.ts';
import type { EvaluationCase, ModelRegistry } from '../../../training/evaluation/recommender.ts';
import { writeReport } from '../../../training/evaluation/report/write.ts';
import { evaluateModels } from '../../../training/evaluation/run.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  for (const print of ['log', 'error', 'table'] as const) vi.spyOn(console, print).mockImplementation(() => {});
  folder = await mkdtemp(join(tmpdir(), 'evaluation-'));
  file = join(folder, 'chain.csv');
  // 40 users walk along a chain of 12 items; the start differs.
  const rows = Array.from({ length: 40 }, (_, u) =>
    Array.from({ length: 6 }, (_, t) => `<b>u${u}</b>,i${(u + t) % 12},${1_700_000_000 + 100 * t + u}`),
  );
  await writeFile(file, ['user,item,timestamp', ...rows.flat()].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const command = async (args: string[], models: ModelRegistry = {}) => {
  await evaluateCommand(async () => models).parseAsync(args, { from: 'user' });
};
const report = async (out: string) => ({
  json: JSON.parse(await readFile(join(out, 'report.json'), 'utf8')),
  html: await readFile(join(out, 'report.html'), 'utf8'),
});

describe('overplanned evaluate', () => {
  test('finds the planted chain, above the floors that cannot see it, with intervals and every pair compared', async () => {
    const out = join(folder, 'plain');
    await command(['--data', file, '--out', out, '--seed', '3']);
    const { json } = await report(out);
    const of = (name: string) => json.models.find((model: { name: string }) => model.name === name);
    expect(of('markov').metrics['hr@1'].value).toBe(1);
    expect(of('popularity').metrics['hr@1'].value).toBeLessThan(0.5);
    const [lower, upper] = of('popularity').metrics.mrr.interval;
    expect(lower).toBeLessThan(of('popularity').metrics.mrr.value);
    expect(upper).toBeGreaterThan(of('popularity').metrics.mrr.value);
    const pair = json.comparisons.find((one: { metric: string; a: string; b: string }) => {
      return one.metric === 'mrr' && one.a === 'popularity' && one.b === 'markov';
    });
    expect(pair.interval[1]).toBeLessThan(0);
    expect(pair.p_holm).toBeGreaterThanOrEqual(pair.p);
    expect(json.models.map((model: { name: string }) => model.name)).toEqual(Object.keys(FLOORS));
    expect(of('markov').segments).toMatchObject([{ dimension: 'warmth', value: 'cold', cases: 40 }]);
    expect(of('markov').calibration.next_item.n).toBe(40);
    expect(of('item-knn').calibration.next_item).toBeNull();
  });

  test('the report says where it comes from: configuration, seed, revision, data with their hash', async () => {
    const { json } = await report(join(folder, 'plain'));
    expect(json).toMatchObject({ seed: 3, config: { split: 'leave-one-out' }, left_out: { target_in_history: 0 } });
    expect(json.code_revision).toMatch(/^[0-9a-f]{40}/);
    expect(json.data.sources).toEqual([{ path: file, rows: 240, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  test('the page stands alone: nothing runs, nothing is fetched, names are escaped', async () => {
    const { html } = await report(join(folder, 'plain'));
    expect(html).not.toMatch(/<script|javascript:|<link|<iframe|@import|\bon\w+=/i);
    expect(html.match(/(?:src|href)="[^"#]+"|url\((?!#)[^)]*\)/g)).toBeNull();
    expect(html.match(/<svg /g)!.length).toBeGreaterThan(4);
    const out = join(folder, 'escaped');
    const named: ModelRegistry = {
      evil: () => ({ name: '<img src=x>', score: async (cases) => cases.map(() => new Float32Array(12)) }),
    };
    await command(['--data', file, '--models', 'evil', '--out', out], named);
    expect((await report(out)).html).not.toContain('<img');
  });

  test('the same seed gives the same figures', async () => {
    const out = join(folder, 'again');
    await command(['--data', file, '--out', out, '--seed', '3']);
    const [{ json: a }, { json: b }] = [await report(join(folder, 'plain')), await report(out)];
    expect(b.models).toEqual(a.models);
    expect(b.comparisons).toEqual(a.comparisons);
  });

  test('sampled negatives are said at every metric, in JSON and on the page', async () => {
    const out = join(folder, 'sampled');
    await command(['--data', file, '--out', out, '--sampled', '3']);
    const { json, html } = await report(out);
    for (const { metrics, coverage } of json.models) {
      for (const name of [...Object.keys(metrics), ...Object.keys(coverage)]) expect(name).toMatch(/^sampled@3\//);
    }
    for (const { metric } of json.comparisons) expect(metric).toMatch(/^sampled@3\//);
    expect(html.replaceAll(/sampled@3\/(hr|ndcg)/g, '')).not.toMatch(/>\s*(hr|ndcg)@/);
  });

  test.each([
    [['--models', 'nothing'], /There is no model "nothing": random/],
    [['--off-policy'], /no logged rankings/],
    [['--split', 'archetype'], /archetypes are known of our own data alone/],
  ])('%j is answered with a line and writes nothing', async (args, message) => {
    const out = join(folder, 'refused');
    await expect(command(['--data', file, '--out', out, ...args])).rejects.toThrow(message);
    await expect(readdir(out)).rejects.toThrow();
  });

  test('a log of another policy: the estimate, its difference to the truth, or why there is none', async () => {
    const log = join(folder, 'log.csv');
    const head = 'item_id,position,click,propensity_score\n';
    const rows = Array.from({ length: 600 }, (_, i) => `${i % 3},1,${i % 7 === 0 ? 1 : 0},${1 / 3}`);
    await writeFile(log, head + rows.join('\n'));
    const out = join(folder, 'log');
    await command(['--off-policy', log, '--truth', log, '--out', out]);
    const { json } = await report(out);
    expect(json.off_policy.map(({ estimator }: { estimator: string }) => estimator)).toEqual(['ips', 'snips', 'dr']);
    expect(json.off_policy[1].difference.value).toBeCloseTo(0, 9);
    // Item 2 is in no row any more, item 3 is.
    await writeFile(log, head + rows.map((row) => row.replace(/^2/, '3')).join('\n'));
    await command(['--off-policy', log, '--out', out]);
    const refused = (await report(out)).json.off_policy[0];
    expect(refused).toMatchObject({ result: 'no_support', reason: 'never_logged_actions' });
    expect(refused).not.toHaveProperty('value');
  });
});

describe('a comparison', () => {
  const cases = (n: number): EvaluationCase[] =>
    Array.from({ length: n }, (_, id) => ({
      id,
      user: id,
      history: new Int32Array(),
      target: id % 12,
      time: id,
      candidates: null,
      segment: { city: id % 2 ? 'tokyo' : 'new-york' },
      index: -1,
    }));

  test('a constant scorer and one without any score: the expectation of chance, and nothing', async () => {
    const { interactions } = await readDataset([file], { environment: 'development' });
    const flat = (name: string, score: number) => ({
      name,
      score: async (asked: readonly EvaluationCase[]) => asked.map(() => new Float32Array(12).fill(score)),
    });
    const { models } = await evaluate([flat('constant', 1), flat('broken', Number.NaN)], cases(24), interactions);
    const value = (m: number, metric: string) => models[m]!.overall.metrics[metric]!.value;
    expect(value(0, 'hr@1')).toBeCloseTo(1 / 12, 9);
    expect(value(0, 'auc')).toBeCloseTo(0.5, 9);
    expect(models[0]!.overall.coverage['coverage@10']).toBeCloseTo(1 - (2 / 12) ** 24, 9);
    expect([value(1, 'hr@20'), value(1, 'mrr'), value(1, 'auc')]).toEqual([0, 0, 0]);
    expect(models[1]!.overall.coverage['coverage@10']).toBe(0);
  });

  test('the acceptance of offers is calibrated against what became of them, overall and by segment', async () => {
    const { interactions } = await readDataset([file], { environment: 'development' });
    const outcomes = cases(40).map((one) => ({ ...one, accepted: one.id % 4 === 0 }));
    const { models } = await evaluate(
      [
        {
          name: 'quarter',
          score: async (asked) => asked.map(() => new Float32Array(12)),
          acceptance: async (asked) => new Float32Array(asked.length).fill(0.25),
        },
      ],
      cases(40),
      interactions,
      outcomes,
    );
    expect(models[0]!.overall.acceptance).toMatchObject({ n: 40, ece: 0, brier: 0.1875 });
    const tokyo = models[0]!.segments.find(({ value }) => value === 'tokyo')!;
    expect(tokyo.acceptance).toMatchObject({ n: 20, ece: 0.25 });
  });

  test('rows of the wrong length and two rankers of one name are errors', async () => {
    const { interactions } = await readDataset([file], { environment: 'development' });
    const short = { name: 'short', score: async () => [new Float32Array(3)] };
    await expect(evaluate([short], cases(1), interactions)).rejects.toThrow(/scored 3 items of 12/);
    await expect(evaluate([short, short], cases(1), interactions)).rejects.toThrow(/two rankers of one name/);
  });

  test('the test cases are no part of what a ranker is given', async () => {
    const dataset = await readDataset([file], { environment: 'development' });
    const { test: held } = await evaluateModels({
      dataset,
      split: 'leave-one-out',
      seed: 0,
      options: {},
      models: {
        spy: ({ train, validation }) => {
          expect(train.user).toHaveLength(160);
          expect(validation).toHaveLength(40);
          return { name: 'spy', score: async (asked) => asked.map(() => new Float32Array(12)) };
        },
      },
    });
    expect(held).toHaveLength(40);
  });
});

test('a disk that fills leaves the report before, and no part of the new one', async () => {
  const out = join(folder, 'full');
  const document = {
    run: {
      title: 'before',
      createdAt: '2026-11-21T00:00:00Z',
      codeRevision: 'unknown',
      seed: 0,
      config: {},
      lineage: { sources: [], rows: {}, synthetic: true },
      protocol: [],
    },
    evaluation: null,
    offPolicy: [],
  };
  await writeReport(out, document);
  const before = await report(out);
  // A limit on the size of a file stands for the full disk: the write fails in the same way.
  const script = `import { writeReport } from ${JSON.stringify(new URL('../../../training/evaluation/report/write.ts', import.meta.url).href)};
    process.on('SIGXFSZ', () => {});
    const document = JSON.parse(process.argv[2]);
    document.run.title = 'x'.repeat(300000);
    await writeReport(process.argv[1], document).catch((error) => { console.log(error.code); });`;
  const stdout = await new Promise<string>((resolve, reject) => {
    const args = ['-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script];
    execFile('sh', [...args, '--', out, JSON.stringify(document)], (error, text) =>
      error ? reject(error) : resolve(text),
    );
  });
  expect(stdout.trim()).toBe('EFBIG');
  expect((await readdir(out)).sort()).toEqual(['report.html', 'report.json']);
  expect(await report(out)).toEqual(before);
  expect(before.html).toContain('Some of these data are synthetic');
});
