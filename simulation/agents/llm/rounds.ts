/**
 * Answers on disk: every round is paid for once. What is asked is noted before it is asked, and each answer as it comes; a run
 * that is taken up again reads what is there, and asks for the rest.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../../platform/artifacts/whole-file.ts';
import { BadSettings } from '../settings.ts';
import type { Answer, Asker, Question } from './asker.ts';
import { costOf } from './models.ts';

/** Questions in one batch, at most; the API takes 100,000 and 256 MB. */
export const MOST_IN_A_BATCH = 20_000;
/** Two bytes of JSON a token at least: so no round costs more than was reserved for it. */
const LEAST_BYTES_PER_TOKEN = 2;

/** The cap is reached: what was bought is kept, and the same command with a higher cap goes on. */
export class OverBudget extends BadSettings {}

interface Pending {
  sha256: string;
  asked_at: string;
  handle: string | null;
}

interface Stored {
  sha256: string;
  asker: string;
  cost_usd: number;
  answers: Answer[];
}

export interface RoundsOptions {
  folder: string;
  /** US dollars. */
  maxUsd: number;
  now: () => Date;
  onSpent?: (spentUsd: number, round: string) => void;
}

export class Rounds {
  readonly #options: RoundsOptions;
  #spent = 0;

  private constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** With what earlier attempts at the run have spent. @throws BadSettings for a cap of 0 */
  static async open(options: RoundsOptions): Promise<Rounds> {
    if (!(options.maxUsd > 0))
      throw new BadSettings(`a budget of ${options.maxUsd} dollars buys nothing: set --max-usd`);
    const rounds = new Rounds(options);
    await mkdir(options.folder, { recursive: true });
    const files = await readdir(options.folder, { recursive: true });
    for (const file of files) {
      if (!file.endsWith('.json') || file.endsWith('.pending.json')) continue;
      rounds.#spent += (JSON.parse(await readFile(join(options.folder, file), 'utf8')) as Stored).cost_usd;
    }
    return rounds;
  }

  get spentUsd(): number {
    return this.#spent;
  }

  /** In the order of the questions. @throws OverBudget before a question goes out that the cap does not cover */
  async ask(name: string, asker: Asker, questions: readonly Question[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let from = 0, piece = 0; from < questions.length; from += MOST_IN_A_BATCH, piece++) {
      const part = questions.slice(from, from + MOST_IN_A_BATCH);
      answers.push(...(await this.#piece(`${name}-${piece}`, asker, part)));
    }
    return answers;
  }

  async #piece(name: string, asker: Asker, questions: readonly Question[]): Promise<Answer[]> {
    const path = join(this.#options.folder, name);
    const sha256 = hashOf(asker, questions);
    const stored = await readJson<Stored>(`${path}.json`);
    if (stored) return this.#matching(stored, sha256, name).answers;
    await mkdir(dirname(path), { recursive: true });

    const pending = await readJson<Pending>(`${path}.pending.json`);
    if (pending) this.#matching(pending, sha256, name);
    const partial = pending ? await readLines<Answer>(`${path}.part.jsonl`) : [];
    const have = new Map(partial.map((answer) => [answer.key, answer]));
    const missing = questions.filter(({ key }) => !have.has(key));
    const handle = await this.#handle(path, asker, questions, missing, pending, sha256);

    const part = await open(`${path}.part.jsonl`, pending ? 'a' : 'w');
    try {
      // A batch is collected whole: what came before the crash comes again, and is not counted twice.
      await asker.collect(handle, asker.submit ? questions : missing, async (answer) => {
        if (have.has(answer.key)) return;
        have.set(answer.key, answer);
        await part.appendFile(`${JSON.stringify(answer)}\n`);
      });
    } finally {
      await part.close();
    }
    const answers = questions.map(({ key }) => have.get(key)!);
    const cost_usd = answers.reduce((sum, { tokens }) => sum + costOf(asker.price, tokens), 0);
    await writeWhole(
      `${path}.json`,
      JSON.stringify({ sha256, asker: asker.label, cost_usd, answers } satisfies Stored),
    );
    await rm(`${path}.pending.json`, { force: true });
    await rm(`${path}.part.jsonl`, { force: true });
    this.#spent += cost_usd;
    this.#options.onSpent?.(this.#spent, name);
    return answers;
  }

  async #handle(
    path: string,
    asker: Asker,
    questions: readonly Question[],
    missing: readonly Question[],
    pending: Pending | null,
    sha256: string,
  ): Promise<string | null> {
    if (pending?.handle) return pending.handle;
    if (pending && asker.findLost) {
      const found = await asker.findLost(new Date(pending.asked_at), questions.length);
      if (found) return found;
    }
    this.#reserve(asker, missing);
    const asked: Pending = { sha256, asked_at: this.#options.now().toISOString(), handle: null };
    if (!pending) await writeWhole(`${path}.pending.json`, JSON.stringify(asked));
    if (!asker.submit) return null;
    const handle = await asker.submit(questions);
    await writeWhole(`${path}.pending.json`, JSON.stringify({ ...asked, handle }));
    return handle;
  }

  #reserve({ price, label }: Asker, questions: readonly Question[]): void {
    let most = 0;
    for (const { system, user, schema, maxTokens } of questions) {
      const bytes = Buffer.byteLength(system) + Buffer.byteLength(user) + JSON.stringify(schema).length;
      most += costOf(price, { input: bytes / LEAST_BYTES_PER_TOKEN, output: maxTokens });
    }
    const { maxUsd } = this.#options;
    if (this.#spent + most <= maxUsd) return;
    const dollars = (usd: number) => `$${usd.toFixed(2)}`;
    throw new OverBudget(
      `${dollars(this.#spent)} are spent, and ${questions.length} more questions to ${label} may cost ${dollars(most)}: over --max-usd ${maxUsd}. A higher one goes on from here.`,
    );
  }

  #matching<Noted extends { sha256: string }>(noted: Noted, sha256: string, name: string): Noted {
    if (noted.sha256 === sha256) return noted;
    throw new BadSettings(
      `the answers of round ${name} are to other questions: code or catalogues changed since. Choose another --out.`,
    );
  }
}

function hashOf({ label }: Asker, questions: readonly Question[]): string {
  const hash = createHash('sha256').update(label);
  for (const question of questions) hash.update(JSON.stringify(question));
  return hash.digest('hex');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await readText(path);
  return text === null ? null : (JSON.parse(text) as T);
}

/** A last line that was cut short in a crash is none. */
async function readLines<T>(path: string): Promise<T[]> {
  const text = (await readText(path)) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await writeFile(path, whole);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
