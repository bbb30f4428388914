/** Travellers with a past, and what was decided about their plans. */
import { eq } from 'drizzle-orm';
import { vi } from 'vitest';
import {
  arbitrationEvents,
  itinerarySlots,
  rankingEvents,
  shadowRankings,
  users,
} from '../../../platform/database/schema/index.ts';
import { type Call, call, database, type Guest, inDays, newGuest, type Overrides } from '../api/client.ts';
import { actorKeyOf } from '../api/stored.ts';
import { type SlotShape, slotsOf, type TripShape } from '../api/trip-shape.ts';
import { register } from '../inference/registered.ts';
import { bodies, deliver, reported } from '../signals/scene.ts';

/** Where the bundled models serve. */
export const LIVE: Overrides = {
  ENVIRONMENT: 'development',
  ARBITRATION_MODE: 'live',
  EXPLORE_SLOTS: '0',
  EXPLORE_DISAGREEMENTS: '0',
  WARM_LLM_WAIT_MS: '5000',
};

export interface Traveller {
  guest: Guest;
  actorKey: string;
}

export async function plan(guest: Guest, more: Record<string, unknown> = {}, options: Call = {}) {
  const answer = await call('POST', '/trips', {
    token: guest.token,
    json: { city: 'seattle', start_date: inDays(), days: 2, ...more },
    env: LIVE,
    ...options,
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  const trip: TripShape & { ranking: { source: string; model_version: string } } = answer.body;
  return { trip, slots: slotsOf(answer.body) as SlotShape[], versions: answer.headers.get('X-Model-Version') ?? '' };
}

/** Somebody who was on so many trips and did so much on them: every third place is skipped. */
export async function experienced({
  trips,
  signals,
  tags = {},
}: {
  trips: number;
  signals: number;
  tags?: Record<string, string | string[]>;
}): Promise<Traveller> {
  const guest = await newGuest(tags);
  const cities = ['seattle', 'new-york', 'tokyo', 'mexico-city'];
  let given = 0;
  for (let i = 0; i < trips; i++) {
    const { slots } = await plan(guest, { city: cities[i % cities.length], days: 7 }, { env: {} });
    const most = i === trips - 1 ? signals - given : Math.ceil(signals / trips);
    const chosen = slots.slice(0, most);
    const begin = Date.now() - (trips - i) * 86_400_000;
    await deliver(
      'signals',
      bodies(
        chosen.map(({ id }, s) =>
          reported(guest.id, {
            type: s % 3 === 2 ? 'slot_skip' : 'slot_accept',
            slotId: id,
            occurredAt: new Date(begin + s * 1000).toISOString(),
          }),
        ),
      ),
    );
    given += chosen.length;
  }
  const [user] = await database.select().from(users).where(eq(users.id, guest.id));
  if (user?.countingSignals !== signals) throw new Error(`${user?.countingSignals} signals count, not ${signals}`);
  return { guest, actorKey: await actorKeyOf(guest.id) };
}

export const decisionsOn = (tripId: string) =>
  database.select().from(arbitrationEvents).where(eq(arbitrationEvents.tripId, tripId));
export const decidedFor = (actorKey: string) =>
  database.select().from(arbitrationEvents).where(eq(arbitrationEvents.actorKey, actorKey));
export const rankingsOf = (tripId: string) =>
  database.select().from(rankingEvents).where(eq(rankingEvents.tripId, tripId));
export const slotRows = (tripId: string) =>
  database.select().from(itinerarySlots).where(eq(itinerarySlots.tripId, tripId));
export const shadowsOf = (tripId: string) =>
  database.select().from(shadowRankings).where(eq(shadowRankings.tripId, tripId));

/** In production, as soon as no other test's version is: there is one for all tests of a database. */
export function soleProduction(name: string, version: string, lineage: string[] = ['user_behavioral']): Promise<void> {
  return vi.waitFor(() => register(name, version, 'production', { lineage }), { timeout: 110_000, interval: 500 });
}
