/**
 * `npm run bench [-- part ...]`: measures on this machine and writes `docs/benchmarks.md`; with parts named, only those
 * are measured and the rest of the document stays.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { benchBundle } from './bundle.ts';
import { benchExtract } from './extract.ts';
import { benchGrowth, benchHttp } from './http.ts';
import { benchInference } from './inference/measure.ts';
import { benchLive } from './live.ts';
import { startTwice } from './local-stack.ts';
import { type Row, table } from './measure.ts';
import { benchRetrieval } from './retrieval.ts';
import { benchSimulation } from './simulation.ts';
import { benchTextModels } from './text-encoder.ts';
import { benchTraining } from './training.ts';
import { assemblyTime, travelBaseline } from './travel-baseline.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

async function benchStack(): Promise<Row[]> {
  const { firstStartMs, stack } = await startTwice();
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  try {
    return [
      { what: 'First start, with seeding', target: '', measured: seconds(firstStartMs), reached: null },
      {
        what: 'Second start',
        target: '< 10 s',
        measured: seconds(stack.startedIn),
        reached: stack.startedIn < 10_000,
      },
      ...(await benchHttp(stack)),
      ...(await benchGrowth(stack)),
    ];
  } finally {
    await stack.stop();
  }
}

async function benchLiveStack(): Promise<Row[]> {
  const { stack } = await startTwice();
  try {
    return await benchLive(stack);
  } finally {
    await stack.stop();
  }
}

const PARTS: Record<string, { title: string; run: () => Promise<Row[]> }> = {
  http: { title: 'The local stack over HTTP', run: benchStack },
  live: { title: 'A trip while it runs', run: benchLiveStack },
  retrieval: { title: 'Retrieval (pgvector in the embedded database)', run: benchRetrieval },
  assembly: { title: 'Assembly', run: async () => [...(await assemblyTime()), ...(await travelBaseline())] },
  extract: { title: 'Extraction of training data', run: benchExtract },
  training: { title: 'Training', run: benchTraining },
  text: { title: 'Text models (WASM)', run: benchTextModels },
  inference: { title: 'Ranking with the trained models (WASM in workerd)', run: benchInference },
  simulation: { title: 'The agent simulation (built-in agents)', run: benchSimulation },
  bundle: { title: 'What is deployed', run: benchBundle },
};

const begin = (part: string) => `<!-- bench:${part} -->`;
const end = (part: string) => `<!-- /bench:${part} -->`;

function replaced(document: string, part: string, text: string): string {
  const from = document.indexOf(begin(part));
  const to = document.indexOf(end(part));
  if (from < 0 || to < 0) throw new Error(`docs/benchmarks.md has no place for "${part}"`);
  return `${document.slice(0, from + begin(part).length)}\n${text}\n${document.slice(to)}`;
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
for (const part of chosen) if (!(part in PARTS)) throw new Error(`no part "${part}"; there are ${Object.keys(PARTS)}`);

let document = await readFile(DOCUMENT, 'utf8');
const machine = `${availableParallelism()} cores of ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
for (const part of chosen) {
  const { title, run } = PARTS[part]!;
  process.stderr.write(`measuring: ${title}\n`);
  const rows = table(await run());
  console.log(`\n${title}\n\n${rows}`);
  const measuredOn = `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}.`;
  document = replaced(document, part, `\n${measuredOn}\n\n${rows}\n`);
  await writeFile(DOCUMENT, document);
}
process.exit(0);
