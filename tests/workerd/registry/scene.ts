/** Versions in the registry, and a log of randomised decisions in which one of them is better. */
import { and, eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { ModelStatus } from '../../../core/registry/status.ts';
import { productionVersion } from '../../../platform/database/model-registry.ts';
import { behavioralSignals, modelRegistry, rankingEvents } from '../../../platform/database/schema/index.ts';
import { type ShadowRanking, shadowInserts } from '../../../platform/database/shadow-rankings.ts';
import { database } from '../api/client.ts';

export const DAY = 86_400_000;
export const daysAgo = (days: number) => new Date(Date.now() - days * DAY);
export const someName = () => `m-${uuidv7().slice(-12)}`;

/** Without files, so that nothing has to be loaded. */
export async function registered(
  name: string,
  version: string,
  status: ModelStatus,
  more: Partial<typeof modelRegistry.$inferInsert> = {},
): Promise<void> {
  await database.insert(modelRegistry).values({
    ...{ id: uuidv7(), modelName: name, version, status, lineage: ['user_behavioral'], trainingDate: daysAgo(30) },
    ...(status === 'shadow' || status === 'canary' ? { shadowSince: daysAgo(20) } : {}),
    ...more,
  });
}

export async function statuses(name: string): Promise<Record<string, string>> {
  const rows = await database.select().from(modelRegistry).where(eq(modelRegistry.modelName, name));
  return Object.fromEntries(rows.map(({ version, status }) => [version, status]));
}

export const set = (name: string, version: string, to: Partial<typeof modelRegistry.$inferInsert>) =>
  database
    .update(modelRegistry)
    .set(to)
    .where(and(eq(modelRegistry.modelName, name), eq(modelRegistry.version, version)));

/** The version of the language model's ranker that is in production: other files may have put one there. */
export async function baseline(): Promise<string> {
  await database.execute(sql`
      insert into model_registry (id, model_name, version, status, lineage)
      select ${uuidv7()}, 'llm-ranker', 'of-tests', 'production', '{}'
      where not exists (select 1 from model_registry where model_name = 'llm-ranker' and status = 'production')
      on conflict do nothing`);
  return `llm-ranker@${(await productionVersion(database, 'llm-ranker'))!.version}`;
}

/**
 * A trip each: one of 12 venues was shown by a fair lot, and taken. A version with a hit rate of 0.8 ranked that venue among its
 * first five in 80% of them.
 */
export async function decisionsOf(hitRates: Record<string, number>, count = 300, at = daysAgo(5)): Promise<void> {
  const sets: (typeof behavioralSignals.$inferInsert)[] = [];
  const events: (typeof rankingEvents.$inferInsert)[] = [];
  const rankings: ShadowRanking[] = [];
  for (let i = 0; i < count; i++) {
    const [id, setId, actorKey, tripId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    const venues = Array.from({ length: 12 }, () => uuidv7());
    const shown = i % 12;
    const common = { actorKey, tripId, occurredAt: at, createdAt: at };
    sets.push({
      ...{ ...common, id: setId, signalType: 'candidate_set_logged', weight: 0, source: 'system', modelVersion: 'x@1' },
      context: {
        full_candidate_set: {
          ...{
            v: 1,
            venue_ids: venues,
            scores: [venues.map((_, v) => v / 12)],
            propensities: [venues.map(() => 1 / 12)],
          },
          rankings: [
            {
              ranking_event_id: id,
              day_number: 1,
              day_part: 'morning',
              scores: 0,
              shown: [shown],
              propensity: { list: 0 },
            },
          ],
        },
      },
    });
    sets.push({
      ...{ ...common, id: uuidv7(), signalType: 'slot_accept', activityNodeId: venues[shown]!, weight: 1 },
      ...{ source: 'user_behavioral', modelVersion: 'x@1', occurredAt: new Date(at.getTime() + 1000) },
    });
    events.push({
      ...{ id, actorKey, tripId, cityId: uuidv7(), kind: 'trip', dayNumber: 1, dayPart: 'morning', createdAt: at },
      ...{
        candidateSetSignalId: setId,
        source: 'llm',
        modelVersion: 'x@1',
        cache: 'miss',
        featureSnapshot: {},
        latencyMs: 1,
      },
    });
    for (const [model, rate] of Object.entries(hitRates)) {
      const others = venues.filter((_, v) => v !== shown);
      const place = (i * 7) % 100 < rate * 100 ? 0 : 8;
      const ranked = [...others.slice(0, place), venues[shown]!, ...others.slice(place)];
      const [modelName, version] = model.split('@') as [string, string];
      const scores = ranked.map((_, r) => -r);
      rankings.push({
        rankingEventId: id,
        actorKey,
        tripId,
        modelName,
        version,
        ranked,
        scores,
        latencyMs: 1,
        createdAt: at,
      });
    }
  }
  for (let from = 0; from < sets.length; from += 100) {
    await database.insert(behavioralSignals).values(sets.slice(from, from + 100));
  }
  for (let from = 0; from < events.length; from += 100) {
    await database.insert(rankingEvents).values(events.slice(from, from + 100));
  }
  for (const insert of shadowInserts(database, rankings)) await insert;
}
