/** What is deployed: its size on the wire, and how long workerd takes to start it. */
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { bundleWorker } from '../../cli/local/worker-bundle.ts';
import { ms, percentiles, type Row } from './measure.ts';

const megabytes = (bytes: number) => bytes / 1e6;

interface Module {
  type: 'ESModule' | 'CompiledWasm' | 'Data';
  path: string;
  contents: string | Uint8Array<ArrayBuffer>;
}

const KINDS = { '.js': 'ESModule', '.wasm': 'CompiledWasm', '.onnx': 'Data' } as const;
const kindOf = (file: string) => KINDS[extname(file) as keyof typeof KINDS];

/** The files that are deployed, the entry first. */
async function modulesOf(entry: string) {
  const directory = dirname(entry);
  const others = (await readdir(directory)).filter((file) => kindOf(file) && file !== basename(entry)).sort();
  return Promise.all(
    [basename(entry), ...others].map(async (file) => ({
      type: kindOf(file),
      path: file,
      contents: await readFile(join(directory, file)),
    })),
  );
}

/** Milliseconds from a new workerd to the first answer of a Worker of these modules. */
async function firstAnswer(modules: Module[]): Promise<number> {
  const from = performance.now();
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: 'bench',
          modules,
          compatibilityDate: '2026-11-02',
          compatibilityFlags: ['nodejs_compat'],
        },
      ],
    }),
  );
  try {
    await (await runtime.dispatchFetch('http://bench/health')).text();
    return performance.now() - from;
  } finally {
    await runtime.dispose();
  }
}

/** The runtime alone takes some of that time: the difference to an empty Worker, in turns, is the start-up of ours. */
async function startUp(bundle: Module[]): Promise<{ p50: number; p95: number }> {
  const empty: Module[] = [
    { type: 'ESModule', path: 'index.js', contents: 'export default { fetch: () => new Response("ok") }' },
  ];
  const differences: number[] = [];
  await firstAnswer(empty);
  for (let run = 0; run < 9; run++) {
    const base = await firstAnswer(empty);
    differences.push((await firstAnswer(bundle)) - base);
  }
  return percentiles(differences);
}

export async function benchBundle(): Promise<Row[]> {
  const entry = await bundleWorker(join(tmpdir(), `overplanned-bundle-${process.pid}`));
  const modules = await modulesOf(entry);
  const sizes = modules.map(({ contents }) => megabytes(gzipSync(contents, { level: 9 }).length));
  const script = sizes[0]!;
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const started = await startUp(modules);
  return [
    {
      what: "The Worker's script, gzipped",
      target: '< 0.6 MB',
      measured: `${script.toFixed(3)} MB`,
      reached: script < 0.6,
    },
    {
      what: `All that is deployed, with the ONNX runtime and ${modules.length - 2} model files, gzipped`,
      target: '< 10 MB',
      measured: `${whole.toFixed(2)} MB`,
      reached: whole < 10,
    },
    {
      what: 'Start-up in workerd: first answer, less that of an empty Worker',
      target: '< 400 ms',
      measured: `p50 ${ms(started.p50)} ms, p95 ${ms(started.p95)} ms`,
      reached: started.p95 < 400,
    },
  ];
}
