/**
 * U-SASRec and the DLRM head as the Worker runs them: the trained values in two graphs that are cut by how often their
 * parts change. `servingVenues` is what depends on a venue alone, and is kept with it; `servingRanking` is what depends on
 * the request. Nothing is approximated; what is multiplied out beforehand:
 * - a traveller alone is the only key of the cross-attention, whose weight is then 1: the memory is one row a block;
 * - the last block computes queries, and what follows them, for the last positions only, which are all that is read;
 * - the layers of persona, moment and state run once a moment instead of once a candidate, and so do their parts of the
 *   head's first layer; their dot products with the candidates are matrix products;
 * - the line that calibrates the probability is in the last layer.
 */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import { type Shape, symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import type { ParameterValues } from '../../training/engine/parameter-values.ts';
import { FIRST_ITEM, UNKNOWN } from '../u-sasrec/inputs.ts';
import type { PlattLine } from './calibration.ts';
import { GROUPS } from './inputs.ts';
import { CONTEXT_COLUMNS, VENUE_FACTS } from './serving-inputs.ts';
import { WeightMatrix } from './weight-matrix.ts';

export interface ServingValues {
  /** Of U-SASRec. */
  sequence: ParameterValues;
  /** Of its attention. */
  heads: number;
  /** Of the head, and the line of its probability. */
  head: ParameterValues;
  line: PlattLine;
  /** [items], 1 where training saw the item: the others have the id of the venues that it did not see. */
  trained: Uint8Array;
}

const D = DIMENSION_NAMES.length;

interface Sizes {
  /** Of a state; positions; blocks. */
  width: number;
  length: number;
  blocks: number;
  /** Of a group's vector, and of the first layers below and above the interactions. */
  group: number;
  bottom: number;
  top: number;
}

function sizesOf({ sequence, head }: ServingValues): Sizes {
  const width = sequence.get('content_weight')!.length / VENUE_FEATURES;
  let blocks = 0;
  while (sequence.has(`block_${blocks}_inner_weight`)) blocks++;
  return {
    width,
    length: sequence.get('position_embedding')!.length / width,
    blocks,
    group: head.get('group_venue_bias')!.length,
    bottom: head.get('bottom_0_bias')!.length,
    top: head.get('top_0_bias')!.length,
  };
}

const gemm = (a: Tensor, b: Tensor, bias: Tensor | null, shape: Shape, attributes = {}): Tensor =>
  a.graph.emit('Gemm', bias ? [a, b, bias] : [a, b], shape, { attributes });
const op = (operator: string, inputs: readonly Tensor[], shape: Shape, attributes = {}): Tensor =>
  inputs[0]!.graph.emit(operator, inputs, shape, { attributes });
const matrix = (graph: Graph, { data, rows, columns }: WeightMatrix) => graph.constant(data, [rows, columns]);
const row = (graph: Graph, { data }: WeightMatrix) => graph.constant(data, [data.length]);

/** Parts along the last axis. */
function split(x: Tensor, sizes: readonly number[]): Tensor[] {
  const lead = x.shape.slice(0, -1);
  return x.graph.emitAll(
    'Split',
    [x, x.graph.integers(sizes)],
    sizes.map((size) => [...lead, size]),
    { attributes: { axis: x.shape.length - 1 } },
  );
}

/** `top_0`'s rows: those of the vectors, in the head's order, then those of their dot products. */
const VECTORS = ['plain', 'state', 'venue', 'persona', 'moment'] as const;
type Vector = (typeof VECTORS)[number];

function topRows(values: ServingValues, { group, top }: Sizes) {
  const all = WeightMatrix.of(values.head, 'top_0_weight', top);
  const of = (name: Vector) => all.cut(VECTORS.indexOf(name) * group, (VECTORS.indexOf(name) + 1) * group);
  const pair = (one: Vector, other: Vector) => {
    const [j, i] = [VECTORS.indexOf(one), VECTORS.indexOf(other)].sort((a, b) => a - b) as [number, number];
    const at = VECTORS.length * group + (i * (i - 1)) / 2 + j;
    return all.cut(at, at + 1);
  };
  return { of, pair };
}

/** Numbers that are kept of a venue: as an item of the sequence, as the head's group, its part of the first layer. */
export function keptWidth(sizes: Pick<Sizes, 'width' | 'group' | 'top'>): number {
  return sizes.width + sizes.group + sizes.top;
}

/**
 * Inputs: `ids` [n] of the item table, `features` [n, VENUE_FEATURES]. Output: `kept` [n, keptWidth].
 * The item's vector is already times the root of the width, as the sequence reads it.
 */
export function servingVenues(graph: Graph, values: ServingValues): { kept: Tensor } {
  const sizes = sizesOf(values);
  const { width, group, top } = sizes;
  const n = [symbol('venues')];
  const ids = graph.input('ids', 'int32', n);
  const features = graph.input('features', 'float', [...n, VENUE_FEATURES]);
  const scale = Math.sqrt(width);
  const table = WeightMatrix.of(values.sequence, 'item_embedding', width).scaled(scale);
  const unknown = table.data.slice(UNKNOWN * width, (UNKNOWN + 1) * width);
  for (const [item, seen] of values.trained.entries()) if (!seen) table.data.set(unknown, (item + FIRST_ITEM) * width);
  const item = op('Gather', [matrix(graph, table), ids], [...n, width], { axis: 0 });
  const content = WeightMatrix.of(values.sequence, 'content_weight', width).scaled(scale);
  const weight = WeightMatrix.of(values.head, 'group_venue_weight', group);
  const bias = WeightMatrix.of(values.head, 'group_venue_bias', group);
  const part = topRows(values, sizes).of('venue');
  const headWeight = WeightMatrix.beside(weight, weight.times(part));
  const headBias = WeightMatrix.beside(bias, bias.times(part));
  const vector = op('Add', [item, op('MatMul', [features, matrix(graph, content)], [...n, width])], [...n, width]);
  const head = gemm(features, matrix(graph, headWeight), row(graph, headBias), [...n, group + top]);
  return { kept: op('Concat', [vector, head], [...n, keptWidth(sizes)], { axis: 1 }) };
}

/**
 * Inputs of the sequence: `items` [rows, width], `context` [rows, 5] (`CONTEXT_AT`), `mask` [rows, rows] (`treeMask`),
 * `last` [moments], the rows that are read. Of the traveller: `persona` [1, 128], `own` [1, dimensions], `factors`
 * [VENUE_FACTS, 1]. `moment` [moments, 2], rows of trip day and day part. `venues` [candidates, keptWidth + VENUE_FACTS].
 * Output: `logits` [moments * candidates] of the calibrated probability.
 */
export function servingRanking(graph: Graph, values: ServingValues): { logits: Tensor } {
  const sizes = sizesOf(values);
  const { width, group, top, blocks } = sizes;
  const m = symbol('moments');
  const c = symbol('candidates');
  const persona = graph.input('persona', 'float', [1, PERSONA_VECTOR_LENGTH]);
  const memories = Array.from({ length: blocks }, (_, i) => memoryWeight(values, i, width));
  const groupWeight = WeightMatrix.of(values.head, 'group_persona_weight', group);
  const groupBias = WeightMatrix.of(values.head, 'group_persona_bias', group);
  const known = gemm(
    persona,
    matrix(graph, WeightMatrix.beside(...memories, groupWeight)),
    row(graph, WeightMatrix.beside(WeightMatrix.zeros(1, blocks * width), groupBias)),
    [1, blocks * width + group],
  );
  const parts = split(known, [...memories.map(() => width), group]);
  const state = lastStates(graph, values, sizes, parts.slice(0, -1));
  const venues = graph.input('venues', 'float', [c, keptWidth(sizes) + VENUE_FACTS]);
  const [item, venue, venueTop, facts] = split(venues, [width, group, top, VENUE_FACTS]) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const score = gemm(state, item, null, [m, c], { transB: 1 });
  const plain = plainVectors(graph, values, sizes, score, facts);
  return { logits: interactions(graph, values, sizes, { state, persona: parts.at(-1)!, plain, venue, venueTop }) };
}

/** The persona's way through projection, value and output of the memory's attention: [128, width]. */
function memoryWeight({ sequence }: ServingValues, block: number, width: number): WeightMatrix {
  return WeightMatrix.of(sequence, 'persona_weight', width)
    .times(WeightMatrix.of(sequence, `block_${block}_memory_value_weight`, width))
    .times(WeightMatrix.of(sequence, `block_${block}_memory_out_weight`, width));
}

/** [moments, width] */
function lastStates(
  graph: Graph,
  { sequence, heads }: ServingValues,
  { width, length, blocks }: Sizes,
  memories: readonly Tensor[],
): Tensor {
  const n = symbol('rows');
  const m = symbol('moments');
  const size = width / heads;
  const of = (name: string, columns: number) => WeightMatrix.of(sequence, name, columns);
  const norm = (name: string, x: Tensor) =>
    op(
      'LayerNormalization',
      [x, row(graph, of(`${name}_gain`, width)), row(graph, of(`${name}_bias`, width))],
      x.shape,
      {
        axis: -1,
        epsilon: { float: 1e-5 },
      },
    );
  const apart = (x: Tensor, rows: Shape[0], order: readonly number[]): Tensor => {
    const shape = [rows!, heads, size];
    const each = op('Reshape', [x, graph.integers([-1, heads, size])], shape);
    return op(
      'Transpose',
      [each],
      order.map((axis) => shape[axis]!),
      { perm: order },
    );
  };

  const root = Math.sqrt(width);
  const table = WeightMatrix.above(
    ...['action', 'trip_day', 'day_part', 'gap'].map((name) => of(`${name}_embedding`, width).scaled(root)),
    of('position_embedding', width),
  );
  if (of('position_embedding', width).rows !== length) throw new RangeError('another number of positions');
  const context = graph.input('context', 'int32', [n, CONTEXT_COLUMNS]);
  const looked = op('Gather', [matrix(graph, table), context], [n, CONTEXT_COLUMNS, width], { axis: 0 });
  const summed = op('ReduceSum', [looked, graph.integers([1])], [n, width], { keepdims: 0 });
  let x = op('Add', [graph.input('items', 'float', [n, width]), summed], [n, width]);
  let mask = graph.input('mask', 'float', [n, n]);
  const last = graph.input('last', 'int32', [m]);
  let rows: Shape[0] = n;

  for (let i = 0; i < blocks; i++) {
    const name = `block_${i}_attention`;
    const normed = norm(`${name}_norm`, x);
    const weight = (part: string) => of(`${name}_${part}_weight`, width);
    const query = weight('query').scaled(1 / Math.sqrt(size));
    let q: Tensor;
    let k: Tensor;
    let v: Tensor;
    if (i < blocks - 1) {
      const all = op(
        'MatMul',
        [normed, matrix(graph, WeightMatrix.beside(query, weight('key'), weight('value')))],
        [n, 3 * width],
      );
      [q, k, v] = split(all, [width, width, width]) as [Tensor, Tensor, Tensor];
    } else {
      const all = op(
        'MatMul',
        [normed, matrix(graph, WeightMatrix.beside(weight('key'), weight('value')))],
        [n, 2 * width],
      );
      [k, v] = split(all, [width, width]) as [Tensor, Tensor];
      rows = m;
      x = op('Gather', [x, last], [m, width], { axis: 0 });
      mask = op('Gather', [mask, last], [m, n], { axis: 0 });
      q = op('MatMul', [norm(`${name}_norm`, x), matrix(graph, query)], [m, width]);
    }
    const logits = op('MatMul', [apart(q, rows, [1, 0, 2]), apart(k, n, [1, 2, 0])], [heads, rows!, n]);
    const weights = op('Softmax', [op('Add', [logits, mask], logits.shape)], logits.shape, { axis: -1 });
    const mixed = op('MatMul', [weights, apart(v, n, [1, 0, 2])], [heads, rows!, size]);
    const together = op('Transpose', [mixed], [rows!, heads, size], { perm: [1, 0, 2] });
    const flat = op('Reshape', [together, graph.integers([-1, width])], [rows!, width]);
    const attended = gemm(flat, matrix(graph, weight('out')), memories[i]!, [rows!, width]);
    x = op('Add', [x, attended], [rows!, width]);
    const linear = (part: string, input: Tensor) =>
      gemm(
        input,
        matrix(graph, of(`block_${i}_${part}_weight`, width)),
        row(graph, of(`block_${i}_${part}_bias`, width)),
        [rows!, width],
      );
    const inner = op('Relu', [linear('inner', norm(`block_${i}_inner_norm`, x))], [rows!, width]);
    x = op('Add', [x, linear('outer', inner)], [rows!, width]);
  }
  return norm('final_norm', x);
}

/** What the dense features become: [moments, candidates, group]. */
function plainVectors(graph: Graph, { head }: ServingValues, sizes: Sizes, score: Tensor, facts: Tensor): Tensor {
  const { bottom, group, width } = sizes;
  const m = symbol('moments');
  const c = symbol('candidates');
  const first = WeightMatrix.of(head, 'bottom_0_weight', bottom);
  // Rows of `first`: own dimensions, own times offered, score / 10, tourist, local, bias * (local - tourist), price, price * sensitivity.
  const rest = first.cut(2 * D + 1, 2 * D + 6);
  const ofFacts = WeightMatrix.above(first.cut(D, 2 * D), rest);
  // The items' vectors are times the root of the width, so the scores are, too.
  const ofScore = first.cut(2 * D, 2 * D + 1).scaled(1 / (10 * Math.sqrt(width)));
  const own = graph.input('own', 'float', [1, D]);
  const factors = graph.input('factors', 'float', [VENUE_FACTS, 1]);
  const weight = op('Mul', [factors, matrix(graph, ofFacts)], [VENUE_FACTS, bottom]);
  const bias = row(graph, WeightMatrix.of(head, 'bottom_0_bias', bottom));
  const always = gemm(own, matrix(graph, first.cut(0, D)), bias, [1, bottom]);
  const base = gemm(facts, weight, always, [c, bottom]);
  const lifted = op('Unsqueeze', [score, graph.integers([2])], [m, c, 1]);
  const scored = op('Mul', [lifted, row(graph, ofScore)], [m, c, bottom]);
  const before = op('Add', [scored, base], [m, c, bottom]);
  let x = op('Reshape', [op('Relu', [before], before.shape), graph.integers([-1, bottom])], [symbol('pairs'), bottom]);
  for (let i = 1; head.has(`bottom_${i}_bias`); i++) x = op('Relu', [layer(graph, head, `bottom_${i}`, x)], x.shape);
  const lead = op(
    'Slice',
    [graph.emit('Shape', [before], [3], { type: 'int64' }), graph.integers([0]), graph.integers([2])],
    [2],
  );
  const shape = op('Concat', [lead, graph.integers([group])], [3], { axis: 0 });
  return op('Reshape', [x, shape], [m, c, group]);
}

function layer(graph: Graph, head: ParameterValues, name: string, x: Tensor, line = { slope: 1, offset: 0 }): Tensor {
  const columns = head.get(`${name}_bias`)!.length;
  const weight = WeightMatrix.of(head, `${name}_weight`, columns).scaled(line.slope);
  const bias = WeightMatrix.of(head, `${name}_bias`, columns).scaled(line.slope);
  const shifted = new WeightMatrix(
    bias.data.map((b) => b + line.offset),
    columns,
  );
  return gemm(x, matrix(graph, weight), row(graph, shifted), [x.shape[0]!, columns]);
}

interface HeadVectors {
  /** [moments, width] */
  state: Tensor;
  /** [1, group] */
  persona: Tensor;
  /** [moments, candidates, group] */
  plain: Tensor;
  /** [candidates, group] and [candidates, top] */
  venue: Tensor;
  venueTop: Tensor;
}

/** The pairwise dot products and what stands over them: [moments * candidates]. */
function interactions(graph: Graph, values: ServingValues, sizes: Sizes, vectors: HeadVectors): Tensor {
  const { head, line } = values;
  const { group, top, width } = sizes;
  const { plain, venue, venueTop } = vectors;
  const m = symbol('moments');
  const c = symbol('candidates');
  const { of, pair } = topRows(values, sizes);

  const stateWeight = matrix(graph, WeightMatrix.of(head, 'group_state_weight', group));
  if (WeightMatrix.of(head, 'group_state_weight', group).rows !== width)
    throw new RangeError('a state of another width');
  const state = gemm(vectors.state, stateWeight, row(graph, WeightMatrix.of(head, 'group_state_bias', group)), [
    m,
    group,
  ]);
  // A moment is one trip day and one day part; half of the bias stands with either.
  const half = WeightMatrix.of(head, 'group_moment_bias', group).scaled(0.5);
  const table = WeightMatrix.of(head, 'group_moment_weight', group).plusRow(half);
  if (table.rows !== GROUPS.moment) throw new RangeError('moments of another kind');
  const picked = op('Gather', [matrix(graph, table), graph.input('moment', 'int32', [m, 2])], [m, 2, group], {
    axis: 0,
  });
  const moment = op('ReduceSum', [picked, graph.integers([1])], [m, group], { keepdims: 0 });
  const persona = op('Expand', [vectors.persona, graph.emit('Shape', [state], [2], { type: 'int64' })], [m, group]);

  // [moments, top]: what is the same for all candidates of a moment.
  const product = (a: Tensor, b: Tensor) => op('Mul', [a, b], [m, group]);
  const shared = op(
    'Concat',
    [state, persona, moment, product(state, persona), product(state, moment), product(persona, moment)],
    [m, 6 * group],
    { axis: 1 },
  );
  const sharedWeight = WeightMatrix.above(
    of('state'),
    of('persona'),
    of('moment'),
    pair('state', 'persona').repeated(group),
    pair('state', 'moment').repeated(group),
    pair('persona', 'moment').repeated(group),
  );
  const bias = WeightMatrix.of(head, 'top_0_bias', top);
  const always = gemm(shared, matrix(graph, sharedWeight), row(graph, bias), [m, top]);

  // [moments, group, 3], and with it the weights that a moment's candidates meet.
  const lift = (x: Tensor) => op('Unsqueeze', [x, graph.integers([2])], [m, group, 1]);
  const three = op('Concat', [lift(state), lift(persona), lift(moment)], [m, group, 3], { axis: 2 });
  const withPlain = WeightMatrix.above(pair('plain', 'state'), pair('plain', 'persona'), pair('plain', 'moment'));
  const withVenue = WeightMatrix.above(pair('venue', 'state'), pair('venue', 'persona'), pair('venue', 'moment'));
  const plainWeight = op(
    'Add',
    [op('MatMul', [three, matrix(graph, withPlain)], [m, group, top]), matrix(graph, of('plain'))],
    [m, group, top],
  );
  const ofPlain = op('MatMul', [plain, plainWeight], [m, c, top]);
  const dots = op('MatMul', [venue, three], [m, c, 3]);
  const meeting = op('ReduceSum', [op('Mul', [plain, venue], [m, c, group]), graph.integers([2])], [m, c, 1], {
    keepdims: 1,
  });
  const four = op('Concat', [dots, meeting], [m, c, 4], { axis: 2 });
  const ofDots = op(
    'MatMul',
    [four, matrix(graph, WeightMatrix.above(withVenue, pair('plain', 'venue')))],
    [m, c, top],
  );
  const perVenue = op('Add', [venueTop, op('Unsqueeze', [always, graph.integers([1])], [m, 1, top])], [m, c, top]);
  const sum = op('Add', [op('Add', [ofPlain, ofDots], [m, c, top]), perVenue], [m, c, top]);

  let layers = 1;
  while (head.has(`top_${layers}_bias`)) layers++;
  if (layers === 1) throw new RangeError('a head without a hidden layer over its interactions is not served');
  let x = op('Reshape', [op('Relu', [sum], sum.shape), graph.integers([-1, top])], [symbol('pairs'), top]);
  for (let i = 1; i < layers - 1; i++) x = op('Relu', [layer(graph, head, `top_${i}`, x)], x.shape);
  const logits = layer(graph, head, `top_${layers - 1}`, x, line);
  return op('Reshape', [logits, graph.integers([-1])], [symbol('pairs')]);
}
