/** What an archetype takes to, on the real stack: in the scores, in the log and in the versions; for cold travellers alone. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWarm } from '../../../core/persona/persona.ts';
import { loggedCandidates } from '../../../core/ranking/logged-candidates.ts';
import { affinityCounts } from '../../../platform/database/archetype-affinities.ts';
import { openDatabase } from '../../../platform/database/client.ts';
import { archetypeAffinities, cities, users } from '../../../platform/database/schema/index.ts';
import { loadedAffinity } from '../../../worker/trips/loaded-affinity.ts';
import { type Call, call, database, type Guest, inDays, newGuest } from '../api/client.ts';
import { loggedRankings } from '../api/stored.ts';
import { slotsOf, tripShape } from '../api/trip-shape.ts';
import { UNREACHABLE } from '../signals/scene.ts';
import { DEVELOPMENT, giveAffinities, run, takeBack, unseen } from './scene.ts';

const SIMULATED = run();
const VERSION = `archetype-affinity@${SIMULATED.runId.slice(0, 8)}`;
afterAll(() => takeBack([SIMULATED]));

const FAMILY = { company: ['children'], adventure: 'safe', food: ['familiar'] };
const CITY = 'mexico-city';

async function plan({ token }: Guest, options: Call = {}) {
  const json = { city: CITY, start_date: inDays(), days: 3 };
  const answer = await call('POST', '/trips', { token, json, ...options });
  const trip = tripShape.parse(answer.body);
  const { set, events } = await loggedRankings(trip.id);
  const [first] = events.filter(({ dayNumber, dayPart }) => dayNumber === 1 && dayPart === 'afternoon');
  const { venueIds, scores } = loggedCandidates(set, first!.id)!;
  return {
    trip,
    venues: slotsOf(trip).map(({ venue }) => venue.id),
    scores: new Map(venueIds.map((id, i) => [id, scores[i]!])),
    event: first!,
    header: answer.headers.get('X-Model-Version'),
  };
}

describe('a cold traveller who is nearest to A7', () => {
  let guest: Guest;
  let plain: Awaited<ReturnType<typeof plan>>;
  let liked: string[];
  let disliked: string[];
  beforeAll(async () => {
    guest = await newGuest(FAMILY);
    plain = await plan(guest);
    const byScore = [...plain.scores].sort(([, a], [, b]) => b - a).map(([id]) => id);
    disliked = plain.venues;
    liked = byScore.filter((id) => !disliked.includes(id)).slice(0, 2 * disliked.length);
    await giveAffinities(SIMULATED, 'A7', [
      ...liked.map((venueId) => ({ venueId, accepted: 196, observations: 200 })),
      ...disliked.map((venueId) => ({ venueId, accepted: 4, observations: 200 })),
    ]);
  });

  it('has the lift in the scores that are logged and in what is served, and in every version', async () => {
    const lifted = await plan(guest, { env: DEVELOPMENT });
    for (const [id, score] of lifted.scores) {
      const before = plain.scores.get(id)!;
      if (liked.includes(id)) expect(score).toBeGreaterThan(before);
      else if (disliked.includes(id)) expect(score).toBeLessThan(before);
      else expect(score).toBe(before);
      expect(Math.abs(score - before)).toBeLessThan(0.25);
    }
    const still = disliked.filter((id) => lifted.venues.includes(id));
    expect(still.length).toBeLessThan(disliked.length);
    expect(lifted.header!.split(',')).toContain(VERSION);
    expect(lifted.trip.ranking.model_version).toBe(lifted.header);
    expect(lifted.event.modelVersion.split(',')).toContain(VERSION);
    expect(lifted.event.featureSnapshot).toMatchObject({ affinity_versions: [VERSION] });
    // The archetype's lists are what they were: the traveller's own scores are lifted, not those of all.
    expect(lifted.trip.ranking.cache).toBe('hit');
  });

  it('meets none of it outside development, nor does another archetype', async () => {
    const again = await plan(guest);
    expect(again.scores).toEqual(plain.scores);
    expect(again.header).toBe(plain.header);
    expect(again.event.featureSnapshot).not.toHaveProperty('affinity_versions');
    const hiker = await newGuest({ interests: ['hiking', 'outdoors'], pace: 'fast', adventure: 'bold' });
    expect((await plan(hiker, { env: DEVELOPMENT })).header).not.toContain('archetype-affinity');
  });

  it('meets none of it once they are warm', async () => {
    await database.update(users).set({ countingSignals: 20 }).where(eq(users.id, guest.id));
    expect(isWarm(20)).toBe(true);
    const env = { ...DEVELOPMENT, ARBITRATION_MODE: 'off' };
    expect((await plan(guest, { env })).header).toBe(plain.header);
    await database.update(users).set({ countingSignals: 0 }).where(eq(users.id, guest.id));
  });

  it('meets it in a group as well, each member by their own archetype', async () => {
    const hiker = await newGuest({ interests: ['hiking', 'outdoors'], pace: 'fast', adventure: 'bold' });
    const { trip } = await plan(hiker, { env: DEVELOPMENT });
    const invite = await call('POST', `/trips/${trip.id}/invites`, { token: hiker.token });
    await call('POST', `/invites/${invite.body.token}/accept`, { token: guest.token });
    const options = { token: hiker.token, json: {}, env: DEVELOPMENT };
    const together = await call('POST', `/trips/${trip.id}/replan`, options);
    expect(together.status, together.text).toBe(200);
    expect(together.body.ranking.model_version.split(',')).toEqual(expect.arrayContaining([VERSION, 'group-nash@1']));
  });
});

describe('what is known of a city and an archetype', async () => {
  const [city] = await database.select().from(cities).where(eq(cities.slug, CITY));
  const now = Date.now() + 86_400_000;
  const asked = (later = 0, from = database) =>
    loadedAffinity('A7', city!, { database: from, environment: 'development', now: now + later });
  const nowhere = openDatabase(UNREACHABLE.DATABASE_URL!);

  it('is remembered for a minute', async () => {
    expect((await asked())!.version).toContain(SIMULATED.runId.slice(0, 8));
    expect((await asked(59_999, nowhere))!.version).toContain(SIMULATED.runId.slice(0, 8));
    await expect(asked(60_000, nowhere)).rejects.toThrow();
  });

  it('is remembered as well where it is nothing: no plan asks for it', async () => {
    const empty = { id: crypto.randomUUID() };
    for (const [later, from] of [
      [0, database],
      [59_999, nowhere],
    ] as const) {
      expect(
        await loadedAffinity('A7', empty, { database: from, environment: 'production', now: now + later }),
      ).toBeNull();
    }
  });

  it('counts real decisions in full beside simulated ones, and those of built-in agents not at all, in production', async () => {
    const [venueId] = (await affinityCounts(database, 'A7', city!.id, 'development')).map((row) => row.venueId);
    const weights = await unseen(async (queries) => {
      const counts = [{ venueId: venueId!, accepted: 1, observations: 5 }];
      await queries.delete(archetypeAffinities).where(eq(archetypeAffinities.archetypeId, 'A7'));
      for (const source of ['user_behavioral', 'synthetic_agent_v1', 'synthetic_choice_model_v1']) {
        await giveAffinities({ ...run(), source }, 'A7', counts, queries);
      }
      const rows = await affinityCounts(queries, 'A7', city!.id, 'production');
      return rows.map(({ weight, origin }) => [weight, /^(real-)?[0-9a-f]{8}$/.test(origin)]);
    });
    expect(weights.sort()).toEqual([
      [0.3, true],
      [1, true],
    ]);
  });
});
