/** The certificate: all parts over one agent, one seed and the real data that are there. */

import { AGENT_MODEL } from '../../simulation/agents/choice-agent.ts';
import type { Simulation } from '../../simulation/agents/simulate.ts';
import { acceptanceCalibration } from './acceptance.ts';
import { discrimination, MEASURED_ON_OTHER_DATA } from './discrimination.ts';
import { leakageAudit } from './leakage.ts';
import { answeredPanels } from './panels.ts';
import type { RealVisits } from './real-visits.ts';
import { twoSample } from './two-sample.ts';
import { variantOrder } from './variant-order.ts';
import { type Part, type Parts, type UseVerdict, verdicts } from './verdict.ts';

export interface CertificateRequest {
  /** Its travellers are those of the simulated side of part (e). */
  simulation: Simulation;
  latentShare: number;
  /** Null: the parts that need real visits are skipped, and say `missing`. */
  visits: RealVisits | null;
  missing: string;
  codeRevision: string;
  /** ISO 8601. */
  createdAt: string;
  onPart?: (name: string) => void;
}

export interface Certificate {
  format: 'overplanned-certificate';
  v: 2;
  createdAt: string;
  codeRevision: string;
  seed: number;
  agent: string;
  latentShare: number;
  real: { source: string; places: number; tourists: number; trips: number } | null;
  verdicts: UseVerdict[];
  parts: Parts;
  measuredOnOtherData: typeof MEASURED_ON_OTHER_DATA;
  limits: readonly string[];
}

/** Travellers of the leakage audit: every archetype, warm and cold. */
const AUDITED = 24;

const LIMITS = [
  'The agent that is certified is the built-in choice model; language-model agents are not.',
  'Of a real place the simulator is told its category, and its fame among other tourists: no vibe, price, hours or distance.',
  'Told as the tourist score, fame counts against a place with the agent, while on real visits it is what was visited: parts (a) and (d) are measured with and without it, (b) and (e) with it.',
  'A real persona is what the app would learn from the visits before, from neutral dimensions on: often from one visit.',
  'Trained artifacts know their own venues alone and are not replayed. The interval of tau is over travellers and tourists, not over other variants, of which some are akin: seven say less than seven that are not.',
  'An order that agrees says that rankers of such different kinds keep their places, and nothing of two that are close to each other; one that does not agree says that the simulation cannot choose between them.',
] as const;
const LIMITS_OF_TORONTO =
  'The real visits are geotagged photos of 29 sights: what is not photographed is not in them, and fame says much of what is.';

export async function certificate(request: CertificateRequest): Promise<Certificate> {
  const { simulation, latentShare, visits, missing, codeRevision, createdAt, onPart } = request;
  const { seed } = simulation.settings;
  const measured = async <T>(name: string, measure: (real: RealVisits) => T | Promise<T>): Promise<Part<T>> => {
    onPart?.(name);
    if (!visits) return { state: 'skipped', why: missing };
    try {
      return { state: 'measured', found: await measure(visits) };
    } catch (error) {
      // Too little data for a part is no fault of the others.
      if (error instanceof RangeError) return { state: 'skipped', why: error.message };
      throw error;
    }
  };
  if (visits) onPart?.('panels');
  const { panels, sample } = visits ? answeredPanels(visits, seed, latentShare) : { panels: [], sample: null };
  const asked = () => {
    if (panels.length === 0) throw new RangeError('no tourist went to a second place: nothing to tell apart');
    return panels;
  };
  onPart?.('leakage');
  const audited = { ...simulation, settings: { ...simulation.settings, travellers: AUDITED } };
  const parts: Parts = {
    leakage: { state: 'measured', found: await leakageAudit(audited, latentShare) },
    discrimination: await measured('discrimination', () => ({
      ratios: discrimination(asked(), seed),
      sample: sample!,
    })),
    twoSample: await measured('two-sample test', (real) => twoSample(real, seed, latentShare)),
    acceptance: await measured('acceptance', () => ({
      told: acceptanceCalibration(asked(), 'told', seed),
      untold: acceptanceCalibration(asked(), 'untold', seed),
    })),
    variantOrder: await measured('order of variants', (real) => variantOrder(simulation, latentShare, real)),
  };
  return {
    format: 'overplanned-certificate',
    v: 2,
    createdAt,
    codeRevision,
    seed,
    agent: AGENT_MODEL.version,
    latentShare,
    real: visits && {
      source: visits.source,
      places: visits.places.length,
      tourists: visits.tourists,
      trips: visits.trips.length,
    },
    verdicts: verdicts(parts),
    parts,
    measuredOnOtherData: MEASURED_ON_OTHER_DATA,
    limits: visits?.source === 'toronto' ? [LIMITS_OF_TORONTO, ...LIMITS] : LIMITS,
  };
}

/** As JSON: snake_case, intervals as `[lower, upper]` or null. */
export function toJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 2 && 'lower' in value && 'upper' in value) return [value.lower, value.upper];
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), toJson(part)]),
  );
}
