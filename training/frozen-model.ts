/** A trained model's forward graph: to score with in Node, and as the file that the Worker serves. */
import type * as ort from 'onnxruntime-node';
import { Graph, type Tensor } from './engine/graph.ts';
import { onnxFile } from './engine/onnx-file.ts';
import type { ParameterValues } from './engine/parameter-values.ts';
import { type Feeds, type Output, parameterTensors, Session } from './engine/session.ts';

/** Scores with values that may still change from run to run, as they do between epochs. */
export class Scorer<Name extends string> {
  readonly #session: Session<Name>;
  readonly #graph: Graph;
  #tensors: { of: ParameterValues; tensors: Record<string, ort.Tensor> } | null = null;

  private constructor(session: Session<Name>, graph: Graph) {
    this.#session = session;
    this.#graph = graph;
  }

  static async of<Name extends string>(
    build: (graph: Graph) => Record<Name, Tensor>,
    { threads = 2 } = {},
  ): Promise<Scorer<Name>> {
    const graph = new Graph();
    return new Scorer(await Session.of(graph, build(graph), { threads }), graph);
  }

  run<Result>(values: ParameterValues, feeds: Feeds, use: (outputs: Record<Name, Output>) => Result): Promise<Result> {
    if (this.#tensors?.of !== values) this.#tensors = { of: values, tensors: parameterTensors(this.#graph, values) };
    return this.#session.run(this.#tensors.tensors, feeds, use);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** The model as an ONNX file of standard operators, its parameters inside. */
export function exportedModel(
  name: string,
  build: (graph: Graph) => Record<string, Tensor>,
  values: ParameterValues,
  metadata: Record<string, string>,
): Uint8Array {
  const graph = new Graph({ frozen: values });
  return onnxFile(graph.model(name, build(graph), metadata));
}
