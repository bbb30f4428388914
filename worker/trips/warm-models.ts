/** The trained models for one request: one choice of versions for all of it, nothing loaded before it is asked for. */
import { assignedVersion, type RunningExperiment } from '../../core/experiment/assignment.ts';
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import type { ServingVersion } from '../../core/registry/status.ts';
import { Remembered } from '../../platform/cache/remembered.ts';
import { runningExperiments } from '../../platform/database/experiments.ts';
import type { LearnedArbiter } from '../../platform/inference/learned-arbiter.ts';
import { DEFAULT_RANKER } from '../../platform/inference/served-models.ts';
import type { ChallengerVersion, TrainedRetrieval } from '../../platform/inference/serving-models.ts';
import { takeServingModels } from '../../platform/inference/take-serving-models.ts';
import type { AppContext } from '../app-env.ts';

export interface AssignedRanker {
  /** Null where it cannot be had. */
  ranker: MlRanker | null;
  /** The experiment that chose it, and whether its variant failed, so that production ranks instead. */
  exposure: { experimentId: string; variant: string; failed: boolean } | null;
}

export interface WarmModels {
  retrieval(): Promise<TrainedRetrieval | null>;
  /** Null: the rules decide. */
  arbiter(): Promise<LearnedArbiter | null>;
  /** What ranks for this traveller: production, or the variant that they are in. */
  rankerFor(actorKey: string): Promise<AssignedRanker>;
  /** The versions that are scored beside what serves, after the response. */
  readonly shadow: readonly ChallengerVersion[];
  challenger(version: ChallengerVersion): Promise<MlRanker | null>;
  /** Once nothing more is asked of them. */
  release(): void;
}

/** As long as what the registry says. */
const experimentsNow = new Remembered<RunningExperiment[]>(5_000);

export async function openWarmModels(c: AppContext): Promise<WarmModels> {
  const { database, settings, now, log } = c.var;
  const [serving, experiments] = await Promise.all([
    takeServingModels({
      env: c.env,
      database,
      environment: settings.environment,
      now: Date.now,
      waitUntil: (work) => c.executionCtx.waitUntil(work),
      log,
    }),
    experimentsNow.get(now, () => runningExperiments(database)),
  ]);
  const versions: ServingVersion[] = [
    ...served(serving.production, 'production'),
    ...served(serving.canary, 'canary'),
    ...serving.shadow.map((one) => ({ ...one, status: 'shadow' as const, artifactPath: null })),
  ];
  return {
    shadow: serving.shadow,
    challenger: (version) => serving.challenger(version),
    retrieval: () => serving.retrieval(),
    arbiter: () => serving.arbiter(),
    release: () => serving.release(),
    async rankerFor(actorKey) {
      const assigned = assignedVersion(actorKey, DEFAULT_RANKER, versions, experiments);
      const exposure = assigned?.exposure ?? null;
      if (!assigned || !exposure) return { ranker: await serving.ranker(), exposure: null };
      const { name, version } = assigned;
      // A variant may serve all in another place: `u-sasrec` in production, say.
      const isProduction = serving.production[name] === version;
      const ranker = await (isProduction ? serving.ranker(name) : serving.challenger({ name, version }));
      const failed = ranker?.modelVersion !== `${name}@${version}`;
      return { ranker: failed ? await serving.ranker() : ranker, exposure: { ...exposure, failed } };
    },
  };
}

const served = (versions: Readonly<Record<string, string>>, status: 'production' | 'canary'): ServingVersion[] =>
  Object.entries(versions).map(([name, version]) => ({ name, version, status, artifactPath: null }));
