/** What serves: the versions of the registry, loaded once an isolate, as one request sees them. */
import type { MlRanker, MlRequest } from '../../core/ranking/ml-ranker.ts';
import type { Environment } from '../../core/registry/lineage.ts';
import type { Queries } from '../database/client.ts';
import type { LearnedArbiter } from './learned-arbiter.ts';

/** The user's tower of the two-tower model: the vector that venues are searched with. */
export interface TrainedRetrieval {
  /** `two-tower@<version>`: the venue vectors that it goes with have the same. */
  readonly modelVersion: string;
  /** [64], of unit length. The candidates and moments are not read. */
  userVector(request: Pick<MlRequest, 'persona' | 'history' | 'historyVenues'>): Promise<Float32Array>;
}

/** A version beside the one in production. */
export interface ChallengerVersion {
  name: string;
  version: string;
}

/**
 * Taken once when a request begins: whatever it asks afterwards comes from the same versions, also when others are
 * promoted meanwhile. Nothing is loaded until it is asked for.
 */
export interface ServingModels {
  /** Of each name, what is in production as the registry says (in development, where it says nothing, the bundled copy). */
  readonly production: Readonly<Record<string, string>>;
  readonly canary: Readonly<Record<string, string>>;
  readonly shadow: readonly ChallengerVersion[];
  /**
   * The ranker in production, or the last working version before it where its files are refused.
   * Null: none can serve. Never rejects.
   */
  ranker(name?: string): Promise<MlRanker | null>;
  /** Exactly this version, one in canary or in shadow. Null where it is neither, or refused. Never rejects. */
  challenger(version: ChallengerVersion): Promise<MlRanker | null>;
  /** As `ranker`, of `two-tower`. */
  retrieval(): Promise<TrainedRetrieval | null>;
  /** As `ranker`, of `arbiter`: null as long as no version has come into production, and the rules decide. */
  arbiter(): Promise<LearnedArbiter | null>;
  /** The request is over: its versions may go. Forgotten, it counts as over after half a minute. */
  release(): void;
}

/** What a request brings along. */
export interface ServingContext {
  env: Pick<Cloudflare.Env, 'ARTIFACTS'>;
  database: Queries;
  environment: Environment;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What goes on after the response. */
  waitUntil(work: Promise<unknown>): void;
  log(event: string, fields: Record<string, unknown>): void;
}
