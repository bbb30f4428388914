/** A run as files: settings first, each arm whole or not at all, `done` last. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../platform/artifacts/whole-file.ts';
import type { DivergenceSummary } from './divergence.ts';
import { BadSettings, type SimulationSettings } from './settings.ts';

export interface RunDescription {
  format: 'overplanned-simulation';
  v: 1;
  state: 'running' | 'done';
  settings: SimulationSettings;
  /** What was asked for, as the operator gave it. */
  config: Readonly<Record<string, unknown>>;
  code_revision: string;
  /** ISO 8601. */
  created_at: string;
  finished_at: string | null;
}

const description = z.looseObject({
  format: z.literal('overplanned-simulation'),
  v: z.literal(1),
  state: z.enum(['running', 'done']),
  settings: z.looseObject({ version: z.string() }),
});

/** With every object's keys in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What a whole arm says of itself. */
export interface ArmDescription {
  name: string;
  variant: string;
  latent_share: number | null;
  ranker: string;
  agent: string;
  travellers: number;
  slots: number;
  rows: number;
  agent_fallbacks: number;
  ranker_fallbacks: number;
  /** Of a second agent, where there was one. */
  divergence: DivergenceSummary | null;
  sha256: Record<string, string>;
}

export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Begins a run, or goes on with the one that is there.
   * @throws BadSettings naming what differs, where the folder holds a run of other settings
   */
  static async begin(
    path: string,
    run: Omit<RunDescription, 'format' | 'v' | 'state' | 'finished_at'>,
  ): Promise<{ folder: RunFolder; resumed: boolean }> {
    await mkdir(path, { recursive: true });
    const folder = new RunFolder(path);
    const text = await readIfThere(join(path, 'run.json'));
    if (text === null) {
      await folder.#describe({ format: 'overplanned-simulation', v: 1, state: 'running', finished_at: null, ...run });
      return { folder, resumed: false };
    }
    const found = readDescription(text, path);
    const changed = changes(found.settings as unknown as Record<string, unknown>, { ...run.settings });
    if (changed.length > 0) {
      throw new BadSettings(`${path} holds a run with other settings: ${changed.join('; ')}. Choose another --out.`);
    }
    return { folder, resumed: true };
  }

  /** @throws BadSettings where there is no run */
  static async open(path: string): Promise<{ folder: RunFolder; run: RunDescription }> {
    const text = await readIfThere(join(path, 'run.json'));
    if (text === null) throw new BadSettings(`${path} holds no simulation: there is no run.json.`);
    return { folder: new RunFolder(path), run: readDescription(text, path) };
  }

  #describe(run: RunDescription): Promise<void> {
    return writeWhole(join(this.path, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
  }

  async finish(now: Date): Promise<void> {
    const { run } = await RunFolder.open(this.path);
    if (run.state === 'done') return;
    await this.#describe({ ...run, state: 'done', finished_at: now.toISOString() });
  }

  /** Null where the arm is not there, or not whole. */
  async arm(name: string): Promise<ArmDescription | null> {
    const text = await readIfThere(join(this.path, 'arms', name, 'arm.json'));
    return text === null ? null : (JSON.parse(text) as ArmDescription);
  }

  /** An arm from its beginning: what was left of one that broke off is gone. */
  async writeArm(name: string): Promise<ArmWriter> {
    const path = join(this.path, 'arms', name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return ArmWriter.open(path);
  }

  async armFile(arm: string, file: string): Promise<string> {
    return readFile(join(this.path, 'arms', arm, file), 'utf8');
  }
}

function readDescription(text: string, path: string): RunDescription {
  try {
    return description.parse(JSON.parse(text)) as unknown as RunDescription;
  } catch (cause) {
    throw new BadSettings(`${path}/run.json is no description of a simulation`, { cause });
  }
}

function changes(found: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].flatMap((key) => {
    const [was, is] = [canonical(found[key]), canonical(wanted[key])];
    return was === is ? [] : [`${key} was ${was}, now ${is}`];
  });
}

const FILES = ['signals.jsonl', 'travellers.jsonl'] as const;
/** Characters that are held back before they are written. */
const BUFFER = 1 << 18;

type Files = Record<(typeof FILES)[number], { handle: FileHandle; hash: Hash; pending: string[]; size: number }>;

/** Streams lines; memory holds a buffer a file. */
export class ArmWriter {
  readonly #path: string;
  readonly #files: Files;

  private constructor(path: string, files: Files) {
    this.#path = path;
    this.#files = files;
  }

  static async open(path: string): Promise<ArmWriter> {
    const files = await Promise.all(
      FILES.map(async (name) => {
        const handle = await open(join(path, name), 'w');
        return [name, { handle, hash: createHash('sha256'), pending: [] as string[], size: 0 }] as const;
      }),
    );
    return new ArmWriter(path, Object.fromEntries(files) as Files);
  }

  async add(name: (typeof FILES)[number], row: unknown): Promise<void> {
    const file = this.#files[name];
    const line = `${JSON.stringify(row)}\n`;
    file.pending.push(line);
    file.size += line.length;
    if (file.size >= BUFFER) await this.#flush(name);
  }

  async #flush(name: (typeof FILES)[number]): Promise<void> {
    const file = this.#files[name];
    const text = file.pending.join('');
    file.pending = [];
    file.size = 0;
    file.hash.update(text);
    await file.handle.appendFile(text);
  }

  /** Makes the arm whole: `arm.json` is the last of its files. */
  async finish(about: Omit<ArmDescription, 'sha256'>, affinity: readonly unknown[]): Promise<ArmDescription> {
    const sha256: Record<string, string> = {};
    for (const name of FILES) {
      await this.#flush(name);
      const { handle, hash } = this.#files[name];
      await handle.sync();
      await handle.close();
      sha256[name] = hash.digest('hex');
    }
    const text = `${affinity.map((row) => JSON.stringify(row)).join('\n')}\n`;
    sha256['affinity.jsonl'] = createHash('sha256').update(text).digest('hex');
    await writeFile(join(this.#path, 'affinity.jsonl'), text);
    const arm: ArmDescription = { ...about, sha256 };
    await writeWhole(join(this.#path, 'arm.json'), `${JSON.stringify(arm, null, 2)}\n`);
    return arm;
  }

  /** Leaves the arm as it is: not whole. */
  async abandon(): Promise<void> {
    await Promise.all(FILES.map((name) => this.#files[name].handle.close().catch(() => {})));
  }
}
