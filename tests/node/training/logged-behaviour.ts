/** A small log of behaviour, written as the product writes it, with ids and times that follow from numbers. */
import { sql } from 'drizzle-orm';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { mayCount, type SignalSource, type SignalType } from '../../../core/signal/signal.ts';
import type { Database } from '../../../platform/database/client.ts';
import { behavioralSignals, pivotEvents, rankingEvents } from '../../../platform/database/schema/index.ts';

export const CITY = '00000000-0000-4000-8000-00000000c177';
export const VENUES = 30;

/** The same kind and number, the same id. */
export const id = (kind: string, n: number) =>
  `${[...kind]
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const venue = (n: number) => id('venue', n);
export const actor = (n: number) => id('actor', n);
export const day = (n: number, minutes = 0) => new Date(Date.UTC(2026, 4, 1 + n, 8, minutes));

export async function clearLog(database: Database): Promise<void> {
  await database.execute(
    sql`truncate behavioral_signals, ranking_events, pivot_events, arbitration_events, cities restart identity cascade`,
  );
  await database.execute(sql`
    insert into cities (id, slug, name, country, time_zone, currency, centre, bounds, meal_times)
    values (${CITY}, 'testville', 'Testville', 'US', 'UTC', 'USD', '{}', '{}', '{}')`);
  await database.execute(sql`
    insert into activity_nodes (id, city_id, slug, name, category, neighbourhood, lat, lng, price_level, setting,
      visit_minutes, energy, vibe_tags, source, source_tier)
    select (${id('venue', 0).slice(0, -12)} || lpad(i::text, 12, '0'))::uuid, ${CITY}, 'v' || i, 'Venue ' || i, 'park', 'n', 0, 0, 1,
      'outdoor', 60, 0.5, '{quiet}', 'catalogue', 1
    from generate_series(0, ${VENUES - 1}) i`);
  await database.execute(sql`
    insert into activity_node_versions (activity_node_id, version, record, catalogue_version, recorded_at)
    select id, version, to_jsonb(n) - 'vibe_embedding', 'v1', ${day(-30).toISOString()} from activity_nodes n`);
}

/** A ranking of all venues: the first three shown. Number `n` is also that of its trip. */
export async function logRanking(
  database: Database,
  n: number,
  of: { actor: number; at: Date; synthetic?: boolean },
): Promise<void> {
  const { at, synthetic = false } = of;
  const venueIds = Array.from({ length: VENUES }, (_, i) => venue(i));
  const candidates = {
    v: 1,
    venue_ids: venueIds,
    rankings: [
      {
        ranking_event_id: id('ranking', n),
        day_number: 1,
        day_part: 'morning',
        scores: 0,
        shown: [0, 1, 2],
        propensity: { shown: 0.75, other: 0.025 },
      },
    ],
    scores: [venueIds.map((_, i) => 1 - i / 100)],
  };
  await database.insert(behavioralSignals).values({
    id: id('set', n),
    actorKey: actor(of.actor),
    signalType: 'candidate_set_logged',
    tripId: id('trip', n),
    context: { full_candidate_set: candidates },
    weight: 0,
    source: 'system',
    synthetic,
    modelVersion: 'offline@1',
    occurredAt: at,
    createdAt: at,
  });
  await database.insert(rankingEvents).values({
    id: id('ranking', n),
    actorKey: actor(of.actor),
    tripId: id('trip', n),
    cityId: CITY,
    kind: 'itinerary',
    dayNumber: 1,
    dayPart: 'morning',
    candidateSetSignalId: id('set', n),
    source: 'offline',
    modelVersion: 'offline@1',
    cache: 'miss',
    featureSnapshot: {
      v: 1,
      persona: {
        dimensions: { ...NEUTRAL_DIMENSIONS, culture: of.actor / 10 },
        interests: ['quiet'],
        nearest_archetypes: [],
      },
      context: { day_part: 'morning', trip_day: 1, party_kind: 'solo', party_size: 1, budget_band: 'mid' },
      catalogue: { city: 'testville', version: 'v1' },
    },
    latencyMs: 5,
    createdAt: at,
  });
}

export interface Logged {
  actor: number;
  at: Date;
  venue?: number | null;
  /** Of its trip. */
  ranking?: number;
  type?: string;
  source?: string;
  counts?: boolean;
  context?: Record<string, unknown>;
  storedAt?: Date;
}

/** Signals numbered from `from`. */
export async function logSignals(database: Database, from: number, signals: readonly Logged[]): Promise<void> {
  await database.insert(behavioralSignals).values(
    signals.map((given, i) => {
      const { at, ranking, type = 'slot_accept', source = 'user_behavioral', context = {}, storedAt = at } = given;
      return {
        id: id('signal', from + i),
        actorKey: actor(given.actor),
        signalType: type,
        activityNodeId: given.venue === null ? null : venue(given.venue ?? 0),
        tripId: ranking === undefined ? null : id('trip', ranking),
        slotId: ranking === undefined ? null : id('slot', from + i),
        context: {
          day_of_trip: 1,
          day_part: 'morning',
          group_size: 1,
          weather: 'rain',
          time_to_action_ms: 900,
          ...context,
        },
        weight: 1,
        source,
        synthetic: source.startsWith('synthetic'),
        modelVersion: 'offline@1',
        counts: given.counts ?? mayCount(type as SignalType, source as SignalSource),
        occurredAt: at,
        createdAt: storedAt,
      };
    }),
  );
}

export async function logPivot(database: Database, n: number, at: Date): Promise<void> {
  await database.insert(pivotEvents).values({
    id: id('pivot', n),
    tripId: id('trip', n),
    slotId: id('slot', n),
    actorKey: actor(n),
    trigger: 'weather',
    source: 'fallback',
    options: [{ id: id('option', n), reason: 'indoors' }],
    latencyMs: 4,
    createdAt: at,
    expiresAt: new Date(at.getTime() + 900_000),
  });
}
