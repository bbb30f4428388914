/** A run of the simulation: every arm (a variant at a share of latent taste) over the same travellers. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import type { ShadowCity } from '../shadow/settings.ts';
import { AffinityCounts } from './affinity.ts';
import { ChoiceModelAgent } from './choice-agent.ts';
import { DivergenceLog } from './divergence.ts';
import { LiveTraveller } from './live-traveller.ts';
import { type LockStep, liveTogether } from './lock-step.ts';
import { pastOf } from './past.ts';
import type { PersonaAgent } from './persona-agent.ts';
import type { Recommender } from './recommender.ts';
import { popularity, random } from './recommenders/floors.ts';
import { hybridRecommender } from './recommenders/hybrid.ts';
import { llmStandIn } from './recommenders/llm-standin.ts';
import { productionRecommender } from './recommenders/production.ts';
import { trainedRecommender } from './recommenders/trained.ts';
import type { TripRecord } from './record.ts';
import type { ArmDescription, RunFolder } from './run-folder.ts';
import {
  BadSettings,
  LATENT_SHARES,
  type SimulationSettings,
  TRAINED_VARIANTS,
  type TrainedVariant,
  type Variant,
} from './settings.ts';
import { signalRows } from './signal-rows.ts';
import { SimCity } from './sim-city.ts';
import { type PopulationRequest, travellerAt } from './traveller.ts';
import { travellerRow } from './traveller-row.ts';

/** Travellers that go in lock step where nothing is gained by more: memory holds these. */
export const COHORT = 100;

export interface Arm {
  /** Names its folder: the variant, with the share where there is one. */
  name: string;
  variant: Variant;
  /** Null where no built-in model decides. */
  latentShare: number | null;
}

/** Who takes part in a run besides what is built in. */
export interface Cast {
  /** By variant; `hybrid` arbitrates with `hybridRanker`. */
  trained: Partial<Record<TrainedVariant, MlRanker>>;
  hybridRanker: MlRanker | null;
  /** The language model that ranks in an arm, as variant `llm` and as the arbiter's other side; null: its stand-in. */
  llm: ((arm: Arm) => Recommender) | null;
  /** Of an arm; null: the built-in choice model. */
  agent: ((arm: Arm) => PersonaAgent) | null;
  /** Decides the same cases beside it, without effect; null: nobody. */
  second: ((arm: Arm) => PersonaAgent) | null;
  /** The whole population in one lock step, so that a round is one batch. */
  together: boolean;
}

export const BUILT_IN: Cast = {
  trained: {},
  hybridRanker: null,
  llm: null,
  agent: null,
  second: null,
  together: false,
};

export function armsOf({ variants, latentShares }: Pick<SimulationSettings, 'variants' | 'latentShares'>): Arm[] {
  if (latentShares.length === 0) return variants.map((variant) => ({ name: variant, variant, latentShare: null }));
  return latentShares.flatMap((latentShare) =>
    variants.map((variant) => ({ name: `${variant}@${latentShare}`, variant, latentShare })),
  );
}

/** @throws BadSettings naming what the variant lacks */
export function recommenderOf(arm: Arm, cast: Cast, llm: Recommender | null): Recommender {
  const { variant } = arm;
  const cold = productionRecommender('llm_standin');
  if (variant === 'llm') {
    if (!llm)
      throw new BadSettings('the variant "llm" needs a language model: set ANTHROPIC_API_KEY, or use llm_standin');
    return llm;
  }
  if (variant === 'llm_standin') return llmStandIn;
  if (variant === 'offline') return productionRecommender('offline');
  if (variant === 'popularity') return popularity;
  if (variant === 'random') return random;
  if (variant === 'hybrid') {
    if (!cast.hybridRanker) throw new BadSettings('the variant "hybrid" needs a trained ranker: none was given');
    return hybridRecommender({ ml: cast.hybridRanker, llm: llm ?? llmStandIn, cold });
  }
  const ranker = cast.trained[variant];
  if (!ranker) throw new BadSettings(`the variant "${variant}" needs a trained ranker: none was given`);
  return trainedRecommender(ranker, cold);
}

