/** A trained model's folder: `<out>/<model>/<version>/` with its files, config, metrics and card. */
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Interval } from '../../core/experiment/bootstrap.ts';
import type { DataLineage } from '../data/dataset.ts';
import type { EpochRecord } from '../engine/epoch-record.ts';
import type { ArtifactFile } from '../model.ts';

export interface Metric {
  value: number;
  /** 95%; null where there is none. */
  interval: Interval | null;
}

export interface Artifact {
  model: string;
  role: string;
  /** Of the literature. */
  source: string;
  version: string;
  config: unknown;
  seed: number;
  threads: number;
  codeRevision: string;
  lineage: DataLineage;
  split: string;
  metrics: Readonly<Record<string, Metric>>;
  /** How many cases the metrics are of. */
  cases: number;
  history: readonly EpochRecord[];
  bestEpoch: number;
  parameters: number;
  limits: readonly string[];
  files: readonly ArtifactFile[];
}

/** The same model, data, config, seed and code have the same version: twelve digits of their SHA-256. */
export function versionOf(
  of: Pick<Artifact, 'model' | 'config' | 'seed' | 'threads' | 'codeRevision' | 'lineage' | 'split'>,
): string {
  const { model, config, seed, threads, codeRevision, lineage, split } = of;
  const sources = lineage.sources.map(({ sha256 }) => sha256);
  const text = JSON.stringify({ model, config, seed, threads, codeRevision, sources, split });
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** All or nothing: a kill or a full disk leaves no folder of that name. @returns the folder */
export async function writeArtifact(out: string, artifact: Artifact): Promise<string> {
  const folder = join(out, artifact.model, artifact.version);
  const unfinished = `${folder}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    for (const { name, bytes } of artifact.files) await writeFile(join(unfinished, name), bytes);
    const { files, history, ...described } = artifact;
    const sizes = files.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256(bytes) }));
    await writeFile(join(unfinished, 'config.json'), json(artifact.config));
    await writeFile(join(unfinished, 'metrics.json'), json(artifact.metrics));
    await writeFile(join(unfinished, 'training.json'), json({ ...described, files: sizes, history }));
    await writeFile(join(unfinished, 'card.md'), card(artifact));
    if (await exists(folder)) await rm(folder, { recursive: true });
    await mkdir(dirname(folder), { recursive: true });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function card(artifact: Artifact): string {
  const { model, version, role, source, lineage, metrics, cases, config, limits, files } = artifact;
  const rows = Object.entries(lineage.rows).map(([kind, count]) => `${kind} (${count})`);
  const lines = [
    `# ${model}@${version}`,
    '',
    `${capital(role)}.`,
    '',
    ...(lineage.synthetic
      ? ['**Synthetic.** Rows that it learned from were made by a simulation: it is never promoted to production.', '']
      : []),
    '| | |',
    '|---|---|',
    `| follows | ${source} |`,
    `| parameters | ${artifact.parameters} |`,
    `| rows | ${rows.join(', ')} |`,
    ...lineage.sources.map(
      ({ path, sha256: hash, rows: n }) => `| data | ${path}: ${n} rows, SHA-256 ${hash.slice(0, 16)} |`,
    ),
    `| split | ${artifact.split}, ${cases} test cases |`,
    `| seed, threads | ${artifact.seed}, ${artifact.threads} |`,
    `| code | ${artifact.codeRevision} |`,
    `| epochs | the best was ${artifact.bestEpoch} of ${artifact.history.length} |`,
    ...files.map(({ name, bytes }) => `| file | ${name}, ${bytes.length} bytes |`),
    '',
    '## Metrics',
    '',
    '| metric | value | 95% interval |',
    '|---|---|---|',
    ...Object.entries(metrics).map(
      ([name, { value, interval }]) =>
        `| ${name} | ${value.toFixed(4)} | ${interval ? `${interval.lower.toFixed(4)} to ${interval.upper.toFixed(4)}` : ''} |`,
    ),
    '',
    '## Limits',
    '',
    ...limits.map((limit) => `- ${limit}`),
    '',
    '## Config',
    '',
    '```json',
    JSON.stringify(config, null, 2),
    '```',
    '',
  ];
  return lines.join('\n');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
