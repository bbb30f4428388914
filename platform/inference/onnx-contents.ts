/**
 * What an ONNX file says of itself, read without a runtime and without generated code, which workerd forbids: the messages
 * of onnx.proto that `training/engine/onnx-file.ts` writes. Field numbers are those of onnx.proto.
 */
import protobuf, { type Reader } from 'protobufjs/minimal.js';
import type { TensorIn } from './onnx-session.ts';

export interface OnnxValueInfo {
  /** As ONNX numbers them, where it is none of these. */
  type: TensorIn['type'] | `type ${number}`;
  /** Null: only known when the model runs. */
  dims: readonly (number | null)[];
}

export interface OnnxInitializer {
  type: OnnxValueInfo['type'];
  dims: readonly number[];
  /** Little endian. */
  raw: Uint8Array;
}

export interface OnnxNodeContents {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Of trees: their thresholds and leaves. */
  floats: ReadonlyMap<string, readonly number[]>;
}

export interface OnnxContents {
  inputs: ReadonlyMap<string, OnnxValueInfo>;
  outputs: ReadonlyMap<string, OnnxValueInfo>;
  metadata: ReadonlyMap<string, string>;
  initializers: ReadonlyMap<string, OnnxInitializer>;
  nodes: readonly OnnxNodeContents[];
}

const ELEMENT_TYPES: Readonly<Record<number, TensorIn['type']>> = { 1: 'float32', 6: 'int32', 7: 'int64' };
const typeOf = (element: number): OnnxValueInfo['type'] => ELEMENT_TYPES[element] ?? `type ${element}`;

type Fields = Readonly<Record<number, (reader: Reader, wireType: number) => void>>;

/** Calls what is named for each field of a message that goes to `end`, and skips the others. */
function readFields(reader: Reader, end: number, fields: Fields): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    if (field) field(reader, tag & 7);
    else reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('a message ends within a field');
}

function within(reader: Reader, fields: Fields): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a message goes on after the end of the file');
  readFields(reader, end, fields);
}

const int64 = (reader: Reader) => Number(reader.int64());

function readShape(reader: Reader): (number | null)[] {
  const dims: (number | null)[] = [];
  within(reader, {
    1: (r) => {
      let size: number | null = null;
      within(r, { 1: (d) => (size = int64(d)) });
      dims.push(size);
    },
  });
  return dims;
}

function readValueInfo(reader: Reader, into: Map<string, OnnxValueInfo>): void {
  let name = '';
  let type: OnnxValueInfo['type'] = typeOf(0);
  let dims: (number | null)[] = [];
  const tensor: Fields = { 1: (r) => (type = typeOf(r.int32())), 2: (r) => (dims = readShape(r)) };
  within(reader, { 1: (r) => (name = r.string()), 2: (r) => within(r, { 1: (t) => within(t, tensor) }) });
  into.set(name, { type, dims });
}

function readInitializer(reader: Reader, into: Map<string, OnnxInitializer>): void {
  let name = '';
  let type: OnnxValueInfo['type'] = typeOf(0);
  const dims: number[] = [];
  let raw: Uint8Array = new Uint8Array();
  within(reader, {
    1: (r, wire) => numbers(r, wire, int64, dims),
    2: (r) => (type = typeOf(r.int32())),
    8: (r) => (name = r.string()),
    9: (r) => (raw = r.bytes()),
  });
  into.set(name, { type, dims, raw });
}

const PACKED = 2;

/** One number, or a run of them. */
function numbers(reader: Reader, wireType: number, read: (reader: Reader) => number, into: number[]): void {
  if (wireType !== PACKED) {
    into.push(read(reader));
    return;
  }
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError('numbers go on after the end of the file');
  while (reader.pos < end) into.push(read(reader));
}

function readNode(reader: Reader): OnnxNodeContents {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const floats = new Map<string, number[]>();
  let operator = '';
  within(reader, {
    1: (r) => inputs.push(r.string()),
    2: (r) => outputs.push(r.string()),
    4: (r) => (operator = r.string()),
    5: (r) => {
      let name = '';
      const values: number[] = [];
      within(r, {
        1: (a) => (name = a.string()),
        2: (a) => values.push(a.float()),
        7: (a, wire) => numbers(a, wire, (each) => each.float(), values),
      });
      if (values.length > 0) floats.set(name, values);
    },
  });
  return { operator, inputs, outputs, floats };
}

/** Null where the bytes are no ONNX file, or not a whole one. The initializers' bytes are views of `file`. */
export function readOnnx(file: Uint8Array): OnnxContents | null {
  const contents = {
    inputs: new Map<string, OnnxValueInfo>(),
    outputs: new Map<string, OnnxValueInfo>(),
    metadata: new Map<string, string>(),
    initializers: new Map<string, OnnxInitializer>(),
    nodes: [] as OnnxNodeContents[],
  };
  let graphs = 0;
  let operatorSets = 0;
  const graph: Fields = {
    1: (r) => contents.nodes.push(readNode(r)),
    5: (r) => readInitializer(r, contents.initializers),
    11: (r) => readValueInfo(r, contents.inputs),
    12: (r) => readValueInfo(r, contents.outputs),
  };
  // Of Node's buffers, plain bytes: their slices are no copies.
  const reader = protobuf.Reader.create(new Uint8Array(file.buffer, file.byteOffset, file.length));
  try {
    readFields(reader, file.length, {
      7: (r) => {
        graphs++;
        within(r, graph);
      },
      8: (r) => {
        operatorSets++;
        r.skipType(2);
      },
      14: (r) => {
        let key = '';
        let value = '';
        within(r, { 1: (e) => (key = e.string()), 2: (e) => (value = e.string()) });
        contents.metadata.set(key, value);
      },
    });
  } catch {
    return null;
  }
  return graphs === 1 && operatorSets > 0 && contents.outputs.size > 0 ? contents : null;
}

/** The values of a float32 initializer. @throws RangeError where it is of another type, or not as long as its shape */
export function floatsOf({ type, dims, raw }: OnnxInitializer): Float32Array {
  const size = dims.reduce((product, n) => product * n, 1);
  if (type !== 'float32' || raw.length !== 4 * size) throw new RangeError(`${type} [${dims}] of ${raw.length} bytes`);
  return new Float32Array(raw.slice().buffer);
}
