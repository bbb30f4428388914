/** What there is to visit: cities, venues (`activity_nodes`), their append-only versions, and what sources say of them. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
  vector,
} from 'drizzle-orm/pg-core';
import type { Meal, Setting, VenueSource, WeeklyHours } from '../../../core/venue/venue.ts';
import type { Category, VibeTag } from '../../../core/venue/vocabulary.ts';

export const cities = pgTable('cities', {
  id: uuid().primaryKey(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  country: text().notNull(),
  timeZone: text('time_zone').notNull(),
  currency: text().notNull(),
  centre: jsonb().$type<{ lat: number; lng: number }>().notNull(),
  bounds: jsonb().$type<{ south: number; west: number; north: number; east: number }>().notNull(),
  mealTimes: jsonb('meal_times').$type<Record<'breakfast' | 'lunch' | 'dinner', [string, string]>>().notNull(),
  venueCount: integer('venue_count').notNull().default(0),
  /** Changes whenever a venue of the city does; part of every cache key. */
  catalogueVersion: text('catalogue_version').notNull().default('empty'),
  /** When a places provider last gave venues for a city without a catalogue. */
  placesFetchedAt: timestamp('places_fetched_at', { withTimezone: true }),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

export const activityNodes = pgTable(
  'activity_nodes',
  {
    id: uuid().primaryKey(),
    cityId: uuid('city_id')
      .notNull()
      .references(() => cities.id),
    slug: text().notNull(),
    name: text().notNull(),
    category: text().$type<Category>().notNull(),
    neighbourhood: text().notNull(),
    lat: doublePrecision().notNull(),
    lng: doublePrecision().notNull(),
    /** 0 free to 4 very expensive. */
    priceLevel: smallint('price_level').notNull(),
    /** Opening intervals a weekday, Monday first, minutes from local midnight; null where unknown. */
    hours: jsonb().$type<WeeklyHours>(),
    meals: text().array().$type<Meal[]>().notNull().default(sql`'{}'`),
    setting: text().$type<Setting>().notNull(),
    visitMinutes: smallint('visit_minutes').notNull(),
    energy: real().notNull(),
    vibeTags: text('vibe_tags').array().$type<VibeTag[]>().notNull(),
    vibeEmbedding: vector('vibe_embedding', { dimensions: 64 }),
    qualitySignals: jsonb('quality_signals').$type<Record<string, number>>().notNull().default({}),
    touristScore: real('tourist_score'),
    localScore: real('local_score'),
    crossRefConfidence: doublePrecision('cross_ref_confidence'),
    overratedFlag: boolean('overrated_flag').notNull().default(false),
    source: text().$type<VenueSource>().notNull(),
    /** 1 curated catalogue with local sources, 2 catalogue alone, 3 places provider. */
    sourceTier: integer('source_tier').notNull(),
    firstSeenAt: date('first_seen_at'),
    closedAt: date('closed_at'),
    version: integer().notNull().default(1),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('activity_nodes_city_slug').on(t.cityId, t.slug),
    index('activity_nodes_city_category').on(t.cityId, t.category),
    // A covering index for retrieval, which drizzle cannot express, is in a migration of its own.
  ],
);

/** Where the item tower of a version puts the venues; `activity_nodes.vibe_embedding` is what needs no model. */
export const venueVectors = pgTable(
  'venue_vectors',
  {
    /** `name@version` of the model. */
    space: text().notNull(),
    activityNodeId: uuid('activity_node_id')
      .notNull()
      .references(() => activityNodes.id, { onDelete: 'cascade' }),
    cityId: uuid('city_id').notNull(),
    embedding: vector({ dimensions: 64 }).notNull(),
    /** Of the venue whose features they are. */
    venueVersion: integer('venue_version').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.space, t.activityNodeId] }),
    index('venue_vectors_space_city').on(t.space, t.cityId),
  ],
);

/** Append-only: the record of a venue as it was, so that features can be rebuilt as a ranking saw them. */
export const activityNodeVersions = pgTable(
  'activity_node_versions',
  {
    activityNodeId: uuid('activity_node_id')
      .notNull()
      .references(() => activityNodes.id),
    version: integer().notNull(),
    record: jsonb().notNull(),
    catalogueVersion: text('catalogue_version').notNull(),
    recordedAt: timestamp('recorded_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.activityNodeId, t.version] })],
);

export const qualitySignals = pgTable(
  'quality_signals',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    activityNodeId: uuid('activity_node_id')
      .notNull()
      .references(() => activityNodes.id),
    source: text().notNull(),
    mentions: integer().notNull(),
    corpus: text().notNull(),
    observedAt: timestamp('observed_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [unique('quality_signals_node_source_corpus').on(t.activityNodeId, t.source, t.corpus)],
);

export const scrapedPosts = pgTable(
  'scraped_posts',
  {
    id: uuid().primaryKey(),
    source: text().notNull(),
    externalId: text('external_id').notNull(),
    cityId: uuid('city_id')
      .notNull()
      .references(() => cities.id),
    rawText: text('raw_text').notNull(),
    activityNodeId: uuid('activity_node_id').references(() => activityNodes.id),
    localScore: real('local_score'),
    touristFlag: boolean('tourist_flag').notNull().default(false),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    processedAt: timestamp('processed_at', { withTimezone: true }),
  },
  (t) => [
    unique('scraped_posts_source_external_id').on(t.source, t.externalId),
    index('scraped_posts_unprocessed').on(t.cityId, t.createdAt).where(sql`processed_at is null`),
    index('scraped_posts_node').on(t.activityNodeId),
  ],
);

/** Read before any outside call (invariant 2). `place_id` is the provider's id, or `search:<city>:<query>` for a search. */
export const placesApiCache = pgTable(
  'places_api_cache',
  {
    placeId: text('place_id').primaryKey(),
    rawResponse: jsonb('raw_response').notNull(),
    fetchedAt: timestamp('fetched_at', { withTimezone: true }).notNull().defaultNow(),
    refreshDueAt: timestamp('refresh_due_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('places_api_cache_refresh').on(t.refreshDueAt)],
);

/** The daily call budget: one row a UTC day, raised before the call is made. */
export const placesApiCalls = pgTable('places_api_calls', {
  day: date().primaryKey(),
  calls: integer().notNull().default(0),
});
