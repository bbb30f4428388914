import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CatalogueFile, readCatalogues } from '../../platform/database/city-catalogues.ts';
import { seedMissingCities, venueId } from '../../platform/database/seed-cities.ts';
import { database } from './own-database.ts';

const MONDAY = new Date('2026-11-02T12:00:00Z');
const TUESDAY = new Date('2026-11-03T12:00:00Z');

let seattle: CatalogueFile;

beforeAll(async () => {
  const all = await readCatalogues();
  seattle = first(120, all.find(({ city }) => city.slug === 'seattle')!, 'v1');
});
beforeEach(async () => {
  await database.execute(sql`truncate cities cascade`);
});

/** The first venues of a catalogue, as a version of its own: more than one batch, and quicker than all. */
function first(count: number, { city, mentions, corpus }: CatalogueFile, version: string): CatalogueFile {
  const venues = city.venues.slice(0, count);
  const slugs = new Set(venues.map((venue) => venue.slug));
  const kept = Object.entries(mentions).filter(([slug]) => slugs.has(slug));
  return { city: { ...city, venues }, corpus, mentions: Object.fromEntries(kept), version };
}

const seed = (catalogue: CatalogueFile, now = MONDAY, onProgress?: (done: number, total: number) => void) =>
  seedMissingCities(database, { now, catalogues: [catalogue], ...(onProgress ? { onProgress } : {}) });

const rowsOf = async (query: ReturnType<typeof sql>) => (await database.execute<Record<string, unknown>>(query)).rows;
const everything = async () => ({
  cities: await rowsOf(sql`select * from cities order by id`),
  venues: await rowsOf(sql`select * from activity_nodes order by id`),
  versions: await rowsOf(sql`select * from activity_node_versions order by activity_node_id, version`),
  mentions: await rowsOf(sql`select * from quality_signals order by id`),
});
const venue = async (slug: string) =>
  (await rowsOf(sql`select * from activity_nodes where id = ${venueId('seattle', slug)}`))[0]!;
const versionsOf = (slug: string) =>
  rowsOf(sql`
    select version, record, catalogue_version from activity_node_versions
    where activity_node_id = ${venueId('seattle', slug)} order by version`);

const SLUG = 'the-pink-door';
/** The catalogue with one venue changed, or taken out. */
function edited(change: Partial<CatalogueFile['city']['venues'][number]> | null, version = 'v2'): CatalogueFile {
  const venues = seattle.city.venues.flatMap((entry) => {
    if (entry.slug !== SLUG) return [entry];
    return change ? [{ ...entry, ...change }] : [];
  });
  const { [SLUG]: gone, ...others } = seattle.mentions;
  return {
    ...seattle,
    city: { ...seattle.city, venues },
    mentions: change && gone ? seattle.mentions : others,
    version,
  };
}

describe('seeding a city', () => {
  it('writes the city, its venues with scores and vectors, their first versions and what sources say', async () => {
    expect(await seed(seattle)).toEqual([{ city: 'seattle', venues: 120, seeded: true }]);
    const { cities, venues, versions, mentions } = await everything();
    expect(cities).toMatchObject([
      { slug: 'seattle', venue_count: 120, catalogue_version: 'v1', time_zone: 'America/Los_Angeles' },
    ]);
    expect(venues).toHaveLength(120);
    expect(versions).toHaveLength(120);
    expect(versions.every((row) => row.version === 1 && row.catalogue_version === 'v1')).toBe(true);
    expect(mentions.length).toBe(
      Object.values(seattle.mentions).flatMap((counts) => Object.values(counts).filter((count) => count > 0)).length,
    );
    const market = await venue('pike-place-market');
    expect(market).toMatchObject({
      name: 'Pike Place Market',
      category: 'market',
      source: 'catalogue',
      source_tier: 1,
      closed_at: null,
    });
    expect(market.tourist_score).toBeGreaterThan(0.7);
    expect(JSON.parse(market.vibe_embedding as string)).toHaveLength(64);
  });

  it('a second time changes nothing', async () => {
    await seed(seattle);
    const before = await everything();
    expect(await seed(seattle, TUESDAY)).toEqual([{ city: 'seattle', venues: 120, seeded: false }]);
    expect(await everything()).toEqual(before);
  });

  it('gives the same place the same id in every database', async () => {
    await seed(seattle);
    const ids = (await everything()).venues.map((row) => row.id);
    await database.execute(sql`truncate cities cascade`);
    await seed(seattle, TUESDAY);
    expect((await everything()).venues.map((row) => row.id)).toEqual(ids);
  });

  it('reports its progress, up to all', async () => {
    const seen: [number, number][] = [];
    await seed(seattle, MONDAY, (done, total) => seen.push([done, total]));
    expect(seen).toEqual([
      [100, 120],
      [120, 120],
    ]);
  });

  it('knows a city without venues by name', async () => {
    const bare = (await readCatalogues()).find(({ city }) => city.venues.length === 0)!;
    await seed(bare);
    expect((await everything()).cities).toMatchObject([
      { slug: 'lisbon', venue_count: 0, catalogue_version: bare.version },
    ]);
  });
});

