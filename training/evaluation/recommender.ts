/** What evaluation asks of a ranker, and what it hands to it: floors and trained models come through the same door. */
import type { Dataset, Interactions } from '../data/dataset.ts';

/** Dimension (`warmth`, `party`, `city`, `archetype`) to value (`cold`, `group`, `tokyo`, `A3`). */
export type Segment = Readonly<Record<string, string>>;

/** One held-out interaction: what came next for a user, given what came before. */
export interface EvaluationCase {
  /** Position among all cases of this evaluation, before any is left out: seeds what is random about the case. */
  id: number;
  /** Index of `Interactions.users`. */
  user: number;
  /** Item indices before the target, oldest first; may be empty. */
  history: Int32Array;
  /** Item index. */
  target: number;
  /** Milliseconds since the epoch, as `Interactions.time`. */
  time: number;
  /** Item indices that were on offer, the target among them, each once; null: the whole catalogue. */
  candidates: Int32Array | null;
  segment: Segment;
  /** Row of the data set's interactions, for its context; -1 where there is none. */
  index: number;
}

/** An offer and its outcome, for calibration. */
export interface OutcomeCase extends EvaluationCase {
  /** Whether the target was taken. */
  accepted: boolean;
}

export interface Recommender {
  name: string;
  /**
   * `next_item`: the softmax of a row over the candidates is the probability of the next item, which makes the ranker's
   * confidence testable (calibration). Otherwise scores only order.
   */
  scoreMeaning?: 'order' | 'next_item';
  /** A row a case, [items]; higher is better; NaN and -Infinity never win. Rows may be written to by the caller. */
  score(cases: readonly EvaluationCase[]): Promise<Float32Array[]>;
  /** Probability in [0, 1] that each case's target is taken when it is shown, [cases]; absent where a model has none. */
  acceptance?(cases: readonly EvaluationCase[]): Promise<Float32Array>;
}

export interface FitInput {
  /** All that may be learned from. */
  train: Interactions;
  /** Held out of `train`, for early stopping and choices; never the test cases. */
  validation: readonly EvaluationCase[];
  /** Personas, venues, candidate sets of our own data. Its interactions hold the test cases: learn from `train` alone. */
  dataset: Dataset;
  seed: number;
}

export type Fit = (input: FitInput) => Recommender | Promise<Recommender>;

/** Name, as `--models` takes it, to what fits it. */
export type ModelRegistry = Readonly<Record<string, Fit>>;
