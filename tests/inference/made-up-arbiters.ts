/** Learned arbiters as their trainer writes them: trees that saw one side be right almost always. For Node. */
import type { Side } from '../../core/arbitration/decision.ts';
import { Random } from '../../core/experiment/random.ts';
import { ARBITER_FEATURE_NAMES, ARBITER_FEATURES_VERSION, arbiterFeatures } from '../../models/arbiter/inputs.ts';
import { boost } from '../../training/trees/boost.ts';
import { boostOptions, treesConfig } from '../../training/trees/config.ts';
import { featureTable } from '../../training/trees/feature-table.ts';
import { treesFile } from '../../training/trees/onnx.ts';

/** `arbiter.onnx`; what it makes is kept beside this file, for workerd cannot write it: `arbiter-for-<side>.onnx`. */
export function arbiterFor(right: Side): Uint8Array {
  const random = Random.of(1, right);
  const facts = Array.from({ length: 200 }, () => ({
    ml_confidence: random.uniform(),
    llm_confidence: random.chance(0.2) ? null : random.uniform(),
    local_bias: random.uniform(),
    trip_day: 1 + random.int(5),
  }));
  const labelled = {
    features: featureTable(ARBITER_FEATURE_NAMES, facts.map(arbiterFeatures)),
    label: facts.map(({ local_bias }) => ((right === 'ml') === local_bias > 0.03 ? 1 : 0)),
    weight: facts.map(() => 1),
  };
  const { model } = boost(labelled, null, boostOptions(treesConfig.parse({ rounds: 5, min_child_weight: 0 }), 1));
  return treesFile('arbiter', model, { model: 'arbiter', features: ARBITER_FEATURES_VERSION });
}
