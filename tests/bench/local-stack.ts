/** `npm start` in a folder of its own, as a process of its own: what a newcomer runs, and what is measured. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../stand-ins/free-port.ts';

const CLI = fileURLToPath(new URL('../../cli/overplanned.ts', import.meta.url));

export interface LocalStack {
  url: string;
  databaseUrl: string;
  /** Milliseconds from the start of the process until it printed its URLs. */
  startedIn: number;
  stop(): Promise<void>;
}

async function startIn(folder: string, keep: boolean): Promise<LocalStack> {
  const port = await freePort();
  const from = performance.now();
  const child = spawn(process.execPath, [CLI, 'start', '--state', folder], {
    env: { ...process.env, PORT: String(port), ANTHROPIC_API_KEY: '', PLACES_API_KEY: '', QDRANT_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const databaseUrl = await new Promise<string>((resolve, reject) => {
    child.once('close', () => reject(new Error(`start ended early:\n${output}`)));
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const database = /Database\s+(postgresql:\S+)/.exec(output);
      if (database?.[1] && output.includes('Ctrl-C')) resolve(database[1]);
      // Only the welcome is read; the log of a long run is not kept.
      if (output.length > 100_000) output = output.slice(-10_000);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    startedIn: performance.now() - from,
    async stop() {
      child.kill('SIGINT');
      await ended;
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The first start with an empty folder, then the second with the data of the first. */
export async function startTwice(): Promise<{ firstStartMs: number; stack: LocalStack }> {
  const folder = await mkdtemp(join(tmpdir(), 'overplanned-bench-'));
  const first = await startIn(folder, true);
  await first.stop();
  return { firstStartMs: first.startedIn, stack: await startIn(folder, false) };
}
