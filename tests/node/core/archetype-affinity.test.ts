import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { type AffinityCounts, archetypeAffinity, lifted } from '../../../core/ranking/archetype-affinity.ts';
import { rescore } from '../../../core/ranking/personal-rescore.ts';
import { listed, moment } from './fixtures/moments.ts';
import { venuesOf } from './fixtures/venues.ts';

const counts = (venueId: string, accepted: number, observations: number, more: Partial<AffinityCounts> = {}) => ({
  ...{ venueId, accepted, observations, weight: 1, origin: '1a2b3c4d' },
  ...more,
});
const lift = (all: readonly AffinityCounts[], venueId: string) => archetypeAffinity(all)!.liftOf(venueId);

describe('how an archetype takes to a venue', () => {
  it('is its share above the rate of the archetype, drawn to that rate by ten decisions', () => {
    const all = [counts('taken', 30, 30), counts('left', 0, 30), counts('plain', 15, 30)];
    expect(lift(all, 'taken')).toBeCloseTo((30 + 10 * 0.5) / 40 - 0.5, 12);
    expect(lift(all, 'left')).toBeCloseTo((0 + 10 * 0.5) / 40 - 0.5, 12);
    expect(lift(all, 'plain')).toBe(0);
    expect(lift(all, 'unseen')).toBe(0);
  });

  it('counts a simulated decision 0.3, so that a real one says more than three of them', () => {
    const rest = counts('rest', 500, 1000);
    const simulated = lift([rest, counts('a', 10, 10, { weight: 0.3 })], 'a');
    expect(simulated).toBeCloseTo(lift([rest, counts('a', 3, 3)], 'a'), 4);
    expect(lift([rest, counts('a', 10, 10)], 'a')).toBeGreaterThan(2 * simulated);
    const both = [rest, counts('a', 10, 10, { weight: 0.3 }), counts('a', 0, 10, { origin: 'real-5e6f7a8b' })];
    expect(lift(both, 'a')).toBeLessThan(0);
  });

  it('is nothing where nothing counts', () => {
    expect(archetypeAffinity([])).toBeNull();
    expect(archetypeAffinity([counts('a', 5, 5, { weight: 0 }), counts('b', 0, 0)])).toBeNull();
  });

  it('names what it was counted from, and what counts for nothing is not in the name', () => {
    const all = [
      counts('a', 1, 2, { origin: 'real-5e6f7a8b' }),
      counts('b', 1, 2),
      counts('b', 1, 2, { origin: 'ffffffff', weight: 0 }),
    ];
    expect(archetypeAffinity(all)!.version).toBe('archetype-affinity@1a2b3c4d.real-5e6f7a8b');
    expect(archetypeAffinity(all.toReversed())!.version).toBe(archetypeAffinity(all)!.version);
  });

  it('moves no score by more than a quarter, keeps it in [0, 1] and keeps the order of what it moves alike', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const many = fc.array(fc.tuple(fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(many, unit, unit, (pairs, one, other) => {
        const all = pairs.map(([a, b], i) => counts(`v${i}`, Math.min(a, b), Math.max(a, b)));
        const affinity = archetypeAffinity(all);
        for (const { venueId } of all) {
          const by = affinity?.liftOf(venueId) ?? 0;
          expect(Math.abs(by)).toBeLessThanOrEqual(1);
          const after = lifted(one, by);
          expect(after).toBeGreaterThanOrEqual(0);
          expect(after).toBeLessThanOrEqual(1);
          expect(Math.abs(after - one)).toBeLessThanOrEqual(0.25 * Math.abs(by) + 1e-12);
          if (one < other) expect(after).toBeLessThanOrEqual(lifted(other, by));
        }
        expect(lifted(one, 0)).toBe(one);
      }),
    );
  });
});

describe('the personal re-score', () => {
  const persona = personaFromTags({ food: ['ramen'] });
  const candidates = venuesOf('seattle').slice(0, 60);
  const moments = (['morning', 'evening'] as const).map((dayPart) => ({
    context: moment({ dayPart }),
    archetypeRanking: listed(candidates.slice(0, 30).map(({ id }) => id)),
  }));
  const plain = rescore(persona, candidates, moments);

  it('is lifted by the affinity alone, at every moment, and ordered by what comes of it', () => {
    const [liked, disliked] = [candidates[40]!.id, candidates[plain[0]!.order[0]!]!.id];
    const affinity = archetypeAffinity([counts(liked, 40, 40), counts(disliked, 0, 40), counts('x', 200, 400)]);
    for (const [m, { scores, order }] of rescore(persona, candidates, moments, affinity).entries()) {
      candidates.forEach(({ id }, i) => {
        const before = plain[m]!.scores[i]!;
        if (id === liked) expect(scores[i]).toBeGreaterThan(before);
        else if (id === disliked) expect(scores[i]).toBeLessThan(before);
        else expect(scores[i]).toBe(before);
      });
      for (const [place, i] of order.entries()) {
        if (place > 0) expect(scores[i]).toBeLessThanOrEqual(scores[order[place - 1]!]!);
      }
    }
  });

  it('is what it was to the bit where nothing is known', () => {
    expect(rescore(persona, candidates, moments, null)).toEqual(plain);
  });
});
