/** The rankers beside `dlrm`: each gives the scores of the code that trains it. */
import * as native from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { sasrecConfig } from '../../../models/sasrec/config.ts';
import { writeHistory } from '../../../models/sasrec/inputs.ts';
import { FIRST_ITEM, UNKNOWN } from '../../../models/u-sasrec/inputs.ts';
import { servedBpr } from '../../../platform/inference/ml-rankers/bpr.ts';
import { type BprFactors, BprFoldIn } from '../../../platform/inference/ml-rankers/bpr-fold-in.ts';
import { servedSasrec } from '../../../platform/inference/ml-rankers/sasrec.ts';
import { servedUSasrec } from '../../../platform/inference/ml-rankers/u-sasrec.ts';
import { floatsOf, readOnnx } from '../../../platform/inference/onnx-contents.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { openModel, type ServedModel } from '../../../platform/inference/served-model.ts';
import { cataloguePlaces } from '../../../training/text/places.ts';
import { type CaseSize, rankingCase } from '../../inference/ranking-cases.ts';
import { artifactFile, loggedCase, runNatively, sequenceReference } from './training-reference.ts';

const listOf = (path: string) => JSON.parse(new TextDecoder().decode(artifactFile(path))) as string[];
const withFiles = (folder: string, others: Record<string, Uint8Array>) => async (file: string) =>
  others[file] ?? artifactFile(`${folder}/${file}`);

async function opened(model: ServedModel<MlRanker>, version: string, others: Record<string, Uint8Array> = {}) {
  const { serves } = await openModel(model, {
    version,
    read: withFiles(`${model.name}/${version}`, others),
    createSession: async (bytes) => onnxSession(native, await native.InferenceSession.create(bytes)),
  });
  return serves;
}

