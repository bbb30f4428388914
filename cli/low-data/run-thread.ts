/** The thread of `runs.ts`. */
import { parentPort } from 'node:worker_threads';
import { type RunRequest, runOnce } from './run-once.ts';

parentPort!.on('message', (request: RunRequest) => parentPort!.postMessage(runOnce(request)));
