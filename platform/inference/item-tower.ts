/** The item tower of a two-tower version: venues in, points of its space out. */
import type { Space } from '../../core/venue/vector-index.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { type DescribedVenue, VENUE_FEATURES_VERSION, venueFeatures } from '../../core/venue/venue-features.ts';
import { KINDS, TEXT_INPUTS_VERSION, venueText } from '../../models/text-encoder/inputs.ts';
import {
  ITEM_FEATURES,
  ITEM_FEATURES_VERSION,
  TEXT_WIDTH,
  TOWER_WIDTH,
  writeItem,
} from '../../models/two-tower/inputs.ts';
import { floats, indices } from './check-model.ts';
import type { OnnxSession } from './onnx-session.ts';
import type { ServedModel } from './served-model.ts';
import { hashedTextEncoder, type TextEncoder } from './text-encoder.ts';

export const TWO_TOWER = 'two-tower';
const FILE = 'item-tower.onnx';
const TEXT_FILE = 'text-encoder.onnx';

/** Rows in one run: memory stays small however many venues there are. */
const BATCH = 128;

/** Of the version's space, which lies beside the others: what serves goes from one to the other at once, and back. */
export const spaceOf = (version: string): Space => `${TWO_TOWER}@${version}`;

/** A venue, as far as the tower reads it. */
export type TowerVenue = DescribedVenue & Pick<Venue, 'name' | 'neighbourhood'>;

export interface ItemTower {
  readonly space: Space;
  /** 64 numbers of unit length for each venue. */
  embed(venues: readonly TowerVenue[]): Promise<Float32Array[]>;
}

function itemTower(session: OnnxSession, text: TextEncoder, space: Space): ItemTower {
  return {
    space,
    async embed(venues) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < venues.length; from += BATCH) {
        const part = venues.slice(from, from + BATCH);
        const texts = await text.encode(part.map(venueText));
        const data = new Float32Array(part.length * ITEM_FEATURES);
        for (const [row, venue] of part.entries()) {
          writeItem(venueFeatures(venue), texts[row]!, data, row * ITEM_FEATURES);
        }
        const { vector } = await session.run({
          item: { type: 'float32', data, dims: [part.length, ITEM_FEATURES] },
        });
        for (let row = 0; row < part.length; row++) {
          vectors.push(vector!.data.slice(row * TOWER_WIDTH, (row + 1) * TOWER_WIDTH));
        }
      }
      return vectors;
    },
  };
}

/** What the probe sees: a place of which little is known. */
const SOME_VENUE: TowerVenue = {
  name: 'A park',
  neighbourhood: '',
  category: 'park',
  vibeTags: [],
  setting: 'outdoor',
  priceLevel: 0,
  visitMinutes: 60,
  energy: 0.5,
  overrated: false,
  meals: [],
  location: { lat: 47.6, lng: -122.3 },
  touristScore: null,
  localScore: null,
  crossRefConfidence: null,
};

export const itemTowerModel: ServedModel<ItemTower> = {
  name: TWO_TOWER,
  onnx: {
    [FILE]: {
      inputs: { item: floats(null, ITEM_FEATURES) },
      outputs: ['vector'],
      metadata: { features: VENUE_FEATURES_VERSION, items: ITEM_FEATURES_VERSION },
    },
    [TEXT_FILE]: {
      inputs: { ids: indices(null, null), weights: floats(null, KINDS, null) },
      outputs: ['vectors'],
      metadata: { inputs: TEXT_INPUTS_VERSION },
    },
  },
  lists: [],
  open({ modelVersion, part }) {
    const text = hashedTextEncoder(part(TEXT_FILE).session, {
      version: modelVersion,
      dimensions: TEXT_WIDTH,
      inputs: TEXT_INPUTS_VERSION,
    });
    return itemTower(part(FILE).session, text, modelVersion as Space);
  },
  async probe(tower) {
    const [vector] = await tower.embed([SOME_VENUE]);
    if (vector?.length !== TOWER_WIDTH || !vector.every(Number.isFinite)) throw new Error('no vector of 64 numbers');
  },
};
