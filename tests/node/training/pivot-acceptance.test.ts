import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { type PivotCase, type PivotSurroundings, pivotCase } from '../../../models/pivot-acceptance/cases.ts';
import { pivotAcceptanceConfig } from '../../../models/pivot-acceptance/config.ts';
import { pivotLoss, standardOf } from '../../../models/pivot-acceptance/graph.ts';
import { type OptionChange, PIVOT_FEATURE_NAMES, pivotFeatures } from '../../../models/pivot-acceptance/inputs.ts';
import { pivotMetrics, pooledAuc } from '../../../models/pivot-acceptance/metrics.ts';
import { optionBatches, trainPivotAcceptance } from '../../../models/pivot-acceptance/train.ts';
import { VenueRates } from '../../../models/pivot-acceptance/venue-rates.ts';
import { train } from '../../../training/engine/train.ts';
import { featureTable } from '../../../training/trees/feature-table.ts';
import { north, someVenue } from '../core/fixtures/venues.ts';
import { furthest, runInBoth } from './both-runtimes.ts';
import { checkGradients } from './gradient-check.ts';

const MINUTE = 60_000;
const ASKED = Date.parse('2026-05-01T10:00:00Z');

const FROM = someVenue({ id: 'from', priceLevel: 3, energy: 0.2, setting: 'outdoor' });

function changeTo(fields: Parameters<typeof someVenue>[0], rate: number | null = null): OptionChange {
  const to = someVenue({ id: 'to', ...fields });
  return { from: FROM, to, fromRate: 0, toRate: rate, startsAt: ASKED + 30 * MINUTE, endsAt: ASKED + 90 * MINUTE };
}

const MOMENT: PivotCase['moment'] = {
  trigger: 'mood',
  mood: 'tired',
  weather: null,
  dayPart: 'evening',
  tripDay: 2,
  partySize: 2,
  partyKind: 'couple',
  budget: 'low',
  persona: { dimensions: NEUTRAL_DIMENSIONS, interests: [] },
  askedAt: ASKED,
};

const named = (row: Float32Array) => Object.fromEntries(Array.from(row, (x, i) => [PIVOT_FEATURE_NAMES[i]!, x]));

describe('an option as numbers', () => {
  test('says what it changes, against what stood there and against the other options', () => {
    const near = changeTo({ id: 'a', priceLevel: 1, energy: 0.6, setting: 'indoor' }, 0.5);
    const far = changeTo({ id: 'b', location: north(FROM.location, 3000) }, -0.25);
    const left: OptionChange = { ...near, to: 'left_out', toRate: null };
    const [first, second, third] = pivotFeatures(MOMENT, [[near], [far, left], [left]]).map(named);
    expect(first).toMatchObject({
      trigger_mood: 1,
      trigger_weather: 0,
      mood_tired: 1,
      mood_save: 0,
      day_part_evening: 1,
    });
    expect(first).toMatchObject({ options: 3, place: 0, changes: 1, replaced: 1, left_out: 0, exposed_step: -1 });
    expect(first).toMatchObject({ price: 1, price_step: -2, rate: 0.5, rate_step: 0.5, rate_lead: 0.75 });
    expect(first!.energy_step).toBeCloseTo(0.4, 6);
    expect(first).toMatchObject({ starts_in_hours: 0.5, visit_hours: 1, weather_rain: Number.NaN });
    expect(second).toMatchObject({ place: 1, changes: 2, replaced: 1, left_out: 1, rate_lead: -0.75 });
    expect(second!.travel_minutes).toBeGreaterThan(first!.travel_minutes!);
    expect(third).toMatchObject({
      replaced: 0,
      left_out: 1,
      price: Number.NaN,
      rate_lead: Number.NaN,
      same_setting: Number.NaN,
    });
  });

  test('of new times alone keeps its venue', () => {
    const later: OptionChange = { ...changeTo({}), to: FROM };
    expect(named(pivotFeatures(MOMENT, [[later]])[0]!)).toMatchObject({
      replaced: 0,
      left_out: 0,
      changes: 1,
      travel_minutes: 0,
      same_category: 1,
      fit_step: 0,
      fit_lead: Number.NaN,
    });
  });

  test('is there, with gaps, where nothing is known of traveller and venues', () => {
    const unknown = { ...changeTo({}), from: null, to: null };
    const moment = { ...MOMENT, persona: null, partyKind: null, partySize: null, tripDay: null, budget: null };
    const row = pivotFeatures(moment, [[unknown]])[0]!;
    expect(row.length).toBe(PIVOT_FEATURE_NAMES.length);
    expect(named(row)).toMatchObject({ fit: Number.NaN, party_size: Number.NaN, options: 1 });
  });
});

