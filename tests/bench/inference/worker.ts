/** Ranking as the Worker does it, timed from within workerd, whose clock moves while it works when it runs on a desk. */
import type { MlRequest } from '../../../core/ranking/ml-ranker.ts';
import items from '../../../models/artifacts/dlrm/fcd359f3f207/items.json' with { type: 'json' };
import { BUNDLED_MODELS, bundledFile } from '../../../platform/inference/bundled-models.ts';
import { itemTowerModel } from '../../../platform/inference/item-tower.ts';
import { servedDlrm } from '../../../platform/inference/ml-rankers/dlrm.ts';
import { servedUserTower } from '../../../platform/inference/ml-rankers/two-tower.ts';
import { createSession } from '../../../platform/inference/ort-runtime.ts';
import { openModel, type ServedModel } from '../../../platform/inference/served-model.ts';
import { personaEncoderModel } from '../../../platform/vectors/persona-encoder.ts';
import { benchCases, type RankingTimes, timeRanking } from './time-ranking.ts';

/** Of ONNX Runtime's WebAssembly. */
let memory: WebAssembly.Memory | null = null;

/** Notes the memory of the instance that the runtime makes. */
function watchMemory(): void {
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, [module, imports]) {
      const instance = new target(module, imports);
      const values = [
        ...Object.values(instance.exports),
        ...Object.values((imports ?? {}) as WebAssembly.Imports).flatMap((of) => Object.values(of)),
      ] as unknown[];
      memory = values.find((value): value is WebAssembly.Memory => value instanceof WebAssembly.Memory) ?? memory;
      return instance;
    },
  });
}

async function open<Serves>(model: ServedModel<Serves>): Promise<Serves> {
  const { version } = BUNDLED_MODELS[model.name]!;
  const read = async (file: string) => (await bundledFile(model.name, version, file))!;
  return (await openModel(model, { version, read, createSession })).serves;
}

export interface InferenceReport {
  openedInMs: number;
  wasmBytes: number;
  times: Record<string, RankingTimes>;
}

let cases: Record<string, MlRequest[]> | null = null;
let ranker: Awaited<ReturnType<typeof open<ReturnType<typeof servedDlrm.open>>>> | null = null;
let openedInMs = 0;

export default {
  async fetch(request: Request): Promise<Response> {
    const rounds = Number(new URL(request.url).searchParams.get('rounds'));
    if (!ranker) {
      watchMemory();
      const from = performance.now();
      ranker = await open(servedDlrm);
      openedInMs = performance.now() - from;
      for (const model of [servedUserTower, itemTowerModel, personaEncoderModel])
        await open(model as ServedModel<unknown>);
      const bytes = (await bundledFile(
        'pivot-acceptance',
        BUNDLED_MODELS['pivot-acceptance']!.version,
        'pivot-acceptance.onnx',
      ))!;
      await createSession(bytes);
    }
    cases ??= benchCases(items as string[]);
    const times: Record<string, RankingTimes> = {};
    for (const [name, requests] of Object.entries(cases)) times[name] = await timeRanking(ranker, requests, rounds);
    return Response.json({ openedInMs, wasmBytes: memory?.buffer.byteLength ?? 0, times } satisfies InferenceReport);
  },
};
