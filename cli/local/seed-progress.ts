/** Seeds the cities that are missing, with a bar. */
import { SingleBar } from 'cli-progress';
import type { Database } from '../../platform/database/client.ts';
import { seedMissingCities } from '../../platform/database/seed-cities.ts';

/** Prints nothing when no city is missing. */
export async function seedCities(database: Database): Promise<void> {
  const bar = new SingleBar({ format: 'Seeding {city} [{bar}] {value}/{total}', hideCursor: true });
  let started = false;
  const cities = await seedMissingCities(database, {
    now: new Date(),
    onProgress(done, total, city) {
      if (started) bar.update(done, { city });
      else bar.start(total, done, { city });
      started = true;
    },
  }).finally(() => bar.stop());
  const seeded = cities
    .filter((city) => city.seeded && city.venues > 0)
    .map(({ city, venues }) => `${city} (${venues} venues)`);
  if (seeded.length > 0) console.log(`Seeded ${seeded.join(', ')}.`);
}
