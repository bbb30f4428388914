/** Training by gradient descent: epochs, early stopping on validation, checkpoints that a killed run goes on from. */
import { Random } from '../../core/experiment/random.ts';
import { Adam, type AdamOptions, newAdamState } from './adam.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { DropoutMasks } from './dropout-masks.ts';
import type { EpochRecord } from './epoch-record.ts';
import { Graph, type Tensor } from './graph.ts';
import { initialValues } from './initial-values.ts';
import { type Link, linkedStep } from './linked-step.ts';
import { copyOf, type ParameterValues } from './parameter-values.ts';
import type { Feeds } from './session.ts';
import { TrainingStep } from './training-step.ts';

export interface Task {
  /** Adds the model to the graph and returns the loss, of rank 0. */
  loss(graph: Graph): Tensor;
  /** Where the graph's parameters are made of what is learned, by something that is not in the graph. */
  link?: Link;
  /** Steps of an epoch, for the progress. */
  steps: number;
  /** One epoch's feeds. What is random in them comes from `random`, which belongs to the epoch. */
  batches(random: Random, epoch: number): Iterable<Feeds>;
  /** How good the values are on what is held out for validation; higher is better. Null: train all epochs. */
  validate: ((values: ParameterValues) => Promise<number>) | null;
}

export interface TrainOptions extends AdamOptions {
  epochs: number;
  /** Epochs without a better validation after which training ends. */
  patience: number;
  /** Validate after every so many epochs. */
  validateEvery?: number;
  seed: number;
  threads?: number;
  /** A file; where it exists and has the same `fingerprint`, the run goes on from it. */
  checkpoint?: { path: string; fingerprint: string };
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  /** Mean of the epoch so far. */
  loss: number;
  /** The last one; null before the first. */
  validation: number | null;
}

export interface Trained {
  /** Of the best epoch. */
  values: ParameterValues;
  bestEpoch: number;
  history: readonly EpochRecord[];
}

/** The same task, options and threads give the same values, bit for bit, also across a resume. */
export async function train(task: Task, options: TrainOptions): Promise<Trained> {
  const { epochs, patience, seed, threads = 2, validateEvery = 1, checkpoint, onProgress } = options;
  const graph = new Graph({ training: true });
  const loss = task.loss(graph);
  const resumed = checkpoint ? await readCheckpoint(checkpoint.path, checkpoint.fingerprint) : null;
  const values = resumed?.values ?? initialValues(graph.parameters, seed);
  const optimiser = new Adam(values, options, resumed?.optimiser ?? newAdamState(values));
  const history: EpochRecord[] = [...(resumed?.history ?? [])];
  let best = resumed?.best ?? null;
  const masks = new DropoutMasks(seed);
  const link = task.link && { ...task.link, parameters: copyOf(values) };
  const step = await TrainingStep.of(loss, link?.parameters ?? values, { threads });
  try {
    for (let epoch = history.length + 1; epoch <= epochs && !exhausted(history, best, patience); epoch++) {
      const random = Random.of(seed, `epoch/${epoch}`);
      masks.begin(epoch);
      let sum = 0;
      let steps = 0;
      for (const feeds of task.batches(random, epoch)) {
        if (link) {
          link.forward(values, link.parameters);
          sum += await linkedStep(step, feeds, masks, optimiser, link);
        } else sum += await step.run(feeds, optimiser, masks);
        steps++;
        const validation = history.at(-1)?.validation ?? null;
        onProgress?.({ epoch, epochs, step: steps, steps: task.steps, loss: sum / steps, validation });
      }
      if (steps === 0) throw new RangeError('there is nothing to train on');
      const due = task.validate !== null && (epoch % validateEvery === 0 || epoch === epochs);
      const validation = due ? await task.validate!(values) : null;
      history.push({ epoch, loss: sum / steps, validation });
      if (!task.validate || (validation !== null && (!best || validation > best.validation))) {
        best = { epoch, validation: validation ?? 0, values: copyOf(values) };
      }
      if (checkpoint) {
        const state: Checkpoint = { values, optimiser: optimiser.state, history, best };
        await writeCheckpoint(checkpoint.path, checkpoint.fingerprint, state);
      }
    }
  } finally {
    await step.close();
  }
  return { values: best?.values ?? values, bestEpoch: best?.epoch ?? 0, history };
}

function exhausted(history: readonly EpochRecord[], best: Checkpoint['best'], patience: number): boolean {
  return best !== null && history.length - best.epoch >= patience;
}
