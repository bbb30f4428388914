/**
 * ONNX Runtime inside the Worker: WebAssembly, one thread. Its modules are loaded when the first model is: a request that
 * ranks without one never pays for them.
 */
import { OneAtATime } from './one-at-a-time.ts';
import { type OnnxSession, onnxSession } from './onnx-session.ts';

type OrtModule = typeof import('onnxruntime-web/wasm');

interface Runtime {
  ort: OrtModule;
  wasm: WebAssembly.Module;
}

let loaded: Runtime | null = null;

/** Whether this isolate has the runtime's modules. */
export function isRuntimeLoaded(): boolean {
  return loaded !== null;
}

async function runtime(): Promise<Runtime> {
  if (loaded) return loaded;
  const [ort, { default: wasm }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm'),
  ]);
  if (loaded) return loaded;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  // Not empty: the glue that is bundled is used, and nothing is fetched.
  ort.env.wasm.wasmBinary = new Uint8Array(1);
  loaded = { ort, wasm };
  return loaded;
}

let instantiated = false;

/**
 * The Worker may not compile WebAssembly from bytes: until the first session stands, instances come from the module that
 * was compiled with the bundle. All sessions share one instance.
 */
async function withCompiledModule<T>(wasm: WebAssembly.Module, make: () => Promise<T>): Promise<T> {
  if (instantiated) return make();
  const webAssembly = WebAssembly as unknown as { instantiate: unknown };
  const { instantiate } = webAssembly;
  webAssembly.instantiate = async (_: unknown, imports: WebAssembly.Imports) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    instantiated = true;
    return { module: wasm, instance };
  };
  try {
    return await make();
  } finally {
    webAssembly.instantiate = instantiate;
  }
}

/**
 * All sessions keep their arguments on the one stack of the WebAssembly, also while they wait: two calls that overlap
 * destroy each other's. No call waits for anything outside, so that a request's is over before another request's begins, and
 * only those of one request wait here.
 */
const calls = new OneAtATime();

/** @throws Error where the runtime cannot make a session of these bytes */
export async function createSession(bytes: Uint8Array): Promise<OnnxSession> {
  const { ort, wasm } = await runtime();
  const options = { graphOptimizationLevel: 'all', executionMode: 'sequential' } as const;
  const made = await calls.run(() => withCompiledModule(wasm, () => ort.InferenceSession.create(bytes, options)));
  const session = onnxSession(ort, made);
  return {
    ...session,
    run: (feeds) => calls.run(() => session.run(feeds)),
    release: () => calls.run(() => session.release()),
  };
}
