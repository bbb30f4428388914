/**
 * Personas and venues as points of one space: of a warm traveller from what they took and refused, of a cold one from
 * their tags. The nearer a venue, the likelier it is taken next; a traveller's two points are to be one.
 */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import { symbol, timesSize } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { truncatedNormal, zeros } from '../../training/engine/initial.ts';
import { attention, linear, mlp, NEVER } from '../../training/engine/layers.ts';
import { inBatchSoftmax, pairwise, rowScores } from '../../training/engine/losses.ts';
import { add, isZero, relu, scale, shift } from '../../training/engine/operators/arithmetic.ts';
import { concat, lookup, reshape, slice } from '../../training/engine/operators/layout.ts';
import { matmul } from '../../training/engine/operators/matmul.ts';
import * as plain from '../../training/engine/operators/plain.ts';
import { unitRows } from '../../training/engine/operators/unit-rows.ts';
import type { PersonaEncoderConfig } from './config.ts';
import { DECISION_KINDS, TAG_FEATURES } from './inputs.ts';

const ROWS = symbol('rows');
const KINDS = 1 + Object.keys(DECISION_KINDS).length;

/**
 * Inputs as `DecisionArrays`: `features` [rows, length, VENUE_FEATURES], `kinds` [rows * length], `shares`
 * [rows, 2, length], `counts` [rows, 2]. Output: [rows, 128] of unit length.
 */
export function personaFromSignals(graph: Graph, config: PersonaEncoderConfig): Tensor {
  const { length, width, heads, hidden, dropout } = config;
  const flat = timesSize(ROWS, length);
  const features = graph.input('features', 'float', [ROWS, length, VENUE_FEATURES]);
  const kinds = graph.input('kinds', 'int32', [flat]);
  const shares = graph.input('shares', 'float', [ROWS, 2, length]);
  const counts = graph.input('counts', 'float', [ROWS, 2]);

  const kind = lookup(graph.parameter('kind_embedding', [KINDS, width], truncatedNormal(0.1)), kinds);
  const venues = linear('decision', reshape(features, [flat, VENUE_FEATURES]), width);
  const decisions = relu(add(venues, kind));
  const means = reshape(matmul(shares, reshape(decisions, [ROWS, length, width])), [ROWS, 2 * width]);

  // What has been taken and refused on the whole asks which decisions speak for it; the latest may count more.
  const query = linear('query', means, width);
  const late = reshape(graph.parameter('lateness', [1, length], zeros), [1, 1, 1, length]);
  const absent = plain.mul(plain.reshaped(isZero(kinds), [ROWS, 1, 1, length]), graph.scalar(NEVER));
  const bias = shift(late, absent);
  const heard = attention('attention', query, decisions, { batch: ROWS, q: 1, k: length }, { heads, bias });
  return unitRows(mlp('signals', concat([means, heard, counts], 1), [hidden, PERSONA_VECTOR_LENGTH], dropout));
}

/** Input: `tags` [rows, TAG_FEATURES]. Output: [rows, 128] of unit length. */
export function personaFromTags(graph: Graph, { hidden, dropout }: PersonaEncoderConfig): Tensor {
  const tags = graph.input('tags', 'float', [ROWS, TAG_FEATURES]);
  return unitRows(mlp('tags', tags, [hidden, PERSONA_VECTOR_LENGTH], dropout));
}

/** [n, VENUE_FEATURES] to [n, 128] of unit length. */
function placed(venues: Tensor, { hidden, dropout }: PersonaEncoderConfig): Tensor {
  return unitRows(mlp('venues', venues, [hidden, PERSONA_VECTOR_LENGTH], dropout));
}

/** Input: `venues` [rows, VENUE_FEATURES] as `tasteFeatures`. Output: [rows, 128] of unit length. */
export function venuePoints(graph: Graph, config: PersonaEncoderConfig): Tensor {
  return placed(graph.input('venues', 'float', [ROWS, VENUE_FEATURES]), config);
}

/**
 * Of either point: softmax over the venues of the batch, and what was taken against what was refused later (what is not
 * shown cannot be taken, so that the first alone would learn what is shown). Then softmax over the travellers of the batch
 * from one point to the other in both directions (van den Oord, Li and Vinyals 2018, "InfoNCE", eq. 4).
 *
 * Further inputs: `pairs` [rows, 2 * VENUE_FEATURES], taken and refused; `refused_weights` [rows], above 0, next to it where
 * nothing was refused; `venue_ids`, `corrections`, `travellers` (rows of one do not count against each other), `weights`
 * [rows].
 */
export function personaLoss(graph: Graph, config: PersonaEncoderConfig): Tensor {
  const signals = personaFromSignals(graph, config);
  const tags = personaFromTags(graph, config);
  const pairs = graph.input('pairs', 'float', [ROWS, 2 * VENUE_FEATURES]);
  const both = placed(reshape(pairs, [timesSize(ROWS, 2), VENUE_FEATURES]), config);
  const points = reshape(both, [ROWS, 2 * PERSONA_VECTOR_LENGTH]);
  const taken = slice(points, 1, 0, PERSONA_VECTOR_LENGTH);
  const refused = slice(points, 1, PERSONA_VECTOR_LENGTH, 2 * PERSONA_VECTOR_LENGTH);
  const ids = graph.input('venue_ids', 'int32', [ROWS]);
  const corrections = graph.input('corrections', 'float', [ROWS]);
  const travellers = graph.input('travellers', 'int32', [ROWS]);
  const weights = graph.input('weights', 'float', [ROWS]);
  const refusedWeights = graph.input('refused_weights', 'float', [ROWS]);

  const sharp = (x: Tensor) => scale(x, 1 / config.temperature);
  const next = (from: Tensor) => inBatchSoftmax(sharp(from), taken, ids, corrections, weights);
  const rather = (from: Tensor) =>
    pairwise(rowScores(sharp(from), taken), rowScores(sharp(from), refused), refusedWeights);
  const same = (from: Tensor, to: Tensor) =>
    inBatchSoftmax(sharp(from), to, travellers, plain.mul(corrections, graph.scalar(0)), weights);
  const nearest = add(next(signals), next(tags));
  const preference = scale(add(rather(signals), rather(tags)), config.preference);
  const agreement = scale(add(same(signals, tags), same(tags, signals)), config.agreement / 2);
  return add(add(nearest, preference), agreement);
}
