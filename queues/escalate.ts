/**
 * Invariant 3: where the arbiter found both sides unsure, the larger model ranks the archetype's lists, and what it says takes
 * the place of the unsure lists in the cache. Nobody waits for it: the next traveller alike is served by it.
 */
import { v7 as uuidv7 } from 'uuid';
import { dateIn } from '../core/itinerary/local-time.ts';
import { archetype, archetypePersona } from '../core/persona/archetypes.ts';
import { RANKED_TRIP_DAYS, RankerFailure } from '../core/ranking/ranker.ts';
import { LLM_BUDGET_NAME } from '../durable-objects/llm-budget.ts';
import { kvRankingCache } from '../platform/cache/ranking-cache.ts';
import { findCity } from '../platform/database/cities.ts';
import { insertLlmUsage } from '../platform/database/llm-usage.ts';
import { LlmRanker } from '../platform/llm/llm-ranker.ts';
import { SONNET } from '../platform/llm/models.ts';
import { openLlmSession } from '../platform/llm/open-llm.ts';
import type { JobOf } from '../platform/queue/jobs.ts';
import { archetypeMoments, usualParty } from '../platform/ranking/archetype-rankings.ts';
import { retrieveCandidates } from '../platform/ranking/retrieve.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import type { JobContext } from './job-context.ts';

const DEADLINE_MS = 60_000;

export async function escalate(job: JobOf<'escalate'>, context: JobContext): Promise<void> {
  const { env, settings, database, log, now } = context;
  const city = await findCity(database, job.city);
  // Lists of another catalogue are not asked for any more.
  if (city?.catalogueVersion !== job.catalogueVersion) return;
  const llm = openLlmSession(
    { ...settings, llm: { ...settings.llm, deadlineMs: DEADLINE_MS } },
    env.LLM_BUDGET.getByName(LLM_BUDGET_NAME),
    { model: SONNET, requestId: job.id, tripId: null, now: Date.now, random: Math.random, newId: uuidv7, log },
  );
  if (!llm) return;
  const ranker = new LlmRanker(llm, 'escalate');
  const cache = kvRankingCache(env.CACHE);
  const { archetypeIds, partyKind, budgetBand, rankerVersion, moments } = job;
  const wanted = new Set(moments.map(({ tripDay, dayPart }) => `${tripDay}/${dayPart}`));
  const retrieval = { database, vectors: openVectorIndex(settings, database) };
  try {
    for (const archetypeId of archetypeIds) {
      const request = { city, archetypeId, partyKind, budgetBand, tripDays: RANKED_TRIP_DAYS };
      const all = archetypeMoments(request, rankerVersion);
      const asked = all.filter(({ context: { tripDay, dayPart } }) => wanted.has(`${tripDay}/${dayPart}`));
      const cached = await cache.read(asked.map(({ key }) => key));
      // What another traveller's plan had ranked again meanwhile is as sure as it gets.
      const unsure = asked.filter(({ key }) => cached.get(key)?.modelVersion !== ranker.modelVersion);
      if (unsure.length === 0) continue;
      const persona = archetypePersona(archetype(archetypeId));
      const day = dateIn(city.timeZone, now);
      const candidates = await retrieveCandidates(retrieval, city, persona, usualParty(partyKind), day, budgetBand);
      await Promise.all(
        unsure.map(async ({ key, context: moment }) =>
          cache.write(key, await ranker.rank({ cityName: city.name, persona, candidates, context: moment })),
        ),
      );
    }
  } catch (error) {
    if (!(error instanceof RankerFailure)) throw error;
    // The unsure lists stand, and the next plan that finds them asks again.
    log('escalation_cut_short', { reason: error.code });
  } finally {
    await insertLlmUsage(database, llm.usage);
  }
}
