/** The population in the database: the same however often and however interrupted it is written, and marked for ever. */
import { sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startShadowMaker } from '../../../cli/local/shadow-maker.ts';
import { readCatalogues } from '../../../platform/database/city-catalogues.ts';
import { nextLearners } from '../../../platform/database/persona-learning.ts';
import { seedMissingCities } from '../../../platform/database/seed-cities.ts';
import { findShadowRun, sumShadowTables } from '../../../platform/database/shadow-population.ts';
import { SHADOW_TABLES } from '../../../platform/database/shadow-rows.ts';
import { findTraveller, insertUser } from '../../../platform/database/users.ts';
import type { Population } from '../../../simulation/shadow/population.ts';
import {
  beginSeeding,
  isWhole,
  OtherPopulation,
  openPopulation,
  removeStretch,
  seedPopulation,
  seedStretch,
} from '../../../simulation/shadow/seed.ts';
import { SHADOW_LINEAGE } from '../../../simulation/shadow/settings.ts';
import { database } from '../own-database.ts';

/** A stretch, and some more. */
const USERS = 17;
const clock = { now: new Date('2026-11-02T12:00:00Z'), codeRevision: 'test' };

let population: Population;
beforeAll(async () => {
  const catalogues = (await readCatalogues()).filter(({ city }) => ['new-york', 'mexico-city'].includes(city.slug));
  await seedMissingCities(database, { now: clock.now, catalogues });
  population = await openPopulation(database, 1, USERS);
});
beforeEach(async () => {
  while ((await removeStretch(database)) > 0);
});

const rowsOf = async (query: ReturnType<typeof sql>) => (await database.execute<Record<string, unknown>>(query)).rows;

describe('seeding', () => {
  it('writes what was made, row for row', async () => {
    const { rows, written } = await seedPopulation(database, population, clock);
    const made = population.rowsOf(population.users.keys());
    expect(written).toBe(USERS);
    expect(rows).toEqual(Object.fromEntries(SHADOW_TABLES.map((table) => [table, made[table].length])));
    expect(await isWhole(database, rows)).toBe(true);
  });

  it('a second time changes nothing: counts, content and positions', async () => {
    await seedPopulation(database, population, clock);
    const sums = await sumShadowTables(database);
    const positions = await rowsOf(sql`select max(position) as last from behavioral_signals`);
    const again = await seedPopulation(database, population, { ...clock, now: new Date() });
    expect(again.written).toBe(0);
    expect(await sumShadowTables(database)).toEqual(sums);
    expect(await rowsOf(sql`select max(position) as last from behavioral_signals`)).toEqual(positions);
  });

  it('gives the same content in an empty database again, and another for another seed', async () => {
    await seedPopulation(database, population, clock);
    const sums = await sumShadowTables(database);
    while ((await removeStretch(database)) > 0);
    await seedPopulation(database, await openPopulation(database, 1, USERS), { ...clock, now: new Date() });
    expect(await sumShadowTables(database)).toEqual(sums);
    while ((await removeStretch(database)) > 0);
    await seedPopulation(database, await openPopulation(database, 2, USERS), clock);
    expect((await sumShadowTables(database)).behavioral_signals.sha256).not.toBe(sums.behavioral_signals.sha256);
  });

  it('is told apart by its content: one changed row is another sum', async () => {
    await seedPopulation(database, population, clock);
    const before = await sumShadowTables(database);
    await database.execute(sql`
      update behavioral_signals set context = context || '{"weather": "hail"}'
      where id = (select min(id::text)::uuid from behavioral_signals)`);
    const after = await sumShadowTables(database);
    expect(after.behavioral_signals).not.toEqual(before.behavioral_signals);
    expect(after.trips).toEqual(before.trips);
  });

  it('does without a city that the database does not have, and says so in the run', async () => {
    await seedPopulation(database, population, clock);
    expect((await findShadowRun(database))!.metrics).toMatchObject({
      left_out: [{ slug: 'tokyo', venues: 0, reason: 'unknown_city' }],
    });
  });
});

