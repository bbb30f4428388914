/** The files of a version that the Worker loads. */
import { VENUE_FEATURES_VERSION } from '../../core/venue/venue-features.ts';
import { Graph, type Tensor } from '../../training/engine/graph.ts';
import { onnxFile } from '../../training/engine/onnx-file.ts';
import type { ArtifactFile } from '../../training/model.ts';
import { type ServingValues, servingRanking, servingVenues } from './serving-graph.ts';
import { SERVING_INPUTS_VERSION } from './serving-inputs.ts';

/** `dlrm-venues.onnx` and `dlrm-ranking.onnx`. */
export function servingFiles(values: ServingValues): ArtifactFile[] {
  const length = values.sequence.get('position_embedding')!.length / values.sequence.get('final_norm_gain')!.length;
  const metadata = {
    model: 'dlrm',
    features: VENUE_FEATURES_VERSION,
    inputs: SERVING_INPUTS_VERSION,
    length: String(length),
    items: String(values.trained.length),
  };
  const file = (name: string, build: (graph: Graph) => Record<string, Tensor>): ArtifactFile => {
    const graph = new Graph();
    const outputs = build(graph);
    return { name: `${name}.onnx`, bytes: onnxFile(graph.model(name, outputs, metadata)) };
  };
  return [
    file('dlrm-venues', (graph) => ({ ...servingVenues(graph, values) })),
    file('dlrm-ranking', (graph) => ({ ...servingRanking(graph, values) })),
  ];
}
