/** The nightly review, on a database of its own: who counts, what is compared, and what is said of it once. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { fisherExact } from '../../../core/signal/correction.ts';
import { storedDivergences } from '../../../platform/database/correction-signal.ts';
import { deleteUser } from '../../../platform/database/delete-user.ts';
import { countRealUsers, seasonedUsersFor } from '../../../platform/database/real-users.ts';
import { alerts, archetypeAffinities } from '../../../platform/database/schema/index.ts';
import { latestReview } from '../../../platform/database/synthetic-review.ts';
import { syntheticReview } from '../../../queues/synthetic-review.ts';
import { database } from '../own-database.ts';
import { addDeciding, addUsers, emptyWorld, venue } from './population.ts';

beforeEach(() => emptyWorld(database));

let night = Date.UTC(2027, 0, 1, 3, 47);
/** The next night's. */
async function reviewed(runId = randomUUID()) {
  night += 86_400_000;
  const { counts } = await syntheticReview(null, { database, now: night, log: () => {} }, runId);
  return { counts, review: (await latestReview(database))! };
}
const raised = async () =>
  (await database.select().from(alerts)).map(({ kind, subject }) => `${kind} ${subject}`).sort();
const deleteFirst = async (label: string) => {
  const { rows } = await database.execute<{ id: string; subject: string }>(
    sql`select id, subject from users where subject like ${`${label}|%`} limit 1`,
  );
  await deleteUser(database, rows[0]!.id, rows[0]!.subject, new Date());
};

describe('a real user', () => {
  it('has an account and decided in the app; seasoned are those who did on three trips', async () => {
    await addUsers(database, { label: 'three', n: 4 });
    await addUsers(database, { label: 'two', n: 3, trips: 2 });
    await addUsers(database, { label: 'looked', n: 5, type: 'slot_view' });
    await addUsers(database, { label: 'cancelled', n: 2, status: 'cancelled' });
    await addUsers(database, { label: 'backfilled', n: 2, source: 'backfill_tier_1' });
    expect(await countRealUsers(database)).toEqual({ realUsers: 9, seasonedUsers: 4 });
    expect(await countRealUsers(database, 2)).toEqual({ realUsers: 9, seasonedUsers: 7 });
    await deleteFirst('three');
    await deleteFirst('two');
    expect(await countRealUsers(database)).toEqual({ realUsers: 7, seasonedUsers: 3 });
  });

  it('is nobody who was made up, whatever their rows say', async () => {
    await addUsers(database, { label: 'shadow:1', n: 3 });
    await addUsers(database, { label: 'made', n: 3 });
    await database.execute(sql`
      update behavioral_signals set synthetic = true
      where actor_key in (select k.actor_key from actor_keys k join users u on u.id = k.user_id where u.subject like 'made|%')`);
    await addUsers(database, { label: 'simulated', n: 3, source: 'synthetic_agent_v1' });
    await addDeciding(database, {
      ...{ label: 'stored', n: 3, archetype: 'A1', source: 'synthetic_agent_v1', decides: 2, takes: 1, stored: true },
    });
    expect(await countRealUsers(database)).toEqual({ realUsers: 0, seasonedUsers: 0 });
  });

  it('is asked for only where a row is synthetic, and no further than they matter', async () => {
    await addUsers(database, { label: 'real', n: 4 });
    expect(await seasonedUsersFor(database, ['user_behavioral', 'backfill_tier_1'])).toBe(0);
    expect(await seasonedUsersFor(database, ['user_behavioral', 'synthetic_agent_v1'])).toBe(4);
    expect(await seasonedUsersFor(database, ['real_user_derived'], { trips: 3, supersedeFrom: 2 })).toBe(2);
  });
});

