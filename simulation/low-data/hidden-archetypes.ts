/** Who the hidden population is made of: the twelve archetypes in another mix, and three of a kind that no synthetic traveller has. */
import { ARCHETYPES } from '../../core/persona/archetypes.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import type { VibeTag } from '../../core/venue/vocabulary.ts';
import { travelStyle } from '../agents/archetypes.ts';

export interface HiddenArchetype {
  id: string;
  dimensions: Dimensions;
  tags: readonly VibeTag[];
  budget: BudgetBand;
  parties: readonly (Party & { weight: number })[];
}

/** Relative: first visits, families and groups are common, local hunters rare. Synthetic travellers come from all twelve in turn. */
export const HIDDEN_MIX: Readonly<Record<string, number>> = {
  A1: 1,
  A2: 4,
  A3: 4,
  A4: 2,
  A5: 3,
  A6: 2,
  A7: 5,
  A8: 2,
  A9: 1,
  A10: 1,
  A11: 9,
  A12: 2,
};

/** The twelve, as the hidden population has them. */
export const SEEN_KINDS: readonly HiddenArchetype[] = ARCHETYPES.map(({ id, dimensions, tags }) => ({
  id,
  dimensions,
  tags,
  ...travelStyle(id),
}));

/** In no synthetic population, and in no training data here. */
export const UNSEEN_KINDS: readonly HiddenArchetype[] = [
  {
    // Follows a team: crowds, noise and fame are what one came for, and food is what there is.
    id: 'match_day_fan',
    dimensions: {
      local_vs_tourist_bias: 0.2,
      pace_preference: 0.7,
      food_priority: 0.3,
      food_adventurousness: 0.15,
      social_energy: 0.95,
      crowd_tolerance: 0.95,
      culture: 0.1,
      nature: 0.15,
      adventure: 0.4,
      cost_sensitivity: 0.7,
      night_owl: 0.75,
      family_focus: 0.2,
    },
    tags: ['sports', 'craft-beer', 'lively', 'iconic'],
    budget: 'mid',
    parties: [
      { kind: 'friends', size: 2, weight: 1 },
      { kind: 'friends', size: 4, weight: 2 },
    ],
  },
  {
    // Stays for months and works: quiet, coffee, parks, nothing that costs much.
    id: 'remote_worker',
    dimensions: {
      local_vs_tourist_bias: 0.75,
      pace_preference: 0.1,
      food_priority: 0.35,
      food_adventurousness: 0.5,
      social_energy: 0.15,
      crowd_tolerance: 0.1,
      culture: 0.3,
      nature: 0.8,
      adventure: 0.3,
      cost_sensitivity: 0.85,
      night_owl: 0.15,
      family_focus: 0.05,
    },
    tags: ['coffee', 'quiet', 'green', 'wellness'],
    budget: 'low',
    parties: [{ kind: 'solo', size: 1, weight: 1 }],
  },
  {
    // Three generations on a pilgrimage: temples and history at the pace of the slowest.
    id: 'pilgrim_family',
    dimensions: {
      local_vs_tourist_bias: 0.25,
      pace_preference: 0.2,
      food_priority: 0.3,
      food_adventurousness: 0.1,
      social_energy: 0.3,
      crowd_tolerance: 0.75,
      culture: 0.95,
      nature: 0.5,
      adventure: 0.05,
      cost_sensitivity: 0.8,
      night_owl: 0.02,
      family_focus: 0.8,
    },
    tags: ['spiritual', 'historic', 'blossom', 'free'],
    budget: 'low',
    parties: [{ kind: 'family', size: 4, weight: 1 }],
  },
];
