/** What is known of a decision between the two rankings, by name. */

/** By name as logged, at the top of `arbitration_events.context_snapshot`. Any of them may be unknown: null, or left out. */
export const ARBITER_FACTS = {
  agreement: 'rank correlation of the two top tens, in [-1, 1]',
  shared_top3: 'venues that both top threes hold, 0 to 3',
  ml_confidence: 'in [0, 1]',
  llm_confidence: 'in [0, 1]',
  user_trip_count: 'trips before this one',
  counting_signals: 'of the traveller, from 20',
  sequence_momentum: 'how clear a line the latest decisions follow, in [0, 1]',
  local_bias: 'persona dimension local_vs_tourist_bias, in [0, 1]',
  llm_top_tourist: 'tourist score of the venue that the LLM puts first, in [0, 1]',
  llm_top_local: 'its local score, in [0, 1]',
  ml_top_tourist: 'tourist score of the venue that the ML ranker puts first',
  ml_top_local: 'its local score',
  llm_top3_tourist: 'mean tourist score of the LLM top three',
  ml_top3_tourist: 'mean tourist score of the ML top three',
  party_size: 'travellers',
  group_conflict: 'how far the members want different things, in [0, 1]; unknown of who travels alone',
  novel_in_ml_top3: 'venues of the ML top three that the language model cannot know, 0 to 3',
  false_personalisation: 'how far the LLM ranking is that of anybody, in [0, 1]',
  candidates: 'venues that both ranked',
  trip_day: 'from 1',
  day_part: '0 morning, 1 afternoon, 2 evening',
} as const;
export type ArbiterFact = keyof typeof ARBITER_FACTS;

export type ArbiterFacts = Partial<Record<ArbiterFact, number | boolean | null>>;

/** Of one decision: every fact, null where it is not known. */
export type KnownFacts = Record<ArbiterFact, number | null>;