/** The variants in which a language model ranks. */
export const usesLlm = (variant: Variant) => variant === 'llm' || variant === 'hybrid';

const isTrained = (variant: Variant): variant is TrainedVariant =>
  (TRAINED_VARIANTS as readonly string[]).includes(variant);

export interface Simulation {
  settings: SimulationSettings;
  /** Those that are travelled to, by slug. */
  cities: readonly ShadowCity[];
  cast: Cast;
}

/** All trips of an arm, in the order of the travellers; memory holds a cohort. */
export async function* tripsOf(
  { settings, cities, cast }: Simulation,
  arm: Arm,
  log: DivergenceLog | null = null,
): AsyncGenerator<TripRecord> {
  const { seed, travellers, archetypes } = settings;
  const places = cities.map((city) => new SimCity(city));
  const request: PopulationRequest = { seed, archetypes, cities: places.map(({ slug }) => slug) };
  const builtIn = new ChoiceModelAgent(seed, arm.latentShare ?? LATENT_SHARES[1]);
  const agent = cast.agent?.(arm) ?? builtIn;
  const llm = usesLlm(arm.variant) ? (cast.llm?.(arm) ?? null) : null;
  const recommender = recommenderOf(arm, cast, llm);
  // Always the stand-in: asked in every slot of every trained ranker, a language model would cost more than all else.
  const reference = isTrained(arm.variant) || arm.variant === 'hybrid' ? llmStandIn : null;
  const second = log ? (cast.second?.(arm) ?? null) : null;
  const onRound: LockStep['onRound'] | null =
    log && second
      ? async (cases, decisions) => {
          const others = await second.decideAll(cases);
          for (const [i, one] of cases.entries()) log.add(one, decisions[i]!, others[i]!);
        }
      : null;
  const options: LockStep = { seed, name: arm.name, agent, recommender, reference, ...(onRound && { onRound }) };
  const size = cast.together ? travellers : COHORT;
  for (let from = 0; from < travellers; from += size) {
    const group = Array.from({ length: Math.min(size, travellers - from) }, (_, i) => {
      const traveller = travellerAt(request, from + i);
      return new LiveTraveller(traveller, places[traveller.trip.city]!, pastOf(traveller, places, builtIn, seed));
    });
    yield* await liveTogether(group, options);
  }
}

/** One arm into its folder; one that is whole there is left as it is. */
export async function runArm(
  simulation: Simulation,
  arm: Arm,
  folder: RunFolder,
  onProgress?: (travellers: number) => void,
): Promise<ArmDescription> {
  const found = await folder.arm(arm.name);
  if (found) return found;
  const { settings, cities, cast } = simulation;
  const citySlugs = cities.map(({ slug }) => slug);
  const agent = cast.agent?.(arm) ?? new ChoiceModelAgent(settings.seed, arm.latentShare ?? LATENT_SHARES[1]);
  const { label, lineage } = agent;
  const { name, variant, latentShare } = arm;
  const source = { seed: settings.seed, arm: name, variant, latentShare, agent: label, lineage, citySlugs };
  const counts = { travellers: 0, slots: 0, rows: 0, agent_fallbacks: 0, ranker_fallbacks: 0 };
  const affinity = new AffinityCounts(citySlugs);
  const second = cast.second?.(arm) ?? null;
  const log = second ? new DivergenceLog(label, second.label) : null;
  const writer = await folder.writeArm(name);
  try {
    for await (const trip of tripsOf(simulation, arm, log)) {
      for (const row of signalRows(trip, source)) {
        await writer.add('signals.jsonl', row);
        counts.rows++;
      }
      const row = travellerRow(trip);
      await writer.add('travellers.jsonl', row);
      affinity.add(trip);
      counts.travellers++;
      counts.slots += row.slots;
      counts.agent_fallbacks += row.agent_fallbacks;
      counts.ranker_fallbacks += row.ranker_fallbacks;
      onProgress?.(counts.travellers);
    }
    const ranker = settings.rankers[variant] ?? '';
    const about = {
      name,
      variant,
      latent_share: latentShare,
      ranker,
      agent: label,
      ...counts,
      divergence: log?.summary() ?? null,
    };
    return await writer.finish(about, affinity.rows());
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
