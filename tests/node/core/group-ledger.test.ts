import fc from 'fast-check';
import { expect, test } from 'vitest';
import { credit, EMPTY_LEDGER, fairnessWeights, WEIGHT_BOUNDS } from '../../../core/group/fairness-ledger.ts';
import { type Served, tripServed } from '../../../core/group/served.ts';

const served = (memberId: string, utility: number, best = 1): Served => ({ memberId, utility, best });
const slotOf = (a: number, b: number) => [served('a', a), served('b', b)];

test('whoever gave way has more say the next day, and whoever was favoured less', () => {
  const [a, b] = fairnessWeights(credit(EMPTY_LEDGER, slotOf(0.9, 0.6)), ['a', 'b']);
  expect(a).toBeLessThan(1);
  expect(b).toBeGreaterThan(1);
});

test('everybody has the same say on the first day, and while all are level', () => {
  expect(fairnessWeights(EMPTY_LEDGER, ['a', 'b', 'c'])).toEqual([1, 1, 1]);
  expect(fairnessWeights(credit(EMPTY_LEDGER, slotOf(0.3, 0.3)), ['a', 'b'])).toEqual([1, 1]);
});

test('what counts is the share of what was possible for the member', () => {
  const ledger = credit(EMPTY_LEDGER, [served('a', 0.8, 1), served('b', 0.4, 0.5)]);
  expect(fairnessWeights(ledger, ['a', 'b'])).toEqual([1, 1]);
});

test('giving way in turn ends level', () => {
  const ledger = [slotOf(0.9, 0.5), slotOf(0.5, 0.9)].reduce(credit, EMPTY_LEDGER);
  expect(fairnessWeights(ledger, ['a', 'b'])).toEqual([1, 1]);
});

test('a member who just joined is neither favoured nor put back', () => {
  const [, , newcomer] = fairnessWeights(credit(EMPTY_LEDGER, slotOf(0.9, 0.5)), ['a', 'b', 'newcomer']);
  expect(newcomer).toBe(1);
});

test('crediting a slot leaves the ledger before it as it was', () => {
  const before = credit(EMPTY_LEDGER, slotOf(0.9, 0.5));
  const copy = structuredClone(before);
  credit(before, slotOf(0.1, 0.1));
  expect(before).toEqual(copy);
  expect(EMPTY_LEDGER.size).toBe(0);
});

test('weights stay in their bounds, and whoever received less never weighs less', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const day = fc.array(unit, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(day, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 8 }), (slots, size) => {
      const ids = Array.from({ length: size }, (_, i) => `m${i}`);
      const ledger = slots
        .map((utilities) => ids.map((id, i) => served(id, utilities[i]!)))
        .reduce(credit, EMPTY_LEDGER);
      const weights = fairnessWeights(ledger, ids);
      const received = ids.map((id) => ledger.get(id)!.received);
      weights.forEach((weight, i) => {
        expect(weight).toBeGreaterThanOrEqual(WEIGHT_BOUNDS.least);
        expect(weight).toBeLessThanOrEqual(WEIGHT_BOUNDS.most);
        weights.forEach((other, j) => {
          if (received[i]! < received[j]!) expect(weight).toBeGreaterThanOrEqual(other);
        });
      });
    }),
  );
});

test('the totals of a trip name the worst served member', () => {
  const totals = tripServed([slotOf(0.9, 0.5), slotOf(0.8, 0.4)]);
  expect(totals.members).toEqual([
    { memberId: 'a', total: expect.closeTo(1.7), mean: expect.closeTo(0.85), satisfaction: expect.closeTo(0.85) },
    { memberId: 'b', total: expect.closeTo(0.9), mean: expect.closeTo(0.45), satisfaction: expect.closeTo(0.45) },
  ]);
  expect(totals.leastSatisfaction).toBeCloseTo(0.45);
  expect(totals.meanSatisfaction).toBeCloseTo(0.65);
});

test('a trip that holds nothing left nobody unsatisfied', () => {
  expect(tripServed([])).toEqual({ members: [], leastSatisfaction: 1, meanSatisfaction: 1 });
});
