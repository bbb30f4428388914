/** The Worker in workerd, with what wrangler.toml binds to it embedded. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  compileModuleRules,
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  testRegExps,
  type V4ModuleDefinition,
  type V4ModuleRule,
} from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { DIRECT_ENTRY, drain, QueueTally, wrapForDrain } from './drain.ts';
import { ROOT } from './state-folder.ts';

const LOOPBACK = '127.0.0.1';

export interface LocalWorker {
  /** Refuses new requests and waits for the running ones and the queues; returns the messages still open at `limitMs`. */
  drain(limitMs: number): Promise<number>;
  stop(): Promise<void>;
}

export interface LocalWorkerOptions {
  port: number;
  /** The bundle's entry file. */
  entry: string;
  /** Where KV, R2 and the Durable Objects are kept. */
  bindingsFolder: string;
  /** Variables that differ from those of wrangler.toml and `.dev.vars`. */
  vars: Record<string, string>;
  onLog: (level: string, message: string) => void;
}

/** Listens on 127.0.0.1 once it resolves. */
export async function startLocalWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const { port, entry, bindingsFolder, vars, onLog } = options;
  const tally = new QueueTally();
  const drainPath = `/${randomUUID()}`;
  const main = await wrapForDrain(entry, drainPath);
  const { modulesRules = [], ...workerOptions } = unstable_getMiniflareWorkerOptions(
    join(ROOT, 'wrangler.toml'),
  ).workerOptions;
  const modules = await listModules(main, modulesRules);
  shieldFromInterrupt();
  const runtime = withoutSignalHandlers(() => {
    const worker = {
      ...workerOptions,
      name: 'overplanned',
      modules,
      modulesRoot: dirname(main),
      bindings: { ...(workerOptions.bindings as Record<string, string>), ...vars },
      // Straight to the Worker. Miniflare's own port leads there through three Workers of its own (its entry, and two for
      // assets, which here are only served through their binding), which costs more than most of what we answer.
      unsafeDirectSockets: [{ host: LOOPBACK, port, entrypoint: DIRECT_ENTRY }],
    };
    return new Miniflare(
      convertV4MiniflareOptions({
        // Any free port: only the drain comes in there.
        host: LOOPBACK,
        // Otherwise a sample of `request.cf` is fetched from the network.
        cf: false,
        log: new Log(LogLevel.WARN),
        logRequests: false,
        telemetry: { enabled: false },
        resourcePersistencePath: bindingsFolder,
        handleStructuredLogs({ level, message }) {
          tally.read(message);
          onLog(level, message);
        },
        workers: [worker],
      }),
    );
  });
  await runtime.ready;
  return {
    drain(limitMs) {
      const running = async () => {
        const answer = await runtime.dispatchFetch(`http://${LOOPBACK}:${port}${drainPath}`);
        return ((await answer.json()) as { running: number }).running;
      };
      return drain(running, tally, limitMs);
    },
    stop: () => runtime.dispose(),
  };
}

/** The files of the bundle, `main` first, each with the type that wrangler's rules give it. */
async function listModules(main: string, rules: V4ModuleRule[]): Promise<V4ModuleDefinition[]> {
  const folder = dirname(main);
  const compiled = compileModuleRules([{ type: 'ESModule', include: ['**/*.js'] }, ...rules]);
  const paths = (await readdir(folder)).map((name) => join(folder, name)).filter((path) => path !== main);
  return [main, ...paths].flatMap((path) => {
    const type = compiled.find((rule) => testRegExps(rule.include, path))?.type;
    return type ? [{ type, path }] : [];
  });
}

/** Has Miniflare start workerd through `workerd.sh`, so that Ctrl-C in a terminal does not end it before the drain. */
function shieldFromInterrupt(): void {
  if (process.platform === 'win32') return;
  const { default: workerd } = createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd');
  process.env.OVERPLANNED_WORKERD = workerd;
  process.env.MINIFLARE_WORKERD_PATH = fileURLToPath(new URL('workerd.sh', import.meta.url));
}

/** Miniflare ends the process at a signal. Here the drain comes first; at the process's end Miniflare still cleans up. */
function withoutSignalHandlers<T>(make: () => T): T {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const made = make();
  for (const [i, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!before[i]!.includes(listener)) process.off(signal, listener);
    }
  }
  return made;
}
