/** The whole population, made in memory: how much there is of what, and that all of it is what it says. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { FullCandidateSet } from '../../../core/ranking/candidate-log.ts';
import { loggedCandidates } from '../../../core/ranking/logged-candidates.ts';
import { mayCount, SIGNAL_SOURCES, SYSTEM_SIGNAL_TYPES } from '../../../core/signal/signal.ts';
import { CONDITIONS } from '../../../core/weather/condition.ts';
import type { ShadowRows } from '../../../platform/database/shadow-rows.ts';
import { catalogueCities } from '../../../simulation/agents/catalogue-cities.ts';
import { shadowVenue } from '../../../simulation/shadow/choice-model.ts';
import { MOST_INTENTIONS_A_USER } from '../../../simulation/shadow/intentions.ts';
import { Population } from '../../../simulation/shadow/population.ts';
import { SHADOW_LINEAGE, type ShadowCity } from '../../../simulation/shadow/settings.ts';

type Signal = ShadowRows['behavioral_signals'][number];

let cities: ShadowCity[];
let population: Population;
let rows: ShadowRows;
beforeAll(async () => {
  cities = await catalogueCities();
  population = new Population({ seed: 1, users: 765, cities });
  rows = population.rowsOf(population.users.keys());
});

const count = <T>(list: readonly T[], key: (one: T) => string) => {
  const counts: Record<string, number> = {};
  for (const one of list) counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  return counts;
};
const setsOf = () =>
  rows.behavioral_signals.flatMap((signal) =>
    signal.signal_type === 'candidate_set_logged'
      ? [{ signal, set: (signal.context as { full_candidate_set: FullCandidateSet }).full_candidate_set }]
      : [],
  );

describe('the population', () => {
  it('has 765 travellers over all 300 archetypes, with eight dimensions each', () => {
    expect(rows.users).toHaveLength(765);
    expect(new Set(population.users.map(({ archetype }) => archetype.id)).size).toBe(300);
    expect(rows.persona_dimensions).toHaveLength(6120);
    expect(new Set(Object.values(count(rows.persona_dimensions, ({ user_id }) => user_id)))).toEqual(new Set([8]));
  });

  it('makes 2,801 trips to New York, Mexico City and Tokyo, and ends most of them', () => {
    expect(rows.trips).toHaveLength(2801);
    const byCity = count(rows.trips, ({ city_id }) => cities.find(({ id }) => id === city_id)!.slug);
    expect(Object.keys(byCity).sort()).toEqual(['mexico-city', 'new-york', 'tokyo']);
    expect(count(rows.trips, ({ status }) => status)).toEqual({
      completed: 2700,
      planning: 13,
      active: 8,
      shortened: 80,
    });
  });

  it('leaves at least as many signals, rankings, pivots and reasons as the summary of the source asks for', () => {
    const types = count(rows.behavioral_signals, ({ signal_type }) => signal_type);
    const behaviour = rows.behavioral_signals.length - types.candidate_set_logged!;
    expect(behaviour).toBeGreaterThanOrEqual(225_000);
    const events = count(rows.ranking_events, ({ kind }) => kind);
    expect(events.itinerary).toBeGreaterThanOrEqual(14_760);
    expect(events.discovery).toBeGreaterThanOrEqual(838);
    expect(rows.pivot_events.length).toBeGreaterThanOrEqual(1044);
    expect(rows.intention_signals.length).toBeGreaterThanOrEqual(2864);
    expect(types.discovery_swipe).toBeGreaterThanOrEqual(13_643);
    expect(rows.behavioral_signals.filter(({ context }) => 'weather' in context).length).toBeGreaterThanOrEqual(43_595);
    for (const type of [
      'slot_view',
      'slot_accept',
      'slot_skip',
      'slot_swap',
      'slot_linger',
      'thumbs_up',
      'thumbs_down',
    ])
      expect(types[type], type).toBeGreaterThan(2000);
    for (const type of ['pivot_accept', 'pivot_dismiss', 'pivot_ignore', 'post_trip'])
      expect(types[type], type).toBeGreaterThan(100);
  });

  it('gives every row an id of its own', () => {
    for (const table of [
      'users',
      'trips',
      'behavioral_signals',
      'ranking_events',
      'itinerary_slots',
      'pivot_events',
    ] as const) {
      expect(new Set(rows[table].map(({ id }) => id)).size, table).toBe(rows[table].length);
    }
  });

  it('makes any traveller alone as it makes them among all', () => {
    const actor = rows.actor_keys[123]!;
    const alone = new Population({ seed: 1, users: 765, cities }).rowsOf([123]);
    expect(alone.behavioral_signals).toEqual(
      rows.behavioral_signals.filter(({ actor_key }) => actor_key === actor.actor_key),
    );
    expect(alone.trips).toEqual(rows.trips.filter(({ user_id }) => user_id === actor.user_id));
  });

  it('is another one for another seed', () => {
    const other = new Population({ seed: 2, users: 765, cities }).rowsOf([0]);
    expect(other.users[0]!.id).not.toBe(rows.users[0]!.id);
    expect(other.trips[0]!.start_date).not.toBe(rows.trips[0]!.start_date);
  });
});

describe('what is synthetic', () => {
  it('has a lineage that never counts', () => {
    expect(SIGNAL_SOURCES).toContain(SHADOW_LINEAGE);
    for (const { signal_type } of rows.behavioral_signals.slice(0, 1000)) {
      expect(mayCount(signal_type, SHADOW_LINEAGE)).toBe(false);
    }
  });

  it('weighs like what it stands for: the behaviour 1, the notes of the system nothing', () => {
    const system: readonly string[] = SYSTEM_SIGNAL_TYPES;
    for (const { signal_type, weight } of rows.behavioral_signals) {
      if (weight !== (system.includes(signal_type) ? 0 : 1)) expect.fail(`${signal_type} weighs ${weight}`);
    }
  });

  it('is told by the user, the dimensions and the model', () => {
    for (const { subject, persona_version, persona_description } of rows.users) {
      expect(subject).toMatch(/^shadow:1:\d+$/);
      expect(persona_version).toContain(SHADOW_LINEAGE);
      expect(persona_description).toMatch(/^Synthetic traveller/);
    }
    expect(new Set(rows.behavioral_signals.map(({ model_version }) => model_version))).toEqual(
      new Set(['shadow-policy@1']),
    );
  });
});

describe('the log of candidates', () => {
  it('is complete: 200, or all that the city has, each once', () => {
    const ofTrip = new Map(rows.trips.map(({ id, city_id }) => [id, city_id]));
    const size = new Map(cities.map(({ id, venues }) => [id, Math.min(200, venues.length)]));
    for (const { signal, set } of setsOf()) {
      expect(new Set(set.venue_ids).size).toBe(set.venue_ids.length);
      for (const list of [...set.scores, ...set.propensities!]) expect(list).toHaveLength(set.venue_ids.length);
      if (signal.trip_id) expect(set.venue_ids).toHaveLength(size.get(ofTrip.get(signal.trip_id)!)!);
    }
    expect([...size.values()].sort()).toEqual(expect.arrayContaining([140, 200]));
  });

  it('states probabilities that sum to what is shown, above 0 for all that is shown', () => {
    for (const { set } of setsOf()) {
      for (const { ranking_event_id } of set.rankings) {
        const { propensities, shown } = loggedCandidates(set, ranking_event_id)!;
        const sum = propensities.reduce((total, p) => total + p, 0);
        if (Math.abs(sum - shown.length) > 1e-9) expect.fail(`${sum} for ${shown.length} shown`);
        if (shown.some((i) => !(propensities[i]! > 0))) expect.fail('shown at probability 0');
        if (propensities.some((p) => p < 0 || p > 1)) expect.fail('no probability');
      }
    }
  });

  it('spreads them: the policy shows what it does not favour, too', () => {
    const shown = setsOf().flatMap(({ set }) =>
      set.rankings.flatMap(({ ranking_event_id }) => {
        const logged = loggedCandidates(set, ranking_event_id)!;
        return logged.shown.map((i) => logged.propensities[i]!);
      }),
    );
    expect(shown.filter((p) => p < 0.05).length / shown.length).toBeGreaterThan(0.3);
    expect(shown.filter((p) => p === 1).length / shown.length).toBeLessThan(0.02);
  });

  it('is what every ranking refers to, and what every slot shows', () => {
    const sets = new Map(setsOf().map(({ signal, set }) => [signal.id, set]));
    const shownBy = new Map(
      rows.ranking_events.map(({ id, candidate_set_signal_id }) => {
        const { venueIds, shown } = loggedCandidates(sets.get(candidate_set_signal_id)!, id)!;
        return [id, new Set(shown.map((i) => venueIds[i]!))];
      }),
    );
    expect(shownBy.size).toBe(rows.ranking_events.length);
    for (const slot of rows.itinerary_slots) {
      const offered = [slot.activity_node_id, ...slot.alternatives.map(({ venueId }) => venueId)];
      const shown = shownBy.get(slot.ranking_event_id)!;
      if (!offered.some((id) => shown.has(id))) expect.fail(`slot ${slot.id} shows nothing that was ranked`);
    }
  });

  it('shows no venue twice in a trip', () => {
    for (const { signal, set } of setsOf()) {
      if (signal.trip_id === null) continue;
      const shown = set.rankings.flatMap((ranking) => ranking.shown);
      expect(new Set(shown).size).toBe(shown.length);
    }
  });
});

describe('the signals', () => {
  const byTrip = () => Map.groupBy(rows.behavioral_signals, ({ trip_id }) => trip_id);

  it('note the weather of outdoor and active places, one a day, and of no others', () => {
    const noted = new Map(
      cities.flatMap(({ venues }) => venues.map((venue, i) => [venue.id, shadowVenue(1, venue, i)])),
    );
    const seen = new Set<string>();
    for (const { signal_type, activity_node_id, context, trip_id } of rows.behavioral_signals) {
      if (!trip_id || !activity_node_id || signal_type === 'post_trip') continue;
      const { weather } = context as { weather?: string };
      if ((weather !== undefined) !== noted.get(activity_node_id)!.outdoorOrActive)
        expect.fail(JSON.stringify(context));
      if (weather) seen.add(weather);
    }
    expect([...seen].sort()).toEqual([...CONDITIONS].sort());
    const tripDays = new Map<string, Set<unknown>>();
    for (const { trip_id, context } of rows.behavioral_signals) {
      if (!('weather' in context)) continue;
      const key = `${trip_id}/${(context as Record<string, unknown>).day_of_trip}`;
      tripDays.set(key, (tripDays.get(key) ?? new Set()).add((context as Record<string, unknown>).weather));
    }
    expect(Math.max(...[...tripDays.values()].map((kinds) => kinds.size))).toBe(1);
  });

  it('snow in New York and never in Mexico City', () => {
    const cityOf = new Map(rows.trips.map(({ id, city_id }) => [id, cities.find((city) => city.id === city_id)!.slug]));
    const snow = count(
      rows.behavioral_signals.filter(({ context }) => 'weather' in context && context.weather === 'snow'),
      ({ trip_id }) => cityOf.get(trip_id!)!,
    );
    expect(snow['new-york']).toBeGreaterThan(0);
    expect(snow['mexico-city']).toBeUndefined();
  });

  it('end where the trip ends: nobody acts on days that were not lived, and no look back before the end', () => {
    const trips = byTrip();
    for (const user of population.users) {
      for (const { index, status, days: planned, livedDays } of user.trips) {
        const over = { planning: livedDays === 0, completed: livedDays === planned };
        expect(status in over ? over[status as keyof typeof over] : livedDays >= 1 && livedDays < planned).toBe(true);
        const signals = trips.get(rows.trips[index]!.id)!;
        const acted = signals.filter(
          ({ signal_type }) => !['candidate_set_logged', 'slot_view', 'post_trip'].includes(signal_type),
        );
        const days = acted.map(({ context }) => Number((context as Record<string, unknown>).day_of_trip));
        if (days.some((day) => day > livedDays)) expect.fail(`${status} trip lived beyond its ${livedDays} days`);
        const rated = signals.some(({ signal_type }) => signal_type === 'post_trip');
        if (rated !== (status === 'completed' || status === 'shortened')) expect.fail(`${status}, rated: ${rated}`);
      }
    }
  });

  it('ask nobody for reasons more often than they give them, and nobody alone about their company', () => {
    const reasons = rows.behavioral_signals.filter(({ signal_type }) => signal_type === 'intention');
    expect(rows.intention_signals.map(({ id }) => id)).toEqual(reasons.map(({ id }) => id));
    expect(Math.max(...Object.values(count(reasons, ({ actor_key }) => actor_key)))).toBe(MOST_INTENTIONS_A_USER);
    const party = new Map(rows.trips.map((trip) => [trip.id, trip]));
    const venues = new Map(cities.flatMap((city) => city.venues.map((venue) => [venue.id, venue])));
    const of = (reason: string) => reasons.filter(({ context }) => (context as { reason: string }).reason === reason);
    expect(of('group_conflict').length).toBeGreaterThan(50);
    expect(of('price_mismatch').length).toBeGreaterThan(3);
    for (const { trip_id } of of('group_conflict')) expect(party.get(trip_id!)!.party_size).toBeGreaterThan(1);
    for (const { trip_id, activity_node_id } of of('price_mismatch')) {
      expect(party.get(trip_id!)!.budget_band).toBe('low');
      expect(venues.get(activity_node_id!)!.priceLevel).toBeGreaterThanOrEqual(3);
    }
  });

  it('answer every pivot as its row does', () => {
    const answers = new Map<unknown, Signal>(
      rows.behavioral_signals
        .filter(({ signal_type }) => /^pivot_(accept|dismiss|ignore)$/.test(signal_type))
        .map((signal) => [(signal.context as { event_id: string }).event_id, signal]),
    );
    expect(answers.size).toBe(rows.pivot_events.length);
    expect(new Set(rows.pivot_events.map(({ response }) => response))).toEqual(
      new Set(['accept', 'dismiss', 'ignore']),
    );
    for (const { id, response, options, option_id, mood, trigger } of rows.pivot_events) {
      expect(answers.get(id)!.signal_type).toBe(`pivot_${response}`);
      expect(options.length).toBeGreaterThan(0);
      expect((options as { id: string }[]).some((option) => option.id === option_id)).toBe(response === 'accept');
      expect(mood !== null).toBe(trigger === 'mood');
    }
  });

  it('swipe both ways, not as an echo of what is taken on trips', () => {
    const swipes = rows.behavioral_signals.filter(({ signal_type }) => signal_type === 'discovery_swipe');
    const right = swipes.filter(({ context }) => (context as { direction: string }).direction === 'right').length;
    expect(right / swipes.length).toBeGreaterThan(0.4);
    expect(right / swipes.length).toBeLessThan(0.8);
  });
});

describe('a city of under 50 venues', () => {
  const without = (venues: number) =>
    new Population({
      seed: 1,
      users: 40,
      cities: cities.map((city) => (city.slug === 'tokyo' ? { ...city, venues: city.venues.slice(0, venues) } : city)),
    });

  it('is left out, and said to be', () => {
    const small = without(49);
    expect(small.leftOut).toEqual([{ slug: 'tokyo', venues: 49, reason: 'too_few_venues' }]);
    expect(new Set(small.users.flatMap(({ trips }) => trips.map(({ city }) => city.slug)))).toEqual(
      new Set(['new-york', 'mexico-city']),
    );
    expect(Object.keys(small.settings.catalogues)).not.toContain('tokyo');
  });

  it('is travelled to from 50 on', () => {
    expect(without(50).leftOut).toEqual([]);
  });

  it('is not known at all where the database does not have it', () => {
    const some = new Population({ seed: 1, users: 3, cities: cities.filter(({ slug }) => slug === 'tokyo') });
    expect(some.leftOut).toMatchObject([
      { slug: 'new-york', reason: 'unknown_city' },
      { slug: 'mexico-city', reason: 'unknown_city' },
    ]);
    expect(() => new Population({ seed: 1, users: 3, cities: [] })).toThrow(RangeError);
  });
});
