/** The nightly encoding of warm travellers: who is encoded, from what, and who is left alone. */
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextWarmTravellers, storeEncoded } from '../../../platform/database/persona-embedding.ts';
import { users } from '../../../platform/database/schema/index.ts';
import { cityId } from '../../../platform/database/seed-cities.ts';
import { deletedSubject } from '../../../platform/database/users.ts';
import { call, database, newGuest } from '../api/client.ts';
import { tokenOf } from '../api/tokens.ts';
import { adminToken, bodies, deliver, reported, type Travelling, travelling } from '../signals/scene.ts';
import { bundledVersion, DEVELOPMENT, registered, runJob } from './scene.ts';

const VERSION = `persona-encoder@${bundledVersion('persona-encoder')}`;

let encoder: { take(): Promise<void> };
let token: string;
beforeAll(async () => {
  token = await adminToken();
  encoder = await registered({
    modelName: 'persona-encoder',
    version: bundledVersion('persona-encoder'),
    status: 'production',
    promotedAt: new Date(),
  });
});
afterAll(() => encoder.take());

const night = async () => {
  await runJob('persona-update', DEVELOPMENT);
  return runJob('persona-embedding', DEVELOPMENT);
};

async function personaOf(userId: string) {
  const [row] = await database.select().from(users).where(eq(users.id, userId));
  return row!;
}

const stateOf = async (userId: string) => (await call('GET', `/admin/users/${userId}/persona`, { token })).body;

/** Accepts slots, but for every fourth, which is skipped. */
async function act({ guest, slots }: Travelling, from: number, to: number): Promise<void> {
  const start = Date.now() - 3600_000;
  const signals = slots.slice(from, to).map(({ id }, i) =>
    reported(guest.id, {
      type: (from + i) % 4 === 3 ? 'slot_skip' : 'slot_accept',
      slotId: id,
      occurredAt: new Date(start + (from + i) * 1000).toISOString(),
    }),
  );
  await deliver('signals', bodies(signals));
}

const cosine = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Travellers with signals of their own, straight into the tables: as many as a run is to take. */
async function crowd(size: number, signals: number): Promise<string[]> {
  const ids = Array.from({ length: size }, () => uuidv7());
  const given = JSON.stringify(ids.map((id) => ({ id, actor: uuidv7() })));
  await database.batch([
    database.execute(sql`
      insert into users (id, subject, counting_signals) select g.id, 'crowd|' || g.id, ${signals}
      from jsonb_to_recordset(${given}::jsonb) as g (id uuid, actor uuid)`),
    database.execute(sql`
      insert into actor_keys (user_id, actor_key) select g.id, g.actor
      from jsonb_to_recordset(${given}::jsonb) as g (id uuid, actor uuid)`),
    database.execute(sql`
      insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, weight, source, model_version, counts, occurred_at)
      select gen_random_uuid(), g.actor, case when n.at % 3 = 0 then 'slot_skip' else 'slot_accept' end, v.id, 1,
        'user_behavioral', 'none', true, now() - make_interval(secs => 1000 - n.at)
      from jsonb_to_recordset(${given}::jsonb) as g (id uuid, actor uuid)
      cross join generate_series(1, ${signals}::int) as n (at)
      join lateral (
        select id from activity_nodes where city_id = ${cityId('seattle')} and closed_at is null
        order by md5(id::text || g.id::text) offset n.at limit 1) v on true`),
  ]);
  return ids;
}