describe('a changed catalogue', () => {
  it('raises the version of what changed and appends what it is now to what it was', async () => {
    await seed(seattle);
    const was = await venue(SLUG);
    await seed(edited({ price: 4, tags: ['italian', 'quiet'] }), TUESDAY);
    expect(await venue(SLUG)).toMatchObject({
      id: was.id,
      version: 2,
      price_level: 4,
      vibe_tags: ['italian', 'quiet'],
    });
    expect((await venue(SLUG)).vibe_embedding).not.toEqual(was.vibe_embedding);
    expect(await versionsOf(SLUG)).toMatchObject([
      { version: 1, catalogue_version: 'v1', record: { price_level: 3, name: was.name } },
      { version: 2, catalogue_version: 'v2', record: { price_level: 4, name: was.name } },
    ]);
    expect((await everything()).cities).toMatchObject([{ catalogue_version: 'v2' }]);
  });

  it('replaces what sources say and the scores that follow from it', async () => {
    await seed(seattle);
    await seed({ ...edited({}), mentions: { ...seattle.mentions, [SLUG]: { avoid: 9 } } }, TUESDAY);
    expect(await venue(SLUG)).toMatchObject({ tourist_score: 0, overrated_flag: true, quality_signals: { avoid: 9 } });
    const said = await rowsOf(
      sql`select source, mentions from quality_signals where activity_node_id = ${venueId('seattle', SLUG)}`,
    );
    expect(said).toEqual([{ source: 'avoid', mentions: 9 }]);
  });

  it('closes a venue that left it, as a version of its own, and keeps the row that trips refer to', async () => {
    await seed(seattle);
    await seed(edited(null), TUESDAY);
    const { venues, cities } = await everything();
    expect(venues).toHaveLength(120);
    expect(cities).toMatchObject([{ venue_count: 119 }]);
    expect(await venue(SLUG)).toMatchObject({ closed_at: '2026-11-03', version: 2 });
    expect(await versionsOf(SLUG)).toMatchObject([
      { version: 1, record: { closed_at: null } },
      { version: 2, catalogue_version: 'v2', record: { closed_at: '2026-11-03' } },
    ]);
    expect(venues.filter((row) => row.closed_at !== null)).toHaveLength(1);
  });

  it('closes it once, however often it is seeded without it', async () => {
    await seed(seattle);
    await seed(edited(null), TUESDAY);
    await seed(edited(null, 'v3'), new Date('2026-11-09T12:00:00Z'));
    expect(await venue(SLUG)).toMatchObject({ closed_at: '2026-11-03', version: 2 });
  });

  it('opens a venue again that came back', async () => {
    await seed(seattle);
    await seed(edited(null), TUESDAY);
    await seed({ ...seattle, version: 'v3' }, TUESDAY);
    expect(await venue(SLUG)).toMatchObject({ closed_at: null, version: 3 });
  });

  it('leaves alone what a places provider brought', async () => {
    await seed(seattle);
    await database.execute(sql`update activity_nodes set source = 'places' where id = ${venueId('seattle', SLUG)}`);
    await seed(edited(null), TUESDAY);
    expect(await venue(SLUG)).toMatchObject({ closed_at: null, version: 1 });
  });
});

describe('a run that is cut off', () => {
  const cutOff = () =>
    seed(seattle, MONDAY, (done) => {
      if (done >= 100) throw new Error('cut off');
    });

  it('leaves the city unfinished, and the next run takes it up and finishes it', async () => {
    await expect(cutOff()).rejects.toThrow('cut off');
    const half = await everything();
    expect(half.venues).toHaveLength(100);
    expect(half.cities).toMatchObject([{ catalogue_version: 'empty', venue_count: 0 }]);
    expect(await seed(seattle, TUESDAY)).toMatchObject([{ seeded: true }]);
    const whole = await everything();
    expect(whole.venues).toHaveLength(120);
    expect(whole.cities).toMatchObject([{ catalogue_version: 'v1', venue_count: 120 }]);
    const unrecorded = await rowsOf(sql`
      select id from activity_nodes n where not exists
        (select 1 from activity_node_versions v where v.activity_node_id = n.id and v.version = n.version)`);
    expect(unrecorded).toEqual([]);
  });
});

describe('the catalogue files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catalogues-'));
    await mkdir(join(folder, 'cities'));
    await mkdir(join(folder, 'corpus'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const corpus = { corpus: 'sample-v1', notice: 'A sample.', mentions: {} };
  const write = async (city: object | string, mentions: object = corpus) => {
    await writeFile(join(folder, 'cities/seattle.json'), typeof city === 'string' ? city : JSON.stringify(city));
    await writeFile(join(folder, 'corpus/seattle.json'), JSON.stringify(mentions));
  };
  const read = () => readCatalogues(pathToFileURL(`${folder}/`));
  const bare = () => ({ ...seattle.city, venues: [] });

  it('change their version with any byte of the city or of its corpus', async () => {
    const versions: string[] = [];
    for (const [name, notice] of [
      ['Seattle', 'A sample.'],
      ['Seattle!', 'A sample.'],
      ['Seattle', 'Another sample.'],
    ]) {
      await write({ ...bare(), name }, { ...corpus, notice });
      versions.push((await read())[0]!.version);
    }
    expect(new Set(versions).size).toBe(3);
    await write(bare());
    expect((await read())[0]!.version).toBe(versions[0]);
  });

  it('are named in what is wrong with them', async () => {
    await write({ ...bare(), currency: 'DOLLAR' });
    await expect(read()).rejects.toThrow(/^data\/cities\/seattle\.json: city currency: /);
    await write('{ "slug": ');
    await expect(read()).rejects.toThrow(/^cities\/seattle\.json: /);
  });
});
