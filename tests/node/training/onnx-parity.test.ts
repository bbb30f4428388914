import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { VENUE_FEATURES } from '../../../core/venue/venue-features.ts';
import { bprConfig } from '../../../models/bpr/config.ts';
import { bprScores } from '../../../models/bpr/graph.ts';
import { dlrmConfig } from '../../../models/dlrm/config.ts';
import { dlrmLogits } from '../../../models/dlrm/graph.ts';
import { DENSE_FEATURES, GROUPS } from '../../../models/dlrm/inputs.ts';
import { sasrecConfig } from '../../../models/sasrec/config.ts';
import { sasrecScores } from '../../../models/sasrec/graph.ts';
import { twoTowerConfig } from '../../../models/two-tower/config.ts';
import { itemTower, userTower } from '../../../models/two-tower/graph.ts';
import { ITEM_FEATURES, USER_FEATURES } from '../../../models/two-tower/inputs.ts';
import { uSasrecConfig } from '../../../models/u-sasrec/config.ts';
import { uSasrecScores } from '../../../models/u-sasrec/graph.ts';
import { Graph, type Tensor } from '../../../training/engine/graph.ts';
import { initialValues } from '../../../training/engine/initial-values.ts';
import type { ParameterValues } from '../../../training/engine/parameter-values.ts';
import type { Feed, Feeds } from '../../../training/engine/session.ts';
import { exportedModel, Scorer } from '../../../training/frozen-model.ts';

web.env.wasm.numThreads = 1;

const random = Random.of(6, 'parity');

function indices(below: number, ...shape: number[]): Feed {
  return { data: Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.int(below)), shape };
}
function numbers(...shape: number[]): Feed {
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()), shape };
}

/** Values far from their start, as after training. */
function strongValues(build: (graph: Graph) => Record<string, Tensor>): ParameterValues {
  const graph = new Graph();
  build(graph);
  const values = initialValues(graph.parameters, 1);
  for (const data of values.values()) for (let i = 0; i < data.length; i++) data[i]! += 0.2 * random.normal();
  return values;
}

const sasrec = sasrecConfig.parse({ width: 16, length: 8, heads: 2 });
const uSasrec = uSasrecConfig.parse({ width: 16, length: 5 });
const towers = twoTowerConfig.parse({});
const head = { groups: { state: 16, ...GROUPS }, dense: DENSE_FEATURES };

const MODELS: Record<string, { build: (graph: Graph) => Record<string, Tensor>; feeds: (rows: number) => Feeds }> = {
  sasrec: {
    build: (graph) => ({ scores: sasrecScores(graph, 40, sasrec) }),
    feeds: (rows) => ({ history: indices(41, rows, 8), candidates: indices(41, 12) }),
  },
  'u-sasrec': {
    build: (graph) => ({ ...uSasrecScores(graph, 40, VENUE_FEATURES, uSasrec) }),
    feeds: (rows) => ({
      history_ids: indices(43, rows * 5),
      history_rows: indices(9, rows * 5),
      action: indices(3, rows * 5),
      trip_day: indices(15, rows * 5),
      day_part: indices(4, rows * 5),
      gap: indices(8, rows * 5),
      features: numbers(9, VENUE_FEATURES),
      personas: numbers(rows, 8, 128),
      persona_present: { data: new Float32Array(rows * 8).fill(1), shape: [rows, 8] },
      candidate_ids: indices(43, 200),
      candidate_rows: indices(9, 200),
    }),
  },
  bpr: {
    build: (graph) => ({ scores: bprScores(graph, 10, 20, bprConfig.parse({})) }),
    feeds: (rows) => ({ user: indices(10, rows), candidates: indices(20, 7) }),
  },
  'two-tower': {
    build: (graph) => ({ user_vector: userTower(graph, towers), item_vector: itemTower(graph, towers) }),
    feeds: (rows) => ({ user: numbers(rows, USER_FEATURES), item: numbers(5, ITEM_FEATURES) }),
  },
  dlrm: {
    build: (graph) => ({ logits: dlrmLogits(graph, head, dlrmConfig.parse({})) }),
    feeds: (rows) => ({
      state: numbers(rows, 16),
      venue: numbers(rows, GROUPS.venue),
      persona: numbers(rows, GROUPS.persona),
      moment: numbers(rows, GROUPS.moment),
      dense: numbers(rows, DENSE_FEATURES),
    }),
  },
};

describe('the ONNX file gives the trainer’s scores', () => {
  test.each(Object.entries(MODELS))(
    '%s, natively and in WASM, for a batch of any size',
    async (name, { build, feeds }) => {
      const values = strongValues(build);
      const bytes = exportedModel(name, build, values, {});
      const trainer = await Scorer.of(build);
      const inNode = await native.InferenceSession.create(bytes);
      const inWasm = await web.InferenceSession.create(bytes);
      for (const rows of [1, 3]) {
        const fed = feeds(rows);
        const tensors = <T>(Tensor: new (data: never, shape: number[]) => T) =>
          Object.fromEntries(
            Object.entries(fed).map(([key, { data, shape }]) => [key, new Tensor(data as never, [...shape])]),
          );
        const expected = await trainer.run(values, fed, (outputs) =>
          Object.fromEntries(Object.entries(outputs).map(([key, { data }]) => [key, data.slice()])),
        );
        const found = [await inNode.run(tensors(native.Tensor)), await inWasm.run(tensors(web.Tensor as never))];
        for (const outputs of found) {
          for (const [key, scores] of Object.entries(expected)) {
            const own = outputs[key]!.data as Float32Array;
            expect(own.length).toBe(scores.length);
            scores.forEach((score, i) => {
              expect(Math.abs(own[i]! - score)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
            });
          }
        }
      }
    },
  );
});
