/** The text encoder as the commands see it. */
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import { train } from '../../training/engine/train.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent } from '../../training/model.ts';
import {
  checkMinimum,
  type TextModelDefinition,
  type TextTrainOptions,
  type TrainedTextModel,
} from '../../training/text/model.ts';
import { cataloguePlaces, splitPlaces, TEACHER_WIDTH } from '../../training/text/places.ts';
import { pairBatches, textFeeds } from './batches.ts';
import { type TextEncoderConfig, textEncoderConfig } from './config.ts';
import { textEncoderLoss, textVectors } from './graph.ts';
import { TEXT_INPUTS_VERSION, textFeatures } from './inputs.ts';
import { byCosine, meanReciprocalRank, retrievalMetrics } from './retrieval.ts';

const BATCH = 256;

export const textEncoder: TextModelDefinition<TextEncoderConfig> = {
  name: 'text-encoder',
  role: 'venue text and talk as a vector, near that of the venue',
  config: textEncoderConfig,
  minimum: { unit: 'venues with tags', count: 200 },
  source: 'Iyyer et al. 2015 (deep averaging); Svenstrup et al. 2017 (hash embeddings)',
  train: trainTextEncoder,
};

/**
 * @throws RangeError under the minimum of venues
 */
export async function trainTextEncoder(options: TextTrainOptions<TextEncoderConfig>): Promise<TrainedTextModel> {
  const { config, seed, threads } = options;
  const { places, sources } = options.places ? { places: options.places, sources: [] } : await cataloguePlaces();
  checkMinimum(textEncoder.name, textEncoder.minimum.count, places);
  const { training, validation, test } = splitPlaces(places, seed);

  const build = (graph: Graph) => ({ vectors: textVectors(graph, config) });
  const scorer = await Scorer.of(build, { threads });
  const encode = (values: ParameterValues) => async (texts: readonly string[]) => {
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += BATCH) {
      const part = texts.slice(from, from + BATCH).map(textFeatures);
      await scorer.run(values, textFeeds(part), ({ vectors: { data } }) => {
        for (const row of part.keys()) vectors.push(data.slice(row * config.dimensions, (row + 1) * config.dimensions));
      });
    }
    return vectors;
  };

  try {
    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => textEncoderLoss(graph, TEACHER_WIDTH, config),
        steps: Math.ceil((training.length * config.pairs) / config.batch),
        batches: (random) => pairBatches(training, config, random),
        validate: (now) => meanReciprocalRank(byCosine(encode(now)), validation, [...validation, ...training], seed),
      },
      descent('text-encoder', config, {
        seed,
        threads,
        checkpoints: options.checkpoints,
        onProgress: options.onProgress,
      }),
    );
    const metadata = {
      model: 'text-encoder',
      inputs: TEXT_INPUTS_VERSION,
      dimensions: String(config.dimensions),
      teacher: 'catalogue tags',
    };
    return {
      files: [{ name: 'text-encoder.onnx', bytes: exportedModel('text-encoder', build, values, metadata) }],
      metrics: await retrievalMetrics(encode(values), test, [...training, ...validation], seed),
      history,
      bestEpoch,
      parameters: parameterCount(values),
      lineage: {
        teacher: 'catalogue tags',
        texts: 'templates',
        synthetic: true,
        sources,
        venues: { training: training.length, validation: validation.length, test: test.length },
      },
    };
  } finally {
    await scorer.close();
  }
}
