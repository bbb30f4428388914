import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';
import { pairBatches, textFeeds } from '../../../models/text-encoder/batches.ts';
import { textEncoderConfig } from '../../../models/text-encoder/config.ts';
import { textBags, textEncoderLoss, textVectors } from '../../../models/text-encoder/graph.ts';
import { textFeatures } from '../../../models/text-encoder/inputs.ts';
import { textEncoder, trainTextEncoder } from '../../../models/text-encoder/model.ts';
import { labelled } from '../../../models/vibe-tagger/batches.ts';
import { vibeTaggerConfig } from '../../../models/vibe-tagger/config.ts';
import { vibeTaggerLoss, vibeTaggerOutputs } from '../../../models/vibe-tagger/graph.ts';
import { bestThreshold, labelMetrics } from '../../../models/vibe-tagger/label-metrics.ts';
import { trainVibeTagger } from '../../../models/vibe-tagger/model.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { hashedTextEncoder } from '../../../platform/inference/text-encoder.ts';
import { vibeTagger } from '../../../platform/inference/text-tagger.ts';
import { symbol } from '../../../training/engine/dimension.ts';
import { Graph, type Tensor } from '../../../training/engine/graph.ts';
import { initialValues } from '../../../training/engine/initial-values.ts';
import { mul } from '../../../training/engine/operators/arithmetic.ts';
import { sum } from '../../../training/engine/operators/reduction.ts';
import { train } from '../../../training/engine/train.ts';
import { exportedModel, Scorer } from '../../../training/frozen-model.ts';
import {
  cataloguePlaces,
  type Place,
  splitPlaces,
  TEACHER_WIDTH,
  teacherVector,
} from '../../../training/text/places.ts';
import { tagWordings } from '../../../training/text/tag-wordings.ts';
import { post } from '../../../training/text/talk.ts';
import { checkGradients } from './gradient-check.ts';

const TEXTS = [
  '',
  'quiet jazz bar in Ginza',
  'Ramen! A bowl of tonkotsu, and we queued for an hour',
  '浅草寺 Sensō-ji',
];
const small = textEncoderConfig.parse({ dimensions: 64, row: 4, hidden: [8] });
const smallTagger = vibeTaggerConfig.parse({ row: 4, hidden: [8] });

let places: Place[];
beforeAll(async () => {
  places = (await cataloguePlaces()).places;
});

describe('every text model has the gradient of its finite differences', () => {
  test('the bags', async () => {
    const feeds = {
      ids: { data: Int32Array.of(1, 3, 1, 0, 2, 0, 0, 0), shape: [2, 4] },
      weights: { data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), shape: [2, 3, 4] },
    };
    const build = (graph: Graph) => {
      const bags = textBags(graph, symbol('texts'), 2, 5);
      return sum(mul(bags, bags));
    };
    await checkGradients(build, { feeds, tolerance: 1e-5 });
  });

  test('the text encoder', async () => {
    const [feeds] = pairBatches(places.slice(0, 3), { ...small, batch: 3 }, Random.of(2));
    await checkGradients((graph) => textEncoderLoss(graph, TEACHER_WIDTH, small), { feeds: feeds!, tolerance: 1e-4 });
  });

  test('the vibe tagger', async () => {
    const feeds = labelled(places.slice(0, 3), TEXTS.slice(0, 3));
    await checkGradients((graph) => vibeTaggerLoss(graph, smallTagger), { feeds, tolerance: 1e-4 });
  });
});

