/**
 * What `start` adds around the Worker, so that Ctrl-C can end it in order: from the drain on, new requests are refused,
 * and the answer to the drain request says how many are still running. Requests to anything else pass through untouched.
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The wrapped Worker under a name, too: a socket of Miniflare leads straight to it only where the entry has one. */
export const DIRECT_ENTRY = 'direct';

/**
 * Writes the module that wraps `entry`, whose default export is an object of handlers, beside it. A request runs until
 * it is answered and what it passed to `waitUntil` is done. `path` must be one that nobody guesses.
 */
export async function wrapForDrain(entry: string, path: string): Promise<string> {
  const wrapped = join(dirname(entry), 'local.js');
  await writeFile(
    wrapped,
    `import worker from './index.js';
export * from './index.js';
let draining = false;
let running = 0;
async function counted(work) {
  running++;
  try {
    return await work;
  } finally {
    running--;
  }
}
const counting = {
  ...worker,
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === ${JSON.stringify(path)}) {
      draining = true;
      return Response.json({ running });
    }
    if (draining) return new Response('Stopping.', { status: 503, headers: { 'retry-after': '5' } });
    const waitUntil = context.waitUntil.bind(context);
    context.waitUntil = (work) => waitUntil(counted(work));
    return counted(worker.fetch(request, env, context));
  },
};
export default counting;
export const ${DIRECT_ENTRY} = counting;
`,
  );
  return wrapped;
}

/** Queue messages by what the Worker logs: `{"event": "queue_sent" | "queue_settled", "n": count}`, a line each. */
export class QueueTally {
  #open = 0;

  /** Messages sent that are neither acknowledged nor dead. */
  get open(): number {
    return Math.max(0, this.#open);
  }

  read(line: string): void {
    if (!line.includes('"queue_s')) return;
    let entry: { event?: unknown; n?: unknown };
    try {
      entry = JSON.parse(line);
    } catch {
      return;
    }
    if (typeof entry.n !== 'number') return;
    if (entry.event === 'queue_sent') this.#open += entry.n;
    if (entry.event === 'queue_settled') this.#open -= entry.n;
  }
}

/** Until nothing runs and no message is open, or `limitMs` are over. Returns the messages that are still open. */
export async function drain(running: () => Promise<number>, tally: QueueTally, limitMs: number): Promise<number> {
  const end = performance.now() + limitMs;
  // Log lines arrive a moment after what they tell of: only the second quiet look counts.
  for (let quiet = 0; quiet < 2 && performance.now() < end; await delay(100)) {
    quiet = (await running()) === 0 && tally.open === 0 ? quiet + 1 : 0;
  }
  return tally.open;
}
