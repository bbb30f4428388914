/** Runs beside each other, one a thread. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Run, RunRequest } from './run-once.ts';

/** In the order of the requests, whichever is done first. */
export async function runAll(requests: readonly RunRequest[], onRun: (done: number) => void): Promise<Run[]> {
  const runs: Run[] = [];
  let [next, done] = [0, 0];
  const threads = Math.min(requests.length, availableParallelism());
  const work = async () => {
    const thread = new Worker(new URL('./run-thread.ts', import.meta.url));
    try {
      while (next < requests.length) {
        const mine = next++;
        runs[mine] = await answered(thread, requests[mine]!);
        onRun(++done);
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return runs;
}

function answered(thread: Worker, request: RunRequest): Promise<Run> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.postMessage(request);
  });
}
