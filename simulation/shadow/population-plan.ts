/** Who travels where and when: the whole population's trips, before any of them is lived through. */
import { Random } from '../../core/experiment/random.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import type { TripStatus } from '../../core/itinerary/trip.ts';
import type { PartyKind } from '../../core/ranking/ranker.ts';
import { type AxisValues, SHADOW_ARCHETYPES, type ShadowArchetype } from './axes.ts';
import { DEFAULT_TRIPS, DEFAULT_USERS, type ShadowCity, type ShadowSettings } from './settings.ts';

export interface PlannedTrip {
  /** Over the whole population. */
  index: number;
  city: ShadowCity;
  startDate: string;
  days: number;
  status: Exclude<TripStatus, 'cancelled'>;
  /** Of a trip that broke off or is running: the last day that was lived. */
  livedDays: number;
  party: { kind: PartyKind; size: number };
  /** Whether cards were swiped before it. */
  discovery: boolean;
}

export interface PlannedUser {
  index: number;
  archetype: ShadowArchetype;
  /** In the order of time. */
  trips: PlannedTrip[];
}

/** Of the default population; in proportion for others. */
const QUOTAS = { planning: 13, active: 8, shortened: 80, discovery: 860 };
const MOST_TRIPS = 7;
/** Weights of 1 to 6 days. */
const DAYS = [0.05, 0.19, 0.28, 0.23, 0.15, 0.1];
const HISTORY_DAYS = 730;
/** Of the last finished trip, before today. */
const QUIET_DAYS = 12;
const CITY_WEIGHTS: Readonly<Record<string, number>> = { 'new-york': 0.38, 'mexico-city': 0.27, tokyo: 0.35 };

/** Travellers take the archetypes in turn. @throws RangeError where there is no city to travel to */
export function planPopulation(settings: ShadowSettings, places: readonly ShadowCity[]): PlannedUser[] {
  if (places.length === 0) throw new RangeError('there is no city to travel to');
  const { seed, users, asOf } = settings;
  const scale = users / DEFAULT_USERS;
  const random = Random.of(seed, 'plan');
  const counts = tripCounts(users, Math.round(DEFAULT_TRIPS * scale), random);
  const first = counts.map((_, i) => counts.slice(0, i).reduce((sum, n) => sum + n, 0));
  const last = random.shuffle(counts.map((n, i) => first[i]! + n - 1));
  const planning = new Set(last.splice(0, Math.round(QUOTAS.planning * scale)));
  const active = new Set(last.splice(0, Math.round(QUOTAS.active * scale)));
  const total = counts.reduce((sum, n) => sum + n, 0);
  const over = random
    .shuffle(Array.from({ length: total }, (_, i) => i))
    .filter((i) => !planning.has(i) && !active.has(i));
  const shortened = new Set(over.slice(0, Math.round(QUOTAS.shortened * scale)));
  const discovery = new Set(over.slice(-Math.max(1, Math.round(QUOTAS.discovery * scale))));

  return counts.map((count, userIndex) => {
    const own = Random.of(seed, `plan/${userIndex}`);
    const archetype = SHADOW_ARCHETYPES[userIndex % SHADOW_ARCHETYPES.length]!;
    const trips = Array.from({ length: count }, (_, n): PlannedTrip => {
      const index = first[userIndex]! + n;
      // One that is cut short, or runs, has a day to lose.
      const cut = shortened.has(index) || active.has(index);
      const days = Math.max(cut ? 2 : 1, 1 + own.weighted(DAYS));
      const status = planning.has(index)
        ? 'planning'
        : active.has(index)
          ? 'active'
          : shortened.has(index)
            ? 'shortened'
            : 'completed';
      const segment = Math.floor((HISTORY_DAYS - QUIET_DAYS) / count);
      const into = own.int(segment - 7);
      const soon = own.int(50);
      const livedDays = status === 'planning' ? 0 : cut ? 1 + own.int(days - 1) : days;
      const startDate =
        status === 'planning'
          ? addDays(asOf, 3 + soon)
          : status === 'active'
            ? addDays(asOf, -livedDays)
            : addDays(asOf, -HISTORY_DAYS + n * segment + into);
      return {
        index,
        city: places[own.weighted(places.map(({ slug }) => CITY_WEIGHTS[slug] ?? 0.3))]!,
        startDate,
        days,
        status,
        livedDays,
        party: partyOf(archetype.company, own),
        discovery: discovery.has(index),
      };
    });
    return { index: userIndex, archetype, trips };
  });
}

/** Two trips each, the others where chance puts them, at most seven. */
function tripCounts(users: number, total: number, random: Random): number[] {
  const counts = new Array<number>(users).fill(2);
  for (let left = Math.max(0, total - 2 * users); left > 0; ) {
    const user = random.int(users);
    if (counts[user]! >= MOST_TRIPS) continue;
    counts[user]!++;
    left--;
  }
  return counts;
}

function partyOf(company: AxisValues['company'], random: Random): PlannedTrip['party'] {
  switch (company) {
    case 'solo':
      return { kind: 'solo', size: 1 };
    case 'couple':
      return { kind: 'couple', size: 2 };
    case 'friends':
      return { kind: 'friends', size: 3 + random.int(4) };
    case 'family':
      return { kind: 'family', size: 3 + random.int(3) };
  }
}
