/** The commands for few real travellers on the product's own data: an extracted data set, with what rankings knew of the moment. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NEUTRAL_DIMENSIONS } from '../../../../core/persona/dimensions.ts';
import { Extraction, extractAll } from '../../../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../../../platform/artifacts/folder-store.ts';
import { readSignals } from '../../../../training/low-data/read-signals.ts';
import { database } from '../../own-database.ts';
import { actor, clearLog, day, id, logRanking, logSignals, venue } from '../logged-behaviour.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'low-data-'));
  await clearLog(database);
  await logRanking(database, 1, { actor: 1, at: day(0) });
  await logSignals(database, 0, [
    { actor: 1, ranking: 1, venue: 0, at: day(0, 10) },
    { actor: 1, ranking: 1, venue: 1, type: 'slot_skip', at: day(0, 20) },
    // Says the same again: it does not count, and is no second decision.
    { actor: 1, ranking: 1, venue: 0, counts: false, at: day(0, 30) },
    { actor: 1, ranking: 1, venue: 7, type: 'slot_view', at: day(0, 40) },
    { actor: 1, ranking: 1, venue: 8, type: 'slot_linger', at: day(0, 50) },
    { actor: 2, venue: 3, at: day(1) },
    { actor: 2, venue: 4, source: 'synthetic_agent_v1', at: day(2) },
    // Of no slot.
    { actor: 2, venue: 5, type: 'thumbs_up', at: day(3), context: { day_of_trip: null, day_part: null } },
  ]);
  await extractAll(new Extraction(database, folderStore(join(folder, 'set'))));
});
afterAll(() => rm(folder, { recursive: true }));

const read = () => readSignals([join(folder, 'set')], new Map());

describe('an extracted data set', () => {
  it('gives decisions with persona, party and budget of the ranking that they came after', async () => {
    const { decisions } = await read();
    expect(decisions.map(({ venue: { id }, accepted }) => [id, accepted])).toEqual([
      [venue(0), true],
      [venue(1), false],
      [venue(3), true],
      [venue(4), true],
    ]);
    expect(decisions[0]).toMatchObject({
      id: id('signal', 0),
      actor: actor(1),
      trip: id('trip', 1),
      city: 'testville',
      dayPart: 'morning',
      tripDay: 1,
      weather: 'rain',
      party: { kind: 'solo', size: 1 },
      budget: 'mid',
      persona: { dimensions: { ...NEUTRAL_DIMENSIONS, culture: 0.1 }, interests: ['quiet'] },
      source: 'user_behavioral',
    });
  });

  it('knows nothing of whom no ranking was made for, and keeps where a row comes from', async () => {
    const { decisions } = await read();
    expect(decisions[2]).toMatchObject({ party: null, budget: null, persona: { dimensions: NEUTRAL_DIMENSIONS } });
    expect(decisions.map(({ source }) => source)).toEqual([...Array(3).fill('user_behavioral'), 'synthetic_agent_v1']);
  });

  it('leaves open what was shown and viewed, and not decided on', async () => {
    const { open } = await read();
    expect(open.map((one) => one.venue.id).sort()).toEqual([venue(2), venue(7)]);
    expect(new Set(open.map((one) => one.actor))).toEqual(new Set([actor(1)]));
  });

  it('stands beside lines of a file, whose venues it knows', async () => {
    const line = {
      ...{ id: id('made', 1), actor_key: actor(9), signal_type: 'slot_accept', venue_id: venue(6), trip_id: null },
      ...{ occurred_at: day(4).toISOString(), source: 'user_behavioral' },
      context: { day_of_trip: 1, day_part: 'evening' },
    };
    const file = join(folder, 'more.jsonl');
    await writeFile(file, `${JSON.stringify(line)}\n`);
    const { decisions, sources } = await readSignals([join(folder, 'set'), file], new Map());
    expect(decisions.at(-1)).toMatchObject({ actor: actor(9), city: 'testville' });
    expect(sources.map(({ rows }) => rows)).toEqual([5, 1]);
    await expect(readSignals([file], new Map())).rejects.toThrow(`${file}:1 (venue_id): no catalogue has the venue`);
  });

  it('that is none is named', async () => {
    await expect(readSignals([folder], new Map())).rejects.toThrow(/manifest\.json: the folder is no data set/);
  });
});
