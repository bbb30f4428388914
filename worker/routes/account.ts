/** What a person may ask about their account: all that is held on them, and that it is held no longer. */
import { createRoute, z } from '@hono/zod-openapi';
import pLimit from 'p-limit';
import { tripStub } from '../../durable-objects/trip-stub.ts';
import { forgetSubject } from '../../platform/auth/directory.ts';
import { deleteUser, findDepartingUser } from '../../platform/database/delete-user.ts';
import { exportUser } from '../../platform/database/export-user.ts';
import { type JobOf, sendJobs } from '../../platform/queue/jobs.ts';
import { forgetEverywhere } from '../../queues/forget-user.ts';
import type { AppContext } from '../app-env.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { toTripBody } from '../trips/trip-body.ts';

const gone = () => new Problem(401, 'unauthorised', 'the account was deleted');

/** Of one message: a queue takes 128 kB. */
const TRIPS_A_MESSAGE = 500;
const TRIPS_READ_AT_ONCE = 6;

/** By then Postgres has heard of the trips that the person had just joined. */
const FORGET_AGAIN_SECONDS = 5;

const rows = z.array(z.record(z.string(), z.unknown()));
const exportBody = z
  .object({
    exported_at: z.string(),
    user: z.record(z.string(), z.unknown()),
    persona_dimensions: rows,
    trips: rows.openapi({ description: 'As GET /trips/{id} answers them' }),
    memberships: rows,
    signals: rows,
    intentions: rows,
    sequences: rows,
    rankings: rows,
    pivots: rows,
    arbitrations: rows,
    experiments: rows,
    exposures: rows,
    shadow_rankings: rows,
    idempotency_keys: rows,
    undelivered: rows.openapi({ description: 'Signals that could not be handled' }),
  })
  .openapi('AccountExport');

function forgetJobs(userId: string, trips: readonly string[]): JobOf<'forget_user'>[] {
  const messages = Math.max(1, Math.ceil(trips.length / TRIPS_A_MESSAGE));
  return Array.from({ length: messages }, (_, i) => ({
    v: 1,
    id: `forget:${userId}:${i}`,
    kind: 'forget_user',
    userId,
    trips: trips.slice(i * TRIPS_A_MESSAGE, (i + 1) * TRIPS_A_MESSAGE),
  }));
}

/** Trips as their objects have them, which Postgres may not have heard of yet. */
async function wholeTrips(c: AppContext, ids: readonly string[]): Promise<Record<string, unknown>[]> {
  const limit = pLimit(TRIPS_READ_AT_ONCE);
  const read = await Promise.all(ids.map((id) => limit(() => tripStub(c.env, id).read(c.var.userId))));
  return read.flatMap((answer) => (answer.ok ? [{ ...toTripBody(answer.trip) }] : []));
}

export const accountRoutes = newRouter();

accountRoutes.openapi(
  createRoute({
    method: 'delete',
    path: '/users/me',
    summary: 'Delete your account',
    description:
      'At once: the link between you and your signals, your persona, your tags, your memberships, and the trips that nobody else is in. Signals stay, without your words and positions, and lead back to nobody.',
    tags: ['Travellers'],
    ...access('user'),
    responses: { 204: { description: 'Gone' }, ...problemResponses(401) },
  }),
  async (c) => {
    const { database, userId, now, settings, log } = c.var;
    const user = await findDepartingUser(database, userId);
    if (!user) throw gone();
    const { subject, trips } = user;
    // First of all, so that what is cut off below is done all the same.
    await sendJobs(c.env.JOBS, forgetJobs(userId, trips), { delaySeconds: FORGET_AGAIN_SECONDS });
    // The trips' objects before Postgres, which they may have to read themselves from.
    await forgetEverywhere(userId, trips, { env: c.env, settings, database }).catch((error) =>
      log('forgetting_continues_in_queue', { error: String(error) }),
    );
    await deleteUser(database, userId, subject, new Date(now));
    await forgetSubject(c.env.CACHE, subject);
    return c.body(null, 204);
  },
);

accountRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/users/me/export',
    summary: 'All that is held on you',
    tags: ['Travellers'],
    ...access('user'),
    responses: { 200: json(exportBody, 'Everything, as JSON'), ...problemResponses(401) },
  }),
  async (c) => {
    const { database, userId, now } = c.var;
    const held = await exportUser(database, userId);
    if (!held) throw gone();
    const { tables } = held;
    const ids = tables.trip_members.map((row) => String(row.trip_id));
    c.header('content-disposition', 'attachment; filename="overplanned-export.json"');
    return c.json(
      {
        exported_at: new Date(now).toISOString(),
        user: held.user,
        persona_dimensions: tables.persona_dimensions,
        trips: await wholeTrips(c, ids),
        memberships: tables.trip_members,
        signals: tables.behavioral_signals,
        intentions: tables.intention_signals,
        sequences: tables.behavioral_sequences,
        rankings: tables.ranking_events,
        pivots: tables.pivot_events,
        arbitrations: tables.arbitration_events,
        experiments: tables.experiment_assignments,
        exposures: tables.experiment_exposures,
        shadow_rankings: tables.shadow_rankings,
        idempotency_keys: tables.idempotency_keys,
        undelivered: tables.dead_letters,
      },
      200,
    );
  },
);
