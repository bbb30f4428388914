/** The persona encoder: a traveller's 128 numbers, from what they did or from what they said. */
import { Random } from '../../core/experiment/random.ts';
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import type { Dataset } from '../../training/data/dataset.ts';
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { train } from '../../training/engine/train.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { jsonFile, NotEnoughData, type TrainedFiles, type TrainingRun } from '../../training/measured-model.ts';
import { descent, type Minimum } from '../../training/model.ts';
import { ownDataOf } from '../own-content.ts';
import type { PersonaEncoderConfig } from './config.ts';
import { personaFromSignals, personaFromTags, personaLoss, venuePoints } from './graph.ts';
import { PERSONA_FEATURES_VERSION, TAG_FEATURES, tasteFeatures } from './inputs.ts';
import { type HeldOut, heldOut, type Points, personaMetrics, validationScore } from './measure.ts';
import { batchCount, personaBatches, signalFeeds, tagFeeds, targetCounts, travellersOf } from './travellers.ts';

export const PERSONA_MINIMUM: Minimum = { unit: 'sequences of 5 or more', count: 500 };
/** Shares of the travellers, drawn by the seed: nothing of those in the last two parts is learned from. */
const PARTS = { train: 0.7, validation: 0.1 } as const;
const BATCH = 128;

/** @throws NotEnoughData; RangeError for plain files */
export async function trainPersonaEncoder(
  { dataset }: { dataset: Dataset },
  { config, seed, threads, onProgress }: TrainingRun<PersonaEncoderConfig>,
): Promise<TrainedFiles> {
  const all = travellersOf(dataset);
  const { count, unit } = PERSONA_MINIMUM;
  if (all.length < count) throw new NotEnoughData('the persona encoder', unit, all.length, count);
  const shuffled = Random.of(seed, 'split').shuffle([...all]);
  const ends = [PARTS.train, PARTS.train + PARTS.validation].map((share) => Math.round(share * all.length));
  const learnFrom = shuffled.slice(0, ends[0]);
  const validation = heldOut(shuffled.slice(ends[0], ends[1]), dataset);
  const test = heldOut(shuffled.slice(ends[1]), dataset);

  const encoder = await Encoder.of(config, dataset, threads);
  const counts = targetCounts(learnFrom, dataset.interactions.items.length);
  const { values, history, bestEpoch } = await train(
    {
      loss: (graph) => personaLoss(graph, config),
      steps: batchCount(learnFrom, config),
      batches: (random) => personaBatches(learnFrom, counts, config, random),
      validate: async (now) => validationScore(await encoder.points(now, validation), validation),
    },
    descent('persona-encoder', config, { seed, threads, onProgress }),
  );
  const points = await encoder.points(values, test);
  await encoder.close();
  const metadata = { model: 'persona-encoder', features: PERSONA_FEATURES_VERSION, length: String(config.length) };
  const file = (name: keyof typeof GRAPHS) => ({
    name: `${name}.onnx`,
    bytes: exportedModel(name, (graph) => ({ point: GRAPHS[name](graph, config) }), values, metadata),
  });
  return {
    files: [
      file('persona-from-signals'),
      file('persona-from-tags'),
      file('persona-venues'),
      jsonFile('features.json', {
        version: PERSONA_FEATURES_VERSION,
        length: config.length,
        tag_features: TAG_FEATURES,
        venue_features: VENUE_FEATURES,
      }),
    ],
    metrics: personaMetrics(points, test, dataset, seed),
    history,
    bestEpoch,
    parameters: parameterCount(values),
  };
}

const GRAPHS = {
  'persona-from-signals': personaFromSignals,
  'persona-from-tags': personaFromTags,
  'persona-venues': venuePoints,
};

type PointScorer = Scorer<'point'>;

class Encoder {
  readonly #signals: PointScorer;
  readonly #tags: PointScorer;
  readonly #venues: PointScorer;
  readonly #length: number;
  /** [items, VENUE_FEATURES] */
  readonly #content: Float32Array;

  private constructor(scorers: [PointScorer, PointScorer, PointScorer], length: number, content: Float32Array) {
    [this.#signals, this.#tags, this.#venues] = scorers;
    this.#length = length;
    this.#content = content;
  }

  static async of(config: PersonaEncoderConfig, dataset: Dataset, threads: number): Promise<Encoder> {
    const { venues } = ownDataOf(dataset, 'persona-encoder');
    const content = new Float32Array(venues.length * VENUE_FEATURES);
    for (const [item, venue] of venues.entries()) if (venue) content.set(tasteFeatures(venue), item * VENUE_FEATURES);
    const scorer = (build: (graph: Graph, config: PersonaEncoderConfig) => ReturnType<typeof venuePoints>) =>
      Scorer.of((graph) => ({ point: build(graph, config) }), { threads });
    const scorers: [PointScorer, PointScorer, PointScorer] = [
      await scorer(personaFromSignals),
      await scorer(personaFromTags),
      await scorer(venuePoints),
    ];
    return new Encoder(scorers, config.length, content);
  }

  async points(values: ParameterValues, { travellers, cases, judged }: HeldOut): Promise<Points> {
    const whole = travellers.map((traveller) => ({ traveller, until: traveller.decisions.length }));
    const at = (of: readonly { traveller: number; until: number }[]) =>
      of.map(({ traveller, until }) => ({ traveller: travellers[traveller]!, until }));
    const signals = (of: typeof whole) =>
      inBatches(of, (part) => pointsOf(this.#signals, values, signalFeeds(part, this.#length)));
    const items = this.#content.length / VENUE_FEATURES;
    return {
      signals: await signals(whole),
      before: await signals(at(cases)),
      beforeJudged: await signals(at(judged)),
      tags: await inBatches(travellers, (part) => pointsOf(this.#tags, values, tagFeeds(part))),
      venues: await pointsOf(this.#venues, values, {
        venues: { data: this.#content, shape: [items, VENUE_FEATURES] },
      }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#signals.close(), this.#tags.close(), this.#venues.close()]);
  }
}

const pointsOf = (scorer: PointScorer, values: ParameterValues, feeds: Feeds): Promise<Float32Array> =>
  scorer.run(values, feeds, ({ point }) => point.data.slice());

async function inBatches<Row>(
  rows: readonly Row[],
  run: (part: readonly Row[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  const all = new Float32Array(rows.length * PERSONA_VECTOR_LENGTH);
  for (let from = 0; from < rows.length; from += BATCH) {
    all.set(await run(rows.slice(from, from + BATCH)), from * PERSONA_VECTOR_LENGTH);
  }
  return all;
}
