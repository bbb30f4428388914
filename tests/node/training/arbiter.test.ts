import { describe, expect, test } from 'vitest';
import { type ArbitrationEvent, isTrial } from '../../../core/arbitration/trial.ts';
import { Random } from '../../../core/experiment/random.ts';
import { arbiterConfig } from '../../../models/arbiter/config.ts';
import { arbitrationEvent } from '../../../models/arbiter/events.ts';
import { ARBITER_FEATURE_NAMES, arbiterFeatures } from '../../../models/arbiter/inputs.ts';
import { NoSupportForArbiter, trainArbiter } from '../../../models/arbiter/train.ts';
import { furthest, runInBoth } from './both-runtimes.ts';

const run = { config: arbiterConfig.parse({ rounds: 120, learning_rate: 0.1, patience: 15 }), seed: 1, threads: 1 };

interface World {
  seed: number;
  events: number;
  /** With which the ML side is served. */
  chanceOfMl(facts: Record<string, number | null>): number;
  /** That the side's venue is accepted. */
  accepted(side: 'ml' | 'llm', facts: Record<string, number | null>): number;
}

/** The rule that is to be found: ML is right where the LLM's choice is a tourist one and the traveller is for local places. */
const mlIsRight = (facts: Record<string, number | null>) => facts.llm_top_tourist! > 0.6 && facts.local_bias! > 0.5;

const planted: Pick<World, 'accepted'> = {
  accepted: (side, facts) => (facts.trip_day! > 3 ? 0.25 : 0.35) + ((side === 'ml') === mlIsRight(facts) ? 0.35 : 0),
};

function log({ seed, events, chanceOfMl, accepted }: World): ArbitrationEvent[] {
  const random = Random.of(seed, 'arbitration');
  return Array.from({ length: events }, (_, i) => {
    const facts = {
      llm_top_tourist: random.uniform(),
      local_bias: random.uniform(),
      ml_confidence: random.uniform(),
      llm_confidence: random.chance(0.2) ? null : random.uniform(),
      trip_day: 1 + random.int(6),
    };
    const p = chanceOfMl(facts);
    const served = random.chance(p) ? 'ml' : 'llm';
    return {
      id: `event-${i}`,
      actor: `actor-${random.int(300)}`,
      time: i,
      facts,
      served,
      propensity: served === 'ml' ? p : 1 - p,
      accepted: random.chance(accepted(served, facts)),
    };
  });
}

describe('the arbiter', () => {
  test('finds a planted rule, and beats serving either side always', async () => {
    const events = log({ seed: 1, events: 3000, chanceOfMl: () => 0.5, ...planted });
    const { files, metrics } = await trainArbiter({ events }, run);
    expect(metrics.gain_over_always_ml!.interval!.lower).toBeGreaterThan(0.05);
    expect(metrics.gain_over_always_llm!.interval!.lower).toBeGreaterThan(0);
    expect(metrics.snips_learned!.value).toBeGreaterThan(metrics.snips_always_llm!.value);

    const { importance } = JSON.parse(new TextDecoder().decode(files[1]!.bytes));
    expect(importance.llm_top_tourist + importance.local_bias).toBeGreaterThan(0.5);
    const file = files.find(({ name }) => name === 'arbiter.onnx')!.bytes;
    const rows = [
      { llm_top_tourist: 0.9, local_bias: 0.9 },
      { llm_top_tourist: 0.1, local_bias: 0.9 },
      { llm_top_tourist: 0.9, local_bias: 0.1 },
      {},
    ];
    const width = ARBITER_FEATURE_NAMES.length;
    const data = new Float32Array(rows.length * width);
    for (const [i, facts] of rows.entries()) data.set(arbiterFeatures(facts), i * width);
    const { native, web } = await runInBoth(file, { features: { data, shape: [rows.length, width] } }, 'probability');
    expect(furthest(native, web)).toBeLessThan(1e-4);
    expect(native[0]).toBeGreaterThan(0.5);
    expect(native[1]).toBeLessThan(0.5);
    expect(native[2]).toBeLessThan(0.5);
    for (const p of native) expect(p > 0 && p < 1).toBe(true);
  });

  test('is not misled by who was served what: a log that serves ML to those who accept anything', async () => {
    // The LLM side is always the better one, by little; acceptance without regard to propensity says the opposite.
    const world: World = {
      seed: 2,
      events: 6000,
      chanceOfMl: ({ local_bias }) => (local_bias! > 0.5 ? 0.9 : 0.1),
      accepted: (side, { local_bias }) => (local_bias! > 0.5 ? 0.7 : 0.1) + (side === 'llm' ? 0.15 : 0),
    };
    const events = log(world);
    const rate = (side: string) => {
      const mine = events.filter(({ served }) => served === side);
      return mine.filter(({ accepted }) => accepted).length / mine.length;
    };
    expect(rate('ml')).toBeGreaterThan(rate('llm') + 0.2);
    const { metrics } = await trainArbiter({ events }, run);
    expect(metrics.share_ml!.value).toBeLessThan(0.25);
    expect(metrics.snips_always_llm!.value).toBeGreaterThan(metrics.snips_always_ml!.value);
  });

  test('learns nothing from decisions that were not randomised', async () => {
    const events = log({ seed: 3, events: 1600, chanceOfMl: () => 0.5, ...planted });
    // What a rule served without a choice says the opposite of everything.
    const decided = log({ seed: 4, events: 1000, chanceOfMl: () => 0.5, ...planted }).map((event, i) => ({
      ...event,
      id: `decided-${i}`,
      propensity: i % 2 === 0 ? 1 : null,
      accepted: !event.accepted,
    }));
    const config = arbiterConfig.parse({ rounds: 20, folds: 2 });
    const [alone, among] = [
      await trainArbiter({ events }, { ...run, config }),
      await trainArbiter({ events: [...decided, ...events] }, { ...run, config }),
    ];
    expect(among.files).toEqual(alone.files);
    expect(among.metrics).toEqual(alone.metrics);
  });

  test('is the same bits from the same seed', async () => {
    const events = log({ seed: 5, events: 1500, chanceOfMl: () => 0.5, ...planted });
    const config = arbiterConfig.parse({ rounds: 20, folds: 2 });
    const [one, again] = [
      await trainArbiter({ events }, { ...run, config }),
      await trainArbiter({ events: [...events].reverse() }, { ...run, config }),
    ];
    expect(again).toEqual(one);
  });
});

