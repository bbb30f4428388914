/** The three strategies over the same 100 random groups. */
import { expect, test } from 'vitest';
import { tripServed } from '../../../core/group/served.ts';
import { GROUP_STRATEGIES, type GroupStrategy } from '../../../core/group/strategies.ts';
import { randomNumbers, randomTrips } from '../../planning/random-trips.ts';
import { plannedGroup } from './fixtures/group-trips.ts';
import { catalogueOf, SEEDED_SLUGS } from './fixtures/venues.ts';

const SEED = 20261207;
const GROUPS = 100;
const LARGEST = 5;

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

test('nash serves the worst off better than average and like least misery, and the group as a whole like average', {
  timeout: 120_000,
}, (context) => {
  const random = randomNumbers(SEED);
  const cities = SEEDED_SLUGS.map((slug) => catalogueOf(slug).city);
  const personas = randomTrips(SEED, GROUPS * LARGEST, cities).map((order) => order.persona);
  const groups = Array.from({ length: GROUPS }, (_, g) => {
    const size = 2 + Math.floor(random() * (LARGEST - 1));
    const people = personas.slice(g * LARGEST, g * LARGEST + size);
    return {
      city: SEEDED_SLUGS[g % SEEDED_SLUGS.length]!,
      members: Object.fromEntries(people.map((persona, i) => [`member-${i}`, persona])),
    };
  });

  const compared = Object.fromEntries(
    GROUP_STRATEGIES.map((strategy) => {
      const trips = groups.map((group) =>
        tripServed(plannedGroup({ ...group, strategy, days: 3 }).slots.map(({ served }) => served)),
      );
      const result = {
        worstUtility: mean(trips.map(({ members }) => Math.min(...members.map((member) => member.mean)))),
        worstSatisfaction: mean(trips.map(({ leastSatisfaction }) => leastSatisfaction)),
        totalUtility: mean(trips.map(({ members }) => mean(members.map((member) => member.mean)))),
      };
      return [strategy, result];
    }),
  ) as Record<GroupStrategy, { worstUtility: number; worstSatisfaction: number; totalUtility: number }>;
  const { nash, average, least_misery: leastMisery } = compared;
  context.annotate(JSON.stringify(compared));

  expect(nash.worstUtility).toBeGreaterThan(average.worstUtility);
  expect(nash.worstSatisfaction).toBeGreaterThan(average.worstSatisfaction);
  expect(nash.worstSatisfaction).toBeGreaterThan(0.99 * leastMisery.worstSatisfaction);
  expect(nash.totalUtility).toBeGreaterThan(leastMisery.totalUtility);
  expect(nash.totalUtility).toBeGreaterThan(0.99 * average.totalUtility);
});
