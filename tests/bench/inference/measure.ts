/** Ranking in workerd beside the same files in onnxruntime-node on one thread, in turns. */
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import * as native from 'onnxruntime-node';
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import { servedDlrm } from '../../../platform/inference/ml-rankers/dlrm.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { openModel } from '../../../platform/inference/served-model.ts';
import { ms, percentiles, type Row } from '../measure.ts';
import { benchCases, type RankingTimes, timeRanking } from './time-ranking.ts';
import type { InferenceReport } from './worker.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../../models/artifacts/dlrm/fcd359f3f207/', import.meta.url));
const ROUNDS = 5;
const REPEATED = 20;
const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js');

async function bundled(): Promise<string> {
  const folder = join(tmpdir(), `overplanned-inference-${process.pid}`);
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', folder, '--config', join(HERE, 'wrangler.toml')];
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };
  const build = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  const code = await new Promise((resolve, reject) => build.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error('the bench could not be bundled');
  return folder;
}

const TYPES: Record<string, 'ESModule' | 'CompiledWasm' | 'Data'> = {
  js: 'ESModule',
  wasm: 'CompiledWasm',
  onnx: 'Data',
};

async function workerdOf(folder: string): Promise<Miniflare> {
  const names = (await readdir(folder)).sort((a, b) => Number(b.endsWith('.js')) - Number(a.endsWith('.js')));
  const modules = names.flatMap((name) => {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    return type ? [{ type, path: join(folder, name) }] : [];
  });
  const flags = { compatibilityDate: '2026-11-02', compatibilityFlags: ['nodejs_compat'] };
  const worker = { name: 'bench', modules, modulesRoot: folder, ...flags };
  return new Miniflare(convertV4MiniflareOptions({ cf: false, telemetry: { enabled: false }, workers: [worker] }));
}

async function nativeRanker(): Promise<MlRanker> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' } as const;
  const { serves } = await openModel(servedDlrm, {
    version: 'fcd359f3f207',
    read: async (file) => new Uint8Array(await readFile(join(FOLDER, file))),
    createSession: async (bytes) => onnxSession(native, await native.InferenceSession.create(bytes, options)),
  });
  return serves;
}

type Measured = Record<string, RankingTimes>;

function gather(into: Measured, times: Measured): void {
  for (const [name, { runs, rounds, feeds }] of Object.entries(times)) {
    into[name] ??= { runs: [], rounds: [], feeds: [] };
    into[name].runs.push(...runs);
    into[name].rounds.push(...rounds);
    into[name].feeds.push(...feeds);
  }
}

/** workerd's clock moves by so much: a run that took `n` by it took less than `n` and this. */
const TICK_MS = 1;

export async function benchInference(): Promise<Row[]> {
  const runtime = await workerdOf(await bundled());
  try {
    const inNode = await nativeRanker();
    const cases = benchCases(JSON.parse(await readFile(join(FOLDER, 'items.json'), 'utf8')));
    const [ours, natively]: [Measured, Measured] = [{}, {}];
    let report: InferenceReport | null = null;
    const load: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      load.push(loadavg()[0]!);
      report = (await (await runtime.dispatchFetch(`http://bench/?rounds=${REPEATED}`)).json()) as InferenceReport;
      gather(ours, report.times);
      for (const [name, requests] of Object.entries(cases))
        gather(natively, { [name]: await timeRanking(inNode, requests, REPEATED) });
    }
    const rows = Object.entries(ours).map(([name, { runs, rounds, feeds }], i): Row => {
      const [own, other] = [percentiles(rounds), percentiles(natively[name]!.rounds)];
      const under = percentiles(runs).p95 + TICK_MS;
      return {
        what: `Ranking 200 candidates in workerd: ${name}`,
        target: i < 2 ? 'p95 < 2 ms' : '',
        measured:
          `p50 of rounds ${ms(own.p50)} ms (of it JavaScript ${ms(percentiles(feeds).p50)} ms), p95 of single runs under ` +
          `${under} ms; onnxruntime-node ${ms(other.p50)} ms: ${(own.p50 / other.p50).toFixed(1)} times`,
        reached: i < 2 ? under <= 2 : null,
      };
    });
    return [
      ...rows,
      {
        what: 'Opening `dlrm` in an isolate that has loaded nothing',
        target: '',
        measured: `${ms(report!.openedInMs)} ms`,
        reached: null,
      },
      {
        what: 'Memory of ONNX Runtime with all production models',
        target: '< 128 MB',
        measured: `${(report!.wasmBytes / 1e6).toFixed(1)} MB (load of the machine ${load[0]!.toFixed(1)})`,
        reached: report!.wasmBytes < 128e6,
      },
    ];
  } finally {
    await runtime.dispose();
  }
}