describe('the nightly encoding', () => {
  it('changes the embedding of a warm traveller, keeps what was there before, and says both to an operator', async () => {
    const traveller = await travelling({ days: 8 });
    const { id } = traveller.guest;
    const tags = (await personaOf(id)).personaEmbedding!;
    await act(traveller, 0, 22);
    const run = await night();
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(run.progress.changed).toBeGreaterThan(0);

    const state = await stateOf(id);
    expect(state).toMatchObject({
      user_id: id,
      state: 'warm',
      counting_signals: 22,
      embedding: { version: VERSION },
      embedding_before: { version: 'persona-tags@1' },
      same_space: false,
      embedded_at: expect.any(String),
    });
    const { values } = state.embedding;
    expect(values).toHaveLength(128);
    expect(Math.hypot(...values)).toBeCloseTo(1, 5);
    expect(values).not.toEqual(tags);
    expect(state.cosine).toBeCloseTo(cosine(values, state.embedding_before.values), 6);
    expect(Object.keys(state.dimensions).length).toBeGreaterThanOrEqual(12);
  });

  it('reads only what is new the next night: nothing twice, and the former embedding is then the one before', async () => {
    const traveller = await travelling({ days: 10 });
    const { id } = traveller.guest;
    await act(traveller, 0, 21);
    await night();
    const first = await personaOf(id);
    await night();
    expect(await personaOf(id)).toEqual(first);

    await act(traveller, 21, 28);
    await night();
    const second = await personaOf(id);
    expect(second.personaEmbedding).not.toEqual(first.personaEmbedding);
    expect(second).toMatchObject({
      personaVersion: VERSION,
      personaVersionBefore: VERSION,
      personaEmbeddingBefore: first.personaEmbedding,
    });
    expect(await stateOf(id)).toMatchObject({
      same_space: true,
      cosine: expect.closeTo(cosine(first.personaEmbedding!, second.personaEmbedding!), 6),
    });
  });

  it('hears of signals that were committed late, under a time before the last encoding', async () => {
    const traveller = await travelling({ days: 8 });
    const { id } = traveller.guest;
    await act(traveller, 0, 21);
    await night();
    const first = await personaOf(id);
    await act(traveller, 21, 24);
    await database.execute(sql`
      update behavioral_signals set created_at = '2020-01-01' where actor_key = ${traveller.actorKey}`);
    await night();
    expect((await personaOf(id)).personaEmbedding).not.toEqual(first.personaEmbedding);
  });

  it('never touches cold travellers: 19 signals are too few, 20 are enough', async () => {
    const [cold, warm] = [await travelling({ days: 8 }), await travelling({ days: 8 })];
    await act(cold, 0, 19);
    await act(warm, 0, 20);
    await night();
    expect(await personaOf(cold.guest.id)).toMatchObject({
      personaVersion: 'persona-tags@1',
      personaEmbeddingBefore: null,
      personaEmbeddedAt: null,
    });
    expect(await stateOf(cold.guest.id)).toMatchObject({ state: 'cold', embedding_before: null, cosine: null });
    expect((await personaOf(warm.guest.id)).personaVersion).toBe(VERSION);
  });

  it('does not move between two spaces: what learns from signals and who changes their tags leave it alone', async () => {
    const traveller = await travelling({ days: 10 });
    const { id, token: own } = traveller.guest;
    await act(traveller, 0, 21);
    await night();
    const encoded = await personaOf(id);
    await act(traveller, 21, 25);
    const dimensions = async () => (await stateOf(id)).dimensions;
    const before = await dimensions();
    await runJob('persona-update', DEVELOPMENT);
    expect(await dimensions()).not.toEqual(before);
    await call('PATCH', '/users/me', { token: own, json: { onboarding_tags: { pace: 'slow', food: ['ramen'] } } });
    const after = await personaOf(id);
    expect(after.onboardingTags).toMatchObject({ food: ['ramen'] });
    expect(after).toMatchObject({ personaEmbedding: encoded.personaEmbedding, personaVersion: VERSION });
  });

  it('without an encoder that may serve, all is as it was', async () => {
    const traveller = await travelling({ days: 8 });
    const { id } = traveller.guest;
    await act(traveller, 0, 21);
    // Outside development: what learned from simulated travellers does not serve (invariant 9).
    await runJob('persona-update');
    const run = await runJob('persona-embedding');
    expect(run).toMatchObject({ status: 'done', progress: { without_encoder: 1 } });
    expect(await personaOf(id)).toMatchObject({ personaVersion: 'persona-tags@1', personaEmbeddedAt: null });

    // And once there is none any more, the persona follows its signals again.
    await night();
    expect((await personaOf(id)).personaVersion).toBe(VERSION);
    await act(traveller, 21, 24);
    await runJob('persona-update');
    expect((await personaOf(id)).personaVersion).toBe('persona-tags@1');
  });

  it('takes more travellers than one stretch holds, each once', async () => {
    const ids = await crowd(130, 20);
    const run = await runJob('persona-embedding', DEVELOPMENT);
    expect(run.stretches).toBeGreaterThan(1);
    expect(run.progress.travellers).toBeGreaterThanOrEqual(130);
    const rows = await database
      .select()
      .from(users)
      .where(sql`${users.id} = any(${sql.param(ids)}::uuid[])`);
    expect(rows.every(({ personaVersion }) => personaVersion === VERSION)).toBe(true);
    expect(new Set(rows.map(({ personaEmbedding }) => JSON.stringify(personaEmbedding))).size).toBe(130);
    expect((await runJob('persona-embedding', DEVELOPMENT)).progress.travellers).toBe(0);
  });

  it('yields to whoever changed, or deleted, their account in the meantime', async () => {
    const [changed, gone, same] = await crowd(3, 20);
    const due = await nextWarmTravellers(database, { modelVersion: 'persona-encoder@other', length: 50 }, null, 10_000);
    const mine = due.filter(({ userId }) => [changed, gone, same].includes(userId));
    expect(mine).toHaveLength(3);
    await database.update(users).set({ homeCurrency: 'EUR', updatedAt: new Date() }).where(eq(users.id, changed!));
    await database.update(users).set({ deletedAt: new Date(), updatedAt: new Date() }).where(eq(users.id, gone!));
    const embedding = new Float32Array(128).fill(Math.SQRT1_2 / 8);
    const encoded = mine.map((traveller) => ({ traveller, embedding }));
    const stored = await storeEncoded(database, encoded, 'persona-encoder@other', new Date());
    expect(stored).toEqual([{ id: same, changed: true }]);
    expect((await personaOf(gone!)).personaEmbedding).toBeNull();
  });
});

