import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';
import { personaEncoderConfig } from '../../../models/persona-encoder/config.ts';
import { personaFromSignals, personaLoss } from '../../../models/persona-encoder/graph.ts';
import {
  type Decision,
  decisionArrays,
  TAG_FEATURES,
  tagFeatures,
  tasteFeatures,
  writeDecisions,
} from '../../../models/persona-encoder/inputs.ts';
import { trainPersonaEncoder } from '../../../models/persona-encoder/train.ts';
import { feedsOf, personaBatches, targetCounts, travellersOf } from '../../../models/persona-encoder/travellers.ts';
import type { Dataset } from '../../../training/data/dataset.ts';
import { Graph } from '../../../training/engine/graph.ts';
import { initialValues } from '../../../training/engine/initial-values.ts';
import { train } from '../../../training/engine/train.ts';
import { Scorer } from '../../../training/frozen-model.ts';
import type { TrainedFiles } from '../../../training/measured-model.ts';
import { someVenue } from '../core/fixtures/venues.ts';
import { furthest, runInBoth } from './both-runtimes.ts';
import { checkGradients } from './gradient-check.ts';

const TASTES = 12;
const EACH = 6;

/**
 * Each traveller has a taste, one of twelve: a vibe tag. Their onboarding names it, or, of `silent`, does not; what they
 * take has it, what they refuse has not.
 */
function madeUp(users: number, decisions: number, { seed = 1, silent = false } = {}): Dataset {
  const random = Random.of(seed, 'made up');
  const venues = Array.from({ length: TASTES * EACH }, (_, i) =>
    someVenue({
      id: `venue-${i}`,
      vibeTags: [VIBE_TAG_NAMES[Math.floor(i / EACH)]!],
      category: CATEGORY_NAMES[i % EACH]!,
      energy: random.uniform(),
    }),
  );
  const n = users * decisions;
  const interactions = {
    users: Array.from({ length: users }, (_, u) => `user-${u}`),
    items: venues.map(({ id }) => id),
    user: new Int32Array(n),
    item: new Int32Array(n),
    time: Float64Array.from({ length: n }, (_, i) => i),
    accepted: new Uint8Array(n),
    weight: new Float32Array(n).fill(1),
    rating: null,
  };
  const persona = new Int32Array(n);
  const personas = interactions.users.map((_, u) => ({
    dimensions: { ...NEUTRAL_DIMENSIONS, culture: random.uniform() },
    interests: silent ? [] : [VIBE_TAG_NAMES[u % TASTES]!],
  }));
  for (let i = 0; i < n; i++) {
    const u = Math.floor(i / decisions);
    const accepted = i % decisions < 2 ? i % 2 : random.chance(0.6) ? 1 : 0;
    const other = (u + 1 + random.int(TASTES - 1)) % TASTES;
    interactions.user[i] = u;
    interactions.item[i] = (accepted ? u % TASTES : other) * EACH + random.int(EACH);
    interactions.accepted[i] = accepted;
    persona[i] = u;
  }
  const none = () => new Int32Array(n).fill(-1);
  return {
    interactions,
    lineage: { sources: [], rows: { made_up: n }, synthetic: true },
    own: {
      context: {
        persona,
        candidateSet: none(),
        trip: none(),
        tripDay: new Int16Array(n),
        dayPart: new Int8Array(n).fill(-1),
        groupSize: new Int16Array(n),
        warm: new Uint8Array(n).fill(1),
        signalType: new Array<string>(n).fill('slot_accept'),
      },
      personas,
      candidateSets: [],
      venues,
      cities: venues.map(() => 'seattle'),
    },
  };
}

const small = { length: 8, width: 8, hidden: 12, heads: 2 };

