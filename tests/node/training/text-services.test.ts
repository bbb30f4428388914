/** What may take the text encoder's place: a sentence transformer in a folder, and Workers AI. */
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { miniLmTextEncoder } from '../../../platform/inference/text-minilm.ts';
import { wordPiece } from '../../../platform/inference/text-wordpiece.ts';
import { WORKERS_AI_MODEL, workersAiTextEncoder } from '../../../platform/inference/text-workers-ai.ts';
import { symbol } from '../../../training/engine/dimension.ts';
import { Graph } from '../../../training/engine/graph.ts';
import { zeros } from '../../../training/engine/initial.ts';
import { onnxFile } from '../../../training/engine/onnx-file.ts';
import { add } from '../../../training/engine/operators/arithmetic.ts';
import { lookup } from '../../../training/engine/operators/layout.ts';

const VOCABULARY = [
  ...[
    '[PAD]',
    '[UNK]',
    '[CLS]',
    '[SEP]',
    'quiet',
    'jazz',
    'bar',
    'un',
    '##aff',
    '##able',
    'cafe',
    ',',
    '!',
    '東',
    '京',
  ],
  ...['$', "'", 's', '##s'],
];
const idOf = (token: string) => VOCABULARY.indexOf(token);
const TOKENIZER = {
  version: '1.0',
  truncation: { direction: 'Right', max_length: 12, strategy: 'LongestFirst', stride: 0 },
  padding: null,
  added_tokens: [],
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
  },
};

describe('WordPiece', () => {
  const tokenize = wordPiece(TOKENIZER);
  const tokens = (text: string) => tokenize(text).map((id) => VOCABULARY[id]);

  test.each([
    ['unaffable', ['un', '##aff', '##able']],
    ['Quiet  JAZZ\tbars', ['quiet', 'jazz', 'bar', '##s']],
    ['a jazz, bar!', ['[UNK]', 'jazz', ',', 'bar', '!']],
    ['Café', ['cafe']],
    ["bar's $", ['bar', "'", 's', '$']],
    ['東京bar', ['東', '京', 'bar']],
    ['unjazzy', ['[UNK]']],
    ['qui\u00adet\u0000 bar', ['quiet', 'bar']],
    ['x'.repeat(101), ['[UNK]']],
    ['', []],
  ])('%s', (text, pieces) => {
    expect(tokens(text)).toEqual(['[CLS]', ...pieces, '[SEP]']);
  });

  test('is cut to the length of the file, its end kept', () => {
    expect(tokens('jazz '.repeat(40))).toEqual(['[CLS]', ...new Array(10).fill('jazz'), '[SEP]']);
  });

  test('keeps accents and capitals where the file says so', () => {
    const cased = wordPiece({ ...TOKENIZER, normalizer: { type: 'BertNormalizer', lowercase: false } });
    expect(cased('Cafe cafe café')).toEqual([2, 1, idOf('cafe'), 1, 3]);
  });

  test('refuses other tokenizers and vocabularies without their own tokens', () => {
    expect(() => wordPiece({ model: { type: 'BPE', vocab: {} } })).toThrow(/WordPiece/);
    expect(() => wordPiece({ model: { vocab: { '[CLS]': 0 } } })).toThrow('the vocabulary has no [SEP]');
  });
});

/** A sentence transformer with a single layer: a token's vector is its row, and those of its type and of its mask. */
function tinyModel({ output = 'last_hidden_state', more = [] as string[] } = {}): Uint8Array {
  const width = 3;
  const rows = Float32Array.from({ length: VOCABULARY.length * width }, (_, i) => Math.sin(1 + i * 1.7));
  const types = Float32Array.from({ length: 2 * width }, (_, i) => (i < width ? 0.25 : 9));
  const graph = new Graph({
    frozen: new Map([
      ['rows', rows],
      ['types', types],
      ['masks', types.toReversed()],
    ]),
  });
  const shape = [symbol('batch'), symbol('tokens')];
  const ids = graph.input('input_ids', 'int64', shape);
  const mask = graph.input('attention_mask', 'int64', shape);
  const type = graph.input('token_type_ids', 'int64', shape);
  for (const name of more) graph.input(name, 'int64', shape);
  const tokens = add(
    lookup(graph.parameter('rows', [VOCABULARY.length, width], zeros), ids),
    lookup(graph.parameter('types', [2, width], zeros), type),
  );
  const hidden = add(tokens, lookup(graph.parameter('masks', [2, width], zeros), mask));
  return onnxFile(graph.model('tiny', { [output]: hidden }));
}

function expected(tokens: readonly string[]): number[] {
  const sum = [0, 0, 0];
  for (const token of ['[CLS]', ...tokens, '[SEP]'])
    for (let i = 0; i < 3; i++) sum[i]! += Math.sin(1 + (idOf(token) * 3 + i) * 1.7) + 0.5;
  const length = Math.hypot(...sum);
  return sum.map((x) => x / length);
}

describe('a sentence transformer', () => {
  test.each([
    ['native ONNX Runtime', async () => onnxSession(native, await native.InferenceSession.create(tinyModel()))],
    ['WebAssembly', async () => onnxSession(web, await web.InferenceSession.create(tinyModel()))],
  ])('gives the mean of its token vectors, without the padding, in %s', async (_, open) => {
    const encoder = await miniLmTextEncoder(await open(), TOKENIZER, 'tiny');
    expect(encoder).toMatchObject({ dimensions: 3, version: 'tiny@1' });
    const vectors = await encoder.encode(['quiet jazz bar', 'bar', 'unaffable, cafe!']);
    const pieces = [['quiet', 'jazz', 'bar'], ['bar'], ['un', '##aff', '##able', ',', 'cafe', '!']];
    for (const [i, tokens] of pieces.entries()) {
      for (const [at, x] of expected(tokens).entries()) expect(vectors[i]![at]).toBeCloseTo(x, 5);
    }
  });

  test('is refused where its model takes or gives something else', async () => {
    const open = async (file: Uint8Array) => onnxSession(native, await native.InferenceSession.create(file));
    await expect(miniLmTextEncoder(await open(tinyModel({ output: 'logits' })), TOKENIZER, 'tiny')).rejects.toThrow(
      'model.onnx gives no last_hidden_state',
    );
    await expect(
      miniLmTextEncoder(await open(tinyModel({ more: ['position_ids'] })), TOKENIZER, 'tiny'),
    ).rejects.toThrow('model.onnx takes input_ids, attention_mask, token_type_ids, position_ids');
  });
});

describe('Workers AI', () => {
  const vector = (text: string) => Array.from({ length: 384 }, (_, i) => (i === text.length ? 2 : 0));

  test('is asked a hundred texts at a time, and its vectors brought to unit length', async () => {
    const sizes: number[] = [];
    const encoder = workersAiTextEncoder({
      async run(model, { text }) {
        expect(model).toBe(WORKERS_AI_MODEL);
        sizes.push(text.length);
        return { shape: [text.length, 384], data: text.map(vector) };
      },
    });
    const texts = Array.from({ length: 130 }, (_, i) => 'x'.repeat(i));
    const vectors = await encoder.encode(texts);
    expect(sizes).toEqual([100, 30]);
    vectors.forEach((each, i) => {
      expect(each[i]).toBe(1);
    });
  });

  test.each([
    ['too few vectors', { data: [vector('a')] }],
    ['another width', { data: [[1], [2]] }],
    ['a task id', { request_id: 'r' }],
  ])('fails on %s', async (_, answer) => {
    const encoder = workersAiTextEncoder({ run: async () => answer });
    await expect(encoder.encode(['a', 'b'])).rejects.toThrow();
  });
});
