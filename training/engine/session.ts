/** Graphs that run on ONNX Runtime. */
import * as ort from 'onnxruntime-node';
import type { Shape } from './dimension.ts';
import type { Graph, Tensor } from './graph.ts';
import { onnxFile } from './onnx-file.ts';
import type { ParameterValues } from './parameter-values.ts';

export interface Feed {
  data: Float32Array | Float64Array | Int32Array;
  shape: readonly number[];
}
export type Feeds = Readonly<Record<string, Feed>>;

export interface Output {
  data: Float32Array;
  shape: readonly number[];
}

export class Session<Name extends string> {
  readonly #session: ort.InferenceSession;
  readonly #names: readonly Name[];
  readonly #inputs: readonly Tensor[];

  private constructor(session: ort.InferenceSession, names: readonly Name[], inputs: readonly Tensor[]) {
    this.#session = session;
    this.#names = names;
    this.#inputs = inputs;
  }

  /** @param threads of each operator; the same number gives the same bits */
  static async of<Name extends string>(
    graph: Graph,
    outputs: Readonly<Record<Name, Tensor>>,
    { threads = 2 } = {},
  ): Promise<Session<Name>> {
    const names = Object.keys(outputs) as Name[];
    const bytes = onnxFile(graph.model('training', outputs));
    const session = await ort.InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    return new Session(session, names, graph.inputs);
  }

  /**
   * Parameters first, made once by `parameterTensors`. The outputs' memory is the runtime's: it is valid within `use`.
   * @throws RangeError that names the input which is missing or of another shape
   */
  async run<Result>(
    parameters: Readonly<Record<string, ort.Tensor>>,
    feeds: Feeds,
    use: (outputs: Record<Name, Output>) => Result,
  ): Promise<Result> {
    this.#check(feeds);
    const tensors: Record<string, ort.Tensor> = { ...parameters };
    for (const [name, { data, shape }] of Object.entries(feeds)) tensors[name] = new ort.Tensor(data, [...shape]);
    const results = await this.#session.run(tensors, this.#names);
    try {
      const outputs = Object.fromEntries(
        this.#names.map((name) => [name, { data: results[name]!.data as Float32Array, shape: results[name]!.dims }]),
      );
      return use(outputs as Record<Name, Output>);
    } finally {
      for (const name of this.#names) results[name]!.dispose();
    }
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #check(feeds: Feeds): void {
    for (const { name, shape } of this.#inputs) {
      const feed = feeds[name];
      if (!feed) throw new RangeError(`input ${name} is missing`);
      const fits =
        feed.shape.length === shape.length &&
        shape.every((size, i) => typeof size !== 'number' || size === feed.shape[i]);
      if (!fits) throw new RangeError(`input ${name} has the shape [${feed.shape}]`);
    }
  }
}

/** Tensors over the values' own memory: what changes there is what the next run sees. */
export function parameterTensors(graph: Graph, values: ParameterValues): Record<string, ort.Tensor> {
  return Object.fromEntries(
    graph.parameters.map(({ name, shape }) => [name, new ort.Tensor('float32', values.get(name)!, [...shape])]),
  );
}

/** The shape with its symbols replaced by their sizes, which the feeds give. */
export function resolved(shape: Shape, inputs: readonly Tensor[], feeds: Feeds): number[] {
  return shape.map((size) => {
    if (typeof size === 'number') return size;
    for (const input of inputs) {
      const axis = input.shape.findIndex((own) => typeof own !== 'number' && own.symbol === size.symbol);
      const own = input.shape[axis];
      const fed = feeds[input.name]?.shape[axis];
      if (own !== undefined && typeof own !== 'number' && fed !== undefined) return (fed / own.times) * size.times;
    }
    throw new RangeError(`no input says how large ${size.symbol} is`);
  });
}
