/** Travellers of our own data, each with their tags as first logged and their decisions in order. */
import type { Random } from '../../core/experiment/random.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import type { Dataset } from '../../training/data/dataset.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { ownDataOf } from '../own-content.ts';
import type { PersonaEncoderConfig } from './config.ts';
import {
  type Decision,
  type DecisionArrays,
  decisionArrays,
  TAG_FEATURES,
  tagFeatures,
  tasteFeatures,
  writeDecisions,
} from './inputs.ts';

/** Decisions before a venue that is to be foreseen from them, at least. */
export const FEWEST_BEFORE = 3;
/** A traveller of fewer decisions is left out. */
export const FEWEST_DECISIONS = 5;

/** A weight that counts for nothing beside others, and is none where all are. */
const NOTHING = 1e-6;

export interface Traveller {
  /** Index of `Interactions.users`. */
  user: number;
  /** What the first ranking for them knew, before they had done anything. */
  tags: Float32Array;
  persona: number;
  decisions: readonly (Decision & { item: number; candidateSet: number })[];
  /** Of the accepted decisions that can be foreseen, their places in `decisions`. */
  targets: readonly number[];
}

/** @throws RangeError for plain files */
export function travellersOf(dataset: Dataset): Traveller[] {
  const own = ownDataOf(dataset, 'persona-encoder');
  const { interactions } = dataset;
  const content = own.venues.map((venue) => venue && tasteFeatures(venue));
  const rowsOf = new Map<number, number[]>();
  for (let i = 0; i < interactions.user.length; i++) {
    const rows = rowsOf.get(interactions.user[i]!) ?? [];
    rows.push(i);
    rowsOf.set(interactions.user[i]!, rows);
  }
  return [...rowsOf].flatMap(([user, rows]): Traveller[] => {
    const first = rows.find((row) => own.context.persona[row]! >= 0);
    const decisions = rows.flatMap((row) => {
      const item = interactions.item[row]!;
      const features = content[item];
      if (!features) return [];
      const { accepted, weight } = interactions;
      const candidateSet = own.context.candidateSet[row]!;
      return [{ item, candidateSet, features, accepted: accepted[row] === 1, weight: weight[row]! }];
    });
    if (first === undefined || decisions.length < FEWEST_DECISIONS) return [];
    const persona = own.context.persona[first]!;
    const { dimensions, interests } = own.personas[persona]!;
    const targets = decisions.flatMap(({ accepted, weight }, i) =>
      accepted && weight > 0 && i >= FEWEST_BEFORE ? [i] : [],
    );
    return targets.length > 0 ? [{ user, tags: tagFeatures(dimensions, interests), persona, decisions, targets }] : [];
  });
}

/** Some travellers, each after their first `until` decisions. */
export function signalFeeds(of: readonly { traveller: Traveller; until: number }[], length: number): Feeds {
  const arrays = decisionArrays(of.length, length);
  for (const [row, { traveller, until }] of of.entries()) {
    writeDecisions(traveller.decisions.slice(Math.max(0, until - length), until), length, arrays, row);
  }
  return feedsOf(arrays, of.length, length);
}

export function feedsOf(arrays: DecisionArrays, rows: number, length: number): Feeds {
  return {
    features: { data: arrays.features, shape: [rows, length, VENUE_FEATURES] },
    kinds: { data: arrays.kinds, shape: [rows * length] },
    shares: { data: arrays.shares, shape: [rows, 2, length] },
    counts: { data: arrays.counts, shape: [rows, 2] },
  };
}

export function tagFeeds(of: readonly Traveller[]): Feeds {
  const data = new Float32Array(of.length * TAG_FEATURES);
  for (const [row, { tags }] of of.entries()) data.set(tags, row * TAG_FEATURES);
  return { tags: { data, shape: [of.length, TAG_FEATURES] } };
}

/** How often each item is a target: what a venue owes to being taken by everybody. */
export function targetCounts(travellers: readonly Traveller[], items: number): Float64Array {
  const counts = new Float64Array(items);
  for (const { decisions, targets } of travellers) for (const at of targets) counts[decisions[at]!.item]!++;
  return counts;
}

export function batchCount(travellers: readonly Traveller[], { targets, batch }: PersonaEncoderConfig): number {
  const rows = travellers.reduce((sum, one) => sum + Math.min(targets, one.targets.length), 0);
  return Math.ceil(rows / batch);
}

/** One epoch: of each traveller some of the venues that they took, each to be foreseen from what came before it. */
export function* personaBatches(
  travellers: readonly Traveller[],
  counts: Float64Array,
  config: PersonaEncoderConfig,
  random: Random,
): Generator<Feeds> {
  const total = counts.reduce((sum, one) => sum + one, 0);
  const rows = random.shuffle(
    travellers.flatMap((traveller) => {
      const chosen = random.shuffle([...traveller.targets]).slice(0, config.targets);
      return chosen.map((until) => ({ traveller, until, target: traveller.decisions[until]! }));
    }),
  );
  for (let from = 0; from < rows.length; from += config.batch) {
    const part = rows.slice(from, from + config.batch);
    const shape = [part.length];
    const pairs = new Float32Array(part.length * 2 * VENUE_FEATURES);
    const refusedWeights = new Float32Array(part.length).fill(NOTHING);
    for (const [row, { traveller, until, target }] of part.entries()) {
      pairs.set(target.features, 2 * row * VENUE_FEATURES);
      // Later: what stands in the history is known to be refused.
      const refused = traveller.decisions.find(
        ({ accepted, item }, i) => i > until && !accepted && item !== target.item,
      );
      if (!refused) continue;
      pairs.set(refused.features, (2 * row + 1) * VENUE_FEATURES);
      refusedWeights[row] = target.weight;
    }
    yield {
      ...signalFeeds(part, config.length),
      ...tagFeeds(part.map(({ traveller }) => traveller)),
      pairs: { data: pairs, shape: [part.length, 2 * VENUE_FEATURES] },
      refused_weights: { data: refusedWeights, shape },
      venue_ids: { data: Int32Array.from(part, ({ target }) => target.item), shape },
      corrections: { data: Float32Array.from(part, ({ target }) => -Math.log(counts[target.item]! / total)), shape },
      travellers: { data: Int32Array.from(part, ({ traveller }) => traveller.user), shape },
      weights: { data: Float32Array.from(part, ({ target }) => target.weight), shape },
    };
  }
}
