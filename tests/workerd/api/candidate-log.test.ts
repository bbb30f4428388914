/** Invariant 1: whatever is served is logged with all that it was chosen from, in the same transaction. */
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { call, database, inDays, newGuest } from './client.ts';
import { actorKeyOf, loggedRankings, rowsOf, storedTrip } from './stored.ts';
import { slotsOf, type TripShape } from './trip-shape.ts';

const PARTS = ['morning', 'afternoon', 'evening'];

async function planned(json: object) {
  const guest = await newGuest({ food: 'ramen' });
  const first = await call('POST', '/trips', { token: guest.token, json });
  const second = await call('POST', '/trips', { token: guest.token, json });
  return { guest, first: first.body as TripShape, second: second.body as TripShape };
}

describe('the log of a planned trip', async () => {
  const { guest, first, second } = await planned({ city: 'seattle', start_date: inDays(), days: 7 });
  const log = await loggedRankings(first.id);

  it('is one row with 200 candidates, signed with the actor key and not with the user', async () => {
    expect(log.sets).toHaveLength(1);
    const [row] = log.sets;
    expect(row).toMatchObject({
      actorKey: await actorKeyOf(guest.id),
      source: 'system',
      synthetic: false,
      modelVersion: first.ranking.model_version,
    });
    expect(JSON.stringify([row, log.events])).not.toContain(guest.id);
    expect(log.set.v).toBe(1);
    expect(new Set(log.set.venue_ids).size).toBe(200);
  });

  it('has a score in [0, 1] of every candidate for every day part of every day', () => {
    expect(log.set.rankings.map((r) => `${r.day_number} ${r.day_part}`).sort()).toEqual(
      first.days.flatMap(({ day }) => PARTS.map((part) => `${day} ${part}`)).sort(),
    );
    for (const { scores } of log.set.rankings) {
      expect(log.set.scores[scores]).toHaveLength(200);
      for (const score of log.set.scores[scores] ?? []) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    }
    // Compact: the days after the fifth are ranked like it, and their scores stand once.
    expect(log.set.scores).toHaveLength(5 * PARTS.length);
  });

  it('says what was shown, with probability 1, and all else 0', () => {
    const shown = log.set.rankings.flatMap((ranking) => {
      expect(ranking.propensity).toEqual({ shown: 1, other: 0 });
      return ranking.shown.map((i) => `${ranking.day_number} ${ranking.day_part} ${log.set.venue_ids[i]}`);
    });
    const slots = first.days.flatMap(({ day, slots }) => slots.map((s) => `${day} ${s.day_part} ${s.venue.id}`));
    expect(shown.sort()).toEqual(slots.sort());
  });

  it('is what the ranking events refer to, one for each moment, and the slots to them', async () => {
    const [row] = log.sets;
    expect(log.events).toHaveLength(7 * PARTS.length);
    for (const event of log.events) {
      expect(event).toMatchObject({
        candidateSetSignalId: row?.id,
        actorKey: row?.actorKey,
        kind: 'itinerary',
        source: 'offline',
        cache: 'miss',
        fallback: null,
        modelVersion: first.ranking.model_version,
      });
    }
    expect(log.set.rankings.map((ranking) => ranking.ranking_event_id).sort()).toEqual(
      log.events.map(({ id }) => id).sort(),
    );
    const { slots } = await storedTrip(first.id);
    for (const slot of slots) {
      const event = log.events.find(({ id }) => id === slot.rankingEventId);
      expect(event).toMatchObject({ dayNumber: slot.dayNumber, dayPart: slot.dayPart });
    }
  });

  it('holds a versioned snapshot of persona, context and catalogue', () => {
    for (const event of log.events) {
      expect(event.featureSnapshot).toMatchObject({
        v: 1,
        rescore_version: 'personal-rescore@1',
        persona: {
          dimensions: { local_vs_tourist_bias: expect.any(Number) },
          nearest_archetypes: [expect.anything(), expect.anything(), expect.anything()],
        },
        context: {
          day_part: event.dayPart,
          trip_day: Math.min(event.dayNumber ?? 0, 5),
          party_kind: 'solo',
          party_size: 1,
          budget_band: first.budget,
        },
        catalogue: { city: 'seattle', version: expect.stringMatching(/^[0-9a-f]{12}$/) },
      });
    }
  });

  it('is written for an answer from the cache as well, whole', async () => {
    expect(second.ranking.cache).toBe('hit');
    const again = await loggedRankings(second.id);
    expect(again.sets).toHaveLength(1);
    expect(again.set.venue_ids).toEqual(log.set.venue_ids);
    expect(again.set.scores).toEqual(log.set.scores);
    expect(again.events.map(({ cache }) => cache)).toEqual(Array(7 * PARTS.length).fill('hit'));
    expect(again.events.every((event) => event.candidateSetSignalId === again.sets[0]?.id)).toBe(true);
  });
});

it('a city with fewer than 200 venues that take the party is logged with all of them', async () => {
  const { first } = await planned({
    city: 'mexico-city',
    start_date: inDays(),
    days: 1,
    party: { size: 4, kind: 'family' },
  });
  const { set } = await loggedRankings(first.id);
  expect(set.venue_ids.length).toBeLessThan(200);
  expect(set.venue_ids.length).toBeGreaterThan(60);
  for (const { venue } of slotsOf(first)) expect(set.venue_ids).toContain(venue.id);
});

it('trip and log stand or fall together: where the last insert fails, nothing is written', async () => {
  const guest = await newGuest();
  const name = `fail_${guest.id.replaceAll('-', '')}`;
  // The slots are the last that is inserted.
  await database.execute(
    sql.raw(`create function ${name}() returns trigger language plpgsql as $$ begin
      if exists (select 1 from trips where id = new.trip_id and user_id = '${guest.id}') then
        raise exception 'the disk is full'; end if; return new; end $$`),
  );
  await database.execute(
    sql.raw(`create trigger ${name} before insert on itinerary_slots for each row execute function ${name}()`),
  );
  try {
    const failed = await call('POST', '/trips', {
      token: guest.token,
      json: { city: 'seattle', start_date: inDays(), days: 1 },
      headers: { 'idempotency-key': 'k' },
    });
    expect(failed).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(failed.text).not.toContain('disk');
  } finally {
    await database.execute(sql.raw(`drop function ${name}() cascade`));
  }
  expect(Object.values(await rowsOf(guest.id))).toEqual([0, 0, 0, 0, 0]);
  const retried = await call('POST', '/trips', {
    token: guest.token,
    json: { city: 'seattle', start_date: inDays(), days: 1 },
    headers: { 'idempotency-key': 'k' },
  });
  expect(retried.status).toBe(201);
});
