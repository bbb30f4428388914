/** How fast the sequence model trains: sequences a second of one step, a whole run of a million interactions, and growth. */
import { Random } from '../../core/experiment/random.ts';
import { sasrecBatches, windowCount } from '../../models/sasrec/batches.ts';
import { sasrecConfig } from '../../models/sasrec/config.ts';
import { sasrecLoss } from '../../models/sasrec/graph.ts';
import { Adam } from '../../training/engine/adam.ts';
import { DropoutMasks } from '../../training/engine/dropout-masks.ts';
import { Graph } from '../../training/engine/graph.ts';
import { initialValues } from '../../training/engine/initial-values.ts';
import { train } from '../../training/engine/train.ts';
import { TrainingStep } from '../../training/engine/training-step.ts';
import { percentiles, type Row } from './measure.ts';

const LENGTH = 50;
const BATCH = 128;
const ITEMS = 3000;
const WARM_UP = 3;
const STEPS = 25;

type Loss = 'bce' | 'ce' | 'sampled_ce';

interface Case {
  loss: Loss;
  items?: number;
  length?: number;
}

/** Users who each took `count` items. */
function histories(users: number, items: number, count: number): Int32Array[] {
  const random = Random.of(1, 'bench');
  return Array.from({ length: users }, () => Int32Array.from({ length: count }, () => random.int(items)));
}

/** Sequences a second of each step. Dropout of 0.2; d 64, two blocks, one head, every position has a target. */
async function stepSpeeds({ loss, items = ITEMS, length = LENGTH }: Case): Promise<number[]> {
  const config = sasrecConfig.parse({ loss, length, batch: BATCH });
  const graph = new Graph({ training: true });
  const total = sasrecLoss(graph, items, config);
  const values = initialValues(graph.parameters, 1);
  const step = await TrainingStep.of(total, values);
  const optimiser = new Adam(values, { learningRate: 0.001 });
  const masks = new DropoutMasks(1);
  const speeds: number[] = [];
  const users = histories(BATCH * (STEPS + WARM_UP), items, length + 1);
  let done = 0;
  for (const feeds of sasrecBatches(users, items, config, Random.of(1, 'batches'))) {
    const start = performance.now();
    await step.run(feeds, optimiser, masks);
    if (++done > WARM_UP) speeds.push(BATCH / ((performance.now() - start) / 1000));
  }
  await step.close();
  return speeds;
}

const median = async (one: Case) => percentiles(await stepSpeeds(one)).p50;

async function stepRow(loss: Loss, name: string, target: number | null): Promise<Row> {
  const speeds = await stepSpeeds({ loss });
  const { p50 } = percentiles(speeds);
  const slow = percentiles(speeds.map((speed) => -speed)).p95;
  return {
    what: `SASRec step, ${name}`,
    target: target === null ? '' : `>= ${target} sequences/s`,
    measured: `median ${p50.toFixed(0)}, p95 ${(-slow).toFixed(0)} sequences/s`,
    reached: target === null ? null : p50 >= target,
  };
}

async function wholeRun(): Promise<Row> {
  const users = histories(6000, ITEMS, 167);
  const config = sasrecConfig.parse({ loss: 'bce', length: LENGTH, batch: BATCH });
  const start = performance.now();
  await train(
    {
      loss: (graph) => sasrecLoss(graph, ITEMS, config),
      steps: Math.ceil(windowCount(users, LENGTH) / BATCH),
      batches: (random) => sasrecBatches(users, ITEMS, config, random),
      validate: null,
    },
    { epochs: 20, patience: 20, seed: 1, learningRate: 0.001 },
  );
  const minutes = (performance.now() - start) / 60_000;
  const memory = process.resourceUsage().maxRSS / 1024;
  return {
    what: 'A million interactions of 6,000 users, 20 epochs, BCE',
    target: '< 5 min',
    measured: `${minutes.toFixed(1)} min, ${memory.toFixed(0)} MB at most`,
    reached: minutes < 5,
  };
}

async function growth(): Promise<Row> {
  const base = await median({ loss: 'ce' });
  const ratio = async (one: Case) => (base / (await median(one))).toFixed(1);
  return {
    what: 'Time of a softmax step against that of 3,000 items and 50 positions',
    target: '',
    measured: `6,000 items: x ${await ratio({ loss: 'ce', items: 6000 })}; 12,000: x ${await ratio({ loss: 'ce', items: 12_000 })}; 100 positions: x ${await ratio({ loss: 'ce', length: 100 })}; an epoch grows with the number of windows of its users`,
    reached: null,
  };
}

export async function benchTraining(): Promise<Row[]> {
  return [
    await stepRow('bce', 'BCE, one negative', 2500),
    await stepRow('ce', 'full softmax', 900),
    await stepRow('sampled_ce', 'softmax over 1,024 samples', null),
    await growth(),
    await wholeRun(),
  ];
}
