/** The rows of a shadow population, column by column as the tables have them; what is the same in all rows is left out. */

import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { OnboardingTags } from '../../core/persona/onboarding.ts';
import type { FullCandidateSet } from '../../core/ranking/candidate-log.ts';
import type { SignalType } from '../../core/signal/signal.ts';

export interface ShadowRows {
  users: {
    id: string;
    subject: string;
    onboarding_tags: OnboardingTags;
    /** As pgvector writes it. */
    persona_embedding: string;
    persona_description: string;
    persona_version: string;
    created_at: string;
  }[];
  actor_keys: { user_id: string; actor_key: string; created_at: string }[];
  persona_dimensions: { user_id: string; dimension: string; value: number; updated_at: string }[];
  trips: {
    id: string;
    user_id: string;
    city_id: string;
    start_date: string;
    end_date: string;
    status: string;
    party_size: number;
    party_kind: string;
    budget_band: string;
    dimensions: Dimensions;
    ranking: unknown;
    created_at: string;
  }[];
  trip_members: { trip_id: string; user_id: string; joined_at: string }[];
  behavioral_signals: {
    id: string;
    actor_key: string;
    signal_type: SignalType;
    activity_node_id: string | null;
    trip_id: string | null;
    slot_id: string | null;
    context: { full_candidate_set: FullCandidateSet } | Record<string, unknown>;
    weight: number;
    model_version: string;
    occurred_at: string;
  }[];
  ranking_events: {
    id: string;
    actor_key: string;
    trip_id: string | null;
    city_id: string;
    kind: 'itinerary' | 'discovery';
    day_number: number | null;
    day_part: string;
    candidate_set_signal_id: string;
    model_version: string;
    feature_snapshot: unknown;
    created_at: string;
  }[];
  itinerary_slots: {
    id: string;
    trip_id: string;
    day_number: number;
    slot_order: number;
    day_part: string;
    role: string;
    time_window: [number, number, number];
    score: number;
    activity_node_id: string;
    starts_at: string;
    ends_at: string;
    model_version: string;
    status: string;
    alternatives: { venueId: string; score: number }[];
    ranking_event_id: string;
    updated_at: string;
  }[];
  pivot_events: {
    id: string;
    trip_id: string;
    slot_id: string;
    actor_key: string;
    trigger: string;
    mood: string | null;
    options: unknown[];
    response: 'accept' | 'dismiss' | 'ignore';
    option_id: string | null;
    created_at: string;
    expires_at: string;
    responded_at: string;
  }[];
  intention_signals: {
    id: string;
    behavioral_signal_id: string;
    intention: string;
    confidence: number;
    created_at: string;
  }[];
}

export type ShadowTable = keyof ShadowRows;

/** In the order in which they are inserted; deleted in the reverse one. */
export const SHADOW_TABLES = [
  'users',
  'actor_keys',
  'persona_dimensions',
  'trips',
  'trip_members',
  'behavioral_signals',
  'ranking_events',
  'itinerary_slots',
  'pivot_events',
  'intention_signals',
] as const satisfies readonly ShadowTable[];

export function noRows(): ShadowRows {
  return {
    users: [],
    actor_keys: [],
    persona_dimensions: [],
    trips: [],
    trip_members: [],
    behavioral_signals: [],
    ranking_events: [],
    itinerary_slots: [],
    pivot_events: [],
    intention_signals: [],
  };
}
