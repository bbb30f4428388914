/** What `overplanned publish` takes for a version, and what not. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readVersionFolder } from '../../cli/publish/version-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ARTIFACT = join(ROOT, 'models/artifacts/sasrec/aceaff60979c');

const temporary = await mkdtemp(join(tmpdir(), 'publish-'));
afterAll(() => rm(temporary, { recursive: true }));

let folder: string;
let number = 0;
beforeEach(async () => {
  folder = join(temporary, String(number++));
  await cp(ARTIFACT, folder, { recursive: true });
});

const change = async (by: (training: Record<string, unknown>) => void) => {
  const path = join(folder, 'training.json');
  const training = JSON.parse(await readFile(path, 'utf8'));
  by(training);
  await writeFile(path, JSON.stringify(training));
};

describe('a folder', () => {
  it('is read whole, its description last', async () => {
    await utimes(join(folder, 'training.json'), 1_790_000_000, 1_790_000_000);
    const read = await readVersionFolder(folder);
    expect(read).toMatchObject({ model: 'sasrec', version: 'aceaff60979c', lineage: ['synthetic_choice_model_v1'] });
    expect(read.trainedAt).toEqual(new Date(1_790_000_000_000));
    expect(read.files.map(({ name }) => name)).toEqual([
      ...['sasrec.onnx', 'items.json', 'config.json', 'metrics.json', 'card.md', 'training.json'],
    ]);
    for (const { name, bytes } of read.files) expect(Buffer.compare(bytes, await readFile(join(folder, name)))).toBe(0);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'with a shorter file',
      () => truncate(join(folder, 'items.json'), 100),
      /items\.json: 100 bytes, training\.json says/,
    ],
    ['without a file', () => rm(join(folder, 'sasrec.onnx')), /sasrec\.onnx: there is none/],
    ['without its description', () => rm(join(folder, 'training.json')), /training\.json: there is none/],
    [
      'with a file that nobody listed',
      () => writeFile(join(folder, 'more.onnx'), 'x'),
      /more\.onnx: training\.json does not/,
    ],
    ['whose description is no JSON', () => writeFile(join(folder, 'training.json'), '{'), /training\.json: /],
    ['of no version', () => change((training) => delete training.version), /training\.json: version: /],
    [
      'that lists a path',
      () => change((training) => Object.assign((training.files as object[])[0]!, { name: '../sasrec.onnx' })),
      /training\.json: files\.0\.name: /,
    ],
  ])('%s is refused in a line that names what is wrong', async (_, spoil, message) => {
    await spoil();
    await expect(readVersionFolder(folder)).rejects.toThrow(message);
    await expect(readVersionFolder(folder)).rejects.not.toThrow(/\n/);
  });

  it('with other bytes of the same length is refused', async () => {
    const path = join(folder, 'sasrec.onnx');
    const bytes = await readFile(path);
    bytes[500]! ^= 1;
    await writeFile(path, bytes);
    await expect(readVersionFolder(folder)).rejects.toThrow(/sasrec\.onnx: not the file .* SHA-256/);
  });
});

describe('overplanned publish', () => {
  const publish = (...args: string[]) =>
    new Promise<{ code: number; errors: string }>((resolve) => {
      const { OVERPLANNED_TOKEN: _, ...env } = process.env;
      execFile(
        process.execPath,
        [join(ROOT, 'cli/overplanned.ts'), 'publish', ...args],
        { env },
        (error, _out, errors) => resolve({ code: error ? Number(error.code) : 0, errors }),
      );
    });

  it.each<[string, string[], RegExp]>([
    ['an address that is none', ['--url', 'localhost'], /"localhost" is no address/],
    ['an API elsewhere without a token', ['--url', 'https://api.example/api/v1'], /--token/],
    ['an API that does not answer', ['--url', 'http://127.0.0.1:9/api/v1', '--token', 'x'], /cannot be reached/],
  ])('says in one line what is wrong with %s', async (_, args, message) => {
    const { code, errors } = await publish(folder, ...args);
    expect(code).toBe(1);
    expect(errors).toMatch(message);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});
