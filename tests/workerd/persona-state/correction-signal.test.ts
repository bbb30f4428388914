/** Real travellers against simulated ones of their archetype, venue by venue. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { archetype } from '../../../core/persona/archetypes.ts';
import { fisherExact } from '../../../core/signal/correction.ts';
import { acceptanceByArchetype } from '../../../platform/database/correction-signal.ts';
import { copyOfCity } from '../api/cities.ts';
import { call, database, newGuest } from '../api/client.ts';
import { adminToken } from '../signals/scene.ts';

interface Decided {
  source: string;
  archetype: string;
  venueId: string;
  /** Signal types in their order. */
  types: string[];
}

/** A traveller of the archetype's own dimensions for each. */
async function decide(decisions: readonly Decided[]): Promise<void> {
  const given = decisions.map((one) => {
    const id = uuidv7();
    return {
      ...one,
      id,
      actor: uuidv7(),
      subject: `correction|${id}`,
      dimensions: archetype(one.archetype).dimensions,
    };
  });
  const rows = sql`jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g (
    id uuid, actor uuid, subject text, source text, "venueId" uuid, types jsonb, dimensions jsonb)`;
  await database.batch([
    database.execute(sql`insert into users (id, subject) select id, subject from ${rows}`),
    database.execute(sql`insert into actor_keys (user_id, actor_key) select id, actor from ${rows}`),
    database.execute(sql`
      insert into persona_dimensions (user_id, dimension, value, source)
      select g.id, d.key, d.value::float8, 'onboarding' from ${rows}, jsonb_each_text(g.dimensions) as d`),
    database.execute(sql`
      insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, weight, source, synthetic, model_version, counts, occurred_at)
      select gen_random_uuid(), g.actor, t.type, g."venueId", 1, g.source, g.source <> 'user_behavioral', 'none',
        g.source = 'user_behavioral', now() + make_interval(secs => t.n)
      from ${rows}, jsonb_array_elements_text(g.types) with ordinality as t (type, n)`),
  ]);
}

const times = (n: number, one: Decided): Decided[] => Array.from({ length: n }, () => one);

let venues: string[];
let city: string;
let token: string;
beforeAll(async () => {
  token = await adminToken();
  const copy = await copyOfCity('mexico-city');
  city = copy.slug;
  const { rows } = await database.execute<{ id: string }>(
    sql`select id from activity_nodes where city_id = ${copy.id} order by id limit 4`,
  );
  venues = rows.map(({ id }) => id);
  const [refused, alike, few] = venues as [string, string, string];
  const source = 'synthetic_agent_v1';
  const real = 'user_behavioral';
  await decide([
    // The simulation takes it, people do not.
    ...times(14, { source, archetype: 'A1', venueId: refused, types: ['slot_accept'] }),
    ...times(1, { source, archetype: 'A1', venueId: refused, types: ['slot_skip'] }),
    ...times(10, { source: real, archetype: 'A1', venueId: refused, types: ['slot_skip'] }),
    // Of several decisions the last one counts; who lingers decides nothing.
    ...times(2, { source: real, archetype: 'A1', venueId: refused, types: ['slot_skip', 'slot_accept'] }),
    ...times(3, { source: real, archetype: 'A1', venueId: refused, types: ['slot_linger'] }),
    // Another lineage is another comparison.
    ...times(12, { source: 'synthetic_choice_model_v1', archetype: 'A1', venueId: refused, types: ['thumbs_down'] }),
    ...times(12, { source, archetype: 'A1', venueId: alike, types: ['slot_accept'] }),
    ...times(12, { source: real, archetype: 'A1', venueId: alike, types: ['thumbs_up'] }),
    ...times(5, { source, archetype: 'A5', venueId: refused, types: ['slot_accept'] }),
    ...times(12, { source: real, archetype: 'A5', venueId: refused, types: ['slot_skip'] }),
    ...times(20, { source, archetype: 'A1', venueId: few, types: ['slot_accept'] }),
    ...times(9, { source: real, archetype: 'A1', venueId: few, types: ['slot_skip'] }),
  ]);
});

const ask = async (query = '') => (await call('GET', `/admin/correction-signal${query}`, { token })).body;
// biome-ignore lint/suspicious/noExplicitAny: as the answer has it
const ours = (body: any) => body.divergences.filter((one: any) => one.venue.city === city);

describe('the correction signal', () => {
  it('tells by archetype and venue how many took it on either side, and how sure the difference is', async () => {
    const body = await ask();
    expect(body).toMatchObject({ source: 'synthetic_agent_v1', minimum: 10, level: 0.95 });
    const [first, second, ...others] = ours(body);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      archetype: 'A1',
      venue: { id: venues[0], city },
      real: { accepted: 2, travellers: 12, share: expect.closeTo(1 / 6, 9) },
      synthetic: { accepted: 14, travellers: 15 },
      difference: expect.closeTo(2 / 12 - 14 / 15, 9),
      p: expect.closeTo(fisherExact({ accepted: 2, travellers: 12 }, { accepted: 14, travellers: 15 }), 9),
    });
    expect(first.interval.upper).toBeLessThan(0);
    expect(first.q).toBeGreaterThanOrEqual(first.p);
    expect(first.q).toBeLessThan(0.05);
    expect(body.told_apart).toBeGreaterThanOrEqual(1);
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
    const [other] = ours(await ask('?source=synthetic_choice_model_v1'));
    expect(other).toMatchObject({ synthetic: { accepted: 0, travellers: 12 }, real: { accepted: 2, travellers: 12 } });
  });

  it('knows nothing of who deleted their account', async () => {
    const asked = { source: 'synthetic_agent_v1', minimum: 2 } as const;
    const cell = async () =>
      (await acceptanceByArchetype(database, asked)).find(
        ({ archetype, venueId }) => archetype === 'A1' && venueId === venues[2],
      );
    expect((await cell())!.real.travellers).toBe(9);
    await database.execute(sql`
      delete from actor_keys where user_id = (
        select k.user_id from actor_keys k join behavioral_signals s on s.actor_key = k.actor_key
        where s.activity_node_id = ${venues[2]} and s.source = 'user_behavioral' limit 1)`);
    expect((await cell())!.real.travellers).toBe(8);
  });

  it('is for operators, who ask for what there is', async () => {
    const guest = await newGuest();
    expect((await call('GET', '/admin/correction-signal', { token: guest.token })).status).toBe(403);
    for (const wrong of ['?source=user_behavioral', '?minimum=1', '?minimum=x', '?limit=0', '?venue=1']) {
      expect([400, 422], wrong).toContain((await call('GET', `/admin/correction-signal${wrong}`, { token })).status);
    }
  });
});