describe('the model', () => {
  test('has the gradient of its finite differences', async () => {
    const config = personaEncoderConfig.parse({ ...small, batch: 5, temperature: 0.5 });
    const travellers = travellersOf(madeUp(4, 9));
    const [feeds] = personaBatches(travellers, targetCounts(travellers, TASTES * EACH), config, Random.of(1));
    await checkGradients((graph) => personaLoss(graph, config), { feeds: feeds!, tolerance: 1e-4, probes: 12 });
  });

  test('learns 64 travellers by heart', async () => {
    // Each takes one venue again and again, and refuses another one.
    const dataset = madeUp(64, 8);
    const { user, item, accepted } = dataset.interactions;
    item.forEach((_, i) => {
      item[i] = accepted[i] ? user[i]! : (user[i]! + 1) % (TASTES * EACH);
    });
    dataset.own!.venues.forEach((venue, i) => {
      venue!.visitMinutes = 30 + i;
    });
    const config = personaEncoderConfig.parse({
      ...small,
      width: 32,
      hidden: 64,
      batch: 64,
      targets: 1,
      length: 4,
      temperature: 0.05,
      agreement: 1,
    });
    const travellers = travellersOf(dataset);
    const { history } = await train(
      {
        loss: (graph) => personaLoss(graph, config),
        steps: 1,
        batches: (r) => personaBatches(travellers, targetCounts(travellers, TASTES * EACH), config, r),
        validate: null,
      },
      { epochs: 150, patience: 150, seed: 1, threads: 1, learningRate: 0.01 },
    );
    expect(history[0]!.loss).toBeGreaterThan(8);
    expect(history.at(-1)!.loss).toBeLessThan(0.3);
  });

  test('reads a traveller the same beside others, and with more padding; decisions beyond its length are gone', async () => {
    const config = personaEncoderConfig.parse(small);
    const scorer = await Scorer.of((graph) => ({ point: personaFromSignals(graph, config) }), { threads: 1 });
    const graph = new Graph();
    personaFromSignals(graph, config);
    const values = initialValues(graph.parameters, 1);
    values.set(
      'lateness',
      Float32Array.from({ length: 8 }, (_, i) => i / 4),
    );
    const decision = (tag: number, accepted: boolean): Decision => ({
      features: tasteFeatures(someVenue({ vibeTags: [VIBE_TAG_NAMES[tag]!] })),
      accepted,
      weight: 1,
    });
    const read = (travellers: readonly (readonly Decision[])[]) => {
      const arrays = decisionArrays(travellers.length, 8);
      for (const [row, decisions] of travellers.entries()) writeDecisions(decisions, 8, arrays, row);
      return scorer.run(values, feedsOf(arrays, travellers.length, 8), ({ point }) =>
        travellers.map((_, row) => point.data.slice(row * 128, (row + 1) * 128)),
      );
    };
    const short = [decision(1, true), decision(2, false)];
    const long = Array.from({ length: 11 }, (_, i) => decision(i, i % 3 !== 0));
    const [alone] = await read([short]);
    const [first, second, cut] = await read([long, short, long.slice(-8)]);
    expect(furthest(alone!, second!)).toBeLessThan(1e-5);
    expect(furthest(first!, cut!)).toBeLessThan(1e-6);
    expect(furthest(first!, alone!)).toBeGreaterThan(0.01);
    expect(Math.hypot(...alone!)).toBeCloseTo(1, 4);
    // Padding has another embedding than anything, and none of it is heard.
    values.get('kind_embedding')!.fill(50, 0, 8);
    const [padded] = await read([short]);
    expect(furthest(alone!, padded!)).toBeLessThan(1e-5);
    // What was taken and what was refused are not the same.
    const [swapped] = await read([[decision(1, false), decision(2, true)]]);
    expect(furthest(alone!, swapped!)).toBeGreaterThan(0.01);
    await scorer.close();
  });
});

