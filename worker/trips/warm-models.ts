/** The trained models for one request: one choice of versions for all of it, nothing loaded before it is asked for. */
import type { ArbitrationInput, LearnedVerdict } from '../../core/arbitration/decision.ts';
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import type { ChallengerVersion, TrainedRetrieval } from '../../platform/inference/serving-models.ts';

export interface AssignedRanker {
  /** Null where it cannot be had. */
  ranker: MlRanker | null;
  /** The experiment that chose it, and whether its variant failed, so that production ranks instead. */
  exposure: { experimentId: string; variant: string; failed: boolean } | null;
}

export interface LearnedArbiter {
  /** One verdict a decision. */
  decide(inputs: readonly ArbitrationInput[]): Promise<LearnedVerdict[]>;
}

export interface WarmModels {
  retrieval(): Promise<TrainedRetrieval | null>;
  /** What ranks for this traveller: production, or the variant that they are in. */
  rankerFor(actorKey: string): Promise<AssignedRanker>;
  /** In place of the rules; null as long as no learned arbiter was promoted. */
  arbiter(): Promise<LearnedArbiter | null>;
  /** The versions that are scored beside what serves, after the response. */
  readonly shadow: readonly ChallengerVersion[];
  challenger(version: ChallengerVersion): Promise<MlRanker | null>;
  /** Once nothing more is asked of them. */
  release(): void;
}
