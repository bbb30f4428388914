/** An ONNX model as what serves calls it, whichever runtime holds it (the Worker's onnxruntime-web, Node's own). */

export interface TensorIn {
  type: 'int32' | 'int64' | 'float32';
  data: Int32Array | BigInt64Array | Float32Array;
  dims: readonly number[];
}

export interface TensorOut {
  data: Float32Array;
  dims: readonly number[];
}

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @throws Error where an input is missing or of another type or shape than the model takes */
  run(feeds: Readonly<Record<string, TensorIn>>): Promise<Readonly<Record<string, TensorOut>>>;
  /** Gives its memory back; no run may follow. */
  release(): Promise<void>;
}

/** What `onnxruntime-web` and `onnxruntime-node` have in common. */
interface Runtime<Tensor> {
  Tensor: new (type: TensorIn['type'], data: TensorIn['data'], dims: readonly number[]) => Tensor;
}
interface RuntimeSession<Tensor> {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Record<string, Tensor>,
  ): Promise<Readonly<Record<string, { data: unknown; dims: readonly number[]; dispose?(): void }>>>;
  release(): Promise<void>;
}

/** @param runtime the module whose session it is: `onnxruntime-web` or `onnxruntime-node` */
export function onnxSession<Tensor>(runtime: Runtime<Tensor>, session: RuntimeSession<Tensor>): OnnxSession {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const tensors: Record<string, Tensor> = {};
      for (const name in feeds) {
        const { type, data, dims } = feeds[name]!;
        tensors[name] = new runtime.Tensor(type, data, dims);
      }
      const results = await session.run(tensors);
      // Copied, since the runtime's memory is given back.
      return Object.fromEntries(
        Object.entries(results).map(([name, result]) => {
          const out = { data: (result.data as Float32Array).slice(), dims: [...result.dims] };
          result.dispose?.();
          return [name, out];
        }),
      );
    },
    release: () => session.release(),
  };
}
