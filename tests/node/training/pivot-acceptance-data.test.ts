import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { readPivotCases } from '../../../models/pivot-acceptance/read-cases.ts';
import { COLUMNS } from '../../../platform/artifacts/dataset/columns.ts';
import type { DatasetFile, DatasetTable } from '../../../platform/artifacts/dataset/manifest.ts';
import { ParquetPart, type Row } from '../../../platform/artifacts/parquet-part.ts';
import { someVenue } from '../core/fixtures/venues.ts';

const DATE = '2026-05-01';
const at = (time: string) => new Date(`${DATE}T${time}Z`);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivots-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A value of each column's type, so that a row says only what it is about. */
function whole(table: DatasetTable, row: Row): Row {
  const blank = {
    STRING: '',
    JSON: '{}',
    BOOLEAN: false,
    INT32: 0,
    INT64: 0n,
    FLOAT: 0,
    DOUBLE: 0,
    TIMESTAMP: at('00:00'),
  };
  return Object.fromEntries(
    COLUMNS[table].map(({ name, type, nullable }) => [name, row[name] ?? (nullable ? null : blank[type])]),
  );
}

async function writeDataset(tables: Partial<Record<DatasetTable, readonly Row[]>>): Promise<void> {
  const files: DatasetFile[] = [];
  for (const [name, rows] of Object.entries(tables)) {
    const table = name as DatasetTable;
    const part = new ParquetPart(COLUMNS[table]);
    for (const row of rows) part.add(whole(table, row));
    const bytes = part.finish();
    const path = `${table}/date=${DATE}/part.parquet`;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ path, table, date: DATE, rows: rows.length, sha256, bytes: bytes.length });
  }
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ schema_version: 1, position: 9, files, pending: null }),
  );
}

function venueRow(id: string, version: number, energy: number, from: Date): Row {
  const { location, priceLevel, visitMinutes, vibeTags, touristScore, localScore, crossRefConfidence, ...rest } =
    someVenue({ id });
  const record = {
    ...rest,
    energy,
    version,
    ...location,
    price_level: priceLevel,
    visit_minutes: visitMinutes,
    vibe_tags: vibeTags,
    tourist_score: touristScore,
    local_score: localScore,
    cross_ref_confidence: crossRefConfidence,
  };
  return { venue_id: id, version, city: 'seattle', valid_from: from, record: JSON.stringify(record) };
}

const decision = (id: string, venue: string, type: string, time: Date, source = 'user_behavioral'): Row => ({
  signal_id: id,
  actor_key: 'k',
  venue_id: venue,
  signal_type: type,
  source,
  counts: true,
  synthetic: source !== 'user_behavioral',
  occurred_at: time,
});

function pivotRow(id: string, source: string): Row {
  const change = {
    slot_id: 'slot',
    from: 'old',
    to: 'new',
    starts_at: `${DATE}T10:30:00Z`,
    ends_at: `${DATE}T11:30:00Z`,
  };
  return {
    pivot_id: id,
    actor_key: 'k',
    slot_id: 'slot',
    trigger: 'weather',
    source,
    options: JSON.stringify([{ id: 'one', changes: [change] }]),
    response: 'accept',
    option_id: 'one',
    created_at: at('10:00:00'),
  };
}

const tables = (pivots: readonly Row[], signalId = 'pivot') => ({
  venues: [
    venueRow('old', 1, 0.1, at('00:00:00')),
    venueRow('new', 1, 0.2, at('00:00:00')),
    venueRow('new', 2, 0.9, at('12:00:00')),
  ],
  candidate_sets: [
    {
      ranking_event_id: 'ranking',
      actor_key: 'k',
      ranked_at: at('08:00:00'),
      persona: JSON.stringify({ dimensions: NEUTRAL_DIMENSIONS, interests: ['art'] }),
      context: JSON.stringify({ party_kind: 'family', budget_band: 'high' }),
      venue_ids: '["old","new"]',
      scores: '[1,0]',
      propensities: '[1,0]',
      shown: '[0]',
    },
  ],
  signals: [
    decision('a', 'new', 'slot_accept', at('09:00:00')),
    decision('b', 'old', 'slot_skip', at('09:10:00')),
    // After it was asked: no reason for the answer.
    decision('c', 'old', 'thumbs_up', at('11:00:00')),
    decision('d', 'new', 'thumbs_down', at('09:20:00'), 'synthetic_agent_v1'),
    {
      ...decision(signalId, 'old', 'pivot_requested', at('10:00:00')),
      slot_id: 'slot',
      day_part: 'morning',
      day_of_trip: 2,
      group_size: 4,
      weather: 'rain',
      ranking_event_id: 'ranking',
    },
  ],
  pivots,
});

test.each(['pivot', 'another-id'])(
  'a pivot is read with what was known when it was asked for (its signal: %s)',
  async (signalId) => {
    await writeDataset(tables([pivotRow('pivot', 'fallback')], signalId));
    const { cases, rates } = await readPivotCases(folder, { environment: 'production' });
    expect(cases).toHaveLength(1);
    const [{ moment, options, taken, synthetic }] = cases as [(typeof cases)[number]];
    expect({ taken, synthetic }).toEqual({ taken: 0, synthetic: false });
    expect(moment).toMatchObject({ trigger: 'weather', weather: 'rain', dayPart: 'morning', tripDay: 2, partySize: 4 });
    expect(moment).toMatchObject({ partyKind: 'family', budget: 'high', persona: { interests: ['art'] } });
    // The venue as it was then, and how it had been taken to by then.
    const [change] = options[0]!;
    expect(change!.to).toMatchObject({ id: 'new', energy: 0.2 });
    expect(change!.toRate).toBeGreaterThan(0);
    expect(change!.fromRate).toBeLessThan(0);
    // At the end of the data, the thumb counts too.
    expect(rates.of('old')!).toBeGreaterThan(change!.fromRate!);
  },
);

test('without its signal, only what the pivot itself says is known', async () => {
  const { signals, ...rest } = tables([pivotRow('pivot', 'fallback')]);
  await writeDataset({ ...rest, signals: signals.slice(0, 2) });
  const { cases } = await readPivotCases(folder, { environment: 'production' });
  expect(cases[0]!.moment).toMatchObject({ trigger: 'weather', weather: null, persona: null, partyKind: null });
});

test('outside development, synthetic pivots are refused with their number', async () => {
  await writeDataset(tables([pivotRow('pivot', 'fallback'), pivotRow('made', 'synthetic_choice_model_v1')]));
  await expect(readPivotCases(folder, { environment: 'production' })).rejects.toThrow('refused: 1 of 2 pivots');
  const { cases } = await readPivotCases(folder, { environment: 'development' });
  expect(cases.map(({ synthetic }) => synthetic).sort()).toEqual([false, true]);
});

test('a pivot that contradicts itself is named with its folder', async () => {
  await writeDataset(tables([{ ...pivotRow('pivot', 'fallback'), option_id: 'none' }]));
  const failure = await readPivotCases(folder, { environment: 'production' }).catch((error) => error);
  expect(failure.message).toContain(folder);
  expect(failure.message).toContain('pivot pivot: answered accept with option none');
});