describe('learned by heart', () => {
  const once = { steps: 1, validate: null };

  test('64 pairs of texts by the text encoder', async () => {
    const config = textEncoderConfig.parse({ batch: 64, pairs: 1, dropout: 0, teacher_weight: 0 });
    const [feeds] = pairBatches(places.slice(0, 64), config, Random.of(4));
    const { history } = await train(
      { ...once, loss: (graph) => textEncoderLoss(graph, TEACHER_WIDTH, config), batches: () => [feeds!] },
      { epochs: 60, patience: 60, seed: 1, learningRate: 0.01 },
    );
    expect(history.at(-1)!.loss).toBeLessThan(0.02);
  });

  test('the tags of 64 texts by the vibe tagger', async () => {
    const config = vibeTaggerConfig.parse({ dropout: 0, vibe_weight: 0 });
    const random = Random.of(5);
    const some = places.slice(0, 64);
    // Labels of others: nothing but memory helps.
    const feeds = labelled(
      random.shuffle([...some]),
      some.map(({ venue }) => venue.name),
    );
    const { history } = await train(
      { ...once, loss: (graph) => vibeTaggerLoss(graph, config), batches: () => [feeds] },
      { epochs: 150, patience: 150, seed: 1, learningRate: 0.01 },
    );
    expect(history.at(-1)!.loss).toBeLessThan(0.1);
  });
});

describe('the exported file gives what the trainer has, in native ONNX Runtime and in WebAssembly', () => {
  const models: [string, (graph: Graph) => Record<string, Tensor>][] = [
    ['text encoder', (graph) => ({ vectors: textVectors(graph, small) })],
    ['vibe tagger', (graph) => vibeTaggerOutputs(graph, smallTagger)],
  ];

  test.each(models)('%s', async (name, build) => {
    const graph = new Graph();
    build(graph);
    const values = initialValues(graph.parameters, 3);
    const file = exportedModel(name, build, values, {});
    const sessions = [
      onnxSession(native, await native.InferenceSession.create(file)),
      onnxSession(web, await web.InferenceSession.create(file)),
    ];
    const scorer = await Scorer.of(build);
    for (const count of [1, TEXTS.length]) {
      const texts = TEXTS.slice(-count).map(textFeatures);
      const feeds = textFeeds(texts);
      const trained = await scorer.run(values, feeds, (outputs) =>
        Object.fromEntries(Object.entries(outputs).map(([output, { data }]) => [output, data.slice()])),
      );
      for (const session of sessions) {
        const served = await session.run({
          ids: { type: 'int32', data: feeds.ids!.data as Int32Array, dims: feeds.ids!.shape },
          weights: { type: 'float32', data: feeds.weights!.data as Float32Array, dims: feeds.weights!.shape },
        });
        expect(Object.keys(served)).toEqual(Object.keys(trained));
        for (const [output, data] of Object.entries(trained)) {
          const worst = data.reduce((most, x, i) => Math.max(most, Math.abs(x - served[output]!.data[i]!)), 0);
          expect(worst).toBeLessThan(1e-4);
        }
      }
    }
    await scorer.close();
  });
});

