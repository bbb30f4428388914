/** Keeps the lease of the job that is being trained, and tells how far it is. */
import type { Database } from '../../platform/database/client.ts';
import { type HeldLease, heartbeat, type TrainingProgress } from '../../platform/database/training-jobs.ts';

const MOST_BETWEEN_MS = 5_000;

/** Somebody else has the job now, or it is over: what is done here no longer counts. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface LeaseKeeper {
  /** Goes out with the next heartbeat. */
  tell(progress: TrainingProgress): void;
  /** True once a heartbeat found another's lease. */
  readonly lost: boolean;
  /** When none is under way any more. */
  stop(): Promise<void>;
}

/** A heartbeat that does not get through is tried again with the next one: the lease outlasts several. */
export function keepLease(
  database: Database,
  held: HeldLease,
  leaseMs: number,
  onFailure: (error: unknown) => void,
): LeaseKeeper {
  let progress: TrainingProgress | null = null;
  let lost = false;
  let beating: Promise<void> | null = null;
  const beat = async () => {
    try {
      if (!(await heartbeat(database, held, leaseMs, progress))) lost = true;
    } catch (error) {
      onFailure(error);
    }
  };
  const timer = setInterval(
    () => {
      if (lost) return;
      beating ??= beat().finally(() => {
        beating = null;
      });
    },
    Math.min(leaseMs / 4, MOST_BETWEEN_MS),
  );
  return {
    tell(now) {
      progress = now;
    },
    get lost() {
      return lost;
    },
    async stop() {
      clearInterval(timer);
      await beating;
    },
  };
}