describe('the review', () => {
  it('compares from 200 real users on, and says so once', async () => {
    await addUsers(database, { label: 'real', n: 199, trips: 1 });
    expect((await reviewed()).review).toMatchObject({ realUsers: 199, phase: 'synthetic', comparison: null });
    expect(await raised()).toEqual([]);
    await addUsers(database, { label: 'the 200th', n: 1, trips: 1 });
    const { review } = await reviewed();
    expect(review).toMatchObject({ realUsers: 200, seasonedUsers: 0, phase: 'compared' });
    expect(review.comparison!.sources.synthetic_agent_v1).toHaveLength(12);
    await reviewed();
    expect(await raised()).toEqual(['synthetic_phase_changed compared']);
    await deleteFirst('the 200th');
    expect((await reviewed()).review).toMatchObject({ realUsers: 199, phase: 'synthetic', comparison: null });
    expect(await raised()).toEqual(['synthetic_phase_changed compared', 'synthetic_phase_changed synthetic']);
  });

  it('finds simulated travellers superseded from 500 seasoned users on', async () => {
    await addUsers(database, { label: 'real', n: 499 });
    expect((await reviewed()).review).toMatchObject({ seasonedUsers: 499, phase: 'compared' });
    await addUsers(database, { label: 'the 500th', n: 1 });
    expect((await reviewed()).review).toMatchObject({ realUsers: 500, seasonedUsers: 500, phase: 'superseded' });
    expect(await raised()).toEqual(['synthetic_phase_changed compared', 'synthetic_phase_changed superseded']);
  });

  it('flags at 16% and not at 14%, shadow travellers and stored simulations apart, and alerts once', async () => {
    await addUsers(database, { label: 'real', n: 200, trips: 1 });
    const real = { source: 'user_behavioral', n: 10, decides: 50 };
    await addDeciding(database, { ...real, label: 'r1', archetype: 'A1', takes: 33 });
    await addDeciding(database, { ...real, label: 'r2', archetype: 'A2', takes: 32 });
    const shadow = { source: 'synthetic_choice_model_v1', n: 10, decides: 50, takes: 25 };
    await addDeciding(database, { ...shadow, label: 'shadow:1', archetype: 'A1' });
    await addDeciding(database, { ...shadow, label: 'shadow:2', archetype: 'A2' });
    const stored = { source: 'synthetic_agent_v1', n: 10, decides: 50, takes: 33, stored: true };
    await addDeciding(database, { ...stored, label: 's1', archetype: 'A1' });
    await addDeciding(database, { ...stored, label: 's2', archetype: 'A2', takes: 1 });
    const { sources } = (await reviewed()).review.comparison!;
    const [a1, a2, a3] = sources.synthetic_choice_model_v1;
    expect(a1).toMatchObject({ archetype: 'A1', difference: expect.closeTo(0.16, 9), flagged: true, certain: false });
    expect(a2).toMatchObject({ archetype: 'A2', difference: expect.closeTo(0.14, 9), flagged: false });
    expect(a3).toMatchObject({ archetype: 'A3', real: null, synthetic: null, flagged: false });
    expect(sources.synthetic_agent_v1[0]).toMatchObject({
      synthetic: { travellers: 10 },
      difference: 0,
      flagged: false,
    });
    expect(sources.synthetic_agent_v1[1]).toMatchObject({ flagged: true, certain: true });
    const said = [
      'archetype_diverges synthetic_agent_v1/A2',
      'archetype_diverges synthetic_choice_model_v1/A1',
      'synthetic_phase_changed compared',
    ];
    expect(await raised()).toEqual(said);
    await reviewed();
    expect(await raised()).toEqual(said);
    // Real travellers of A2 move away, too.
    await addDeciding(database, { ...real, label: 'r3', archetype: 'A2', takes: 50 });
    await reviewed();
    expect(await raised()).toEqual([...said.slice(0, 2), 'archetype_diverges synthetic_choice_model_v1/A2', said[2]]);
  });

  it('takes the archetype of the real from their dimensions, whatever an app says', async () => {
    await addUsers(database, { label: 'real', n: 200, trips: 1 });
    await addDeciding(database, {
      ...{ label: 'r', n: 6, archetype: 'A4', source: 'user_behavioral', decides: 2, takes: 1 },
    });
    await database.execute(sql`update behavioral_signals set context = '{"archetype": "A9"}'`);
    const { review } = await reviewed();
    const seen = review.comparison!.sources.synthetic_agent_v1.filter(({ real }) => real !== null);
    expect(seen.map(({ archetype, real }) => [archetype, real!.travellers])).toEqual([['A4', 6]]);
  });

  it('takes the last decision of each traveller on a venue; who lingers decides nothing', async () => {
    const real = { n: 6, archetype: 'A1', source: 'user_behavioral', decides: 1 };
    await addDeciding(database, { ...real, label: 'r', takes: 0 });
    await addDeciding(database, { ...real, label: 'lingers', takes: 0 });
    await addDeciding(database, {
      ...{ label: 's', n: 8, archetype: 'A1', source: 'synthetic_agent_v1', decides: 1, takes: 1, stored: true },
    });
    await database.execute(sql`
      update behavioral_signals set signal_type = 'slot_linger' where actor_key in (
        select k.actor_key from actor_keys k join users u on u.id = k.user_id where u.subject like 'lingers|%')`);
    // Two of the six take it an hour later; what does not count changes nobody's mind.
    const again = (type: string, counts: boolean, hours: number) => sql`
      insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, weight, source, model_version, counts, occurred_at)
      select gen_random_uuid(), k.actor_key, ${type}, ${venue(1)}, 1, 'user_behavioral', 'none', ${counts}::boolean,
        now() + make_interval(hours => ${hours}::int)
      from (select k.* from actor_keys k join users u on u.id = k.user_id where u.subject like 'r|%' order by 1 limit 2) k`;
    await database.execute(again('slot_accept', true, 1));
    await database.execute(again('thumbs_down', false, 2));
    await reviewed();
    expect(await storedDivergences(database, { source: 'synthetic_agent_v1', minimum: 5 })).toMatchObject([
      { real: { accepted: 2, travellers: 6 }, synthetic: { accepted: 8, travellers: 8 } },
    ]);
    expect(await storedDivergences(database, { source: 'synthetic_choice_model_v1', minimum: 5 })).toEqual([]);
  });

  it('replaces the table of divergences whole', async () => {
    await addDeciding(database, {
      ...{ label: 'r', n: 12, archetype: 'A1', source: 'user_behavioral', decides: 2, takes: 1 },
    });
    const stored = { label: 's', n: 20, archetype: 'A1', source: 'synthetic_agent_v1', stored: true };
    await addDeciding(database, { ...stored, decides: 2, takes: 2 });
    const asked = { source: 'synthetic_agent_v1', minimum: 5 } as const;
    expect((await reviewed()).counts).toMatchObject({ divergences: 2 });
    const [refused, taken] = await storedDivergences(database, asked);
    expect(refused).toMatchObject({
      archetype: 'A1',
      venue: { id: venue(2), name: 'Venue 2', city: 'testville' },
      real: { accepted: 0, travellers: 12 },
      synthetic: { accepted: 20, travellers: 20 },
      difference: -1,
      p: expect.closeTo(fisherExact({ accepted: 0, travellers: 12 }, { accepted: 20, travellers: 20 }), 12),
    });
    expect(taken).toMatchObject({ venue: { id: venue(1) }, difference: 0, p: expect.closeTo(1, 9) });
    expect(await storedDivergences(database, { ...asked, minimum: 13 })).toEqual([]);
    await deleteFirst('r');
    await reviewed();
    expect((await storedDivergences(database, asked)).map(({ real }) => real.travellers)).toEqual([11, 11]);
    await database.execute(sql`delete from behavioral_signals where activity_node_id = ${venue(2)}`);
    await reviewed();
    expect((await storedDivergences(database, asked)).map(({ venue }) => venue.id)).toEqual([venue(1)]);
  });

  it('writes how real travellers of each archetype take to each venue, and leaves what simulations wrote', async () => {
    await database.insert(archetypeAffinities).values({
      ...{ archetypeId: 'A1', activityNodeId: venue(1), source: 'synthetic_agent_v1' },
      ...{ affinity: 0.9, observations: 10, accepted: 9 },
    });
    const real = { source: 'user_behavioral', decides: 3, takes: 1 };
    await addDeciding(database, { ...real, label: 'r1', n: 6, archetype: 'A1' });
    await addDeciding(database, { ...real, label: 'r5', n: 2, archetype: 'A5', takes: 3 });
    const { review } = await reviewed();
    const rows = async () =>
      (await database.select().from(archetypeAffinities)).filter(({ source }) => source === 'user_behavioral');
    const a1 = (await rows()).filter(({ archetypeId }) => archetypeId === 'A1');
    expect(a1).toHaveLength(3);
    // (accepted + 4 r) / (observations + 4), r = 6 of 18.
    const of = (id: string) => a1.find(({ activityNodeId }) => activityNodeId === id)!;
    expect(of(venue(1))).toMatchObject({ observations: 6, accepted: 6, runId: review.id });
    expect(of(venue(1)).affinity).toBeCloseTo((6 + 4 / 3) / 10, 5);
    expect(of(venue(2)).affinity).toBeCloseTo(4 / 3 / 10, 5);
    await deleteFirst('r1');
    await reviewed();
    expect((await rows()).find(({ archetypeId }) => archetypeId === 'A1')).toMatchObject({ observations: 5 });
    expect(await database.select().from(archetypeAffinities)).toHaveLength(7);
  });

  it('that comes twice is one', async () => {
    await addUsers(database, { label: 'real', n: 200, trips: 1 });
    const run = randomUUID();
    const first = await reviewed(run);
    const second = await reviewed(run);
    expect(second).toEqual({ counts: {}, review: first.review });
    const other = randomUUID();
    await addUsers(database, { label: 'more', n: 300 });
    await Promise.all([reviewed(other), reviewed(other)]);
    const { rows } = await database.execute(sql`select id from synthetic_reviews`);
    expect(rows).toHaveLength(2);
    expect(await raised()).toHaveLength(1);
  });
});