describe('the texts to learn from', () => {
  test('keep venues of one name on one side, and every venue on exactly one', () => {
    const branches = places
      .slice(0, 200)
      .map((place) => ({ ...place, venue: { ...place.venue, id: `${place.venue.id}b` } }));
    const { training, validation, test: held } = splitPlaces([...places, ...branches], 7);
    const namesOf = (part: readonly Place[]) => new Set(part.map(({ venue }) => venue.name.toLowerCase()));
    const [a, b, c] = [namesOf(training), namesOf(validation), namesOf(held)];
    expect(new Set([...a, ...b, ...c]).size).toBe(a.size + b.size + c.size);
    expect(training.length + validation.length + held.length).toBe(places.length + 200);
  });

  test('never use a wording that is kept for validation or test', () => {
    for (const tag of VIBE_TAG_NAMES) {
      const known = tagWordings(tag, 'training');
      for (const kept of ['validation', 'test'] as const) {
        expect(tagWordings(tag, kept)).toHaveLength(1);
        // The vocabulary's own label may say the same.
        expect(known.slice(0, -2)).not.toContain(tagWordings(tag, kept)[0]);
      }
    }
  });

  test('are the same for the same seed, and name the venue only where they shall', () => {
    const options = { wording: 'training', told: 0.7, astray: 0 } as const;
    const place = places.find(({ venue }) => venue.name === 'Bar Lupin')!;
    const texts = Array.from({ length: 50 }, (_, i) => post(place, { ...options, named: false }, Random.of(i)));
    expect(texts).toEqual(
      Array.from({ length: 50 }, (_, i) => post(place, { ...options, named: false }, Random.of(i))),
    );
    expect(texts.some((text) => /lupin/i.test(text))).toBe(false);
    const named = Array.from({ length: 50 }, (_, i) => post(place, { ...options, named: true }, Random.of(i)));
    expect(named.filter((text) => /lupin/i.test(text)).length).toBeGreaterThan(40);
  });

  test('come in pairs about one venue, both with its teacher; what is imagined is no venue of the batch', () => {
    const some = places.slice(0, 40);
    const [feeds] = pairBatches(some, { ...small, batch: 80, pairs: 2 }, Random.of(6));
    const teacher = feeds!.teacher!.data;
    const row = (i: number) => teacher.slice(i * TEACHER_WIDTH, (i + 1) * TEACHER_WIDTH);
    const known = new Map<number, number>();
    for (const [pair, venue] of feeds!.venues!.data.entries()) {
      expect(row(2 * pair)).toEqual(row(2 * pair + 1));
      known.set(venue, (known.get(venue) ?? 0) + 1);
      if (venue < some.length) expect(row(2 * pair)).toEqual(teacherVector(some[venue]!.venue));
      else expect(known.get(venue)).toBe(1);
    }
    expect(feeds!.ids!.shape[0]).toBe(160);
    expect([...known.keys()].filter((venue) => venue >= some.length).length).toBeGreaterThan(5);
  });

  test("have a teacher's vector of unit length, nearer for venues that are alike", () => {
    const of = (name: string) => teacherVector(places.find(({ venue }) => venue.name === name)!.venue);
    const cosine = (a: Float32Array, b: Float32Array) => a.reduce((total, x, i) => total + x * b[i]!, 0);
    const [bar, other, park] = [of('Bar Lupin'), of('Star Bar Ginza'), of('Meiji Jingū')];
    expect(cosine(bar, bar)).toBeCloseTo(1, 5);
    expect(cosine(bar, other)).toBeGreaterThan(cosine(bar, park) + 0.2);
  });
});

describe('agreement with the teacher', () => {
  test('is counted as the literature counts it', () => {
    const teacher = { count: 2, width: 4, given: [1, 1, 0, 0, 0, 0, 1, 0] };
    const predicted = { count: 2, width: 4, given: [1, 0, 1, 0, 0, 0, 1, 0] };
    const value = Object.fromEntries(Object.entries(labelMetrics(predicted, teacher, 1)).map(([k, m]) => [k, m.value]));
    expect(value).toMatchObject({
      micro_f1: 4 / 6,
      micro_precision: 2 / 3,
      micro_recall: 2 / 3,
      // Labels 0, 1 and 2: 1, 0 and 2/3 (label 2 was said once too often).
      macro_f1: expect.closeTo((1 + 0 + 2 / 3) / 3),
      example_accuracy: expect.closeTo((1 / 3 + 1) / 2),
      subset_accuracy: 0.5,
      per_label_accuracy: 0.75,
    });
  });

  test.each([1, 0.4])('is best at the threshold that is found, and no threshold is better (%d)', (most) => {
    const random = Random.of(8);
    const teacher = Float32Array.from({ length: 500 }, () => (random.chance(0.2) ? 1 : 0));
    const probabilities = teacher.map(
      (given) => most * (given ? 0.3 + 0.7 * random.uniform() : 0.6 * random.uniform()),
    );
    const f1At = (at: number) => {
      const given = probabilities.map((p) => (p >= at ? 1 : 0));
      return labelMetrics({ count: 1, width: 500, given }, { count: 1, width: 500, given: teacher }, 1).micro_f1!.value;
    };
    const best = bestThreshold(probabilities, teacher);
    expect(f1At(best.at)).toBeCloseTo(best.f1, 6);
    for (let at = 1; at < 100; at++) expect(f1At(at / 100)).toBeLessThanOrEqual(best.f1 + 1e-9);
  });
});

