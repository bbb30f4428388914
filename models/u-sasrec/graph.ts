/**
 * U-SASRec: SASRec whose states attend to the personas they are for (one traveller or a group of up to eight), over items
 * that are an id and a content together, so that a venue nobody has visited scores too.
 *
 * A position is what was done, with the moment that comes after it: trip day, part of the day and gap of the visit to
 * be predicted. The persona embedding comes in through cross-attention (source document 2, part II).
 */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { causalTransformer, lastState, type Memory } from '../../training/engine/causal-transformer.ts';
import { type Dimension, knownSizeAt, symbol, timesSize } from '../../training/engine/dimension.ts';
import type { Graph, Parameter, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal } from '../../training/engine/initial.ts';
import { linear } from '../../training/engine/layers.ts';
import { fullSoftmax } from '../../training/engine/losses.ts';
import { add, scale } from '../../training/engine/operators/arithmetic.ts';
import { dropout } from '../../training/engine/operators/dropout.ts';
import { lookup, reshape, select } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import * as plain from '../../training/engine/operators/plain.ts';
import type { USasrecConfig } from './config.ts';
import { DAY_PART_KINDS, FIRST_ITEM, GAP_KINDS, MOST_PERSONAS, TRIP_DAY_KINDS } from './inputs.ts';

interface Items {
  ids: Parameter;
  project: Parameter;
  /** [rows, features], of every venue that the run speaks of. */
  features: Tensor;
}

function itemsOf(graph: Graph, items: number, features: number, width: number): Items {
  return {
    ids: graph.parameter('item_embedding', [items + FIRST_ITEM, width], truncatedNormal(0.02)),
    project: graph.parameter('content_weight', [features, width], truncatedNormal(0.02)),
    features: graph.input('features', 'float', [symbol('rows'), features]),
  };
}

/** [n, width] of the items with these ids [n], whose features are these rows [n] of the feature table. */
function itemVectors({ ids, project, features }: Items, id: Tensor, row: Tensor): Tensor {
  const [n] = id.shape;
  const content = features.graph.emit('Gather', [features, row], [n!, knownSizeAt(features.shape, 1)], {
    attributes: { axis: 0 },
  });
  return add(lookup(ids, id), matmul(content, project));
}

/** [batch * length, width] and what the states were computed for. */
function states(graph: Graph, items: Items, config: USasrecConfig): { states: Tensor; batch: Dimension } {
  const { width, length } = config;
  const batch = symbol('batch');
  const positions = timesSize(batch, length);
  const at = (name: string) => graph.input(name, 'int32', [positions]);
  const context = (name: string, kinds: number) =>
    lookup(graph.parameter(`${name}_embedding`, [kinds, width], truncatedNormal(0.02)), at(name));
  const ids = at('history_ids');
  const venues = scale(itemVectors(items, ids, at('history_rows')), Math.sqrt(width));
  const moments = [
    context('action', 3),
    context('trip_day', TRIP_DAY_KINDS),
    context('day_part', DAY_PART_KINDS),
    context('gap', GAP_KINDS),
  ];
  const embedded = moments.reduce((sum, moment) => add(sum, scale(moment, Math.sqrt(width))), venues);
  const personas = graph.input('personas', 'float', [batch, MOST_PERSONAS, PERSONA_VECTOR_LENGTH]);
  const memory: Memory = {
    rows: dropout(
      linear('persona', reshape(personas, [timesSize(batch, MOST_PERSONAS), PERSONA_VECTOR_LENGTH]), width, {
        bias: false,
      }),
      config.dropout,
    ),
    count: MOST_PERSONAS,
    present: graph.input('persona_present', 'float', [batch, MOST_PERSONAS]),
  };
  const history = plain.reshaped(ids, [batch, length]);
  return {
    states: causalTransformer(reshape(embedded, [batch, length, width]), history, config, memory),
    batch,
  };
}

/**
 * Cross-entropy of each target against the candidates of its batch, which are of one city.
 * Inputs besides those of a position (`history_ids`, `history_rows`, `action`, `trip_day`, `day_part`, `gap`
 * [batch * length]), `features`, `personas` and `persona_present`: `positions`, `target_ids`, `target_rows`,
 * `target_places` (among the candidates), `weights` [targets], and `candidate_ids`, `candidate_rows` [candidates], all targets among them.
 */
export function uSasrecLoss(graph: Graph, items: number, features: number, config: USasrecConfig): Tensor {
  const table = itemsOf(graph, items, features, config.width);
  const count = [symbol('targets')];
  const indices = (name: string, shape = count) => graph.input(name, 'int32', shape);
  const state = select(states(graph, table, config).states, indices('positions'));
  const targets = itemVectors(table, indices('target_ids'), indices('target_rows'));
  const open = [symbol('candidates')];
  const candidates = itemVectors(table, indices('candidate_ids', open), indices('candidate_rows', open));
  return fullSoftmax(state, candidates, targets, indices('target_places'), graph.input('weights', 'float', count));
}

/** `state` [batch, width], and `scores` [batch, candidates] of `candidate_ids`, `candidate_rows` [candidates]. */
export function uSasrecScores(graph: Graph, items: number, features: number, config: USasrecConfig) {
  const table = itemsOf(graph, items, features, config.width);
  const { states: all, batch } = states(graph, table, config);
  const state = lastState(all, batch, config);
  const open = [symbol('candidates')];
  const ids = graph.input('candidate_ids', 'int32', open);
  const candidates = itemVectors(table, ids, graph.input('candidate_rows', 'int32', open));
  return { state, scores: matmul(state, candidates, { flipB: true }) };
}