function expectSame(given: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(given.length).toBe(expected.length);
  for (const [i, score] of Array.from(expected).entries()) expect(Math.abs(given[i]! - score)).toBeLessThan(1e-4);
  expect(new Set(Array.from(expected)).size).toBeGreaterThan(1);
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const NEW_IDS = (venue: Venue): Venue => ({ ...venue, id: `new-${venue.id}` });

let venues: Venue[];
beforeAll(async () => {
  venues = (await cataloguePlaces()).places.map(({ venue }) => venue);
});

const SIZES: [string, CaseSize][] = [
  ['a warm traveller, 200 candidates', { history: 25, candidates: 200, moments: 2 }],
  ['as long a past as the model reads', { history: 49, candidates: 20, moments: 1 }],
  ['a longer past than the model reads', { history: 130, candidates: 20, moments: 3 }],
  ['one choice', { history: 1, candidates: 5, moments: 2 }],
  ['nobody knows anything yet', { history: 0, candidates: 5, moments: 2 }],
];

describe('u-sasrec', () => {
  const VERSION = '465c91ad4ab1';
  const FOLDER = `u-sasrec/${VERSION}`;
  let ranker: MlRanker;
  let sequence: native.InferenceSession;
  const items = listOf(`${FOLDER}/items.json`);
  const unseen = new Set(listOf(`${FOLDER}/unseen.json`));
  const idOf = (id: string) => (unseen.has(id) || !items.includes(id) ? UNKNOWN : items.indexOf(id) + FIRST_ITEM);

  beforeAll(async () => {
    ranker = await opened(servedUSasrec, VERSION);
    sequence = await native.InferenceSession.create(artifactFile(`${FOLDER}/u-sasrec.onnx`));
  });

  const expectParity = async (request: MlRequest) => {
    const { logits, modelVersion } = await ranker.rank(request);
    expect(modelVersion).toBe(`u-sasrec@${VERSION}`);
    expect(logits).toHaveLength(request.moments.length);
    for (const [i, moment] of request.moments.entries())
      expectSame(logits[i]!, (await sequenceReference(sequence, loggedCase(request, moment), 50, idOf)).scores);
  };

  test.each(SIZES)('gives the scores of the code that trains: %s', async (_, size) => {
    for (const seed of [1, 2]) await expectParity(rankingCase(venues, size, seed));
  });

  test('knows by their content venues that no catalogue had when it was trained', async () => {
    const request = rankingCase(venues, { history: 10, candidates: 10, moments: 2 }, 3);
    await expectParity({
      ...request,
      history: request.history.map((choice) => ({ ...choice, venueId: `new-${choice.venueId}` })),
      historyVenues: new Map([...request.historyVenues.values()].map((venue) => [`new-${venue.id}`, NEW_IDS(venue)])),
      candidates: request.candidates.map(NEW_IDS),
    });
  });

  test('and venues that training did not see stand under no id of their own', () => {
    expect(unseen.size).toBeGreaterThan(0);
    expect([...unseen].every((id) => items.includes(id))).toBe(true);
  });

  test('whose lists are of another table is refused', async () => {
    for (const [file, content] of [
      ['items.json', items.slice(1)],
      ['unseen.json', ['nowhere']],
    ] as const)
      await expect(opened(servedUSasrec, VERSION, { [file]: json(content) })).rejects.toMatchObject({
        code: 'wrong_signature',
      });
  });
});

describe('sasrec', () => {
  const VERSION = 'aceaff60979c';
  const FOLDER = `sasrec/${VERSION}`;
  const { length } = sasrecConfig.parse(
    JSON.parse(new TextDecoder().decode(artifactFile(`${FOLDER}/config.json`))) as unknown,
  );
  const items = listOf(`${FOLDER}/items.json`);
  let ranker: MlRanker;
  let session: native.InferenceSession;
  beforeAll(async () => {
    ranker = await opened(servedSasrec, VERSION);
    session = await native.InferenceSession.create(artifactFile(`${FOLDER}/sasrec.onnx`));
  });

  test.each(SIZES)('gives the scores of the code that trains, at every moment: %s', async (_, size) => {
    const request = rankingCase(venues, size, 1);
    const taken = request.history.filter(({ accepted }) => accepted).map(({ venueId }) => items.indexOf(venueId));
    const history = new Int32Array(length);
    writeHistory(taken, length, history, 0);
    const { scores } = await runNatively(session, {
      history: { data: history, shape: [1, length] },
      candidates: {
        data: Int32Array.from(request.candidates, ({ id }) => items.indexOf(id) + 1),
        shape: [request.candidates.length],
      },
    });
    const { logits, modelVersion } = await ranker.rank(request);
    expect(modelVersion).toBe(`sasrec@${VERSION}`);
    expect(logits).toHaveLength(request.moments.length);
    for (const row of logits) expectSame(row, scores!);
  });

  test('puts a venue that is not in its list level with the last of those that are', async () => {
    const request = rankingCase(venues, { history: 20, candidates: 10, moments: 1 }, 2);
    const [known] = (await ranker.rank(request)).logits;
    const candidates = [NEW_IDS(request.candidates[0]!), ...request.candidates];
    const [row] = (await ranker.rank({ ...request, candidates })).logits;
    expect(row![0]).toBe(Math.min(...known!));
    expectSame(row!.subarray(1), known!);
    // What was taken of those is no part of the past, either.
    const history = [...request.history, { ...request.history[0]!, venueId: 'new', accepted: true }];
    expectSame((await ranker.rank({ ...request, history })).logits[0]!, known!);
    const strangers = await ranker.rank({ ...request, candidates: request.candidates.map(NEW_IDS) });
    expect([...strangers.logits[0]!]).toEqual(request.candidates.map(() => 0));
  });
});

describe('bpr', () => {
  const VERSION = '651fe7cbbd0e';
  const FOLDER = `bpr/${VERSION}`;
  const items = listOf(`${FOLDER}/items.json`);
  const file = artifactFile(`${FOLDER}/bpr.onnx`);
  const { initializers } = readOnnx(file)!;
  const table = (name: string) => floatsOf(initializers.get(name)!);
  const factors: BprFactors = {
    width: initializers.get('user_embedding')!.dims[1]!,
    users: table('user_embedding'),
    items: table('item_embedding'),
    bias: table('item_bias'),
  };
  let ranker: MlRanker;
  beforeAll(async () => {
    ranker = await opened(servedBpr, VERSION);
  });

  test('gives somebody without a past what the file gives its travellers in the mean', async () => {
    const request = rankingCase(venues, { history: 0, candidates: 50, moments: 2 }, 1);
    const users = Int32Array.from({ length: factors.users.length / factors.width }, (_, user) => user);
    const candidates = Int32Array.from(request.candidates, ({ id }) => items.indexOf(id));
    const { scores } = await runNatively(await native.InferenceSession.create(file), {
      user: { data: users, shape: [users.length] },
      candidates: { data: candidates, shape: [candidates.length] },
    });
    const mean = new Float64Array(candidates.length);
    for (let i = 0; i < scores!.length; i++) mean[i % mean.length]! += scores![i]! / users.length;
    const { logits, modelVersion } = await ranker.rank(request);
    expect(modelVersion).toBe(`bpr@${VERSION}`);
    for (const row of logits) expectSame(row, mean);
  });

  test('finds by what they did a traveller whom it does not look up', () => {
    const foldIn = new BprFoldIn(factors);
    const random = Random.of(1, 'fold-in');
    const count = factors.bias.length;
    const all = Array.from({ length: count }, (_, item) => item);
    const gains: number[] = [];
    for (let user = 0; user < 40; user++) {
      const u = factors.users.subarray(user * factors.width, (user + 1) * factors.width);
      const own = all.map((item) => foldIn.score(u, item));
      const mean = own.reduce((sum, score) => sum + score, 0) / count;
      const past = random
        .shuffle([...all])
        .slice(0, 150)
        .map((item) => ({ item, accepted: random.chance(1 / (1 + Math.exp(mean - own[item]!))) }));
      const [nobody, found] = [[], past].map((of) => {
        const vector = foldIn.vectorOf(of);
        return correlation(
          own,
          all.map((item) => foldIn.score(vector, item)),
        );
      });
      gains.push(found! - nobody!);
    }
    expect(gains.filter((gain) => gain > 0).length).toBeGreaterThan(30);
  });

  test('what was taken goes up, what was refused goes down', async () => {
    const request = rankingCase(venues, { history: 0, candidates: 20, moments: 1 }, 5);
    const [before] = (await ranker.rank(request)).logits;
    for (const accepted of [true, false]) {
      const past = { venueId: request.candidates[3]!.id, accepted, at: 1, tripDay: null, dayPart: null };
      const [after] = (await ranker.rank({ ...request, history: Array(5).fill(past) })).logits;
      expect(Math.sign(after![3]! - before![3]!)).toBe(accepted ? 1 : -1);
    }
  });

  test('is the most probable traveller: no other vector near it is likelier', () => {
    const random = Random.of(2, 'optimum');
    const small = (n: number) => Float32Array.from({ length: n }, () => random.normal());
    const own: BprFactors = { width: 3, users: small(60), items: small(30), bias: small(10) };
    const past = Array.from({ length: 12 }, () => ({ item: random.int(10), accepted: random.chance(0.5) }));
    const u = new BprFoldIn(own).vectorOf(past);
    const best = logPosterior(own, past, u);
    for (let i = 0; i < 200; i++) {
      const other = u.map((value) => value + 0.05 * random.normal());
      expect(logPosterior(own, past, other)).toBeLessThanOrEqual(best + 1e-9);
    }
  });

  test('whose list is of other venues is refused', async () => {
    const refused = opened(servedBpr, VERSION, { 'items.json': json(items.slice(1)) });
    await expect(refused).rejects.toMatchObject({ code: 'wrong_signature' });
  });
});

/** From the formula in the file's docstring, up to a constant. */
function logPosterior(
  { width, users, items, bias }: BprFactors,
  past: readonly { item: number; accepted: boolean }[],
  u: Float64Array,
): number {
  const column = (of: Float32Array, d: number) => Array.from(of).filter((_, i) => i % width === d);
  const mean = (of: ArrayLike<number>) => Array.from(of).reduce((sum, value) => sum + value, 0) / of.length;
  let sum = 0;
  for (let d = 0; d < width; d++) {
    const own = column(users, d);
    const m = mean(own);
    sum -= (u[d]! - m) ** 2 / (2 * mean(own.map((value) => (value - m) ** 2)));
  }
  for (const { item, accepted } of past) {
    let score = bias[item]! - mean(bias);
    for (let d = 0; d < width; d++) score += u[d]! * (items[item * width + d]! - mean(column(items, d)));
    sum += Math.log(1 / (1 + Math.exp(accepted ? -score : score)));
  }
  return sum;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, x) => sum + x, 0) / of.length;
  const [ma, mb] = [mean(a), mean(b)];
  const of = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return of(a, ma, b, mb) / Math.sqrt(of(a, ma, a, ma) * of(b, mb, b, mb));
}