describe('training', () => {
  test('of the text encoder twice from one seed gives the same bytes, which the Worker can encode with', async () => {
    const config = textEncoderConfig.parse({
      dimensions: 64,
      row: 8,
      hidden: [32],
      epochs: 2,
      pairs: 2,
      validate_every: 2,
    });
    const some = Random.of(1)
      .shuffle([...places])
      .slice(0, 240);
    const run = () => trainTextEncoder({ seed: 3, threads: 1, config, places: some });
    const [one, again] = [await run(), await run()];
    expect(one.files[0]!.bytes).toEqual(again.files[0]!.bytes);
    expect(one.metrics).toEqual(again.metrics);
    expect(one.metrics['venue_recall@10_known_words']!.interval).not.toBeNull();
    expect(one.metrics['tags_recall@10_known_words']!.value).toBeGreaterThan(
      one.metrics['tags_recall@10_chance']!.value,
    );
    const session = onnxSession(native, await native.InferenceSession.create(one.files[0]!.bytes));
    const encoder = hashedTextEncoder(session, { version: '1', dimensions: 64, inputs: 'hashed-ngrams@1' });
    const many = Array.from({ length: 70 }, (_, i) => TEXTS[i % TEXTS.length]!);
    const vectors = await encoder.encode(many);
    expect(vectors).toHaveLength(70);
    // Beside longer texts and in another batch, a text has the same vector.
    const [alone] = await encoder.encode([TEXTS[1]!]);
    for (const i of [1, 69]) {
      expect(vectors[i]!.reduce((total, x, at) => total + x * alone![at]!, 0)).toBeCloseTo(1, 5);
    }
    expect(await encoder.encode([])).toEqual([]);
    expect(() => hashedTextEncoder(session, { version: '1', dimensions: 64, inputs: 'other@1' })).toThrow(
      'reads other@1, this code writes hashed-ngrams@1',
    );
  });

  test('of the vibe tagger gives a file with which the Worker tags', async () => {
    const config = vibeTaggerConfig.parse({
      hidden: [64],
      epochs: 6,
      texts: 2,
      validate_every: 3,
      learning_rate: 0.01,
    });
    const some = Random.of(1)
      .shuffle([...places])
      .slice(0, 240);
    const { files, metrics } = await trainVibeTagger({ seed: 3, threads: 1, config, places: some });
    expect(metrics.micro_f1_known_words!.value).toBeGreaterThan(metrics.micro_f1_no_tags!.value + 0.2);
    expect(metrics.per_label_accuracy_no_tags!.value).toBeGreaterThan(0.9);
    const session = onnxSession(native, await native.InferenceSession.create(files[0]!.bytes));
    const tags: unknown = JSON.parse(new TextDecoder().decode(files[1]!.bytes));
    const [tagged, nothing] = await vibeTagger(session, tags, '1').tag([
      'a place that locals return to, full of locals, locals love it',
      '',
    ]);
    expect(tagged!.tags.map(({ tag }) => tag)).toContain('local-favourite');
    expect(tagged!.vibe.reduce((total, x) => total + x * x, 0)).toBeCloseTo(1, 4);
    expect(nothing!.vibe.every(Number.isFinite)).toBe(true);
    expect(() => vibeTagger(session, { tags: ['quiet', 'haunted'], threshold: 0.5 }, '1')).toThrow('haunted');
  });

  test('is refused under the minimum, and says how far it is', async () => {
    const config = textEncoderConfig.parse({});
    const { count } = textEncoder.minimum;
    await expect(trainTextEncoder({ seed: 1, threads: 1, config, places: places.slice(0, 50) })).rejects.toThrow(
      `text-encoder needs ${count} venues with tags, and there are 50: ${count - 50} missing`,
    );
  });
});
