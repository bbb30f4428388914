/** Trips as Postgres sees them: written whole once, then a projection of what the trip's Durable Object says. */
import {
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { SlotServed, TripGroup } from '../../../core/group/trip-group.ts';
import type { DayNote, SlotRole } from '../../../core/itinerary/itinerary.ts';
import type { RankingSummary, SlotStatus, TripStatus } from '../../../core/itinerary/trip.ts';
import type { Dimensions } from '../../../core/persona/dimensions.ts';
import type { BudgetBand, DayPart, PartyKind } from '../../../core/ranking/ranker.ts';
import { activityNodes, cities } from './catalogue.ts';
import { users } from './people.ts';

export const trips = pgTable(
  'trips',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    cityId: uuid('city_id')
      .notNull()
      .references(() => cities.id),
    startDate: date('start_date').notNull(),
    endDate: date('end_date').notNull(),
    status: text().$type<TripStatus>().notNull(),
    partySize: smallint('party_size').notNull(),
    partyKind: text('party_kind').$type<PartyKind>().notNull(),
    budgetBand: text('budget_band').$type<BudgetBand>().notNull(),
    startArea: jsonb('start_area').$type<{ lat: number; lng: number }>(),
    /** The persona dimensions that the trip was planned for. */
    dimensions: jsonb().$type<Dimensions>().notNull(),
    ranking: jsonb().$type<RankingSummary>().notNull(),
    /** Why a day or a part of it stays empty, by day number. */
    dayNotes: jsonb('day_notes').$type<Record<string, DayNote[]>>().notNull().default({}),
    /** How it was planned for its members; null where one traveller was planned for. */
    group: jsonb().$type<TripGroup>(),
    seq: integer().notNull().default(0),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('trips_user').on(t.userId, t.createdAt),
    index('trips_city_dates').on(t.cityId, t.startDate),
    index('trips_status_start').on(t.status, t.startDate),
  ],
);

export const tripMembers = pgTable(
  'trip_members',
  {
    tripId: uuid('trip_id')
      .notNull()
      .references(() => trips.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text().$type<'organiser' | 'member'>().notNull(),
    /** Among the members, who are in the order in which they came: a time would not say, clocks go backwards. */
    position: smallint().notNull().default(0),
    joinedAt: timestamp('joined_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tripId, t.userId] }), index('trip_members_user').on(t.userId)],
);

/** Each brings one person into a trip, once, and is known by its hash alone. */
export const tripInvites = pgTable(
  'trip_invites',
  {
    /** SHA-256 of the token, hexadecimal. */
    tokenHash: text('token_hash').primaryKey(),
    tripId: uuid('trip_id')
      .notNull()
      .references(() => trips.id, { onDelete: 'cascade' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    acceptedAt: timestamp('accepted_at', { withTimezone: true }),
  },
  (t) => [index('trip_invites_trip').on(t.tripId), index('trip_invites_expires').on(t.expiresAt)],
);

export const itinerarySlots = pgTable(
  'itinerary_slots',
  {
    id: uuid().primaryKey(),
    tripId: uuid('trip_id')
      .notNull()
      .references(() => trips.id, { onDelete: 'cascade' }),
    dayNumber: smallint('day_number').notNull(),
    slotOrder: smallint('slot_order').notNull(),
    dayPart: text('day_part').$type<DayPart>().notNull(),
    /** activity, breakfast, lunch or dinner. */
    role: text().$type<SlotRole>().notNull(),
    /** `[earliest, latest, endBy]` of the slot's stop, wall-clock minutes of its day. */
    timeWindow: jsonb('time_window').$type<[number, number, number]>().notNull(),
    /** The ranking's score of the venue, in [0, 1]. */
    score: real().notNull(),
    activityNodeId: uuid('activity_node_id')
      .notNull()
      .references(() => activityNodes.id),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    travelMode: text('travel_mode').$type<'walk' | 'transit'>(),
    travelMinutes: smallint('travel_minutes'),
    travelMetres: integer('travel_metres'),
    generatedNarrative: text('generated_narrative').notNull(),
    narratorVersion: text('narrator_version').notNull(),
    modelVersion: text('model_version').notNull(),
    status: text().$type<SlotStatus>().notNull(),
    /** Venue ids that could stand here instead, best first, with their scores. */
    alternatives: jsonb().$type<{ venueId: string; score: number }[]>().notNull().default([]),
    rankingEventId: uuid('ranking_event_id'),
    /** Whom it serves how well, in the order of the members that the trip's `group` names. */
    served: jsonb().$type<SlotServed>(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('itinerary_slots_trip_day').on(t.tripId, t.dayNumber, t.slotOrder),
    index('itinerary_slots_node').on(t.activityNodeId),
  ],
);
