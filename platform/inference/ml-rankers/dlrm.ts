/** `dlrm`, the default ranker: the calibrated log odds that a venue is taken when it is offered at a moment. */

import { DIMENSION_NAMES } from '../../../core/persona/dimensions.ts';
import { PERSONA_VECTOR_LENGTH, personaEmbedding } from '../../../core/persona/persona-vector.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import { VENUE_FEATURES, VENUE_FEATURES_VERSION } from '../../../core/venue/venue-features.ts';
import {
  CONTEXT_COLUMNS,
  MOMENT_DAY_PART_AT,
  SERVING_INPUTS_VERSION,
  travellerFactors,
  VENUE_FACTS,
} from '../../../models/dlrm/serving-inputs.ts';
import { dayPartKind, tripDayKind } from '../../../models/u-sasrec/inputs.ts';
import { floats, indices } from '../check-model.ts';
import type { OnnxSession, TensorIn } from '../onnx-session.ts';
import type { ServedModel } from '../served-model.ts';
import { HISTORY_START, type KeptKey, KeptVenues } from './kept-venues.ts';
import { ITEMS, knownItems } from './known-items.ts';
import { cutLogits, probeRanker } from './probe-request.ts';
import { type SequenceEntry, treeSequence } from './tree-sequence.ts';

const VENUES = 'dlrm-venues.onnx';
const RANKING = 'dlrm-ranking.onnx';
const metadata = { model: 'dlrm', features: VENUE_FEATURES_VERSION, inputs: SERVING_INPUTS_VERSION };
const described = ['length', 'items'];

export const servedDlrm: ServedModel<MlRanker> = {
  name: 'dlrm',
  onnx: {
    [VENUES]: {
      inputs: { ids: indices(null), features: floats(null, VENUE_FEATURES) },
      outputs: ['kept'],
      metadata,
      described,
    },
    [RANKING]: {
      inputs: {
        items: floats(null, null),
        context: indices(null, CONTEXT_COLUMNS),
        mask: floats(null, null),
        last: indices(null),
        persona: floats(1, PERSONA_VECTOR_LENGTH),
        own: floats(1, DIMENSION_NAMES.length),
        factors: floats(VENUE_FACTS, 1),
        moment: indices(null, 2),
        venues: floats(null, null),
      },
      outputs: ['logits'],
      metadata,
      described,
    },
  },
  lists: [ITEMS],
  open(parts) {
    const ranking = parts.part(RANKING);
    const venues = parts.part(VENUES);
    const kept = venues.contents.outputs.get('kept')!.dims[1];
    const width = ranking.contents.inputs.get('items')!.dims[1];
    const read = ranking.contents.inputs.get('venues')!.dims[1];
    const length = Number(ranking.contents.metadata.get('length'));
    if (!kept || !width || read !== kept + VENUE_FACTS || !(length > 0))
      throw parts.refuse(RANKING, `reads ${read} numbers a venue, ${VENUES} gives ${kept}`);
    const store = new KeptVenues(venues.session, knownItems(parts, VENUES), kept);
    return new DlrmRanker(parts.modelVersion, ranking.session, store, { width, length });
  },
  probe: probeRanker,
};

class DlrmRanker implements MlRanker {
  readonly modelVersion: string;
  readonly #session: OnnxSession;
  readonly #venues: KeptVenues;
  readonly #width: number;
  readonly #length: number;

  constructor(
    modelVersion: string,
    session: OnnxSession,
    venues: KeptVenues,
    { width, length }: { width: number; length: number },
  ) {
    this.modelVersion = modelVersion;
    this.#session = session;
    this.#venues = venues;
    this.#width = width;
    this.#length = length;
  }

  async rank(request: MlRequest) {
    const { moments, candidates } = request;
    const feeds = await this.feeds(request);
    const { logits } = await this.#session.run(feeds);
    return { modelVersion: this.modelVersion, logits: cutLogits(logits!.data, moments.length, candidates.length) };
  }

  /** What `dlrm-ranking.onnx` reads. */
  async feeds(request: MlRequest): Promise<Record<string, TensorIn>> {
    const { persona, historyVenues, candidates, moments } = request;
    const { entries, context, mask, last } = treeSequence(request, this.#length);
    const keys = entries.map((entry) => keyOf(entry, historyVenues));
    await this.#venues.prepare([...keys.filter((key) => key !== null), ...candidates]);
    const items = new Float32Array(entries.length * this.#width);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (key !== null) items.set(this.#venues.row(key).subarray(0, this.#width), i * this.#width);
    }
    const { width } = this.#venues;
    const venues = new Float32Array(candidates.length * width);
    for (let i = 0; i < candidates.length; i++) venues.set(this.#venues.row(candidates[i]!), i * width);
    const moment = new Int32Array(moments.length * 2);
    for (const [i, { tripDay, dayPart }] of moments.entries())
      moment.set([tripDayKind(tripDay), MOMENT_DAY_PART_AT + dayPartKind(dayPart)], i * 2);
    const { own, factors } = travellerFactors(persona.dimensions);
    const embedding = personaEmbedding(persona.dimensions, persona.interests);
    return {
      items: { type: 'float32', data: items, dims: [entries.length, this.#width] },
      context,
      mask,
      last,
      persona: { type: 'float32', data: embedding, dims: [1, PERSONA_VECTOR_LENGTH] },
      own: { type: 'float32', data: own, dims: [1, own.length] },
      factors: { type: 'float32', data: factors, dims: [factors.length, 1] },
      moment: { type: 'int32', data: moment, dims: [moments.length, 2] },
      venues: { type: 'float32', data: venues, dims: [candidates.length, width] },
    };
  }
}

function keyOf(entry: SequenceEntry, venues: MlRequest['historyVenues']): KeptKey | null {
  if (entry === 'padding') return null;
  if (entry === 'start') return HISTORY_START;
  return venues.get(entry.venueId) ?? entry.venueId;
}
