/** Gradients as the graph computes them against central differences, both in float64. */
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { gradientsOf } from '../../../training/engine/gradients.ts';
import { Graph, type Tensor } from '../../../training/engine/graph.ts';
import { onnxFile } from '../../../training/engine/onnx-file.ts';
import { type Feeds, resolved } from '../../../training/engine/session.ts';

const STEP = 1e-5;

export interface CheckOptions {
  feeds?: Feeds;
  /** Training graphs only: dropout and what inference leaves out. */
  training?: boolean;
  /** Values of a parameter that are checked; all of them where it has no more. */
  probes?: number;
  tolerance?: number;
}

/**
 * `build` gives the loss. Parameters get values around 0.5 +- 0.4 (positive, so that log and sqrt have some), or what
 * their initialiser draws where `initial` says so.
 * @returns the worst relative error
 */
export async function checkGradients(
  build: (graph: Graph) => Tensor,
  { feeds = {}, training = true, probes = 24, tolerance = 1e-6 }: CheckOptions = {},
): Promise<number> {
  const graph = new Graph({ precision: 'float64', training });
  const loss = build(graph);
  const { dense, rows } = gradientsOf(loss);
  const random = Random.of(5, 'gradient check');
  const values = new Map(
    graph.parameters.map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, Float64Array.from({ length: size }, () => 0.5 + 0.8 * (random.uniform() - 0.5))];
    }),
  );
  const outputs: Record<string, Tensor> = { loss };
  for (const [parameter, gradient] of dense) outputs[`d_${parameter.name}`] = gradient;
  for (const [table, parts] of rows) {
    parts.forEach((part, i) => {
      outputs[`r_${table.name}_${i}`] = part.rows;
    });
  }
  const session = await ort.InferenceSession.create(onnxFile(graph.model('check', outputs)), { logSeverityLevel: 3 });
  const tensors: Record<string, ort.Tensor> = {};
  for (const input of graph.inputs) {
    const { data, shape } = feeds[input.name]!;
    const whole = data instanceof Int32Array ? data : Float64Array.from(data);
    tensors[input.name] = new ort.Tensor(whole, [...shape]);
  }
  for (const { input, rate } of graph.dropouts) {
    const shape = resolved(input.shape, graph.inputs, feeds);
    const size = shape.reduce((product, n) => product * n, 1);
    const mask = Float64Array.from({ length: size }, () => (random.chance(rate) ? 0 : 1 / (1 - rate)));
    tensors[input.name] = new ort.Tensor(mask, shape);
  }
  for (const { name, shape } of graph.parameters) tensors[name] = new ort.Tensor(values.get(name)!, [...shape]);
  const lossNow = async () => (await session.run(tensors, ['loss'])).loss!.data[0] as number;

  const found = await session.run(tensors);
  let worst = 0;
  for (const parameter of graph.parameters) {
    const { name, shape } = parameter;
    const data = values.get(name)!;
    const gradient = Float64Array.from(
      (found[`d_${name}`]?.data as Float64Array | undefined) ?? new Float64Array(data.length),
    );
    const width = shape.slice(1).reduce((product, n) => product * n, 1);
    for (const [i, { indices }] of (rows.get(parameter) ?? []).entries()) {
      const part = found[`r_${name}_${i}`]!.data as Float64Array;
      const at = feeds[indices.name]!.data;
      for (let r = 0; r < at.length; r++) {
        for (let j = 0; j < width; j++) gradient[at[r]! * width + j]! += part[r * width + j]!;
      }
    }
    const places =
      data.length <= probes ? [...data.keys()] : Array.from({ length: probes }, () => random.int(data.length));
    for (const place of places) {
      const before = data[place]!;
      data[place] = before + STEP;
      const above = await lossNow();
      data[place] = before - STEP;
      const below = await lossNow();
      data[place] = before;
      const numeric = (above - below) / (2 * STEP);
      const error =
        Math.abs(numeric - gradient[place]!) / Math.max(1e-3, Math.abs(numeric), Math.abs(gradient[place]!));
      worst = Math.max(worst, error);
      expect(error, `${name}[${place}]: ${gradient[place]} for ${numeric}`).toBeLessThan(tolerance);
    }
  }
  await session.release();
  return worst;
}
