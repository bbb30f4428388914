/** How the twelve archetypes become travellers: dimensions with noise, a party, a budget. */

import type { Random } from '../../core/experiment/random.ts';
import { archetype } from '../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand, PartyKind } from '../../core/ranking/ranker.ts';
import data from '../../data/persona/simulation-archetypes.json' with { type: 'json' };
import { BadSettings } from './settings.ts';

/** Of the noise on each dimension (seed 0, "Archetype Variance"). */
export const SIGMA = 0.1;

export interface TravelStyle {
  budget: BudgetBand;
  /** Sizes from 1 to 4. */
  parties: readonly (Party & { weight: number })[];
}

const ALIKE: Readonly<Record<Exclude<PartyKind, 'solo'>, number>> = data.companions.alike;
const STYLES = data.archetypes as unknown as Readonly<Record<string, TravelStyle>>;

/** @throws BadSettings for an archetype of which nothing is written */
export function travelStyle(archetypeId: string): TravelStyle {
  const found = Object.hasOwn(STYLES, archetypeId) ? STYLES[archetypeId] : undefined;
  if (!found) throw new BadSettings(`there is no archetype "${archetypeId}": ${Object.keys(STYLES).join(', ')}`);
  return found;
}

/** Each dimension with Gaussian noise, kept in [0, 1]; 4 decimals, as they are stored. */
export function sampleDimensions(archetypeId: string, random: Random): Dimensions {
  const { dimensions } = archetype(archetypeId);
  return Object.fromEntries(
    DIMENSION_NAMES.map((name) => {
      const noisy = dimensions[name] + SIGMA * random.normal();
      return [name, Math.round(Math.min(1, Math.max(0, noisy)) * 1e4) / 1e4];
    }),
  ) as Dimensions;
}

/** In [0, 1]: of a party's companions, those of the lead's own archetype. */
export function alikeShare(kind: PartyKind): number {
  return kind === 'solo' ? 1 : ALIKE[kind];
}

export function sampleParty(archetypeId: string, random: Random): Party {
  const { parties } = travelStyle(archetypeId);
  const { kind, size } = parties[random.weighted(parties.map(({ weight }) => weight))]!;
  return { kind, size };
}
