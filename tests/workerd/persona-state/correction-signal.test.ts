/** What the nightly review found of real and simulated travellers, as operators see it. The review itself: `tests/node/synthetic`. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARCHETYPES } from '../../../core/persona/archetypes.ts';
import { compareArchetype } from '../../../core/signal/archetype-comparison.ts';
import { divergences, fisherExact } from '../../../core/signal/correction.ts';
import type { SyntheticSource, VenueAcceptance } from '../../../platform/database/correction-signal.ts';
import { storeReview } from '../../../platform/database/synthetic-review.ts';
import { copyOfCity } from '../api/cities.ts';
import { call, database, newGuest } from '../api/client.ts';
import { adminToken, deliver } from '../signals/scene.ts';

let venues: [string, string, string];
let city: string;
let token: string;
const runId = uuidv7();

const of = (accepted: number, travellers: number) => ({ accepted, travellers });
function cell(
  source: SyntheticSource,
  archetype: string,
  venueId: string,
  real: VenueAcceptance['real'],
  synthetic: VenueAcceptance['synthetic'],
): VenueAcceptance {
  return { source, archetype, venueId, real, synthetic };
}

const shares = (travellers: number, mean: number) => ({
  travellers,
  sum: travellers * mean,
  squares: travellers * mean ** 2,
});

beforeAll(async () => {
  token = await adminToken();
  const copy = await copyOfCity('mexico-city');
  city = copy.slug;
  const { rows } = await database.execute<{ id: string }>(
    sql`select id from activity_nodes where city_id = ${copy.id} order by id limit 3`,
  );
  venues = rows.map(({ id }) => id) as typeof venues;
  const [refused, alike, few] = venues;
  const agents = [
    // The simulation takes it, people do not.
    cell('synthetic_agent_v1', 'A1', refused, of(2, 12), of(14, 15)),
    cell('synthetic_agent_v1', 'A1', alike, of(12, 12), of(12, 12)),
    cell('synthetic_agent_v1', 'A5', refused, of(0, 12), of(5, 5)),
    cell('synthetic_agent_v1', 'A1', few, of(0, 9), of(20, 20)),
  ];
  const choices = [cell('synthetic_choice_model_v1', 'A1', refused, of(2, 12), of(0, 12))];
  const options = { minimum: 5, level: 0.95 };
  const against = (mean: number) =>
    ARCHETYPES.map(({ id: archetype }) => {
      const nobody = shares(0, 0);
      const sides = archetype === 'A1' ? { real: shares(90, 0.4), synthetic: shares(50, mean) } : null;
      return compareArchetype({ archetype, real: nobody, synthetic: nobody, ...sides }, 0.95);
    });
  const comparison = {
    level: 0.95,
    sources: { synthetic_agent_v1: against(0.9), synthetic_choice_model_v1: against(0.45) },
  };
  await storeReview(
    database,
    { id: runId, realUsers: 240, seasonedUsers: 0, phase: 'compared', comparison, reviewedAt: new Date() },
    [...divergences(agents, options), ...divergences(choices, options)],
  );
});

const ask = async (query = '') => (await call('GET', `/admin/correction-signal${query}`, { token })).body;
// biome-ignore lint/suspicious/noExplicitAny: as the answer has it
const ours = (body: any) => body.divergences.filter((one: any) => one.venue.city === city);

describe('the correction signal', () => {
  it('tells by archetype and venue how many took it on either side, and how sure the difference is', async () => {
    const body = await ask();
    expect(body).toMatchObject({ source: 'synthetic_agent_v1', minimum: 10, level: 0.95, told_apart: 1 });
    expect(body.reviewed_at).not.toBeNull();
    const [first, second, ...others] = ours(body);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      archetype: 'A1',
      venue: { id: venues[0], city },
      real: { accepted: 2, travellers: 12, share: expect.closeTo(1 / 6, 9) },
      synthetic: { accepted: 14, travellers: 15 },
      difference: expect.closeTo(2 / 12 - 14 / 15, 9),
      p: expect.closeTo(fisherExact(of(2, 12), of(14, 15)), 9),
    });
    expect(first.interval.upper).toBeLessThan(0);
    // Of the two that are compared here, not of the four that were stored.
    expect(first.q).toBeCloseTo(2 * first.p, 12);
    expect(second).toMatchObject({ venue: { id: venues[1] }, difference: 0, p: 1, q: 1 });
  });

  it('compares with fewer travellers where it is asked to, and with another lineage', async () => {
    const fewer = ours(await ask('?minimum=5'));
    expect(
      fewer.map(({ archetype, venue }: { archetype: string; venue: { id: string } }) => [archetype, venue.id]),
    ).toEqual(
      expect.arrayContaining([
        ['A5', venues[0]],
        ['A1', venues[2]],
      ]),
    );
    expect(ours(await ask('?minimum=5&limit=1'))).toHaveLength(1);
    const [other] = ours(await ask('?source=synthetic_choice_model_v1'));
    expect(other).toMatchObject({ synthetic: { accepted: 0, travellers: 12 }, real: { accepted: 2, travellers: 12 } });
  });

  it('is for operators, who ask for what there is', async () => {
    const guest = await newGuest();
    expect((await call('GET', '/admin/correction-signal', { token: guest.token })).status).toBe(403);
    for (const wrong of ['?source=user_behavioral', '?minimum=4', '?minimum=x', '?limit=0', '?venue=1']) {
      expect([400, 422], wrong).toContain((await call('GET', `/admin/correction-signal${wrong}`, { token })).status);
    }
  });
});

describe('the phase-out', () => {
  it('says how many there are, what that means, and what rows weigh', async () => {
    const { status, body } = await call('GET', '/admin/synthetic', { token });
    expect(status).toBe(200);
    // Counted now, in a database that others use: the review's 240 are nowhere.
    const phase = body.real_users < 200 ? 'synthetic' : 'compared';
    expect(body).toMatchObject({
      phase,
      thresholds: { compare_from: 200, supersede_from: 500, trips: 3, divergence: 0.15 },
      missing: { real_users: Math.max(0, 200 - body.real_users), seasoned_users: 500 - body.seasoned_users },
      excluded: [],
    });
    expect(body.weights).toEqual(
      expect.arrayContaining([
        { source: 'user_behavioral', row: 1, persona: { warm: 1, cold: 0.5 } },
        { source: 'backfill_tier_1', row: 0.3, persona: { warm: 0.8, cold: 0.8 } },
        { source: 'synthetic_agent_v1', row: 1, persona: { warm: 0.3, cold: 0.3 } },
      ]),
    );
    expect(body.reviewed_at).not.toBeNull();
  });

  it('shows what the last review compared, archetype by archetype, with flags', async () => {
    const { body } = await call('GET', '/admin/synthetic', { token });
    expect(body.level).toBe(0.95);
    expect(body.comparison).toHaveLength(24);
    const [a1, a2] = body.comparison;
    expect(a1).toMatchObject({
      source: 'synthetic_agent_v1',
      archetype: 'A1',
      real: { travellers: 90, acceptance: expect.closeTo(0.4, 9) },
      synthetic: { travellers: 50, acceptance: expect.closeTo(0.9, 9) },
      difference: expect.closeTo(-0.5, 9),
      flagged: true,
      certain: true,
    });
    expect(a2).toMatchObject({ archetype: 'A2', real: null, difference: null, flagged: false });
    expect(body.comparison[12]).toMatchObject({ source: 'synthetic_choice_model_v1', archetype: 'A1', flagged: false });
  });

  it('is reviewed by a job that runs once', async () => {
    const body = {
      v: 1,
      id: `${runId}:start`,
      kind: 'scheduled',
      name: 'synthetic-review',
      runId,
      trigger: 'admin',
      after: null,
    };
    expect(await deliver('jobs', [{ id: 'j', body }])).toMatchObject({ acked: ['j'], dead: [] });
    const run = (await call('GET', `/admin/jobs/${runId}`, { token })).body;
    expect(run).toMatchObject({ name: 'synthetic-review', status: 'done', error: null, progress: {} });
    expect(ours(await ask())).toHaveLength(2);
  });

  it('is for operators', async () => {
    const guest = await newGuest();
    expect((await call('GET', '/admin/synthetic', { token: guest.token })).status).toBe(403);
    expect((await call('GET', '/admin/synthetic')).status).toBe(401);
  });
});
