import * as native from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { dlrmConfig } from '../../../models/dlrm/config.ts';
import { servingFiles } from '../../../models/dlrm/serving-files.ts';
import type { ServingValues } from '../../../models/dlrm/serving-graph.ts';
import { servingValuesOf } from '../../../models/dlrm/serving-values.ts';
import { FIRST_ITEM, UNKNOWN } from '../../../models/u-sasrec/inputs.ts';
import { servedDlrm } from '../../../platform/inference/ml-rankers/dlrm.ts';
import { onnxSession } from '../../../platform/inference/onnx-session.ts';
import { openModel } from '../../../platform/inference/served-model.ts';
import { cataloguePlaces } from '../../../training/text/places.ts';
import writtenDown from '../../inference/dlrm-logits.json' with { type: 'json' };
import { madeUpVenues } from '../../inference/made-up-venues.ts';
import { type CaseSize, rankingCase, WRITTEN_DOWN } from '../../inference/ranking-cases.ts';
import { artifactFile, headReference, loggedCase, sequenceReference } from './training-reference.ts';

const FOLDER = 'dlrm/fcd359f3f207';
const config = dlrmConfig.parse(JSON.parse(new TextDecoder().decode(artifactFile(`${FOLDER}/config.json`))));
const length = config.sequence.length!;

let venues: Venue[];
let items: string[];
let values: ServingValues;
let sequence: native.InferenceSession;
let ranker: MlRanker;

beforeAll(async () => {
  venues = (await cataloguePlaces()).places.map(({ venue }) => venue);
  items = JSON.parse(new TextDecoder().decode(artifactFile(`${FOLDER}/items.json`)));
  const file = artifactFile(`${FOLDER}/u-sasrec.onnx`);
  values = servingValuesOf(file, artifactFile(`${FOLDER}/dlrm.onnx`), config, 1);
  sequence = await native.InferenceSession.create(file);
  const opened = await openModel(servedDlrm, {
    version: 'fcd359f3f207',
    read: async (name) => artifactFile(`${FOLDER}/${name}`),
    createSession: async (bytes) => onnxSession(native, await native.InferenceSession.create(bytes)),
  });
  ranker = opened.serves;
});

/** Of a venue that training did not see, the id that stands for all of those. */
function idOf(venueId: string): number {
  const item = items.indexOf(venueId);
  return item < 0 || !values.trained[item] ? UNKNOWN : item + FIRST_ITEM;
}

async function expectParity(request: MlRequest): Promise<void> {
  const { logits, modelVersion } = await ranker.rank(request);
  expect(modelVersion).toBe('dlrm@fcd359f3f207');
  expect(logits).toHaveLength(request.moments.length);
  for (const [i, moment] of request.moments.entries()) {
    const logged = loggedCase(request, moment);
    const expected = await headReference(
      values,
      config,
      logged,
      await sequenceReference(sequence, logged, length, idOf),
    );
    expect(logits[i]!.length).toBe(expected.length);
    for (const [at, logit] of expected.entries()) expect(Math.abs(logits[i]![at]! - logit)).toBeLessThan(1e-4);
    expect(new Set(expected).size).toBeGreaterThan(1);
  }
}

describe('the ranker of the Worker gives the logits of the code that trains', () => {
  const sizes: [string, CaseSize][] = [
    ['a warm traveller, 200 candidates', { history: 25, candidates: 200, moments: 1 }],
    ['as long a past as the model reads', { history: 49, candidates: 20, moments: 2 }],
    ['a longer past than the model reads', { history: 130, candidates: 20, moments: 3 }],
    ['one choice', { history: 1, candidates: 5, moments: 2 }],
    ['nobody knows anything yet', { history: 0, candidates: 5, moments: 2 }],
    ['twelve moments in one run', { history: 30, candidates: 40, moments: 12 }],
  ];
  test.each(sizes)('%s', async (_, size) => {
    for (const seed of [1, 2]) await expectParity(rankingCase(venues, size, seed));
  });

  test('for venues that no catalogue had when it was trained', async () => {
    const request = rankingCase(venues, { history: 10, candidates: 10, moments: 2 }, 3);
    const renamed = (venue: Venue): Venue => ({ ...venue, id: `new-${venue.id}` });
    await expectParity({
      ...request,
      history: request.history.map((choice) => ({ ...choice, venueId: `new-${choice.venueId}` })),
      historyVenues: new Map([...request.historyVenues].map(([id, venue]) => [`new-${id}`, renamed(venue)])),
      candidates: request.candidates.map(renamed),
    });
  });

  test('and a moment’s do not depend on the moments beside it', async () => {
    const request = rankingCase(venues, { history: 30, candidates: 50, moments: 6 }, 4);
    const together = (await ranker.rank(request)).logits;
    for (const [i, moment] of request.moments.entries()) {
      const [alone] = (await ranker.rank({ ...request, moments: [moment] })).logits;
      for (const [at, logit] of alone!.entries()) expect(Math.abs(together[i]![at]! - logit)).toBeLessThan(1e-5);
    }
  });
});

test('the serving files in the folder are made of the trained values of its other files', () => {
  const files = servingFiles(values);
  expect(files.map(({ name }) => name)).toEqual(['dlrm-venues.onnx', 'dlrm-ranking.onnx']);
  for (const { name, bytes } of files) expect(Buffer.compare(artifactFile(`${FOLDER}/${name}`), bytes)).toBe(0);
});

test('a venue that training did not see stands under no id of its own', () => {
  const unseen = values.trained.indexOf(0);
  expect(unseen).toBeGreaterThanOrEqual(0);
  expect(idOf(items[unseen]!)).toBe(UNKNOWN);
});

/** The same numbers are asked of workerd (`tests/workerd/inference`). */
test('gives the logits that are written down', async () => {
  const request = rankingCase(madeUpVenues(items.slice(0, 300), 1), WRITTEN_DOWN, 11);
  const { logits } = await ranker.rank(request);
  for (const [i, row] of logits.entries()) {
    expect(row.length).toBe(writtenDown[i]!.length);
    for (const [at, logit] of row.entries()) expect(Math.abs(logit - writtenDown[i]![at]!)).toBeLessThan(1e-4);
  }
});
