/** What a simulation of travellers is made from. The same settings give the same rows, to the byte. */
import { parse, v5 as uuidv5 } from 'uuid';
import { ARCHETYPES } from '../../core/persona/archetypes.ts';
import { climateKnown } from '../shadow/climate.ts';
import { FEWEST_VENUES, type ShadowCity } from '../shadow/settings.ts';

/** Changes whenever the same seed would give other rows. */
export const SIMULATION_VERSION = 'agent-simulation@3';

/** Decisions of a language model, and of the built-in choice model: they stay with their rows for ever (invariant 9). */
export const AGENT_LINEAGE = 'synthetic_agent_v1';
export const CHOICE_MODEL_LINEAGE = 'synthetic_choice_model_v1';
export type Lineage = typeof AGENT_LINEAGE | typeof CHOICE_MODEL_LINEAGE;

export const DEFAULT_TRAVELLERS = 600;
export const MOST_TRAVELLERS = 1_000_000;

/** Trained rankers, by the names of the comparison; `models/` has the same with dashes. */
export const TRAINED_VARIANTS = ['two_tower', 'bpr', 'sasrec', 'u_sasrec', 'dlrm'] as const;
export type TrainedVariant = (typeof TRAINED_VARIANTS)[number];

export const VARIANTS = [
  'llm',
  'llm_standin',
  'offline',
  ...TRAINED_VARIANTS,
  'hybrid',
  'popularity',
  'random',
] as const;
export type Variant = (typeof VARIANTS)[number];

/** Shares of the taste that no field of a venue encodes, at which results are reported; the middle one is the main one. */
export const LATENT_SHARES = [0.1, 0.3, 0.5] as const;

export interface SimulationSettings {
  version: typeof SIMULATION_VERSION;
  /** An integer of 32 bits. */
  seed: number;
  travellers: number;
  variants: readonly Variant[];
  /** A1 to A12, in the order of the file. */
  archetypes: readonly string[];
  /** In [0, 1), ascending; empty where the built-in choice model decides nothing. */
  latentShares: readonly number[];
  /** Catalogue version by city slug. */
  catalogues: Readonly<Record<string, string>>;
  /** Who decides: `choice-model@2`, or an agent's label with its prompt version. */
  agent: string;
  /** Who decides the same cases beside it, without effect; null: nobody. */
  secondAgent: string | null;
  /** Version of each trained ranker by variant, and of the language model that ranks. */
  rankers: Readonly<Record<string, string>>;
}

/** Something that was asked for does not exist or does not fit; the message names it. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

/** @throws BadSettings naming the first that there is none of */
export function readVariants(names: readonly string[]): Variant[] {
  const wanted = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
  if (wanted.length === 0) throw new BadSettings(`no variant is named: ${VARIANTS.join(', ')}`);
  const unknown = wanted.find((name) => !(VARIANTS as readonly string[]).includes(name));
  if (unknown) throw new BadSettings(`there is no variant "${unknown}": ${VARIANTS.join(', ')}`);
  return wanted as Variant[];
}

/** All twelve where none is named. @throws BadSettings */
export function readArchetypes(names: readonly string[]): string[] {
  const known = ARCHETYPES.map(({ id }) => id);
  const wanted = new Set(names.map((name) => name.trim()).filter((name) => name !== ''));
  const unknown = [...wanted].find((name) => !known.includes(name));
  if (unknown) throw new BadSettings(`there is no archetype "${unknown}": ${known.join(', ')}`);
  return wanted.size === 0 ? known : known.filter((id) => wanted.has(id));
}

/** @throws BadSettings where one is no share of [0, 1) */
export function readLatentShares(shares: readonly number[]): number[] {
  const bad = shares.find((share) => !(share >= 0 && share < 1));
  if (bad !== undefined || shares.length === 0) {
    throw new BadSettings(`a share of latent taste lies in [0, 1), not ${bad ?? 'nowhere'}`);
  }
  return [...new Set(shares)].sort((a, b) => a - b);
}

/** The share whose results stand in the main table. */
export function mainShare(shares: readonly number[]): number | null {
  return shares[Math.floor(shares.length / 2)] ?? null;
}

/** The cities that are travelled to: with venues enough, and a climate; by slug. @throws BadSettings where none is left */
export function travelledCities(cities: readonly ShadowCity[]): ShadowCity[] {
  const places = cities
    .filter(({ slug, venues }) => venues.length >= FEWEST_VENUES && climateKnown(slug))
    .sort((a, b) => (a.slug < b.slug ? -1 : 1));
  if (places.length === 0) throw new BadSettings(`no city has ${FEWEST_VENUES} venues and a climate`);
  return places;
}

const NAMESPACE = parse('d2b1f0c4-7f0e-5d58-8a6c-1f9a4f6b7c21');

/** The id of a thing of a run: the same in every run of the same seed. */
export function simulationId(seed: number, kind: string, name: string): string {
  return uuidv5(`${seed}/${kind}/${name}`, NAMESPACE);
}
