/** `two-tower`: the traveller's vector that venues are searched with, and, to compare, a ranker by the same cosines. */

import { personaEmbedding } from '../../../core/persona/persona-vector.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { VENUE_FEATURES, VENUE_FEATURES_VERSION } from '../../../core/venue/venue-features.ts';
import { TOWER_WIDTH, USER_FEATURES, writeUser } from '../../../models/two-tower/inputs.ts';
import { floats } from '../check-model.ts';
import type { OnnxSession } from '../onnx-session.ts';
import type { ServedModel } from '../served-model.ts';
import { PROBE_REQUEST, probeRanker } from './probe-request.ts';
import { contentOf } from './venue-content.ts';

const USER = 'user-tower.onnx';
const ITEM = 'item-tower.onnx';
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
const itemSignature = { inputs: { item: floats(null, VENUE_FEATURES) }, outputs: ['vector'], metadata };

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
  onnx: { [USER]: userSignature, [ITEM]: itemSignature },
  lists: [],
  open({ modelVersion, part }) {
    const tower = userTower(part(USER).session, modelVersion);
    const items = part(ITEM).session;
    const vectors = new WeakMap<Venue, Float32Array>();
    const prepare = async (venues: readonly Venue[]) => {
      const missing = venues.filter((venue) => !vectors.has(venue));
      if (missing.length === 0) return;
      const data = new Float32Array(missing.length * VENUE_FEATURES);
      for (const [i, venue] of missing.entries()) data.set(contentOf(venue), i * VENUE_FEATURES);
      const { vector } = await items.run({ item: { type: 'float32', data, dims: [missing.length, VENUE_FEATURES] } });
      for (const [i, venue] of missing.entries())
        vectors.set(venue, vector!.data.slice(i * TOWER_WIDTH, (i + 1) * TOWER_WIDTH));
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
