/** What a whole arm of a run has to give the product: thresholds of the arbiter, persona priors, affinities. */
import { createHash } from 'node:crypto';
import { type Calibration, calibrationSchema } from '../../../core/arbitration/calibration.ts';
import { canonicalJson } from '../../../core/arbitration/canonical-json.ts';
import { Random } from '../../../core/experiment/random.ts';
import { AGENT_MODEL } from '../choice-agent.ts';
import { STANDIN_VERSION } from '../recommenders/llm-standin.ts';
import type { ArmDescription, RunDescription, RunFolder } from '../run-folder.ts';
import {
  AGENT_LINEAGE,
  BadSettings,
  CHOICE_MODEL_LINEAGE,
  type Lineage,
  mainShare,
  type SimulationSettings,
  simulationId,
  TRAINED_VARIANTS,
} from '../settings.ts';
import { armsOf } from '../simulate.ts';
import { armTrips } from './arm-rows.ts';
import { OfferCounts, type VenueAffinity } from './offers.ts';
import { type ArchetypePriors, PriorSums, type Profiles } from './priors.ts';
import { type ComparedSlot, comparedSlots, measure, thresholdFrom } from './thresholds.ts';

/** The stand-in on the language model's side of a comparison. */
export const STANDIN_LINEAGE = 'llm_standin';

export interface Calibrated {
  /** Of settings and arm: the same for the same rows. */
  runId: string;
  arm: ArmDescription;
  /** Of the decisions that were learned from. */
  lineage: Lineage;
  calibration: Calibration;
  priors: Record<string, ArchetypePriors>;
  affinities: VenueAffinity[];
  /** All that the rows speak of. */
  venueIds: string[];
  /** Rows that the built-in model decided in the agent's place: nothing is learned from them. */
  leftOut: number;
}

/** The arm of that name; without one, that of the trained ranker `dlrm`, or else the first. @throws BadSettings naming the arms */
export function calibratedArm(settings: SimulationSettings, name: string | undefined): string {
  const share = mainShare(settings.latentShares);
  const fit = armsOf(settings).filter(({ variant }) => (TRAINED_VARIANTS as readonly string[]).includes(variant));
  const main = fit.filter(({ latentShare }) => latentShare === share);
  const found =
    name === undefined
      ? (main.find(({ variant }) => variant === 'dlrm') ?? main[0])
      : fit.find((arm) => arm.name === name);
  if (found) return found.name;
  const names = fit.map((arm) => arm.name).join(', ');
  const known = names === '' ? 'none, simulate one (--variants dlrm)' : names;
  throw new BadSettings(
    name === undefined
      ? `there is no arm of a trained ranker in the run: ${known}`
      : `there is no arm "${name}" in which a trained ranker is held against the language model side: ${known}`,
  );
}

/**
 * @param profiles of the catalogues that the run was made with
 * @throws BadSettings where the run or the arm is not whole, or a file is not as it was written
 */
export async function calibrate(
  folder: RunFolder,
  { state, settings }: RunDescription,
  armName: string,
  profiles: Profiles,
  resamples: number,
): Promise<Calibrated> {
  const arm = await folder.arm(armName);
  if (state !== 'done' || !arm) throw new BadSettings(`the run in ${folder.path} is not whole: simulate it to its end`);
  const lineage = arm.agent === AGENT_MODEL.version ? CHOICE_MODEL_LINEAGE : AGENT_LINEAGE;
  const compared = new Map(settings.archetypes.map((id) => [id, [] as ComparedSlot[][]]));
  const references = new Set<string>();
  const priors = new PriorSums(profiles);
  const offers = new OfferCounts();
  const venues = new Set<string>();
  let leftOut = 0;
  for await (const trip of armTrips(folder, arm)) {
    for (const { venue_id, context } of trip) venues.add(venue_id).add(context.predicted_top);
    const rows = trip.filter(({ source }) => source === lineage);
    leftOut += trip.length - rows.length;
    if (rows.length === 0) continue;
    const slots = comparedSlots(rows);
    if (slots.length > 0) compared.get(rows[0]!.context.archetype)!.push(slots);
    for (const { context } of rows) if (context.agreement) references.add(context.agreement.reference);
    priors.add(rows);
    offers.add(rows);
  }
  const runId = simulationId(settings.seed, 'run', canonicalJson({ settings, arm }));
  const measured = [...compared].map(([archetype, travellers]) => {
    return [archetype, measure(travellers, resamples, Random.of(settings.seed, `calibration/${archetype}`))] as const;
  });
  const content = {
    lineage: [lineage, ...[...references].map((name) => (name === STANDIN_VERSION ? STANDIN_LINEAGE : name))],
    run_id: runId,
    ranker: arm.ranker,
    archetypes: Object.fromEntries(
      measured.flatMap(([archetype, one]) => {
        const threshold = thresholdFrom(one);
        return threshold ? [[archetype, threshold]] : [];
      }),
    ),
    measured: Object.fromEntries(measured),
  };
  const version = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 8);
  return {
    runId,
    arm,
    lineage,
    calibration: calibrationSchema.parse({ version, ...content }),
    priors: priors.priors(),
    affinities: offers.affinities(),
    venueIds: [...venues].sort(),
    leftOut,
  };
}
