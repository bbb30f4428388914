import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';

ort.env.wasm.numThreads = 1;

const FOLDER = fileURLToPath(new URL('../../../models/artifacts', import.meta.url));

interface Described {
  model: string;
  version: string;
  lineage: { synthetic: boolean; rows: Record<string, number> };
  files: { name: string; bytes: number; sha256: string }[];
  metrics: Record<string, { value: number }>;
}

const artifacts = readdirSync(FOLDER).flatMap((model) =>
  readdirSync(join(FOLDER, model)).map((version) => [model, version] as const),
);

describe('the models that a fresh checkout starts with', () => {
  test('are there', () => {
    expect(artifacts.map(([model]) => model)).toEqual(expect.arrayContaining(['two-tower', 'u-sasrec', 'dlrm']));
  });

  test.each(artifacts)('%s@%s is whole, runs in WASM, and is marked synthetic', async (model, version) => {
    const folder = join(FOLDER, model, version);
    const described = JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8')) as Described;
    expect(described).toMatchObject({ model, version, lineage: { synthetic: true } });
    expect(readFileSync(join(folder, 'card.md'), 'utf8')).toContain('**Synthetic.**');
    expect(Object.keys(described.metrics).length).toBeGreaterThan(0);
    for (const { name, bytes, sha256 } of described.files) {
      const content = readFileSync(join(folder, name));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      if (!name.endsWith('.onnx')) continue;
      const session = await ort.InferenceSession.create(new Uint8Array(content));
      expect(session.outputNames.length).toBeGreaterThan(0);
      await session.release();
    }
  });

  test('name no path of the machine they were trained on', () => {
    for (const [model, version] of artifacts) {
      const folder = join(FOLDER, model, version);
      for (const name of ['training.json', 'card.md']) {
        expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/"?\/(tmp|home|work|root)\//);
      }
    }
  });
});
