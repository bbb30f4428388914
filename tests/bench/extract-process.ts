/** `node extract-process.ts URL FOLDER`: extracts, extracts again, reads, and prints how long it took as JSON. */
import { Extraction, extractAll } from '../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../platform/artifacts/folder-store.ts';
import { openDatabase } from '../../platform/database/client.ts';
import { readOwnDataset } from '../../training/data/own/read-own-dataset.ts';

const [, , url = '', folder = ''] = process.argv;
const megabytes = () => Math.round(process.memoryUsage().rss / 1e6);
const timed = async (work: () => Promise<unknown>) => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

const before = megabytes();
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, megabytes());
}, 20);
let files = 0;
const run = async () => {
  ({ files } = await extractAll(new Extraction(openDatabase(url), folderStore(folder)), () => {
    peak = Math.max(peak, megabytes());
  }));
};
const cpuBefore = process.cpuUsage();
const extractMs = await timed(run);
const cpu = process.cpuUsage(cpuBefore);
const written = files;
const extractPeak = peak;
const againMs = await timed(run);
clearInterval(watch);
const readMs = await timed(() => readOwnDataset(folder, { environment: 'development' }));
console.log(
  JSON.stringify({
    extractMs,
    againMs,
    readMs,
    files: written,
    cpuMs: (cpu.user + cpu.system) / 1000,
    rssMb: { before, peak: extractPeak },
  }),
);
