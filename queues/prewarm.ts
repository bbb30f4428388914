/**
 * Fills the ranking cache for travellers like the one who just planned: 3 nearest archetypes x 3 day parts x 5 trip
 * days, only the keys that are missing, and a language model only under its daily cap.
 */
import { v7 as uuidv7 } from 'uuid';
import { dateIn } from '../core/itinerary/local-time.ts';
import { archetype, archetypePersona } from '../core/persona/archetypes.ts';
import { OfflineRanker } from '../core/ranking/offline-ranker.ts';
import { RANKED_TRIP_DAYS } from '../core/ranking/ranker.ts';
import { LLM_BUDGET_NAME } from '../durable-objects/llm-budget.ts';
import { PREWARM_KEPT_SECONDS, prewarmKey } from '../platform/cache/prewarm-key.ts';
import { kvRankingCache } from '../platform/cache/ranking-cache.ts';
import { findCity } from '../platform/database/cities.ts';
import { insertLlmUsage } from '../platform/database/llm-usage.ts';
import { LlmRanker } from '../platform/llm/llm-ranker.ts';
import { openLlmSession } from '../platform/llm/open-llm.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import { archetypeRankings, usualParty } from '../platform/ranking/archetype-rankings.ts';
import { retrieveCandidates } from '../platform/ranking/retrieve.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import type { JobContext } from './job-context.ts';

/** Nobody waits for these calls. */
const DEADLINE_MS = 60_000;

export async function prewarm(job: JobOf<'prewarm'>, { env, settings, database, log, now }: JobContext): Promise<void> {
  const city = await findCity(database, job.city);
  if (!city) return;
  const llm = openLlmSession(
    { ...settings, llm: { ...settings.llm, deadlineMs: DEADLINE_MS } },
    env.LLM_BUDGET.getByName(LLM_BUDGET_NAME),
    { requestId: job.id, tripId: null, now: Date.now, random: Math.random, newId: uuidv7, log },
  );
  const ranker = llm ? new LlmRanker(llm, 'prewarm') : new OfflineRanker();
  const vectors = openVectorIndex(settings, database);
  const { partyKind, budgetBand } = job;
  try {
    for (const archetypeId of job.archetypeIds) {
      const persona = archetypePersona(archetype(archetypeId));
      const ranked = await archetypeRankings(
        { city, archetypeId, partyKind, budgetBand, tripDays: RANKED_TRIP_DAYS },
        kvRankingCache(env.CACHE),
        ranker,
        () =>
          retrieveCandidates(
            { database, vectors },
            city,
            persona,
            usualParty(partyKind),
            dateIn(city.timeZone, now),
            budgetBand,
          ),
      );
      await ranked.writes();
      if (ranked.failure) {
        // Whoever asks next ranks what is missing; the cache is a convenience, and the model is not to be pressed.
        log('prewarm_cut_short', { archetype: archetypeId, reason: ranked.failure });
        return;
      }
    }
    const { catalogueVersion } = city;
    const mark = prewarmKey({ ...job, catalogueVersion, rankerVersion: ranker.modelVersion });
    await env.CACHE.put(mark, new Date(now).toISOString(), { expirationTtl: PREWARM_KEPT_SECONDS });
  } finally {
    await insertLlmUsage(database, llm?.usage ?? []);
  }
}
