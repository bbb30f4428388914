/** Takes training jobs, one at a time. Killed at any moment, it leaves a job that is taken again and goes on. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DrizzleQueryError } from 'drizzle-orm';
import { isOutage } from '../../platform/database/failure.ts';
import {
  failTraining,
  findTraining,
  finishTraining,
  giveBackTraining,
  type HeldLease,
  leaseTraining,
  type TrainingJob,
  type TrainingProgress,
} from '../../platform/database/training-jobs.ts';
import { trainingFault } from '../training-fault.ts';
import { keepLease, LeaseLost } from './lease-keeper.ts';
import { type JobSurroundings, trainJob } from './train-job.ts';

export interface TrainerOptions extends JobSurroundings {
  /** Goes on waiting for jobs when there is none. */
  watch: boolean;
  leaseMs: number;
  /** A folder for what a killed job goes on from. */
  work: string;
  newId: () => string;
  log: (line: string) => void;
}

const LOOK_EVERY_MS = 2_000;
const PROGRESS_EVERY_MS = 10_000;
/** A training ends at its next step; what does not is left to itself. */
const GRACE_MS = 10_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class Stopped extends Error {}

/** @returns whether something still runs that was not waited for */
export async function runTrainer(options: TrainerOptions, signal: AbortSignal): Promise<{ abandoned: boolean }> {
  const { database, watch, leaseMs, newId, log } = options;
  await tidy(options);
  const graceOver = abortedFor(GRACE_MS, signal);
  let reachable = true;
  while (!signal.aborted) {
    const lease = newId();
    let job: TrainingJob | null = null;
    try {
      job = await leaseTraining(database, { lease, leaseMs });
      reachable = true;
    } catch (error) {
      if (!watch || !isOutage(error)) throw error;
      if (reachable) log('The database cannot be reached; trying again.');
      reachable = false;
    }
    if (job) {
      if ((await runJob(job, lease, options, signal, graceOver)) === 'abandoned') return { abandoned: true };
    } else {
      if (!watch) break;
      await delay(LOOK_EVERY_MS, null, { signal }).catch(() => {});
    }
  }
  return { abandoned: false };
}

async function runJob(
  job: TrainingJob,
  lease: string,
  options: TrainerOptions,
  signal: AbortSignal,
  graceOver: Promise<null>,
): Promise<'over' | 'abandoned'> {
  const { database, leaseMs, work } = options;
  const held: HeldLease = { id: job.id, lease };
  const folder = join(work, job.id);
  const log = (line: string) => options.log(`${job.modelName} ${job.id}: ${line}`);
  log(job.attempts === 1 ? 'begins' : `begins, attempt ${job.attempts}`);
  const keeper = keepLease(database, held, leaseMs, (error) => log(`the lease was not renewed: ${messageOf(error)}`));
  const giveBack = () =>
    giveBackTraining(database, held).then(
      () => log('given back'),
      (error: unknown) => log(`could not be given back, its lease runs out: ${messageOf(error)}`),
    );
  const show = shownBy(log);
  const reasonOf = (error: unknown) => {
    const fault = trainingFault(error);
    // The operator knows the data set, not the copy that the job keeps of it.
    return { error: (fault ?? messageOf(error)).replaceAll(join(folder, 'data'), options.data), final: fault !== null };
  };
  const checked = (progress: TrainingProgress) => {
    if (signal.aborted) throw new Stopped();
    if (keeper.lost) throw new LeaseLost();
    keeper.tell(progress);
    show(progress);
  };
  try {
    const training = trainJob(job, folder, options, checked);
    training.catch(() => {});
    const trained = await Promise.race([training, graceOver]);
    if (trained === null) {
      await giveBack();
      return 'abandoned';
    }
    const { result, version } = trained;
    const counted = await throughOutages(() => finishTraining(database, held, result, version), signal, log);
    if (!counted) throw new LeaseLost();
    log(`done: ${version.modelName}@${version.version}`);
    await cleared(folder);
  } catch (error) {
    if (error instanceof Stopped) await giveBack();
    else if (error instanceof LeaseLost) log('another trainer has it now');
    else if ((await fail(held, reasonOf(error), options, signal, log)) === 'failed') await cleared(folder);
  } finally {
    await keeper.stop();
  }
  return 'over';
}

/** What cannot be told now is found out when the lease runs out. */
async function fail(
  held: HeldLease,
  reason: { error: string; final: boolean },
  { database }: TrainerOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<'queued' | 'failed' | null> {
  try {
    const now = await throughOutages(() => failTraining(database, held, reason), signal, log);
    log(now === 'queued' ? `failed, and will be tried again: ${reason.error}` : `failed: ${reason.error}`);
    return now;
  } catch (untold) {
    log(`failed: ${reason.error}; this could not be told: ${messageOf(untold)}`);
    return null;
  }
}

/** What hours of training came to is not lost to a database that is away for minutes. */
async function throughOutages<T>(work: () => Promise<T>, signal: AbortSignal, log: (line: string) => void): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error) || signal.aborted) throw error;
      if (!told) log('the database cannot be reached; trying again');
      await delay(LOOK_EVERY_MS, null, { signal }).catch(() => {});
    }
  }
}

function abortedFor(milliseconds: number, signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => setTimeout(() => resolve(null), milliseconds).unref(), { once: true });
  });
}

/** What cannot be taken away now is found by the next start. */
const cleared = (folder: string) => rm(folder, { recursive: true, force: true }).catch(() => {});

/** Folders of jobs that were killed here and are over. */
async function tidy({ database, work }: TrainerOptions): Promise<void> {
  for (const id of await readdir(work).catch(() => [])) {
    if (!UUID.test(id)) continue;
    const job = await findTraining(database, id);
    if (job?.status !== 'queued' && job?.status !== 'running')
      await rm(join(work, id), { recursive: true, force: true });
  }
}

function shownBy(log: (line: string) => void): (progress: TrainingProgress) => void {
  let last: { phase: string; epoch: number | undefined; at: number } | null = null;
  return ({ phase, epoch, epochs, loss }) => {
    const at = performance.now();
    const begins = epoch !== undefined && last?.epoch === undefined;
    if (last?.phase === phase && !begins && at - last.at < PROGRESS_EVERY_MS) return;
    last = { phase, epoch, at };
    if (phase === 'data') log('reads the data');
    else if (phase === 'storing') log('stores the model');
    else if (epoch !== undefined) {
      const goesOn = begins && epoch > 1 ? 'goes on from its checkpoint, ' : '';
      log(`${goesOn}epoch ${epoch} of ${epochs}, loss ${loss?.toFixed(4)}`);
    }
  };
}

/** Of a query that failed: why, not the query. */
function messageOf(error: unknown): string {
  const told = error instanceof DrizzleQueryError && error.cause ? error.cause : error;
  return told instanceof Error ? told.message : String(told);
}
