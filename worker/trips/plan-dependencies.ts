/** What planning works with, of one request. */
import { v7 as uuidv7 } from 'uuid';
import { type ArbitrationConfig, DEFAULT_ARBITRATION } from '../../core/arbitration/config.ts';
import { RememberedByKey } from '../../platform/cache/remembered-by-key.ts';
import { arbitrationConfig } from '../../platform/database/arbitration.ts';
import type { LlmSession } from '../../platform/llm/llm-session.ts';
import type { AppContext } from '../app-env.ts';
import { loadedAffinity } from './loaded-affinity.ts';
import type { PlanDependencies } from './plan-request.ts';
import { openWarmModels, type WarmModels } from './warm-models.ts';

/** A rule that is switched, or a calibration, counts at latest this much later. */
const rulesNow = new RememberedByKey<ArbitrationConfig>(5_000);

export function planDependencies(
  c: AppContext,
  llm: LlmSession | null,
  timed: PlanDependencies['timed'],
): PlanDependencies {
  const { database, vectors, now, settings, log } = c.var;
  const { arbitration: mode, exploreSlots, exploreDisagreements, warmLlmWaitMs } = settings.ranking;
  const { environment } = settings;
  let opened: Promise<WarmModels> | undefined;
  return {
    database,
    vectors,
    kv: c.env.CACHE,
    llm,
    affinity: (archetypeId, city) => loadedAffinity(archetypeId, city, { database, environment, now }),
    models: () => {
      opened ??= openWarmModels(c);
      return opened;
    },
    arbitration: {
      mode,
      config: async (needed) =>
        needed
          ? rulesNow.get(environment, now, () => arbitrationConfig(database, DEFAULT_ARBITRATION, environment))
          : DEFAULT_ARBITRATION,
      exploreSlots,
      exploreDisagreements,
      llmWaitMs: warmLlmWaitMs,
    },
    now: new Date(now),
    newId: uuidv7,
    timed,
    log,
  };
}
