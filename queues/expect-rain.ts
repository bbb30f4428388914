/** The active trips of a city hear of the rain that is forecast: a page of them, which asks for the next one. */
import pLimit from 'p-limit';
import { MOST_FORECAST_AGE_MS } from '../core/weather/condition.ts';
import { tripStub } from '../durable-objects/trip-stub.ts';
import { activeTripsIn } from '../platform/database/active-trips.ts';
import { addProgress } from '../platform/database/job-runs.ts';
import { type JobOf, sendJobs } from '../platform/queue/jobs.ts';
import type { JobContext } from './job-context.ts';
import { expectRainJob } from './weather-poll.ts';

const TRIPS_A_PAGE = 50;
const TOLD_AT_ONCE = 5;

/** A trip that cannot be told now hears of it after the next poll. Safe to repeat: trips know what they were told. */
export async function expectRain(job: JobOf<'expect_rain'>, { env, database, now, log }: JobContext): Promise<void> {
  const { runId, cityId, fetchedAt, spells, after } = job;
  // It waited for too long: later polls know better.
  if (now - fetchedAt > MOST_FORECAST_AGE_MS) return;
  const trips = await activeTripsIn(database, cityId, after, TRIPS_A_PAGE);
  const limit = pLimit(TOLD_AT_ONCE);
  const suggestions = await Promise.all(
    trips.map((id) =>
      limit(async () => {
        try {
          return await tripStub(env, id).expectRain(spells);
        } catch (error) {
          log('rain_not_told', { trip_id: id, error: String(error) });
          return 0;
        }
      }),
    ),
  );
  const made = suggestions.reduce((sum, n) => sum + n, 0);
  if (made > 0) await addProgress(database, runId, { suggestions: made });
  if (trips.length < TRIPS_A_PAGE) return;
  await sendJobs(env.JOBS, [expectRainJob({ runId, cityId, fetchedAt, spells, after: trips.at(-1)! })]);
}