describe('refused', () => {
  test('under 1,500 events with outcomes, saying how many are missing', async () => {
    const events = log({ seed: 6, events: 1510, chanceOfMl: () => 0.5, ...planted });
    const open = events.map((event, i) => (i < 30 ? { ...event, accepted: null } : event));
    await expect(trainArbiter({ events: open }, run)).rejects.toThrow(
      'the arbiter is trained from 1500 events with outcomes: there are 1480, 20 are missing (30 have none)',
    );
  });

  test('where no decision was randomised: no_support, never a model', async () => {
    const events = log({ seed: 7, events: 2000, chanceOfMl: () => 0.5, ...planted });
    const decided = events.map((event) => ({ ...event, propensity: 1 }));
    await expect(trainArbiter({ events: decided }, run)).rejects.toThrow(
      /^no_support: of 2000 events with outcomes, 0 come from a randomised decision/,
    );
  });

  test('where one side was hardly ever served', async () => {
    const events = log({ seed: 8, events: 1600, chanceOfMl: () => 0.99, ...planted });
    const refused = await trainArbiter({ events }, run).catch((error) => error);
    expect(refused).toBeInstanceOf(NoSupportForArbiter);
    expect(refused.message).toMatch(/1600 rounds are worth/);
  });
});

describe('a logged event', () => {
  const row = {
    arbitration_id: 'a',
    actor_key: 'k',
    trip_id: null,
    slot_id: null,
    ml_top3: '["x","y","z"]',
    llm_top3: '["y","v","x"]',
    arbitration_rule: 'popularity_bias',
    served_activity: 'x',
    accepted: true,
    agreement_score: 0.25,
    context_snapshot: '{"served":"ml","propensity":0.975,"local_bias":0.8,"ml_confidence":0.5,"llm_confidence":0.2}',
    occurred_at: new Date(0),
  };

  test('is read with its facts', () => {
    const event = arbitrationEvent(row);
    expect(isTrial(event)).toBe(true);
    const features = Object.fromEntries(
      Array.from(arbiterFeatures(event.facts), (value, i) => [ARBITER_FEATURE_NAMES[i], value]),
    );
    expect(features).toMatchObject({ agreement: 0.25, shared_top3: 2, group_conflict: Number.NaN });
    expect(features.confidence_lead).toBeCloseTo(0.3, 6);
    expect(features.tourist_lead).toBeNaN();
  });

  test('of a decision without a choice is no trial', () => {
    for (const context_snapshot of ['{"served":"ml","propensity":1}', '{"served":"ml"}', '{"propensity":0.5}']) {
      expect(isTrial(arbitrationEvent({ ...row, context_snapshot }))).toBe(false);
    }
    expect(isTrial(arbitrationEvent({ ...row, accepted: null }))).toBe(false);
  });

  test('that cannot be read is named', () => {
    expect(() => arbitrationEvent({ ...row, context_snapshot: '{' })).toThrow('arbitration event a: context_snapshot');
  });
});