describe('a run that breaks off', () => {
  it('between two stretches is taken up, and ends as if it had not', async () => {
    await seedPopulation(database, population, clock);
    const whole = await sumShadowTables(database);
    while ((await removeStretch(database)) > 0);

    await beginSeeding(database, population, clock);
    const { next } = await seedStretch(database, population, 0);
    expect(next).toBe(15);
    const half = await sumShadowTables(database);
    expect(half.users.rows).toBe(15);
    const rows = Object.fromEntries(SHADOW_TABLES.map((t) => [t, half[t].rows])) as Parameters<typeof isWhole>[1];
    expect(await isWhole(database, rows)).toBe(false);
    const { written } = await seedPopulation(database, population, clock);
    expect(written).toBe(USERS - 15);
    expect(await sumShadowTables(database)).toEqual(whole);
  });

  it('within one leaves nothing of it', async () => {
    await beginSeeding(database, population, clock);
    // The last table of the stretch is not there.
    await database.execute(sql`alter table intention_signals rename to elsewhere`);
    try {
      await expect(seedStretch(database, population, 0)).rejects.toThrow();
    } finally {
      await database.execute(sql`alter table elsewhere rename to intention_signals`);
    }
    for (const { rows } of Object.values(await sumShadowTables(database))) expect(rows).toBe(0);
    expect(await rowsOf(sql`select from behavioral_signals`)).toEqual([]);
    expect((await seedPopulation(database, population, clock)).written).toBe(USERS);
  });

  it('or meets another that is quicker, leaves to it what it has written', async () => {
    const make = async (indices: readonly number[]) => {
      await seedStretch(database, population, indices[0]!);
      return population.make(indices);
    };
    const { rows, written } = await seedPopulation(database, population, clock, { make });
    expect(written).toBe(0);
    expect(rows.users).toBe(USERS);
    expect(await isWhole(database, rows)).toBe(true);
  });
});

describe('another population', () => {
  it.each([
    ['another seed', () => openPopulation(database, 2, USERS)],
    ['another size', () => openPopulation(database, 1, USERS + 1)],
  ])('of %s is refused while one is there, and nothing is written', async (_, other) => {
    await seedPopulation(database, population, clock);
    const sums = await sumShadowTables(database);
    const refused = seedPopulation(database, await other(), clock);
    await expect(refused).rejects.toThrow(OtherPopulation);
    expect(await sumShadowTables(database)).toEqual(sums);
  });

  it('takes its place once it is removed: travellers, run and all that hangs on them, and nobody else', async () => {
    const id = '00000000-0000-7000-8000-000000000001';
    await insertUser(database, {
      id,
      actorKey: '00000000-0000-4000-8000-000000000002',
      subject: 'somebody',
      onboardingTags: {},
      homeCurrency: null,
      now: clock.now,
    });
    await seedPopulation(database, population, clock);
    while ((await removeStretch(database)) > 0);
    expect(await findShadowRun(database)).toBeNull();
    for (const table of [
      'trips',
      'itinerary_slots',
      'behavioral_signals',
      'ranking_events',
      'pivot_events',
      'intention_signals',
    ]) {
      expect(await rowsOf(sql`select from ${sql.raw(table)}`), table).toEqual([]);
    }
    expect(await rowsOf(sql`select id from users`)).toEqual([{ id }]);
    await database.execute(sql`delete from users`);
  });
});

describe('in the database', () => {
  beforeEach(async () => {
    await seedPopulation(database, population, clock);
  });

  it('every row tells that it is synthetic, and where it is from', async () => {
    const sources = await rowsOf(sql`select distinct source, synthetic, counts from behavioral_signals`);
    expect(sources).toEqual([{ source: SHADOW_LINEAGE, synthetic: true, counts: false }]);
    for (const table of ['ranking_events', 'pivot_events', 'intention_signals', 'persona_dimensions']) {
      expect(await rowsOf(sql`select distinct source from ${sql.raw(table)}`), table).toEqual([
        { source: SHADOW_LINEAGE },
      ]);
    }
    const [run] = await rowsOf(sql`select lineage, code_revision from simulation_runs`);
    expect(run).toEqual({ lineage: SHADOW_LINEAGE, code_revision: 'test' });
  });

  it('no synthetic signal counts (invariant 8)', async () => {
    expect(await rowsOf(sql`select distinct counting_signals from users`)).toEqual([{ counting_signals: 0 }]);
  });

  it('a traveller reads back with the jitter that they were made with', async () => {
    const [made] = population.rowsOf([7]).trips;
    const { persona } = (await findTraveller(database, population.userId(7)))!;
    expect(persona.dimensions).toEqual(made!.dimensions);
  });

  it('the nightly job leaves them as they were made', async () => {
    expect(await nextLearners(database, null, 100)).toEqual([]);
  });
});

describe('a maker in a thread of its own', () => {
  it('makes the same, in the order of the calls', async () => {
    const maker = startShadowMaker(population.request);
    try {
      const made = await Promise.all([maker.make([3, 4]), maker.make([5])]);
      expect(made).toEqual([population.make([3, 4]), population.make([5])]);
    } finally {
      await maker.close();
    }
  });

  it('tells what went wrong', async () => {
    const maker = startShadowMaker({ ...population.request, cities: [] });
    await expect(maker.make([0])).rejects.toThrow('no city to travel to');
    await maker.close();
  });
});