test('a venue is rated by what came of it, little where little came', () => {
  const rates = new VenueRates();
  expect(rates.of('a')).toBeNull();
  for (let i = 0; i < 100; i++) rates.see('loved', i % 10 !== 0);
  for (let i = 0; i < 100; i++) rates.see('loathed', i % 10 === 0);
  rates.see('once', true);
  expect(rates.of('loved')).toBeGreaterThan(1.5);
  expect(rates.of('loathed')).toBeLessThan(-1.5);
  expect(rates.of('once')! > 0 && rates.of('once')! < 0.3).toBe(true);
  expect(Object.keys(rates.all())).toEqual(['loathed', 'loved', 'once']);
});

describe('a logged pivot', () => {
  const change = {
    slot_id: 's',
    from: 'from',
    to: 'to',
    starts_at: '2026-05-01T10:30:00Z',
    ends_at: '2026-05-01T11:30:00Z',
  };
  const row = {
    pivot_id: 'p',
    actor_key: 'k',
    trigger: 'mood',
    mood: 'tired',
    source: 'search',
    options: JSON.stringify([
      { id: 'one', reason_code: 'mood_tired', changes: [change] },
      { id: 'two', reason_code: 'mood_tired', changes: [{ ...change, to: null }] },
    ]),
    response: 'accept' as string | null,
    option_id: 'two' as string | null,
    created_at: new Date(ASKED),
  };
  const known: PivotSurroundings = {
    dayPart: 'evening',
    tripDay: 2,
    partySize: 2,
    weather: 'rain',
    context: { party_kind: 'couple', budget_band: 'low' },
    persona: { dimensions: NEUTRAL_DIMENSIONS, interests: [] },
  };
  const read = (fields: Partial<typeof row>, surroundings: PivotSurroundings | null = known) =>
    pivotCase(
      { ...row, ...fields },
      surroundings,
      (id) => someVenue({ id }),
      () => 0.1,
    );

  test('is a case: what was taken, and every other option as not taken', () => {
    const one = read({})!;
    expect(one).toMatchObject({ taken: 1, synthetic: false, actor: 'k', moment: { ...MOMENT, weather: 'rain' } });
    expect(one.options.map(([first]) => first!.to)).toEqual([expect.objectContaining({ id: 'to' }), 'left_out']);
    expect(one.options[1]![0]).toMatchObject({ toRate: null, fromRate: 0.1, startsAt: ASKED + 30 * MINUTE });
  });

  test('that was dismissed or ignored has only options that were not taken', () => {
    for (const response of ['dismiss', 'ignore']) expect(read({ response, option_id: null })!.taken).toBe(-1);
    expect(read({ source: 'synthetic_choice_model_v1' }, null)).toMatchObject({
      synthetic: true,
      moment: { persona: null },
    });
  });

  test('that is still open, or offered nothing, is none', () => {
    expect(read({ response: null, option_id: null })).toBeNull();
    expect(read({ options: '[]', response: 'ignore', option_id: null })).toBeNull();
  });

  test('that contradicts itself is named', () => {
    expect(() => read({ option_id: 'three' })).toThrow('pivot p: answered accept with option three');
    expect(() => read({ response: 'ignore' })).toThrow('pivot p: answered ignore with option two');
    expect(() => read({ options: '[{"id":"one","changes":[]}]' })).toThrow('pivot p: its options cannot be read');
    expect(() => read({ trigger: 'boredom' })).toThrow('pivot p: unknown trigger boredom');
  });
});

describe('the metrics', () => {
  test('count pairs of all options of all pivots, ties half', () => {
    const random = Random.of(3);
    for (let round = 0; round < 50; round++) {
      const n = 2 + random.int(12);
      const scores = Array.from({ length: n }, () => random.int(4));
      const taken = Uint8Array.from(scores, (_, i) => (i === 0 || random.chance(0.3) ? 1 : 0));
      const times = scores.map(() => random.int(3));
      let won = 0;
      let pairs = 0;
      for (const [i, a] of scores.entries()) {
        for (const [j, b] of scores.entries()) {
          if (!taken[i] || taken[j]) continue;
          won += times[i]! * times[j]! * (a > b ? 1 : a === b ? 0.5 : 0);
          pairs += times[i]! * times[j]!;
        }
      }
      const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
      const auc = pooledAuc(order, scores, taken, (i) => times[i]!);
      if (pairs === 0) expect(auc).toBeNaN();
      else expect(auc).toBeCloseTo(won / pairs, 9);
    }
  });

  test('take precision of the first options of each pivot', () => {
    // Taken: the first of two, the second of three, none of one.
    const metrics = pivotMetrics(
      {
        scores: [0.9, 0.1, 0.2, 0.7, 0.8, 0.5],
        taken: Uint8Array.of(1, 0, 0, 1, 0, 0),
        pivot: Int32Array.of(0, 0, 1, 1, 1, 2),
        actor: Int32Array.of(0, 1, 1),
      },
      1,
    );
    expect(metrics['precision@1']!.value).toBeCloseTo(1 / 3, 9);
    expect(metrics['precision@3']!.value).toBeCloseTo((1 / 2 + 1 / 3 + 0) / 3, 9);
    expect(metrics['hit@1_where_taken']!.value).toBeCloseTo(1 / 2, 9);
  });
});

