import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weekdayOf } from '../../../../core/itinerary/local-time.ts';
import { AUGMENTATION, augment } from '../../../../training/low-data/augment.ts';
import { heldOutActors, withoutActors } from '../../../../training/low-data/held-out.ts';
import { apart, learnedFrom } from '../../../../training/low-data/intent.ts';
import { NEAR, NearVenues, similarityOf } from '../../../../training/low-data/near-venues.ts';
import { variationLine } from '../../../../training/low-data/variation-line.ts';
import { actorsOf, tinyWorld } from './rows.ts';

const world = tinyWorld();
const near = new NearVenues(world.cities);
const real = world.few.get(4)!;

describe('a variation', () => {
  const { variations } = augment(real, near, 5, 3);

  it('says on each row what it is and what it was made from', () => {
    expect(variations.length).toBeGreaterThan(0);
    const known = new Set(real.map(({ id }) => id));
    const ids = new Set<string>();
    for (const { rows, of } of variations) {
      for (const row of rows) {
        const line = variationLine(row);
        expect(line).toMatchObject({ source: 'real_user_derived', synthetic: true, derived_from_actor: of });
        expect(known).toContain(line.derived_from);
        expect(row.actor).not.toBe(of);
        ids.add(row.id);
      }
    }
    expect(ids.size).toBe(variations.flatMap(({ rows }) => rows).length);
  });

  it('keeps order, moment and every decision, and goes to other places of the same city that are as dear', () => {
    for (const { rows, of, replaced } of variations) {
      const originals = real.filter(({ actor }) => actor === of);
      expect(rows).toHaveLength(originals.length);
      expect(replaced).toBeGreaterThan(0.5);
      for (const [i, row] of rows.entries()) {
        const before = originals[i]!;
        expect(row.derivedFrom!.row).toBe(before.id);
        expect([row.accepted, row.city, row.dayPart, row.tripDay]).toEqual([
          before.accepted,
          before.city,
          before.dayPart,
          before.tripDay,
        ]);
        const dates = [row, before].map(({ at }) => new Date(at).toISOString().slice(0, 10));
        expect(weekdayOf(dates[0]!)).toBe(weekdayOf(dates[1]!));
        expect(Math.abs(row.venue.priceLevel - before.venue.priceLevel)).toBeLessThanOrEqual(NEAR.price);
        expect(world.cities.get(row.city)).toContain(row.venue);
        if (row.venue.id !== before.venue.id)
          expect(similarityOf(row.venue, before.venue)).toBeGreaterThanOrEqual(NEAR.sameCategory);
      }
      expect(new Set(rows.map(({ venue }) => venue.id)).size).toBe(rows.length);
    }
  });

  it('teaches the app what its original taught, within the limit', () => {
    for (const { rows, of, apart: measured } of variations) {
      const own = learnedFrom(real.filter(({ actor }) => actor === of));
      expect(measured).toBe(apart(learnedFrom(rows), own));
      expect(measured).toBeLessThanOrEqual(AUGMENTATION.intent);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(augment(real, near, 5, 3)).toEqual(augment(real, near, 5, 3));
    expect(augment(real, near, 6, 3).variations).not.toEqual(variations);
  });
});

describe('augmentation', () => {
  it('varies real rows alone: neither synthetic ones nor its own', () => {
    const { variations } = augment(real, near, 5, 1);
    const made = variations.flatMap(({ rows }) => rows);
    const again = augment([...real, ...made, ...world.synthetic.slice(0, 60)], near, 5, 1);
    expect(again.variations).toEqual(variations);
  });

  it('never makes anything from a traveller who is held out', () => {
    const actors = actorsOf(world.all);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.subarray(actors, { minLength: 2 }), (seed, some) => {
        const heldOut = heldOutActors(some, seed);
        expect(heldOut.size).toBeGreaterThan(0);
        expect(heldOut.size).toBeLessThan(some.length);
        const rows = world.all.filter(({ actor }) => some.includes(actor));
        const left = withoutActors(rows, heldOut);
        const { variations } = augment(left, near, seed, 1);
        for (const one of variations) expect(heldOut).not.toContain(one.of);
        // Nor is a variation of theirs learned from, whoever made it.
        const all = augment(rows, near, seed, 1).variations.flatMap((one) => one.rows);
        for (const row of withoutActors(all, heldOut)) expect(heldOut).not.toContain(row.derivedFrom!.actor);
      }),
      { numRuns: 8 },
    );
  });
});

describe('what is learned from a sequence', () => {
  it('is nothing from nothing, and lies apart by the root mean square over the dimensions', () => {
    const nobody = learnedFrom([]);
    expect(apart(nobody, nobody)).toBe(0);
    expect(apart(nobody, { ...nobody, culture: nobody.culture + 0.12 })).toBeCloseTo(0.12 / Math.sqrt(12));
  });
});
