/** The trained values of a version that is there already, read back from its files. */
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import { floatsOf, type OnnxContents, readOnnx } from '../../platform/inference/onnx-contents.ts';
import { Graph } from '../../training/engine/graph.ts';
import { initialValues } from '../../training/engine/initial-values.ts';
import type { ParameterValues } from '../../training/engine/parameter-values.ts';
import { uSasrecConfig } from '../u-sasrec/config.ts';
import { uSasrecScores } from '../u-sasrec/graph.ts';
import { FIRST_ITEM } from '../u-sasrec/inputs.ts';
import type { PlattLine } from './calibration.ts';
import type { DlrmConfig } from './config.ts';
import type { ServingValues } from './serving-graph.ts';

/**
 * @param sequence `u-sasrec.onnx` and `head` `dlrm.onnx` of one version, whose config and seed these are
 * @throws RangeError where they are no such files
 */
export function servingValuesOf(
  sequence: Uint8Array,
  head: Uint8Array,
  config: DlrmConfig,
  seed: number,
): ServingValues {
  const [sequenceFile, headFile] = [contentsOf(sequence, 'u-sasrec.onnx'), contentsOf(head, 'dlrm.onnx')];
  const values = valuesOf(sequenceFile);
  const shape = uSasrecConfig.parse(config.sequence);
  return {
    sequence: values,
    heads: shape.heads,
    head: valuesOf(headFile),
    line: lineOf(headFile),
    trained: moved(values.get('item_embedding')!, seed, config),
  };
}

function contentsOf(file: Uint8Array, name: string): OnnxContents {
  const contents = readOnnx(file);
  if (!contents) throw new RangeError(`${name} is no ONNX file`);
  return contents;
}

function valuesOf({ initializers }: OnnxContents): ParameterValues {
  const floats = [...initializers].filter(([, { type }]) => type === 'float32');
  return new Map(floats.map(([name, initializer]) => [name, floatsOf(initializer)]));
}

/** The probability is the sigmoid of logit times slope plus offset. */
function lineOf({ nodes, initializers }: OnnxContents): PlattLine {
  const from = (output: string | undefined) => nodes.find(({ outputs }) => outputs[0] === output);
  const scalar = (inputs: readonly string[] | undefined) => {
    const name = inputs?.find((input) => initializers.get(input)?.dims.length === 0);
    if (name === undefined) throw new RangeError('dlrm.onnx ends in no calibrated probability');
    return floatsOf(initializers.get(name)!)[0]!;
  };
  const sigmoid = nodes.find(({ operator }) => operator === 'Sigmoid');
  const sum = from(sigmoid?.inputs[0]);
  const product = sum?.inputs.map(from).find((node) => node?.operator === 'Mul');
  return { slope: scalar(product?.inputs), offset: scalar(sum?.inputs) };
}

/** [items]: 1 where the item's row is no longer the one that training began with. */
function moved(table: Float32Array, seed: number, config: DlrmConfig): Uint8Array {
  const shape = uSasrecConfig.parse(config.sequence);
  const items = table.length / shape.width - FIRST_ITEM;
  const graph = new Graph();
  uSasrecScores(graph, items, VENUE_FEATURES, shape);
  const begun = initialValues(graph.parameters, seed).get('item_embedding')!;
  const trained = new Uint8Array(items);
  for (const item of trained.keys()) {
    const from = (item + FIRST_ITEM) * shape.width;
    for (let i = from; i < from + shape.width; i++) if (table[i] !== begun[i]) trained[item] = 1;
  }
  return trained;
}
