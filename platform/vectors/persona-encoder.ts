/** The persona encoder: what a warm traveller took and refused, as 128 numbers. */
import { isWarm } from '../../core/persona/persona.ts';
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { trainingFactor } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import {
  type Decision,
  decisionArrays,
  PERSONA_FEATURES_VERSION,
  writeDecisions,
} from '../../models/persona-encoder/inputs.ts';
import type { LearnableSignal } from '../database/persona-learning.ts';
import { floats, indices } from '../inference/check-model.ts';
import type { OnnxSession } from '../inference/onnx-session.ts';
import type { ServedModel } from '../inference/served-model.ts';

export const PERSONA_ENCODER = 'persona-encoder';
const FILE = 'persona-from-signals.onnx';

/** `users.persona_version` begins so where the embedding is the encoder's. */
export const ENCODED_PREFIX = `${PERSONA_ENCODER}@`;

/** It never saw a traveller of fewer. */
export const FEWEST_DECISIONS = 5;

/** Travellers in one run: 50 decisions each are 1.5 MB. */
const BATCH = 32;

/** Who only lingered neither took a place nor refused it. */
const UNDECIDED = 'slot_linger';

/**
 * The decisions in a traveller's signals, as training reads them; venues that no catalogue knows are left out.
 * @param signals oldest first
 * @param countingSignals of the traveller, these among them
 * @param featuresOf a venue's `tasteFeatures`, null where it is not known
 * @param seasonedUsers as `trainingFactor` takes them
 */
export function decisionsOf(
  signals: readonly LearnableSignal[],
  countingSignals: number,
  featuresOf: (venueId: string) => Float32Array | null,
  seasonedUsers: number,
): Decision[] {
  let counted = countingSignals - signals.filter(({ counts }) => counts).length;
  return signals.flatMap((signal) => {
    const weight = signal.weight * trainingFactor(signal.source, isWarm(counted), seasonedUsers);
    if (signal.counts) counted++;
    if (signal.type === UNDECIDED) return [];
    return verdictsOf(signal).flatMap(({ venueId, accepted }) => {
      const features = featuresOf(venueId);
      return features ? [{ features, accepted, weight }] : [];
    });
  });
}

export interface PersonaEncoder {
  /** `persona-encoder@<version>` */
  readonly modelVersion: string;
  /** Decisions of a traveller that are read, the latest. */
  readonly length: number;
  /** 128 numbers of unit length for each traveller. @throws Error where one of them is no number */
  encode(travellers: readonly (readonly Decision[])[]): Promise<Float32Array[]>;
}

function personaEncoder(session: OnnxSession, modelVersion: string, length: number): PersonaEncoder {
  return {
    modelVersion,
    length,
    async encode(travellers) {
      const points: Float32Array[] = [];
      for (let from = 0; from < travellers.length; from += BATCH) {
        const part = travellers.slice(from, from + BATCH);
        const rows = part.length;
        const arrays = decisionArrays(rows, length);
        for (const [row, decisions] of part.entries()) writeDecisions(decisions, length, arrays, row);
        const { point } = await session.run({
          features: { type: 'float32', data: arrays.features, dims: [rows, length, VENUE_FEATURES] },
          kinds: { type: 'int32', data: arrays.kinds, dims: [rows * length] },
          shares: { type: 'float32', data: arrays.shares, dims: [rows, 2, length] },
          counts: { type: 'float32', data: arrays.counts, dims: [rows, 2] },
        });
        if (!point!.data.every(Number.isFinite)) throw new Error(`${modelVersion} gives no numbers`);
        for (let row = 0; row < rows; row++) {
          points.push(point!.data.slice(row * PERSONA_VECTOR_LENGTH, (row + 1) * PERSONA_VECTOR_LENGTH));
        }
      }
      return points;
    },
  };
}

export const personaEncoderModel: ServedModel<PersonaEncoder> = {
  name: PERSONA_ENCODER,
  onnx: {
    [FILE]: {
      inputs: {
        features: floats(null, null, VENUE_FEATURES),
        kinds: indices(null),
        shares: floats(null, 2, null),
        counts: floats(null, 2),
      },
      outputs: ['point'],
      metadata: { features: PERSONA_FEATURES_VERSION },
      described: ['length'],
    },
  },
  lists: [],
  open({ modelVersion, part, refuse }) {
    const { session, contents } = part(FILE);
    const length = Number(contents.metadata.get('length'));
    if (!Number.isInteger(length) || length < 1) throw refuse(FILE, `it reads ${length} decisions`);
    return personaEncoder(session, modelVersion, length);
  },
  async probe(encoder) {
    const features = new Float32Array(VENUE_FEATURES).fill(0.1);
    const [point] = await encoder.encode([[{ features, accepted: true, weight: 1 }]]);
    if (point?.length !== PERSONA_VECTOR_LENGTH) throw new Error('no point of 128 numbers');
  },
};
