/** `arbiter`: boosted trees that say of a decision between the two rankings which side is the right one. */
import { z } from 'zod';
import type { ArbitrationConfig } from '../../core/arbitration/config.ts';
import type { ArbitrationInput, LearnedVerdict } from '../../core/arbitration/decision.ts';
import { arbitrationFacts } from '../../core/arbitration/facts.ts';
import { ARBITER_FEATURE_NAMES, ARBITER_FEATURES_VERSION, arbiterFeatures } from '../../models/arbiter/inputs.ts';
import { floats } from './check-model.ts';
import type { OnnxSession } from './onnx-session.ts';
import type { ServedModel } from './served-model.ts';

const FILE = 'arbiter.onnx';
const FEATURES = 'features.json';
const WIDTH = ARBITER_FEATURE_NAMES.length;

const featuresFile = z.object({ version: z.literal(ARBITER_FEATURES_VERSION), features: z.array(z.string()) });

export interface LearnedArbiter {
  /** `name@version` */
  readonly modelVersion: string;
  /** Of each decision, by the facts that are logged with it. Rejects where the model gives no probability. */
  decide(
    inputs: readonly ArbitrationInput[],
    config: Pick<ArbitrationConfig, 'llm_cut_off'>,
  ): Promise<LearnedVerdict[]>;
}

export const servedArbiter: ServedModel<LearnedArbiter> = {
  name: 'arbiter',
  onnx: {
    [FILE]: {
      inputs: { features: floats(null, WIDTH) },
      outputs: ['probability'],
      metadata: { model: 'arbiter', features: ARBITER_FEATURES_VERSION },
    },
  },
  lists: [FEATURES],
  open({ modelVersion, part, list, refuse }) {
    const read = featuresFile.safeParse(list(FEATURES));
    if (!read.success || read.data.features.join() !== ARBITER_FEATURE_NAMES.join())
      throw refuse(FEATURES, `no list of the features of ${ARBITER_FEATURES_VERSION}`);
    const { session } = part(FILE);
    return {
      modelVersion,
      async decide(inputs, config) {
        const rows = inputs.map((input) => arbiterFeatures(arbitrationFacts(input, config)));
        const probabilities = await probabilitiesOf(session, rows);
        return probabilities.map((probabilityMl) => ({ version: modelVersion, probabilityMl }));
      },
    };
  },
  probe: (arbiter) => arbiter.decide(PROBE, { llm_cut_off: '2000-01-01' }),
};

/** One run for all. */
async function probabilitiesOf(session: OnnxSession, rows: readonly Float32Array[]): Promise<number[]> {
  if (rows.length === 0) return [];
  const data = new Float32Array(rows.length * WIDTH);
  for (const [i, row] of rows.entries()) data.set(row, i * WIDTH);
  const { probability } = await session.run({ features: { type: 'float32', data, dims: [rows.length, WIDTH] } });
  const found = Array.from(probability!.data);
  // A NaN is not within it, either.
  if (found.length !== rows.length || !found.every((p) => p >= 0 && p <= 1))
    throw new Error(`no probabilities of ${rows.length} decisions: ${found.slice(0, 5)}`);
  return found;
}

/** Two decisions, of which the second has facts that are not known. */
const PROBE = [0.8, null].map(
  (confidence): ArbitrationInput => ({
    mode: 'live',
    ml: { top: ['a', 'b', 'c'], confidence, version: 'ml@0', source: 'ml' },
    llm: { top: ['c', 'd', 'a'], confidence, version: 'llm@0', source: 'llm' },
    venues: { a: { touristScore: confidence, localScore: confidence, firstSeenAt: null } },
    anybodysTop: null,
    context: {
      userTripCount: 3,
      countingSignals: 30,
      sequenceMomentum: confidence,
      localBias: 0.5,
      isGroup: false,
      groupConflict: null,
      partySize: 1,
      tripDay: 1,
      dayPart: 'morning',
      candidates: 200,
    },
    exploration: 0,
  }),
);
