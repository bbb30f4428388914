import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import type { Database } from '../../platform/database/client.ts';
import { DEFAULT_SEED, DEFAULT_USERS, MOST_USERS } from '../../simulation/shadow/settings.ts';
import { codeRevision } from '../../training/artifact/code-revision.ts';
import { CommandError } from '../command-error.ts';
import { DEFAULT_PORT, freePortFrom } from '../local/port.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';

interface SeedOptions {
  seed: number;
  users: number;
  verify?: true;
  replace?: true;
  state: string;
}

export const seedTrainingDataCommand = new Command('seed-training-data')
  .description('fill the database with shadow travellers, for training in development')
  .option('--seed <n>', 'the same seed gives the same rows', parseSeed, DEFAULT_SEED)
  .option('--users <n>', `travellers, at most ${MOST_USERS}`, parseUsers, DEFAULT_USERS)
  .option('--replace', 'take out a population with other settings first')
  .option('--verify', 'write nothing; print rows and SHA-256 of each table')
  .addOption(stateOption())
  .action(async (options: SeedOptions) => {
    const { openDatabase } = await import('../../platform/database/client.ts');
    const url = process.env.DATABASE_URL;
    if (url) {
      assertNotProduction(url);
      await run(openDatabase(url), options);
      return;
    }
    const { openLocalDatabase } = await import('../local/database.ts');
    const { seedCities } = await import('../local/seed-progress.ts');
    const embedded = await openLocalDatabase(stateFolder(options.state), await freePortFrom(DEFAULT_PORT + 1));
    try {
      const database = openDatabase(embedded.url);
      if (!options.verify) await seedCities(database);
      await run(database, options);
    } finally {
      await embedded.close();
    }
  });

/** Synthetic rows have no place among real ones: a database elsewhere has to be called a development one. */
function assertNotProduction(url: string): void {
  const { hostname } = new URL(url);
  if (hostname === '127.0.0.1' || hostname === 'localhost') return;
  const { ENVIRONMENT } = process.env;
  if (ENVIRONMENT === 'development' || ENVIRONMENT === 'test') return;
  throw new CommandError(
    `Shadow travellers are for development: set ENVIRONMENT=development if ${hostname} is for that.`,
  );
}

async function run(database: Database, options: SeedOptions): Promise<void> {
  if (options.verify) await verify(database);
  else await seed(database, options);
}

async function seed(database: Database, { seed, users, replace }: SeedOptions): Promise<void> {
  const shadow = await import('../../simulation/shadow/seed.ts');
  const { findShadowRun } = await import('../../platform/database/shadow-population.ts');
  const population = await shadow.openPopulation(database, seed, users).catch((error: unknown) => {
    throw error instanceof RangeError ? new CommandError(`No city can be travelled to: ${error.message}.`) : error;
  });
  for (const { slug, venues } of population.leftOut) console.log(`Left out ${slug}: ${venues} venues are too few.`);
  const found = await findShadowRun(database);
  if (replace && found && !shadow.sameSettings(found.settings, population.settings)) await remove(database);

  const { startShadowMaker } = await import('../local/shadow-maker.ts');
  const maker = startShadowMaker(population.request);
  const started = performance.now();
  const bar = new SingleBar({
    format: 'Shadow travellers [{bar}] {value}/{total}, {signals} signals',
    hideCursor: true,
  });
  bar.start(population.users.length, 0, { signals: 0 });
  const { rows, written } = await shadow
    .seedPopulation(
      database,
      population,
      { now: new Date(), codeRevision: await codeRevision(ROOT) },
      { make: maker.make, onProgress: (done, signals) => bar.update(done, { signals }) },
    )
    .catch((error: unknown) => {
      throw error instanceof shadow.OtherPopulation
        ? new CommandError(
            `Another shadow population is there: ${JSON.stringify(error.found)}. Use --replace to replace it.`,
          )
        : error;
    })
    .finally(async () => {
      bar.stop();
      await maker.close();
    });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(written === 0 ? 'All of it was there already.' : `Wrote ${written} travellers in ${seconds} s.`);
  console.table(rows);
}

async function remove(database: Database): Promise<void> {
  const { removeStretch } = await import('../../simulation/shadow/seed.ts');
  const bar = new SingleBar({ format: 'Taking out the population before: {value} left', hideCursor: true });
  bar.start(0, 0);
  for (let left = 1; left > 0; bar.update(left)) left = await removeStretch(database);
  bar.stop();
}

async function verify(database: Database): Promise<void> {
  const { isWhole } = await import('../../simulation/shadow/seed.ts');
  const { findShadowRun, sumShadowTables } = await import('../../platform/database/shadow-population.ts');
  const found = await findShadowRun(database);
  if (!found) throw new CommandError('There is no shadow population.');
  const sums = await sumShadowTables(database);
  console.log(JSON.stringify(found.settings));
  for (const [table, { rows, sha256 }] of Object.entries(sums)) {
    console.log(`${table.padEnd(20)} ${String(rows).padStart(7)} ${sha256}`);
  }
  const rows = Object.fromEntries(Object.entries(sums).map(([table, sum]) => [table, sum.rows])) as Parameters<
    typeof isWhole
  >[1];
  if (!(await isWhole(database, rows)))
    throw new CommandError('It is not whole: seed it again with the same settings.');
  console.log('It is whole.');
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^-?\d+$/.test(text) && seed === (seed | 0)) return seed;
  throw new InvalidArgumentError('Give a whole number of 32 bits.');
}

function parseUsers(text: string): number {
  const users = Number(text);
  if (/^\d+$/.test(text) && users >= 1 && users <= MOST_USERS) return users;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MOST_USERS}.`);
}
