/** What is counted in Postgres is what the trainer finds in the data set. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WARM_SIGNALS } from '../../../core/persona/persona.ts';
import { CLIENT_SIGNAL_TYPES, SIGNAL_SOURCES } from '../../../core/signal/signal.ts';
import { modelsReady, TRAINABLE } from '../../../models/configs.ts';
import { MODELS } from '../../../models/index.ts';
import { Extraction, extractAll } from '../../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../../platform/artifacts/folder-store.ts';
import { arbitrationEvents } from '../../../platform/database/schema/index.ts';
import { countTrainingData, type TrainingCounts } from '../../../platform/database/training-counts.ts';
import { readOwnDataset } from '../../../training/data/own/read-own-dataset.ts';
import type { Minimum } from '../../../training/model.ts';
import { readiness } from '../../../training/readiness.ts';
import { database } from '../own-database.ts';
import { clearLog, day, id, type Logged, logSignals, venue } from './logged-behaviour.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readiness-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const CONTEXTS: Record<string, unknown>[] = [
  {},
  { direction: 'right', rating: 5, replacement_venue_id: venue(7) },
  { direction: 'left', rating: 1, replacement_venue_id: 'the one at the corner' },
  { direction: 'up', rating: 3 },
  { direction: 4, rating: '5', replacement_venue_id: 7 },
  { rating: 5.5, lineage: 'real_user_derived' },
  { rating: 4, lineage: 'nobody knows' },
  { rating: 0.5, time_to_action_ms: 90_000 },
];

/** Every type with every context, with and without a venue, counting or not, of cold, warm and simulated travellers. */
function everySignal(): Logged[] {
  const warming: Logged[] = [1, 2].flatMap((actor) =>
    Array.from({ length: WARM_SIGNALS }, (_, i) => ({ actor, at: day(0, i), venue: i, type: 'thumbs_up' })),
  );
  let minute = 0;
  const all = SIGNAL_SOURCES.flatMap((source) =>
    CLIENT_SIGNAL_TYPES.flatMap((type) =>
      CONTEXTS.flatMap((context, i): Logged[] => {
        const signal = { type, source, context, at: day(1, minute++), venue: i % 5 === 4 ? null : i };
        const counts = source === 'user_behavioral' && type !== 'slot_view' && i % 3 !== 2;
        return [1, 2, 3].map((actor) => ({ ...signal, actor, counts: actor === 2 ? false : counts && type < 't' }));
      }),
    ),
  );
  // Others, of whom some took five places and some four.
  const few = [4, 5].flatMap((actor) =>
    Array.from({ length: actor }, (_, i) => ({ actor, at: day(2, i), venue: i, source: 'synthetic_agent_v1' })),
  );
  return [...warming, ...all, ...few];
}

describe('the counts of training data', () => {
  it('are nothing where nothing is logged', async () => {
    const nothing = { interactions: 0, 'sequences of 5 or more': 0, 'events with outcomes': 0 };
    expect(await countTrainingData(database)).toEqual({ warmUsers: nothing, allRows: nothing });
  });

  it('agree with what the trainer finds in the data set, in development and outside it', async () => {
    await clearLog(database);
    await logSignals(database, 0, everySignal());
    const counted = await countTrainingData(database);
    await extractAll(new Extraction(database, folderStore(folder)));
    const read = (environment: string) => readOwnDataset(folder, { environment, leaveOutRefused: true });
    for (const [environment, counts] of [
      ['development', counted.allRows],
      ['production', counted.warmUsers],
    ] as const) {
      const dataset = await read(environment);
      for (const unit of ['interactions', 'sequences of 5 or more'] as const) {
        expect(counts[unit], `${unit} in ${environment}`).toBe(readiness({ unit, count: 1 }, dataset).found);
      }
    }
    expect(counted.warmUsers.interactions).toBeGreaterThan(50);
    expect(counted.allRows.interactions).toBeGreaterThan(2 * counted.warmUsers.interactions);
    expect(counted.allRows['sequences of 5 or more']).toBe(4);
  });

  it('hold the arbitrations whose outcome is known', async () => {
    const event = (n: number, outcome: { accepted: boolean | null; servedActivity: string | null }) => ({
      ...{ id: id('arbitration', n), mlTop3: [], llmTop3: [], arbitrationRule: 'agreement', contextSnapshot: {} },
      ...outcome,
    });
    await database
      .insert(arbitrationEvents)
      .values([
        event(1, { accepted: true, servedActivity: venue(1) }),
        event(2, { accepted: false, servedActivity: venue(1) }),
        event(3, { accepted: null, servedActivity: venue(1) }),
        event(4, { accepted: true, servedActivity: null }),
      ]);
    expect((await countTrainingData(database)).warmUsers['events with outcomes']).toBe(2);
  });
});

describe('readiness', () => {
  const counts = (n: number): TrainingCounts => ({
    interactions: n,
    'sequences of 5 or more': n,
    'events with outcomes': n,
  });

  it('outside development counts what warm travellers did alone', () => {
    const data = { warmUsers: counts(499), allRows: counts(999) };
    for (const environment of ['production', 'test', 'anything']) {
      const { counted, models } = modelsReady(data, environment);
      expect(counted).toBe('warm_users');
      expect(models.find(({ model }) => model === 'bpr')).toEqual({
        ...{
          model: 'bpr',
          unit: 'interactions',
          needed: 500,
          found: 499,
          foundWarmUsers: 499,
          missing: 1,
          ready: false,
        },
      });
      expect(models.filter(({ ready }) => ready)).toEqual([]);
    }
    const { counted, models } = modelsReady(data, 'development');
    expect(counted).toBe('all_rows');
    expect(models.find(({ model }) => model === 'dlrm')).toMatchObject({ found: 999, foundWarmUsers: 499, missing: 1 });
    expect(models.filter(({ ready }) => ready).map(({ model }) => model)).toEqual(
      [...TRAINABLE.keys()].filter((model) => model !== 'dlrm'),
    );
  });

  it('knows of every model that can be trained what its definition says', () => {
    expect([...TRAINABLE.keys()].sort()).toEqual([...MODELS.keys()].sort());
    for (const [name, { config, minimum }] of TRAINABLE) {
      const definition = MODELS.get(name)!;
      expect(config, name).toBe(definition.config);
      expect(minimum, name).toEqual(definition.minimum satisfies Minimum | null);
    }
  });

  it('states the minima of the source documents', () => {
    const minima = Object.fromEntries([...TRAINABLE].map(([name, { minimum }]) => [name, minimum]));
    expect(minima).toMatchObject({
      bpr: { unit: 'interactions', count: 500 },
      'two-tower': { unit: 'interactions', count: 500 },
      dlrm: { unit: 'interactions', count: 1000 },
      sasrec: { unit: 'sequences of 5 or more', count: 500 },
    });
  });
});
