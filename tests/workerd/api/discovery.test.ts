/** Cards to swipe, logged like any ranking, and the look back on a trip that is over. */
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FullCandidateSet } from '../../../core/ranking/candidate-log.ts';
import { behavioralSignals, rankingEvents } from '../../../platform/database/schema/index.ts';
import { call, database, inDays, newGuest } from './client.ts';
import { actorKeyOf } from './stored.ts';
import { slotsOf, type TripShape } from './trip-shape.ts';

describe('discovery', async () => {
  const guest = await newGuest({ food: ['ramen', 'coffee'] });
  const answer = await call('GET', '/cities/seattle/discover?limit=12', { token: guest.token });

  it('shows the best cards, none twice, and says what ranked them', () => {
    expect(answer.status).toBe(200);
    expect(answer.body.cards).toHaveLength(12);
    expect(new Set(answer.body.cards.map((card: { id: string }) => card.id)).size).toBe(12);
    expect(answer.headers.get('x-model-version')).toBe(answer.body.model_version);
  });

  it('logs all that was offered, how it scored, and what was shown', async () => {
    const [event] = await database
      .select()
      .from(rankingEvents)
      .where(eq(rankingEvents.id, answer.body.ranking_event_id));
    expect(event).toMatchObject({ kind: 'discovery', tripId: null, actorKey: await actorKeyOf(guest.id) });
    const [row] = await database
      .select()
      .from(behavioralSignals)
      .where(eq(behavioralSignals.id, event!.candidateSetSignalId));
    const set = (row!.context as { full_candidate_set: FullCandidateSet }).full_candidate_set;
    expect(set.venue_ids).toHaveLength(200);
    const [ranking] = set.rankings;
    expect(ranking).toMatchObject({ ranking_event_id: event!.id, propensity: { shown: 1, other: 0 } });
    expect(ranking!.shown.map((i) => set.venue_ids[i])).toEqual(
      answer.body.cards.map((card: { id: string }) => card.id),
    );
    const scores = set.scores[ranking!.scores]!;
    const least = Math.min(...ranking!.shown.map((i) => scores[i]!));
    expect(scores.filter((_, i) => !ranking!.shown.includes(i)).every((score) => score <= least)).toBe(true);
  });

  it('shows no card again that was swiped', async () => {
    const [card] = answer.body.cards;
    await database.insert(behavioralSignals).values({
      id: uuidv7(),
      actorKey: await actorKeyOf(guest.id),
      signalType: 'discovery_swipe',
      activityNodeId: card.id,
      weight: 1,
      source: 'user_behavioral',
      modelVersion: answer.body.model_version,
      occurredAt: new Date(),
    });
    const next = await call('GET', '/cities/seattle/discover?limit=12', { token: guest.token });
    expect(next.body.cards.map((shown: { id: string }) => shown.id)).not.toContain(card.id);
    expect(next.body.cards[0].id).toBe(answer.body.cards[1].id);
  });

  it.each([
    ['/cities/atlantis/discover', 422],
    ['/cities/seattle/discover?limit=0', 400],
    ['/cities/seattle/discover?limit=51', 400],
  ])('refuses %s', async (path, status) => {
    expect((await call('GET', path, { token: guest.token })).status).toBe(status);
  });
});

describe('the review of a trip', async () => {
  const guest = await newGuest({ pace: 'slow' });
  const { body } = await call('POST', '/trips', {
    token: guest.token,
    json: { city: 'seattle', start_date: inDays(), days: 1 },
  });
  const trip = body as TripShape;

  it('waits for its end', async () => {
    const early = await call('GET', `/trips/${trip.id}/review`, { token: guest.token });
    expect(early).toMatchObject({ status: 409, body: { code: 'trip_not_over' } });
  });

  it('holds what was not skipped', async () => {
    const [first, ...others] = slotsOf(trip);
    await call('PATCH', `/trips/${trip.id}/slots/${first!.id}`, { token: guest.token, json: { action: 'skip' } });
    await call('PATCH', `/trips/${trip.id}`, { token: guest.token, json: { status: 'cancelled' } });
    const review = await call('GET', `/trips/${trip.id}/review`, { token: guest.token });
    expect(review.status).toBe(200);
    expect(review.body.slots.map((slot: { slot_id: string }) => slot.slot_id)).toEqual(others.map(({ id }) => id));
  });
});
