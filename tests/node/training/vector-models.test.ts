/** The models whose vectors are made by night: fed as in training, and the same in both runtimes. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { COUNTING_TYPES, type SignalType } from '../../../core/signal/signal.ts';
import { decisionArrays, tasteFeatures, writeDecisions } from '../../../models/persona-encoder/inputs.ts';
import { feedsOf } from '../../../models/persona-encoder/travellers.ts';
import type { LearnableSignal } from '../../../platform/database/persona-learning.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { openModel } from '../../../platform/inference/served-model.ts';
import { decisionsOf, personaEncoderModel } from '../../../platform/vectors/persona-encoder.ts';
import {
  decisionsOf as decisionsInTraining,
  type SignalRow,
  trainingWeight,
} from '../../../training/data/own/signal-interactions.ts';
import { someVenue } from '../core/fixtures/venues.ts';
import { furthest, runInBoth } from './both-runtimes.ts';

const folder = fileURLToPath(new URL('../../../models/artifacts/persona-encoder/', import.meta.url));
const version = readdirSync(folder)[0]!;
const bytesOf = (file: string) => new Uint8Array(readFileSync(`${folder}${version}/${file}`));

const VENUES = new Map(
  Array.from({ length: 30 }, (_, i) => {
    const one = someVenue({
      id: `0000000${i % 10}-0000-7000-8000-0000000000${String(i).padStart(2, '0')}`,
      energy: i / 30,
    });
    return [one.id, one] as const;
  }),
);
const IDS = [...VENUES.keys(), 'of no catalogue'];
const featuresOf = (id: string) => {
  const known = VENUES.get(id);
  return known ? tasteFeatures(known) : null;
};

const SOURCES = ['user_behavioral', 'user_behavioral', 'backfill_tier_1', 'synthetic_agent_v1'] as const;

/** A traveller's signals; of several sources, cold at first. */
function history(seed: number, n: number): LearnableSignal[] {
  const random = Random.of(seed, 'history');
  const types: SignalType[] = [...COUNTING_TYPES, 'discovery_swipe', 'post_trip'];
  return Array.from({ length: n }, (_, i) => {
    const type = random.pick(types);
    const source = random.pick(SOURCES);
    const context: Record<string, unknown> = {
      direction: random.pick(['left', 'right']),
      rating: 1 + random.int(5),
      ...(random.chance(0.5) ? { replacement_venue_id: random.pick(IDS) } : {}),
    };
    return {
      type,
      venueId: random.pick(IDS),
      timeToActionMs: random.pick([null, 500, 5000]),
      context,
      source,
      weight: source === 'backfill_tier_1' ? 0.3 : 1,
      counts: source === 'user_behavioral' && (COUNTING_TYPES as readonly string[]).includes(type),
      occurredAt: new Date(1_800_000_000_000 + i * 60_000).toISOString(),
    };
  });
}

const warmFrom = (signals: readonly LearnableSignal[], i: number) =>
  signals.slice(0, i).filter(({ counts }) => counts).length >= 20;

describe('the persona encoder', () => {
  it('is told of the same decisions, with the same weights, as in training', () => {
    for (let seed = 0; seed < 50; seed++) {
      const signals = history(seed, 60);
      const seasonedUsers = seed % 2 === 0 ? 499 : 500;
      const trained = signals.flatMap((signal, i) => {
        const row = {
          signal_type: signal.type,
          source: signal.source,
          counts: signal.counts,
          venue_id: signal.venueId,
          time_to_action_ms: signal.timeToActionMs,
          context: JSON.stringify(signal.context),
          weight: signal.weight,
          warm_at_event: warmFrom(signals, i),
        } as SignalRow;
        return decisionsInTraining(row).flatMap(({ venueId, accepted }) => {
          const features = featuresOf(venueId);
          return features ? [{ features, accepted, weight: trainingWeight(row, seasonedUsers) }] : [];
        });
      });
      const counting = signals.filter(({ counts }) => counts).length;
      expect(decisionsOf(signals, counting, featuresOf, seasonedUsers)).toEqual(trained);
      // Also of the last ones alone: what came before is known by its number.
      const last = decisionsOf(signals.slice(-20), counting, featuresOf, seasonedUsers);
      expect(trained.slice(trained.length - last.length)).toEqual(last);
    }
  });

  it('gives what its file gives for the feeds of training, in both runtimes, in batches of any size', async () => {
    const opened = await openModel(personaEncoderModel, {
      version,
      read: async (file) => bytesOf(file),
      createSession: async (bytes) =>
        onnxSession(ort, await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 })),
    });
    const encoder = opened.serves;
    const travellers = Array.from({ length: 70 }, (_, seed) => decisionsOf(history(seed, 70), 70, featuresOf, 0));
    const points = await encoder.encode(travellers);
    const arrays = decisionArrays(travellers.length, encoder.length);
    for (const [row, decisions] of travellers.entries()) writeDecisions(decisions, encoder.length, arrays, row);
    const feeds = feedsOf(arrays, travellers.length, encoder.length);
    const { native, web } = await runInBoth(bytesOf('persona-from-signals.onnx'), feeds, 'point');
    const served = Float32Array.from(points.flatMap((point) => [...point]));
    expect(furthest(served, native)).toBeLessThan(1e-5);
    expect(furthest(served, web)).toBeLessThan(1e-5);
    for (const point of points) expect(Math.hypot(...point)).toBeCloseTo(1, 5);
    await opened.close();
  });
});
