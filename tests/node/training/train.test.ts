import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { sasrecBatches } from '../../../models/sasrec/batches.ts';
import { sasrecConfig } from '../../../models/sasrec/config.ts';
import { sasrecLoss } from '../../../models/sasrec/graph.ts';
import { readCheckpoint } from '../../../training/engine/checkpoint.ts';
import type { ParameterValues } from '../../../training/engine/parameter-values.ts';
import { type Task, type TrainOptions, train } from '../../../training/engine/train.ts';

const ITEMS = 30;
const config = sasrecConfig.parse({ width: 8, length: 6, heads: 2, dropout: 0.2, batch: 16 });
const random = Random.of(4);
const histories = Array.from({ length: 60 }, () => Int32Array.from({ length: 9 }, () => random.int(ITEMS)));

let validated = 0;
const task: Task = {
  loss: (graph) => sasrecLoss(graph, ITEMS, config),
  steps: 8,
  batches: (epoch) => sasrecBatches(histories, ITEMS, config, epoch),
  // Any number that the values decide.
  validate: async (values) => {
    validated++;
    return [...values.values()].reduce((sum, data) => sum + Math.abs(data[0]!), 0);
  },
};
const options: TrainOptions = { epochs: 6, patience: 6, seed: 3, learningRate: 0.01 };

const bits = (values: ParameterValues) =>
  [...values].map(([name, data]) => [name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')]);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-'));
  validated = 0;
});
afterEach(() => rm(folder, { recursive: true }));

describe('a run', () => {
  test('is the same, bit for bit, from the same seed, and another from another', async () => {
    const first = await train(task, options);
    const second = await train(task, options);
    expect(bits(second.values)).toEqual(bits(first.values));
    expect(second.history).toEqual(first.history);
    const other = await train(task, { ...options, seed: 4 });
    expect(bits(other.values)).not.toEqual(bits(first.values));
  });

  test('that was killed goes on to what it would have been', async () => {
    const whole = await train(task, options);
    const checkpoint = { path: join(folder, 'run'), fingerprint: 'one' };
    const killed = train(task, {
      ...options,
      checkpoint,
      onProgress: ({ epoch, step }) => {
        if (epoch === 4 && step === 3) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect((await readCheckpoint(checkpoint.path, 'one'))?.history).toHaveLength(3);
    validated = 0;
    const resumed = await train(task, { ...options, checkpoint });
    expect(validated).toBe(3);
    expect(bits(resumed.values)).toEqual(bits(whole.values));
    expect(resumed.history).toEqual(whole.history);
  });

  test('does not go on from the checkpoint of another run, nor from one that is torn', async () => {
    const checkpoint = { path: join(folder, 'run'), fingerprint: 'one' };
    await train(task, { ...options, epochs: 2, checkpoint });
    expect(await readCheckpoint(checkpoint.path, 'two')).toBeNull();
    await writeFile(checkpoint.path, 'torn');
    validated = 0;
    await train(task, { ...options, epochs: 2, checkpoint });
    expect(validated).toBe(2);
    expect(await readdir(folder)).toEqual(['run']);
  });

  test('stops when validation no longer gets better, and answers the best epoch', async () => {
    const scores = [0.1, 0.3, 0.2, 0.25, 0.1, 0.9];
    let epoch = 0;
    const seen: ParameterValues[] = [];
    const judged: Task = {
      ...task,
      validate: async (values) => {
        seen.push(new Map([...values].map(([name, data]) => [name, data.slice()])));
        return scores[epoch++]!;
      },
    };
    const { bestEpoch, history, values } = await train(judged, { ...options, patience: 2 });
    expect(bestEpoch).toBe(2);
    expect(history.map(({ validation }) => validation)).toEqual([0.1, 0.3, 0.2, 0.25]);
    expect(bits(values)).toEqual(bits(seen[1]!));
  });

  test('with a loss that is not a number ends there, and says so', async () => {
    await expect(train(task, { ...options, learningRate: 1e30 })).rejects.toThrow(/the loss is (NaN|-?Infinity)/);
  });
});
