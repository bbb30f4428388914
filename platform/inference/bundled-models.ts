/**
 * The versions that come with the Worker, for the first start: the files of `models/artifacts/` that something loads. Each
 * is imported when it is read.
 */

interface BundledModel {
  version: string;
  files: Readonly<Record<string, () => Promise<{ default: unknown }>>>;
}

export const BUNDLED_MODELS: Readonly<Record<string, BundledModel>> = {
  dlrm: {
    version: 'fcd359f3f207',
    files: {
      'dlrm-venues.onnx': () => import('../../models/artifacts/dlrm/fcd359f3f207/dlrm-venues.onnx'),
      'dlrm-ranking.onnx': () => import('../../models/artifacts/dlrm/fcd359f3f207/dlrm-ranking.onnx'),
      'items.json': () =>
        import('../../models/artifacts/dlrm/fcd359f3f207/items.json', { with: { type: 'json' } }) as Promise<{
          default: unknown;
        }>,
    },
  },
  'two-tower': {
    version: 'a9f09746b9b3',
    files: {
      'user-tower.onnx': () => import('../../models/artifacts/two-tower/a9f09746b9b3/user-tower.onnx'),
      'item-tower.onnx': () => import('../../models/artifacts/two-tower/a9f09746b9b3/item-tower.onnx'),
      'text-encoder.onnx': () => import('../../models/artifacts/two-tower/a9f09746b9b3/text-encoder.onnx'),
    },
  },
  'persona-encoder': {
    version: '141d2a1649ea',
    files: {
      'persona-from-signals.onnx': () =>
        import('../../models/artifacts/persona-encoder/141d2a1649ea/persona-from-signals.onnx'),
    },
  },
  'pivot-acceptance': {
    version: 'bd1e2e01d927',
    files: {
      'pivot-acceptance.onnx': () =>
        import('../../models/artifacts/pivot-acceptance/bd1e2e01d927/pivot-acceptance.onnx'),
      'features.json': () =>
        import('../../models/artifacts/pivot-acceptance/bd1e2e01d927/features.json', { with: { type: 'json' } }),
      'venue-rates.json': () =>
        import('../../models/artifacts/pivot-acceptance/bd1e2e01d927/venue-rates.json', {
          with: { type: 'json' },
        }) as Promise<{ default: unknown }>,
    },
  },
};

/** Null where it does not come with the Worker. */
export async function bundledFile(name: string, version: string, file: string): Promise<Uint8Array | null> {
  const model = BUNDLED_MODELS[name];
  const load = model?.version === version ? model.files[file] : undefined;
  if (!load) return null;
  const { default: content } = await load();
  return content instanceof ArrayBuffer ? new Uint8Array(content) : new TextEncoder().encode(JSON.stringify(content));
}
