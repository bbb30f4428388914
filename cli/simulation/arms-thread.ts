/** A thread of `arms.ts`: runs the arms that it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { RunFolder } from '../../simulation/agents/run-folder.ts';
import type { Arm } from '../../simulation/agents/simulate.ts';
import { type ArmsWork, type ThreadReport, timedArm } from './arms.ts';
import { openCast } from './cast.ts';

const { simulation, cast: options, path } = workerData as ArmsWork;
const send = (report: ThreadReport) => parentPort!.postMessage(report);

async function run(arm: Arm): Promise<void> {
  try {
    // Of this arm alone: what others need is opened where they run.
    const { cast } = await openCast([arm.variant], options, {});
    const { folder } = await RunFolder.open(path);
    send({ kind: 'done', ...(await timedArm({ ...simulation, cast }, arm, folder)) });
  } catch (error) {
    const { name, message, stack, code } = error as NodeJS.ErrnoException;
    send({ kind: 'failed', name, message, stack, code });
  }
}

parentPort!.on('message', (arm: Arm) => void run(arm));
