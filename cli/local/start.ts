/** `overplanned start`: the embedded Postgres, the cities and the Worker, from the lock to the drain. */
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../platform/database/client.ts';
import { assembleAssets } from '../assets.ts';
import { openLocalDatabase } from './database.ts';
import { registerFirst } from './first-versions.ts';
import { freePortFrom } from './port.ts';
import { fillItemVectors, fillVectorIndex, seedCities } from './seed-progress.ts';
import { aborted, firstSignal } from './signals.ts';
import { stateFolder } from './state-folder.ts';
import { welcome } from './welcome.ts';
import { bundleWorker } from './worker-bundle.ts';
import { type LocalWorker, startLocalWorker } from './worker-runtime.ts';
import { localVars } from './worker-vars.ts';

const DRAIN_LIMIT_MS = 10_000;

/** Settles when a signal has ended it in order. @throws CommandError for what the person can put right. */
export async function startEverything(port: number, stateFolderPath: string): Promise<void> {
  const state = stateFolder(stateFolderPath);
  const signal = firstSignal();
  const stopping = aborted(signal);

  console.log('Opening the embedded Postgres.');
  const database = await openLocalDatabase(state, await freePortFrom(port + 1));
  let worker: LocalWorker | undefined;
  try {
    if (signal.aborted) return;
    // The bundle is made by a process of its own, so both take the time of one.
    const bundling = bundleWorker(state.bundle);
    bundling.catch(() => {});
    await assembleAssets(fileURLToPath(new URL('../../dist/assets', import.meta.url)));
    const filled = seedCities(openDatabase(database.url))
      .then(() => fillVectorIndex(openDatabase(database.url), process.env.QDRANT_URL))
      .then(() => registerFirst(openDatabase(database.url), 'development'))
      .then(() => fillItemVectors(openDatabase(database.url), process.env.QDRANT_URL));
    await Promise.race([filled, stopping]);
    console.log('Starting the Worker.');
    const entry = await bundling;
    if (signal.aborted) return;
    worker = await startLocalWorker({
      port,
      entry,
      bindingsFolder: state.bindings,
      vars: await localVars(state, database.url),
      onLog: (level, message) =>
        level === 'error' || level === 'warn' ? console.error(message) : console.log(message),
    });
    console.log(welcome(port, database.url, new Date()));
    await stopping;
    console.log('\nStopping: finishing requests and queues (Ctrl-C again ends at once).');
    const open = await worker.drain(DRAIN_LIMIT_MS);
    console.log(open === 0 ? 'The queues are empty.' : `${open} queue messages were not finished and are lost.`);
  } finally {
    await worker?.stop();
    await database.close();
  }
}
