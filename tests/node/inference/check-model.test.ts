import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BUNDLED_MODELS } from '../../../platform/inference/bundled-models.ts';
import {
  checkModel,
  checkSize,
  floats,
  indices,
  MOST_MODEL_BYTES,
  type ModelSignature,
} from '../../../platform/inference/check-model.ts';
import { floatsOf, readOnnx } from '../../../platform/inference/onnx-contents.ts';
import { type OpenModel, openModel, type ServedModel } from '../../../platform/inference/served-model.ts';
import { symbol } from '../../../training/engine/dimension.ts';
import { Graph } from '../../../training/engine/graph.ts';
import { initialValues } from '../../../training/engine/initial-values.ts';
import { mlp } from '../../../training/engine/layers.ts';
import { exportedModel } from '../../../training/frozen-model.ts';

const build = (graph: Graph) => ({ y: mlp('layer', graph.input('x', 'float', [symbol('rows'), 3]), [4, 2]) });

function model(change: (name: string, data: Float32Array) => void = () => {}): Uint8Array {
  const graph = new Graph();
  build(graph);
  const values = initialValues(graph.parameters, 1);
  for (const [name, data] of values) change(name, data);
  return exportedModel('small', build, values, { model: 'small', features: 'v1' });
}

const signature: ModelSignature = {
  inputs: { x: floats(null, 3) },
  outputs: ['y'],
  metadata: { features: 'v1' },
  described: ['model'],
};
const check = (bytes: Uint8Array, expected: ModelSignature = signature) => checkModel(bytes, expected, 'm@1', 'a.onnx');

describe('a file', () => {
  test('is read as it was written', () => {
    const contents = check(model());
    expect([...contents.inputs]).toEqual([['x', { type: 'float32', dims: [null, 3] }]]);
    expect([...contents.outputs.keys()]).toEqual(['y']);
    expect(contents.metadata.get('features')).toBe('v1');
    const weight = contents.initializers.get('layer_0_weight')!;
    expect(weight.dims).toEqual([3, 4]);
    const graph = new Graph();
    build(graph);
    expect(floatsOf(weight)).toEqual(initialValues(graph.parameters, 1).get('layer_0_weight'));
  });

  test('that ends early is refused, wherever it ends', () => {
    const bytes = model();
    for (let length = 0; length < bytes.length - 40; length += 7)
      expect(() => check(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'truncated' }));
    expect(readOnnx(new TextEncoder().encode('{"not": "a model"}'))).toBeNull();
    expect(readOnnx(new Uint8Array(5000).fill(0xff))).toBeNull();
  });

  test('that is too large is refused by its size alone', () => {
    expect(() => checkSize(200_000_000, 'm@1', 'a.onnx')).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(() => checkSize(MOST_MODEL_BYTES, 'm@1', 'a.onnx')).not.toThrow();
  });

  test.each([
    ['takes what nothing feeds', { ...signature, inputs: {} }],
    ['does not take what is fed', { ...signature, inputs: { ...signature.inputs, z: floats(1) } }],
    ['takes another type', { ...signature, inputs: { x: indices(null, 3) } }],
    ['takes another size', { ...signature, inputs: { x: floats(null, 4) } }],
    ['takes another rank', { ...signature, inputs: { x: floats(3) } }],
    ['does not give what is read', { ...signature, outputs: ['z'] }],
    ['was trained on other features', { ...signature, metadata: { features: 'v2' } }],
    ['does not say what has to be known', { ...signature, described: ['length'] }],
  ])('that %s is refused', (_, expected) => {
    expect(() => check(model(), expected)).toThrow(expect.objectContaining({ code: 'wrong_signature' }));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'with %s among its weights is refused',
    (x) => {
      const bytes = model((name, data) => {
        if (name === 'layer_1_weight') data[3] = x;
      });
      expect(() => check(bytes)).toThrow(expect.objectContaining({ code: 'not_finite' }));
    },
  );
});

describe('a model', () => {
  const released: string[] = [];
  const opening = (overrides: Partial<OpenModel> = {}): OpenModel => ({
    version: '1',
    read: async () => model(),
    createSession: async () => ({
      inputNames: ['x'],
      outputNames: ['y'],
      run: async () => ({}),
      release: async () => void released.push('a'),
    }),
    ...overrides,
  });
  const served: ServedModel<string> = {
    name: 'm',
    onnx: { 'a.onnx': signature },
    lists: [],
    open: ({ modelVersion }) => modelVersion,
    probe: async () => {},
  };

  test('whose probe gives no numbers is refused, and its sessions are given back', async () => {
    const failing = { ...served, probe: () => Promise.reject(new Error('a score is not finite')) };
    await expect(openModel(failing, opening())).rejects.toMatchObject({ code: 'failed_probe', model: 'm@1' });
    expect(released).toEqual(['a']);
  });

  test('that the runtime makes no session of is refused', async () => {
    const createSession = () => Promise.reject(new Error('no such operator'));
    await expect(openModel(served, opening({ createSession }))).rejects.toMatchObject({ code: 'wrong_signature' });
  });

  test('whose list is no JSON is refused', async () => {
    const read = async (file: string) => (file === 'a.onnx' ? model() : new TextEncoder().encode('["a'));
    const opened = openModel({ ...served, lists: ['items.json'] }, opening({ read }));
    await expect(opened).rejects.toMatchObject({ code: 'truncated', file: 'items.json' });
  });

  test('that opens says what it is of', async () => {
    expect((await openModel(served, opening())).serves).toBe('m@1');
  });
});

const ARTIFACTS = fileURLToPath(new URL('../../../models/artifacts/', import.meta.url));

describe('what comes with the Worker', () => {
  test.each(Object.entries(BUNDLED_MODELS))('%s is the version in models/artifacts, file by file', (name, bundled) => {
    expect(readdirSync(`${ARTIFACTS}${name}`)).toEqual([bundled.version]);
    const folder = `${ARTIFACTS}${name}/${bundled.version}/`;
    const training = JSON.parse(readFileSync(`${folder}training.json`, 'utf8')) as {
      files: { name: string; sha256: string }[];
    };
    for (const file of Object.keys(bundled.files)) {
      const listed = training.files.find((each) => each.name === file);
      expect(listed?.sha256).toBe(
        createHash('sha256')
          .update(readFileSync(`${folder}${file}`))
          .digest('hex'),
      );
    }
  });
});
