/** `two-tower`: the traveller's vector that venues are searched with, and, to compare, a ranker by the same cosines. */

import { personaEmbedding } from '../../../core/persona/persona-vector.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { VENUE_FEATURES_VERSION } from '../../../core/venue/venue-features.ts';
import { TOWER_WIDTH, USER_FEATURES, writeUser } from '../../../models/two-tower/inputs.ts';
import { floats } from '../check-model.ts';
import { itemTowerModel } from '../item-tower.ts';
import type { OnnxSession } from '../onnx-session.ts';
import type { ServedModel } from '../served-model.ts';
import { PROBE_REQUEST, probeRanker } from './probe-request.ts';
import { contentOf } from './venue-content.ts';

const USER = 'user-tower.onnx';
const metadata = { model: 'two-tower', features: VENUE_FEATURES_VERSION };

/** Scores are cosines divided by it, as in training (`models/two-tower/config.ts`). */
const TEMPERATURE = 0.1;

export interface UserTower {
  readonly modelVersion: string;
  userVector(request: Pick<MlRequest, 'persona' | 'history' | 'historyVenues'>): Promise<Float32Array>;
}

function userTower(session: OnnxSession, modelVersion: string): UserTower {
  return {
    modelVersion,
    async userVector({ persona, history, historyVenues }) {
      const taken = history.flatMap(({ venueId, accepted }) => {
        const venue = accepted ? historyVenues.get(venueId) : undefined;
        return venue ? [contentOf(venue)] : [];
      });
      const data = new Float32Array(USER_FEATURES);
      writeUser(personaEmbedding(persona.dimensions, persona.interests), taken, data, 0);
      const { vector } = await session.run({ user: { type: 'float32', data, dims: [1, USER_FEATURES] } });
      if (vector!.data.length !== TOWER_WIDTH || !vector!.data.every(Number.isFinite))
        throw new Error(`${modelVersion} gives no vector of ${TOWER_WIDTH} numbers`);
      return vector!.data;
    },
  };
}

const userSignature = {
  inputs: { user: floats(null, USER_FEATURES) },
  outputs: ['vector'],
  metadata,
};

/** For retrieval: the venues' vectors are in the index. */
export const servedUserTower: ServedModel<UserTower> = {
  name: 'two-tower',
  onnx: { [USER]: userSignature },
  lists: [],
  open: ({ modelVersion, part }) => userTower(part(USER).session, modelVersion),
  probe: (tower) => tower.userVector(PROBE_REQUEST),
};

/** As a ranker: a moment changes nothing. */
export const servedTwoTower: ServedModel<MlRanker> = {
  name: 'two-tower',
  onnx: { [USER]: userSignature, ...itemTowerModel.onnx },
  lists: [],
  open(parts) {
    const { modelVersion } = parts;
    const tower = userTower(parts.part(USER).session, modelVersion);
    const items = itemTowerModel.open(parts);
    const vectors = new WeakMap<Venue, Float32Array>();
    const prepare = async (venues: readonly Venue[]) => {
      const missing = venues.filter((venue) => !vectors.has(venue));
      if (missing.length === 0) return;
      for (const [i, vector] of (await items.embed(missing)).entries()) vectors.set(missing[i]!, vector);
    };
    return {
      modelVersion,
      async rank(request) {
        const user = await tower.userVector(request);
        await prepare(request.candidates);
        const logits = Float32Array.from(request.candidates, (venue) => {
          const item = vectors.get(venue)!;
          let cosine = 0;
          for (let i = 0; i < TOWER_WIDTH; i++) cosine += user[i]! * item[i]!;
          return cosine / TEMPERATURE;
        });
        if (!logits.every(Number.isFinite)) throw new Error('a score is not finite');
        return { modelVersion, logits: request.moments.map(() => logits.slice()) };
      },
    };
  },
  probe: probeRanker,
};
