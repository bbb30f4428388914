/** ONNX model files, the few messages of them that we write (onnx.proto, IR version 8, operator set 17). */
import protobuf from 'protobufjs';
import { type Shape, sizeText } from './dimension.ts';

export const OPSET = 17;
const IR_VERSION = 8;
/** Of the operator sets besides the standard's; 1 where nothing stands here. */
const DOMAIN_VERSIONS: Readonly<Record<string, number>> = { 'ai.onnx.ml': 3 };

const { root } = protobuf.parse(
  `syntax = "proto3";
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8; repeated bytes strings = 9; int32 type = 20; }
  message TensorShapeProto { message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } } repeated Dimension dim = 1; }
  message TypeProto { message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; } oneof value { Tensor tensor_type = 1; } }
  message ValueInfoProto { string name = 1; TypeProto type = 2; string doc_string = 3; }
  message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; string domain = 7; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message StringStringEntryProto { string key = 1; string value = 2; }
  message ModelProto { int64 ir_version = 1; string producer_name = 2; string producer_version = 3; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14; }`,
  { keepCase: true },
);
const ModelProto = root.lookupType('ModelProto');

export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';
const ELEMENT_TYPE: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array;

/** Floats are written `{ float: 0.5 }` or `{ floats: [] }`, since JavaScript's numbers do not say which they are. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] };

export interface OnnxNode {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, Attribute>>;
  /** The standard's operators if it is left out. */
  domain?: string;
}

export interface OnnxValue {
  name: string;
  type: ElementType;
  shape: Shape;
}

export interface OnnxModel {
  name: string;
  nodes: readonly OnnxNode[];
  constants: readonly { name: string; shape: readonly number[]; data: TensorData }[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  metadata?: Readonly<Record<string, string>>;
}

export function onnxFile({ name, nodes, constants, inputs, outputs, metadata = {} }: OnnxModel): Uint8Array {
  const domains = [...new Set(nodes.map((node) => node.domain ?? ''))].filter((domain) => domain !== '');
  const message = {
    ir_version: IR_VERSION,
    producer_name: 'overplanned',
    opset_import: [
      { domain: '', version: OPSET },
      ...domains.map((domain) => ({ domain, version: DOMAIN_VERSIONS[domain] ?? 1 })),
    ],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: nodes.map((node, i) => ({
        name: `${node.operator}_${i}`,
        op_type: node.operator,
        domain: node.domain ?? '',
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes ?? {}).map(([key, value]) => attribute(key, value)),
      })),
      initializer: constants.map(({ name: constant, shape, data }) => ({
        name: constant,
        dims: shape,
        data_type: ELEMENT_TYPE[elementTypeOf(data)],
        raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
  };
  const fault = ModelProto.verify(message);
  if (fault) throw new Error(`not an ONNX model: ${fault}`);
  return ModelProto.encode(message).finish();
}

export function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function attribute(name: string, value: Attribute) {
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if (typeof value === 'number') return { name, type: 2, i: value };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('floats' in value) return { name, type: 6, floats: value.floats };
  if ('strings' in value) return { name, type: 8, strings: value.strings.map((text) => Buffer.from(text)) };
  return { name, type: 7, ints: value };
}

function valueInfo({ name, type, shape }: OnnxValue) {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: sizeText(size) }));
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[type], shape: { dim } } } };
}
