/** The vibe tagger as the commands see it. */
import { Random } from '../../core/experiment/random.ts';
import { VENUE_VECTOR_LENGTH, VENUE_VECTOR_VERSION } from '../../core/venue/venue-vector.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import { train } from '../../training/engine/train.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent } from '../../training/model.ts';
import { type Measured, meanOf } from '../../training/text/measured.ts';
import {
  checkMinimum,
  type TextModelDefinition,
  type TextTrainOptions,
  type TrainedTextModel,
} from '../../training/text/model.ts';
import { cataloguePlaces, type Place, splitPlaces } from '../../training/text/places.ts';
import { tagWordings, type Wording } from '../../training/text/tag-wordings.ts';
import { textFeeds } from '../text-encoder/batches.ts';
import { TEXT_INPUTS_VERSION, textFeatures } from '../text-encoder/inputs.ts';
import { aboutPlace, tagBatches, tagLabels, vibesOf } from './batches.ts';
import { type VibeTaggerConfig, vibeTaggerConfig } from './config.ts';
import { vibeTaggerLoss, vibeTaggerOutputs } from './graph.ts';
import { bestThreshold, type Labels, labelMetrics } from './label-metrics.ts';

const BATCH = 256;
const POSTS = 5;
const TAGS = VIBE_TAG_NAMES.length;

export const vibeTagger: TextModelDefinition<VibeTaggerConfig> = {
  name: 'vibe-tagger',
  role: 'what is said of a venue as vibe tags and a vibe embedding',
  config: vibeTaggerConfig,
  minimum: { unit: 'venues with tags', count: 200 },
  source: "Hinton, Vinyals and Dean 2015 (a student of a teacher's labels)",
  train: trainVibeTagger,
};

interface Predictions {
  probabilities: Float32Array;
  vibes: Float32Array;
}

/** One text a place. */
function textsAbout(places: readonly Place[], wordings: readonly Wording[], seed: number): string[] {
  const random = Random.of(seed, `text/about/${wordings}`);
  return places.map((place) => aboutPlace(place, POSTS, wordings, random));
}

/** What the texts of the test are worded in: what was trained on, what never was, and posts of either. */
const WORDS: Record<string, readonly Wording[]> = {
  known_words: ['training'],
  mixed_words: ['training', 'test'],
  new_words: ['test'],
};

