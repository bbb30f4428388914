/** How fast the sequence model trains: sequences a second of one step, and what a whole run of a million interactions takes. */
import { Random } from '../../core/experiment/random.ts';
import { sasrecBatches } from '../../models/sasrec/batches.ts';
import { sasrecConfig } from '../../models/sasrec/config.ts';
import { sasrecLoss } from '../../models/sasrec/graph.ts';
import { Adam } from '../../training/engine/adam.ts';
import { DropoutMasks } from '../../training/engine/dropout-masks.ts';
import { Graph } from '../../training/engine/graph.ts';
import { initialValues } from '../../training/engine/initial-values.ts';
import { TrainingStep } from '../../training/engine/training-step.ts';

const LENGTH = 50;
const BATCH = 128;

/** Users who each took `length` + 1 items. */
function histories(users: number, items: number, length: number): Int32Array[] {
  const random = Random.of(1, 'bench');
  return Array.from({ length: users }, () => Int32Array.from({ length: length + 1 }, () => random.int(items)));
}

/** Sequences a second of each step but the first three. */
export async function stepSpeed(
  loss: 'bce' | 'ce' | 'sampled_ce',
  items: number,
  length = LENGTH,
  steps = 20,
): Promise<number[]> {
  const config = sasrecConfig.parse({ loss, length, batch: BATCH, width: 64, blocks: 2, heads: 1 });
  const graph = new Graph({ training: true });
  const total = sasrecLoss(graph, items, config);
  const values = initialValues(graph.parameters, 1);
  const step = await TrainingStep.of(total, values);
  const optimiser = new Adam(values, { learningRate: 0.001 });
  const masks = new DropoutMasks(1);
  const speeds: number[] = [];
  const batches = sasrecBatches(histories(BATCH * (steps + 3), items, length), items, config, Random.of(1, 'batches'));
  let done = 0;
  for (const feeds of batches) {
    const start = performance.now();
    await step.run(feeds, optimiser, masks);
    if (++done > 3) speeds.push(BATCH / ((performance.now() - start) / 1000));
  }
  await step.close();
  return speeds;
}