describe('an operator', () => {
  it('finds no persona of who is not there, and is the only one who may look', async () => {
    const guest = await newGuest();
    expect((await call('GET', `/admin/users/${uuidv7()}/persona`, { token })).body.code).toBe('user_not_found');
    expect((await call('GET', '/admin/users/me/persona', { token })).status).toBe(400);
    expect((await call('GET', `/admin/users/${guest.id}/persona`, { token: guest.token })).status).toBe(403);
  });
});

describe('an account that goes', () => {
  it('is exported with both embeddings, and keeps neither once it is deleted', async () => {
    const sub = `idp|${uuidv7()}`;
    const own = await tokenOf(sub);
    const { body: user } = await call('GET', '/users/me', { token: own });
    const vector = (x: number) => new Array<number>(128).fill(x);
    await database
      .update(users)
      .set({
        personaEmbedding: vector(0.5),
        personaVersion: VERSION,
        personaEmbeddingBefore: vector(0.25),
        personaVersionBefore: 'persona-tags@1',
        personaEmbeddedAt: new Date(),
      })
      .where(eq(users.id, user.id));
    const { body: exported } = await call('GET', '/users/me/export', { token: own });
    expect(exported.user).toMatchObject({
      persona_embedding: vector(0.5),
      persona_embedding_before: vector(0.25),
      persona_version_before: 'persona-tags@1',
      persona_embedded_at: expect.any(String),
    });
    expect((await call('DELETE', '/users/me', { token: own })).status).toBe(204);
    expect(await personaOf(user.id)).toMatchObject({
      subject: await deletedSubject(sub),
      personaEmbedding: null,
      personaVersion: null,
      personaEmbeddingBefore: null,
      personaVersionBefore: null,
      personaEmbeddedAt: null,
    });
    expect((await call('GET', `/admin/users/${user.id}/persona`, { token })).status).toBe(404);
  });
});
