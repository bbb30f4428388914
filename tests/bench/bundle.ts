/** What is deployed: its size on the wire, and how long workerd takes to start it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { bundleWorker } from '../../cli/local/worker-bundle.ts';
import { ms, percentiles, type Row } from './measure.ts';

const megabytes = (bytes: number) => bytes / 1e6;

/** Milliseconds from a new workerd to the first answer of a Worker with this source. */
async function firstAnswer(script: string): Promise<number> {
  const from = performance.now();
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: 'bench',
          modules: [{ type: 'ESModule', path: 'index.js', contents: script }],
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
async function startUp(bundle: string): Promise<{ p50: number; p95: number }> {
  const empty = 'export default { fetch: () => new Response("ok") }';
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
  const source = await readFile(entry);
  const gzipped = megabytes(gzipSync(source, { level: 9 }).length);
  // The ONNX runtime as it would be added: its WebAssembly and its JavaScript, neither of which the Worker loads yet.
  const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  const runtimeFiles = ['ort-wasm-simd-threaded.wasm', 'ort.wasm.bundle.min.mjs'];
  let withRuntime = gzipped;
  for (const file of runtimeFiles)
    withRuntime += megabytes(gzipSync(await readFile(join(ort, file)), { level: 9 }).length);
  const started = await startUp(source.toString('utf8'));
  return [
    {
      what: "The Worker's bundle, gzipped",
      target: '< 0.6 MB',
      measured: `${gzipped.toFixed(3)} MB`,
      reached: gzipped < 0.6,
    },
    {
      what: 'The same with the ONNX runtime (not loaded yet; sizes added)',
      target: '< 4.5 MB',
      measured: `${withRuntime.toFixed(2)} MB`,
      reached: withRuntime < 4.5,
    },
    {
      what: 'Start-up in workerd: first answer, less that of an empty Worker',
      target: '< 400 ms',
      measured: `p50 ${ms(started.p50)} ms, p95 ${ms(started.p95)} ms`,
      reached: started.p95 < 400,
    },
  ];
}
