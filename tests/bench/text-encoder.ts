/** The text models as the Worker runs them (onnxruntime-web, one thread), from a string to the result, one text a call. */
import * as ort from 'onnxruntime-web';
import { Random } from '../../core/experiment/random.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import { textEncoderConfig } from '../../models/text-encoder/config.ts';
import { textVectors } from '../../models/text-encoder/graph.ts';
import { TEXT_INPUTS_VERSION, textFeatures, venueText } from '../../models/text-encoder/inputs.ts';
import { aboutPlace } from '../../models/vibe-tagger/batches.ts';
import { vibeTaggerConfig } from '../../models/vibe-tagger/config.ts';
import { vibeTaggerOutputs } from '../../models/vibe-tagger/graph.ts';
import { type OnnxSession, onnxSession } from '../../platform/inference/onnx-session.ts';
import { hashedTextEncoder } from '../../platform/inference/text-encoder.ts';
import { vibeTagger } from '../../platform/inference/text-tagger.ts';
import { Graph, type Tensor } from '../../training/engine/graph.ts';
import { initialValues } from '../../training/engine/initial-values.ts';
import { exportedModel } from '../../training/frozen-model.ts';
import { cataloguePlaces } from '../../training/text/places.ts';
import { post } from '../../training/text/talk.ts';
import { ms, percentiles, type Row, table, timeEach } from './measure.ts';

const RUNS = 500;
const WARM_UP = 100;

/** With the values that training begins with: they take as long as those that it ends with. */
async function untrained(build: (graph: Graph) => Record<string, Tensor>): Promise<OnnxSession> {
  const graph = new Graph();
  build(graph);
  ort.env.wasm.numThreads = 1;
  const file = exportedModel('bench', build, initialValues(graph.parameters, 1), {});
  return onnxSession(ort, await ort.InferenceSession.create(file));
}

async function measured(
  what: string,
  under: number,
  texts: readonly string[],
  run: (texts: string[]) => Promise<unknown>,
): Promise<Row> {
  const samples = await timeEach(RUNS, WARM_UP, (i) => run([texts[(i + WARM_UP) % texts.length]!]));
  const { p50, p95 } = percentiles(samples);
  const words = texts.reduce((sum, text) => sum + text.split(/\s+/).length, 0) / texts.length;
  const features = texts.reduce((sum, text) => sum + textFeatures(text).ids.length, 0) / texts.length;
  return {
    what: `${what} (${words.toFixed(0)} words, ${features.toFixed(0)} features)`,
    target: `p95 < ${under} ms`,
    measured: `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms`,
    reached: p95 < under,
  };
}

export async function benchTextModels(): Promise<Row[]> {
  const encoderConfig = textEncoderConfig.parse({});
  const taggerConfig = vibeTaggerConfig.parse({});
  const encoder = hashedTextEncoder(await untrained((graph) => ({ vectors: textVectors(graph, encoderConfig) })), {
    version: 'bench',
    dimensions: encoderConfig.dimensions,
    inputs: TEXT_INPUTS_VERSION,
  });
  const tagger = vibeTagger(
    await untrained((graph) => vibeTaggerOutputs(graph, taggerConfig)),
    { tags: VIBE_TAG_NAMES, threshold: 0.5 },
    'bench',
  );
  const random = Random.of(1, 'bench/text');
  const places = random.shuffle((await cataloguePlaces()).places).slice(0, RUNS);
  const options = { wording: 'training', named: true, told: 0.7, astray: 0.05 } as const;
  const records = places.map(({ venue }) => venueText(venue));
  const posts = places.map((place) => post(place, options, random));
  const gathered = places.map((place) => aboutPlace(place, 5, ['training'], random));
  const long = places.map((place) => aboutPlace(place, 20, ['training'], random));
  return [
    await measured('Text encoder: the record of a venue', 5, records, (texts) => encoder.encode(texts)),
    await measured('Text encoder: a post', 5, posts, (texts) => encoder.encode(texts)),
    await measured('Text encoder: twenty posts', 5, long, (texts) => encoder.encode(texts)),
    await measured('Vibe tagger: five posts', 10, gathered, (texts) => tagger.tag(texts)),
    await measured('Vibe tagger: twenty posts', 10, long, (texts) => tagger.tag(texts)),
  ];
}

if (import.meta.main) {
  console.log(table(await benchTextModels()));
  process.exit(0);
}