describe('trained on made-up travellers', () => {
  const config = personaEncoderConfig.parse({
    ...small,
    width: 16,
    hidden: 32,
    length: 12,
    epochs: 12,
    batch: 64,
    learning_rate: 0.005,
  });
  const run = { config, seed: 1, threads: 1 };
  let trained: TrainedFiles;
  beforeAll(async () => {
    trained = await trainPersonaEncoder({ dataset: madeUp(510, 14) }, run);
  }, 60_000);

  test('finds a traveller again, and what they take next, whom it never saw', () => {
    const { metrics } = trained;
    expect(metrics['traveller_recall@10']!.interval!.lower).toBeGreaterThan(
      3 * metrics['traveller_recall@10_by_chance']!.value,
    );
    // Six venues of a taste: their order is chance, an NDCG of about 0.6.
    for (const way of ['signals', 'tags']) {
      expect(metrics[`next_ndcg@10_${way}`]!.interval!.lower).toBeGreaterThan(0.4);
      expect(metrics[`taken_over_refused_auc_${way}`]!.interval!.lower).toBeGreaterThan(0.9);
    }
  });

  test('gives the same points in native ONNX Runtime and in WebAssembly', async () => {
    const file = (name: string) => trained.files.find((one) => one.name === name)!.bytes;
    const tags = tagFeatures({ ...NEUTRAL_DIMENSIONS, nature: 0.9 }, [VIBE_TAG_NAMES[3]!]);
    const ofTags = await runInBoth(
      file('persona-from-tags.onnx'),
      { tags: { data: tags, shape: [1, TAG_FEATURES] } },
      'point',
    );
    expect(furthest(ofTags.native, ofTags.web)).toBeLessThan(1e-4);

    const taken = tasteFeatures(someVenue({ vibeTags: [VIBE_TAG_NAMES[3]!] }));
    const arrays = decisionArrays(2, 12);
    writeDecisions(
      [1, 2, 3, 4].map(() => ({ features: taken, accepted: true, weight: 1 })),
      12,
      arrays,
      0,
    );
    const ofSignals = await runInBoth(file('persona-from-signals.onnx'), feedsOf(arrays, 2, 12), 'point');
    expect(furthest(ofSignals.native, ofSignals.web)).toBeLessThan(1e-4);
    const ofVenue = await runInBoth(
      file('persona-venues.onnx'),
      { venues: { data: taken, shape: [1, taken.length] } },
      'point',
    );
    expect(furthest(ofVenue.native, ofVenue.web)).toBeLessThan(1e-4);
    // One space: who said so and who did so stand at the venue that both want.
    const near = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const signals = ofSignals.native.slice(0, 128);
    expect(near(signals, ofTags.native)).toBeGreaterThan(0.6);
    expect(near(signals, ofVenue.native)).toBeGreaterThan(0.4);
    for (const point of [signals, ofTags.native, ofVenue.native]) expect(Math.hypot(...point)).toBeCloseTo(1, 4);
    // Of nothing done there is a point, too.
    expect(ofSignals.native.slice(128).every(Number.isFinite)).toBe(true);
  });

  test('signals say what tags do not', async () => {
    const { metrics } = await trainPersonaEncoder({ dataset: madeUp(510, 14, { silent: true }) }, run);
    expect(metrics['next_ndcg@10_gain_of_signals']!.interval!.lower).toBeGreaterThan(0.1);
    expect(metrics.taken_over_refused_auc_gain_of_signals!.interval!.lower).toBeGreaterThan(0.1);
  });

  test('is the same bits from the same seed', async () => {
    const brief = { ...run, config: { ...config, epochs: 2 } };
    const dataset = madeUp(510, 12);
    expect(await trainPersonaEncoder({ dataset }, brief)).toEqual(await trainPersonaEncoder({ dataset }, brief));
  });
});

describe('refused', () => {
  const run = { config: personaEncoderConfig.parse(small), seed: 1, threads: 1 };

  test('under 500 travellers of five decisions or more', async () => {
    await expect(trainPersonaEncoder({ dataset: madeUp(499, 12) }, run)).rejects.toThrow(
      'there are 499, 1 are missing',
    );
    await expect(trainPersonaEncoder({ dataset: madeUp(600, 4) }, run)).rejects.toThrow('there are 0, 500 are missing');
  });

  test('plain files', async () => {
    const dataset = { ...madeUp(2, 2), own: null };
    await expect(trainPersonaEncoder({ dataset }, run)).rejects.toThrow('learns from our own logs');
  });
});

test('a traveller’s tags are those of the first ranking for them, and a venue without a record is passed over', () => {
  const dataset = madeUp(2, 8);
  const { context, personas, venues } = dataset.own!;
  context.persona[0] = -1;
  context.persona[2] = 1;
  (venues as unknown[])[dataset.interactions.item[3]!] = null;
  const [first] = travellersOf(dataset);
  expect(first!.tags).toEqual(tagFeatures(personas[0]!.dimensions, personas[0]!.interests));
  expect(first!.decisions.length).toBeLessThan(8);
  for (const at of first!.targets) expect(first!.decisions[at]!.accepted).toBe(true);
});
