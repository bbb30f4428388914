/** An ONNX file run by native ONNX Runtime and by its WebAssembly build, which the Worker uses. */
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web/wasm';
import type { Feed } from '../../../training/engine/session.ts';

export async function runInBoth(
  file: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
  output: string,
): Promise<{ native: Float32Array; web: Float32Array }> {
  web.env.wasm.numThreads = 1;
  const [a, b] = [
    await native.InferenceSession.create(file, { logSeverityLevel: 3 }),
    await web.InferenceSession.create(file),
  ];
  const of = <Tensor>(make: (data: Float32Array | Int32Array, shape: number[]) => Tensor) =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape }]) => [name, make(data as Float32Array, [...shape])]),
    );
  const fromNative = await a.run(of((data, shape) => new native.Tensor(data as Float32Array, shape)));
  const fromWeb = await b.run(of((data, shape) => new web.Tensor(data as Float32Array, shape)));
  const results = {
    native: Float32Array.from(fromNative[output]!.data as Float32Array),
    web: Float32Array.from(fromWeb[output]!.data as Float32Array),
  };
  await a.release();
  await b.release();
  return results;
}

/** The largest difference between values of the same place; NaN where one is no number. */
export function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} values`);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}