/** Travellers take the best-rated option, if it is good enough. */
function planted(count: number, seed: number): PivotCase[] {
  const random = Random.of(seed, 'pivots');
  return Array.from({ length: count }, (_, i) => {
    const changes = [0, 1, 2].map(() =>
      changeTo({ priceLevel: random.int(4), location: north(FROM.location, random.int(4000)) }, random.normal()),
    );
    const best = changes.reduce((most, { toRate }, o) => (toRate! > changes[most]!.toRate! ? o : most), 0);
    const taken = random.chance(changes[best]!.toRate! > 0.3 ? 0.85 : 0.2);
    return {
      id: `pivot-${i}`,
      actor: `actor-${random.int(count / 4)}`,
      moment: { ...MOMENT, askedAt: ASKED + i * MINUTE, weather: random.chance(0.5) ? 'rain' : null },
      options: changes.map((change) => [change]),
      taken: taken ? best : -1,
      synthetic: true,
    };
  });
}

const rates = new VenueRates();
const small = {
  trees: { rounds: 150, learning_rate: 0.1, depth: 3 },
  mlp: { hidden: [16], epochs: 40, learning_rate: 0.01 },
};

describe('training', () => {
  test('finds a planted taste with trees and with the MLP, and keeps what validation finds better', async () => {
    const config = pivotAcceptanceConfig.parse(small);
    const { metrics, files } = await trainPivotAcceptance(
      { cases: planted(900, 1), rates },
      { config, seed: 1, threads: 1 },
    );
    for (const kind of ['trees', 'mlp']) {
      expect(metrics[`${kind}_auc`]!.interval!.lower).toBeGreaterThan(0.8);
      expect(metrics[`${kind}_precision@1`]!.interval!.lower).toBeGreaterThan(
        metrics['as_offered_precision@1']!.interval!.upper,
      );
    }
    const better = metrics.validation_auc_trees!.value >= metrics.validation_auc_mlp!.value ? 'trees' : 'mlp';
    expect(metrics.auc).toEqual(metrics[`${better}_auc`]);
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pivot-acceptance.onnx', 'features.json', 'venue-rates.json']),
    );
  });

  test.each(['trees', 'mlp'] as const)(
    '%s: the same bits from the same seed, and the same scores from the file',
    async (model) => {
      const config = pivotAcceptanceConfig.parse({ ...small, model });
      const data = { cases: planted(500, 2), rates };
      const run = { config, seed: 3, threads: 1 };
      const [one, again] = [await trainPivotAcceptance(data, run), await trainPivotAcceptance(data, run)];
      expect(again).toEqual(one);
      const table = featureTable(
        PIVOT_FEATURE_NAMES,
        planted(30, 4).flatMap(({ moment, options }) => pivotFeatures(moment, options)),
      );
      const file = one.files.find(({ name }) => name === 'pivot-acceptance.onnx')!.bytes;
      const feeds = { features: { data: table.values, shape: [table.rows, table.names.length] } };
      const { native, web } = await runInBoth(file, feeds, 'probability');
      expect(furthest(native, web)).toBeLessThan(1e-4);
      expect(native.every((p) => p > 0 && p < 1)).toBe(true);
    },
  );

  test('under 500 answered pivots is refused', async () => {
    const run = { config: pivotAcceptanceConfig.parse({}), seed: 1, threads: 1 };
    await expect(trainPivotAcceptance({ cases: planted(499, 1), rates }, run)).rejects.toThrow(
      'the pivot model is trained from 500 answered pivots: there are 499, 1 are missing',
    );
  });
});

describe('the MLP', () => {
  const gappy = (rows: number, width: number, seed: number) => {
    const random = Random.of(seed);
    return featureTable(
      Array.from({ length: width }, (_, i) => `f${i}`),
      Array.from({ length: rows }, () =>
        Float32Array.from({ length: width }, (_, f) => (f === 0 || random.chance(0.2) ? Number.NaN : random.normal())),
      ),
    );
  };

  test('has the gradient of its finite differences', async () => {
    const features = gappy(6, 4, 1);
    const shape = { hidden: [5], dropout: 0.2 };
    const [feeds] = optionBatches({ features, taken: Uint8Array.of(0, 1, 0, 0, 1, 1) }, 6, Random.of(1));
    await checkGradients((graph) => pivotLoss(graph, standardOf(features), shape), { feeds: feeds!, tolerance: 1e-5 });
  });

  test('learns 64 options by heart', async () => {
    const features = gappy(64, 6, 2);
    const random = Random.of(5);
    const part = { features, taken: Uint8Array.from({ length: 64 }, () => (random.chance(0.5) ? 1 : 0)) };
    const { history } = await train(
      {
        loss: (graph) => pivotLoss(graph, standardOf(features), { hidden: [64], dropout: 0 }),
        steps: 1,
        batches: (r) => optionBatches(part, 64, r),
        validate: null,
      },
      { epochs: 400, patience: 400, seed: 1, threads: 1, learningRate: 0.02 },
    );
    expect(history.at(-1)!.loss).toBeLessThan(0.05);
  });
});
