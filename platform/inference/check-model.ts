/** What a model's file has to be before a session is made of it, and what a session has to give before it serves. */
import { type OnnxContents, type OnnxInitializer, type OnnxValueInfo, readOnnx } from './onnx-contents.ts';

/** Of one file: several have to fit into the isolate's 128 MB, each twice while its session is made. */
export const MOST_MODEL_BYTES = 32 * 1024 * 1024;

export type RefusalCode =
  | 'too_large'
  | 'truncated'
  | 'wrong_signature'
  | 'not_finite'
  | 'missing'
  | 'synthetic'
  | 'failed_probe';

/** A version that must not serve, whatever the registry says of it. */
export class ModelRefused extends Error {
  override readonly name = 'ModelRefused';
  readonly code: RefusalCode;
  /** `name@version` */
  readonly model: string;
  readonly file: string;

  constructor(code: RefusalCode, model: string, file: string, message: string) {
    super(`${model}, ${file}: ${message}`);
    this.code = code;
    this.model = model;
    this.file = file;
  }
}

/** What the code that feeds a file and reads its outputs relies on. */
export interface ModelSignature {
  inputs: Readonly<Record<string, OnnxValueInfo>>;
  /** All float32. */
  outputs: readonly string[];
  metadata: Readonly<Record<string, string>>;
  /** Metadata that has to be there, whatever it says. */
  described?: readonly string[];
}

/** Sizes by name and type; null where any size is fed. */
export const floats = (...dims: (number | null)[]): OnnxValueInfo => ({ type: 'float32', dims });
export const indices = (...dims: (number | null)[]): OnnxValueInfo => ({ type: 'int32', dims });

/** @throws ModelRefused where a file of so many bytes is not to be read */
export function checkSize(bytes: number, model: string, file: string): void {
  if (bytes > MOST_MODEL_BYTES)
    throw new ModelRefused('too_large', model, file, `${bytes} bytes, over ${MOST_MODEL_BYTES}`);
}

/** @throws ModelRefused */
export function checkModel(bytes: Uint8Array, signature: ModelSignature, model: string, file: string): OnnxContents {
  checkSize(bytes.length, model, file);
  const contents = readOnnx(bytes);
  if (!contents) throw new ModelRefused('truncated', model, file, 'no ONNX file, or not a whole one');
  const fault = signatureFault(contents, signature);
  if (fault) throw new ModelRefused('wrong_signature', model, file, fault);
  const strange = notFinite(contents);
  if (strange) throw new ModelRefused('not_finite', model, file, `${strange} holds a number that is none`);
  return contents;
}

function signatureFault(contents: OnnxContents, { inputs, outputs, metadata, described = [] }: ModelSignature) {
  const extra = [...contents.inputs.keys()].filter((name) => !(name in inputs));
  if (extra.length > 0) return `takes ${extra.join(', ')}, which nothing feeds`;
  for (const [name, expected] of Object.entries(inputs)) {
    const own = contents.inputs.get(name);
    if (!own) return `takes no ${name}`;
    const fits =
      own.type === expected.type &&
      own.dims.length === expected.dims.length &&
      own.dims.every((size, i) => size === null || expected.dims[i] === null || size === expected.dims[i]);
    if (!fits) return `takes ${name} as ${text(own)}, not ${text(expected)}`;
  }
  for (const name of outputs) {
    const own = contents.outputs.get(name);
    if (!own) return `gives no ${name}`;
    if (own.type !== 'float32') return `gives ${name} as ${own.type}`;
  }
  for (const [key, expected] of Object.entries(metadata)) {
    const own = contents.metadata.get(key);
    if (own !== expected) return `its ${key} is ${own ?? 'not stated'}, not ${expected}`;
  }
  const silent = described.find((key) => !contents.metadata.has(key));
  return silent === undefined ? null : `its ${silent} is not stated`;
}

const text = ({ type, dims }: OnnxValueInfo) => `${type} [${dims.map((size) => size ?? '?').join(', ')}]`;

/** The first weights among which one is not finite. */
function notFinite({ initializers, nodes }: OnnxContents): string | null {
  for (const [name, initializer] of initializers) if (hasStrange(initializer)) return name;
  for (const { operator, floats: attributes } of nodes) {
    for (const [name, values] of attributes) if (!values.every(Number.isFinite)) return `${operator}.${name}`;
  }
  return null;
}

const EXPONENT = 0x7f80_0000;

function hasStrange({ type, raw }: OnnxInitializer): boolean {
  if (type !== 'float32') return false;
  const aligned = raw.byteOffset % 4 === 0 ? raw : raw.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  // All ones in the exponent: infinite, or not a number.
  for (let i = 0; i < words.length; i++) if ((words[i]! & EXPONENT) === EXPONENT) return true;
  return false;
}
