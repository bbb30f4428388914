import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as native from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { arbitrationFacts } from '../../../core/arbitration/facts.ts';
import { ARBITER_FEATURE_NAMES, ARBITER_FEATURES_VERSION, arbiterFeatures } from '../../../models/arbiter/inputs.ts';
import { servedArbiter } from '../../../platform/inference/learned-arbiter.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { openModel } from '../../../platform/inference/served-model.ts';
import { arbiterFor } from '../../inference/made-up-arbiters.ts';
import { situation } from '../core/fixtures/arbitration.ts';
import { runNatively } from './training-reference.ts';

const features = { version: ARBITER_FEATURES_VERSION, features: ARBITER_FEATURE_NAMES };

function opened(file: Uint8Array, beside: unknown = features) {
  return openModel(servedArbiter, {
    version: 'v1',
    read: async (name) => (name === 'arbiter.onnx' ? file : new TextEncoder().encode(JSON.stringify(beside))),
    createSession: async (bytes) => onnxSession(native, await native.InferenceSession.create(bytes)),
  });
}

const inputs = [
  situation({ context: { localBias: 0.01 } }),
  situation({ context: { localBias: 0.9, sequenceMomentum: null } }),
  situation({ ml: { missing: 'unavailable' } }),
];

describe('the learned arbiter', () => {
  test('gives the probabilities of its file for the facts that are logged, in their order', async () => {
    const file = arbiterFor('ml');
    const { serves } = await opened(file);
    const verdicts = await serves.decide(inputs, DEFAULT_ARBITRATION);
    expect(verdicts.map(({ version }) => version)).toEqual(inputs.map(() => 'arbiter@v1'));
    const session = await native.InferenceSession.create(file);
    for (const [i, input] of inputs.entries()) {
      const data = arbiterFeatures(arbitrationFacts(input, DEFAULT_ARBITRATION));
      const { probability } = await runNatively(session, { features: { data, shape: [1, data.length] } });
      expect(verdicts[i]!.probabilityMl).toBeCloseTo(probability![0]!, 6);
    }
    expect(verdicts[0]!.probabilityMl).toBeLessThan(verdicts[1]!.probabilityMl);
    expect(await serves.decide([], DEFAULT_ARBITRATION)).toEqual([]);
  });

  test.each([
    ['other features', { ...features, features: ARBITER_FEATURE_NAMES.slice(1) }],
    ['features in another order', { ...features, features: [...ARBITER_FEATURE_NAMES].reverse() }],
    ['features that mean something else', { ...features, version: 'arbiter-features@0' }],
  ])('of %s is refused', async (_, beside) => {
    await expect(opened(arbiterFor('ml'), beside)).rejects.toMatchObject({ code: 'wrong_signature' });
  });

  test.each(['ml', 'llm'] as const)('for %s that workerd is given is the one that is made here', (side) => {
    const kept = readFileSync(fileURLToPath(new URL(`../../inference/arbiter-for-${side}.onnx`, import.meta.url)));
    expect(Buffer.compare(kept, arbiterFor(side))).toBe(0);
  });
});
