/** The arms of a run, one after the other here, or on threads of their own; the rows are the same. */
import { Worker } from 'node:worker_threads';
import type { RunFolder } from '../../simulation/agents/run-folder.ts';
import { BadSettings } from '../../simulation/agents/settings.ts';
import { type Arm, runArm, type Simulation } from '../../simulation/agents/simulate.ts';
import type { CastOptions } from './cast.ts';

/** A whole arm, as the operator is told of it. */
export interface ArmDone {
  name: string;
  slots: number;
  seconds: number;
}

/** What a thread starts from; it opens its own cast. */
export interface ArmsWork {
  simulation: Omit<Simulation, 'cast'>;
  cast: CastOptions;
  path: string;
}

export interface ArmFailure {
  kind: 'failed';
  name: string;
  message: string;
  stack: string | undefined;
  code: string | undefined;
}
export type ThreadReport = ({ kind: 'done' } & ArmDone) | ArmFailure;

/** Of another thread: `code` of the system's errors. */
class ArmFailed extends Error {
  readonly code: string | undefined;
  constructor({ name, message, stack, code }: ArmFailure) {
    super(message);
    this.name = name;
    this.code = code;
    if (stack) this.stack = stack;
  }
}

export async function timedArm(simulation: Simulation, arm: Arm, folder: RunFolder): Promise<ArmDone> {
  const started = performance.now();
  const { name, slots } = await runArm(simulation, arm, folder);
  return { name, slots, seconds: (performance.now() - started) / 1000 };
}

/**
 * Each arm on the next thread that is free. The first that fails ends all: what the others had begun is not whole.
 * @param cast of built-in agents alone: language models are asked from one place, which counts what they cost
 * @throws BadSettings, or an error with the name, message and `code` of what failed
 */
export async function armsOnThreads(
  work: ArmsWork,
  arms: readonly Arm[],
  workers: number,
  onDone: (done: ArmDone) => void,
): Promise<void> {
  const waiting = [...arms];
  const threads: Worker[] = [];
  try {
    await Promise.all(
      Array.from({ length: Math.min(workers, arms.length) }, () => {
        const thread = new Worker(new URL('./arms-thread.ts', import.meta.url), { workerData: work });
        threads.push(thread);
        return lifeOf(thread, () => waiting.shift() ?? null, onDone);
      }),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Until no arm is left for it. */
function lifeOf(thread: Worker, next: () => Arm | null, onDone: (done: ArmDone) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      const arm = next();
      if (arm) thread.postMessage(arm);
      else resolve();
    };
    thread.on('error', reject);
    thread.on('exit', (code) => reject(new Error(`a thread of the simulation ended with ${code}`)));
    thread.on('message', (report: ThreadReport) => {
      if (report.kind === 'failed') {
        reject(report.name === 'BadSettings' ? new BadSettings(report.message) : new ArmFailed(report));
        return;
      }
      onDone(report);
      go();
    });
    go();
  });
}
