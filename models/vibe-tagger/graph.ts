/** An MLP over the bags of hashed features that the text encoder reads too, with a head for tags and one for the vibe. */
import { VENUE_VECTOR_LENGTH } from '../../core/venue/venue-vector.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import { symbol } from '../../training/engine/dimension.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { linear, mlp } from '../../training/engine/layers.ts';
import { binary, rowScores } from '../../training/engine/losses.ts';
import { add, relu, scale, sigmoid } from '../../training/engine/operators/arithmetic.ts';
import { dropout } from '../../training/engine/operators/dropout.ts';
import { weightedMean } from '../../training/engine/operators/reduction.ts';
import { unitRows } from '../../training/engine/operators/unit-rows.ts';
import { textBags } from '../text-encoder/graph.ts';
import type { VibeTaggerConfig } from './config.ts';

const TAGS = VIBE_TAG_NAMES.length;
const TEXTS = symbol('texts');

function heads(graph: Graph, { row, hidden, dropout: rate }: VibeTaggerConfig): { logits: Tensor; vibe: Tensor } {
  const bags = dropout(textBags(graph, TEXTS, row), rate);
  const state = dropout(relu(mlp('tagger', bags, hidden, rate)), rate);
  // Beside the MLP a straight way: most of what names a tag adds up.
  const both = (name: string, width: number) =>
    add(linear(name, state, width), linear(`${name}_straight`, bags, width, { bias: false }));
  return { logits: both('tags', TAGS), vibe: unitRows(both('vibe', VENUE_VECTOR_LENGTH)) };
}

/** `probabilities` [texts, tags], each tag by itself; `vibe` [texts, 64] of unit length. */
export function vibeTaggerOutputs(graph: Graph, config: VibeTaggerConfig): { probabilities: Tensor; vibe: Tensor } {
  const { logits, vibe } = heads(graph, config);
  return { probabilities: sigmoid(logits), vibe };
}

/**
 * Binary cross-entropy summed over the tags, less the cosine to the teacher's vibe. Inputs besides the texts' own: `tags`
 * and `tag_weights` [texts, tags], `teacher` [texts, 64] of unit length, `text_weights` [texts].
 */
export function vibeTaggerLoss(graph: Graph, config: VibeTaggerConfig): Tensor {
  const { logits, vibe } = heads(graph, config);
  const tags = graph.input('tags', 'float', [TEXTS, TAGS]);
  const wrong = scale(binary(logits, tags, graph.input('tag_weights', 'float', [TEXTS, TAGS])), TAGS);
  const near = rowScores(vibe, graph.input('teacher', 'float', [TEXTS, VENUE_VECTOR_LENGTH]));
  return add(wrong, scale(weightedMean(near, graph.input('text_weights', 'float', [TEXTS])), -config.vibe_weight));
}