/** @throws RangeError under the minimum of venues */
export async function trainVibeTagger(options: TextTrainOptions<VibeTaggerConfig>): Promise<TrainedTextModel> {
  const { config, seed, threads } = options;
  const { places, sources } = options.places ? { places: options.places, sources: [] } : await cataloguePlaces();
  checkMinimum(vibeTagger.name, vibeTagger.minimum.count, places);
  const { training, validation, test } = splitPlaces(places, seed);

  const build = (graph: Graph) => vibeTaggerOutputs(graph, config);
  const scorer = await Scorer.of(build, { threads });
  const predict = async (values: ParameterValues, texts: readonly string[]): Promise<Predictions> => {
    const probabilities = new Float32Array(texts.length * TAGS);
    const vibes = new Float32Array(texts.length * VENUE_VECTOR_LENGTH);
    for (let from = 0; from < texts.length; from += BATCH) {
      const feeds = textFeeds(texts.slice(from, from + BATCH).map(textFeatures));
      await scorer.run(values, feeds, (outputs) => {
        probabilities.set(outputs.probabilities.data, from * TAGS);
        vibes.set(outputs.vibe.data, from * VENUE_VECTOR_LENGTH);
      });
    }
    return { probabilities, vibes };
  };
  // Words known and unknown by half, as validation of the text encoder has them.
  const validationPlaces = [...validation, ...validation];
  const validationTexts = (['training', 'validation'] as const).flatMap((words) =>
    textsAbout(validation, [words], seed),
  );
  const threshold = async (values: ParameterValues) =>
    bestThreshold((await predict(values, validationTexts)).probabilities, tagLabels(validationPlaces));

  try {
    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => vibeTaggerLoss(graph, config),
        steps: Math.ceil((training.length * config.texts) / config.batch),
        batches: (random) => tagBatches(training, config, random),
        validate: async (now) => (await threshold(now)).f1,
      },
      descent('vibe-tagger', config, {
        seed,
        threads,
        checkpoints: options.checkpoints,
        onProgress: options.onProgress,
      }),
    );
    const { at } = await threshold(values);
    const metadata = {
      model: 'vibe-tagger',
      inputs: TEXT_INPUTS_VERSION,
      vibe: VENUE_VECTOR_VERSION,
      teacher: 'catalogue tags',
    };
    const metrics: Record<string, Measured> = {};
    for (const [words, wordings] of Object.entries(WORDS)) {
      const texts = textsAbout(test, wordings, seed);
      const { probabilities, vibes } = await predict(values, texts);
      Object.assign(
        metrics,
        measured(
          words,
          probabilities.map((p) => (p >= at ? 1 : 0)),
          test,
          seed,
        ),
      );
      metrics[`vibe_cosine_${words}`] = meanOf(cosines(vibes, vibesOf(test)), seed);
      Object.assign(metrics, measured(`${words}_string_match`, matched(texts), test, seed));
    }
    Object.assign(metrics, measured('no_tags', new Float32Array(test.length * TAGS), test, seed));
    metrics.vibe_cosine_mean_vibe = meanOf(cosines(meanVibe(training, test.length), vibesOf(test)), seed);
    return {
      files: [
        { name: 'vibe-tagger.onnx', bytes: exportedModel('vibe-tagger', build, values, metadata) },
        { name: 'tags.json', bytes: tagsFile(at) },
      ],
      metrics,
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

/** The order of the model's tags, and from which probability on one is given. */
function tagsFile(threshold: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ tags: VIBE_TAG_NAMES, threshold })}\n`);
}

function measured(words: string, given: ArrayLike<number>, test: readonly Place[], seed: number) {
  const of = (labels: ArrayLike<number>): Labels => ({ count: test.length, width: TAGS, given: labels });
  const metrics = labelMetrics(of(given), of(tagLabels(test)), seed);
  // Where nothing is said, there is no precision.
  const defined = Object.entries(metrics).filter(([, { value }]) => Number.isFinite(value));
  return Object.fromEntries(defined.map(([name, value]) => [`${name}_${words}`, value]));
}

/**
 * To compare with: a tag is given where one of the wordings of training stands in the text, letter by letter. It knows the
 * phrase book that known words come from, so that there it is nearly the best that can be had.
 */
function matched(texts: readonly string[]): Float32Array {
  const given = new Float32Array(texts.length * TAGS);
  const wordings = VIBE_TAG_NAMES.map((tag) =>
    tagWordings(tag, 'training').map((wording) => ` ${wording.toLowerCase()} `),
  );
  for (const [row, text] of texts.entries()) {
    const plain = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}+]+/gu, ' ')} `;
    for (const [i, each] of wordings.entries()) {
      if (each.some((wording) => plain.includes(wording.replace(/[^\p{L}\p{N}+]+/gu, ' ')))) given[row * TAGS + i] = 1;
    }
  }
  return given;
}

function meanVibe(places: readonly Place[], rows: number): Float32Array {
  const all = vibesOf(places);
  const mean = new Float32Array(VENUE_VECTOR_LENGTH);
  all.forEach((x, i) => {
    mean[i % VENUE_VECTOR_LENGTH]! += x;
  });
  return Float32Array.from({ length: rows * VENUE_VECTOR_LENGTH }, (_, i) => mean[i % VENUE_VECTOR_LENGTH]!);
}

function cosines(a: Float32Array, b: Float32Array): number[] {
  return Array.from({ length: a.length / VENUE_VECTOR_LENGTH }, (_, row) => {
    let [ab, aa, bb] = [0, 0, 0];
    for (let i = row * VENUE_VECTOR_LENGTH; i < (row + 1) * VENUE_VECTOR_LENGTH; i++) {
      ab += a[i]! * b[i]!;
      aa += a[i]! ** 2;
      bb += b[i]! ** 2;
    }
    return ab / Math.sqrt(aa * bb);
  });
}
