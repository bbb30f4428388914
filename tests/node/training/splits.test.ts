/** Splits: nothing that is learned from lies after what is held out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHETYPES } from '../../../core/persona/archetypes.ts';
import type { Dataset, Interactions } from '../../../training/data/dataset.ts';
import { sortedOrder } from '../../../training/data/files/interaction-builder.ts';
import { byTime, byUser, type HeldOut, leaveArchetypeOut, leaveOneOut } from '../../../training/data/split.ts';

interface Given {
  user: number;
  item: number;
  time: number;
  accepted: boolean;
}

const USERS = 8;
const ITEMS = 12;

function interactions(rows: readonly Given[]): Interactions {
  const user = Int32Array.from(rows, (row) => row.user);
  const time = Float64Array.from(rows, (row) => row.time);
  const sorted = [...sortedOrder(user, time, USERS)].map((i) => rows[i]!);
  return {
    users: Array.from({ length: USERS }, (_, i) => `u${i}`),
    items: Array.from({ length: ITEMS }, (_, i) => `i${i}`),
    user: Int32Array.from(sorted, (row) => row.user),
    item: Int32Array.from(sorted, (row) => row.item),
    time: Float64Array.from(sorted, (row) => row.time),
    accepted: Uint8Array.from(sorted, (row) => (row.accepted ? 1 : 0)),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
}

const given = fc.array(
  fc.record({
    user: fc.integer({ min: 0, max: USERS - 1 }),
    item: fc.integer({ min: 0, max: ITEMS - 1 }),
    time: fc.integer({ min: 0, max: 40 }),
    accepted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120, size: 'max' },
);
const check = (property: (all: Interactions, seed: number) => void) =>
  fc.assert(
    fc.property(given, fc.integer({ min: 0, max: 1000 }), (rows, seed) => property(interactions(rows), seed)),
    { seed: 11, numRuns: 300 },
  );

/** What was taken before it in the user's order is its history, and it was taken itself. */
function expectTrue(all: Interactions, cases: readonly HeldOut[]): void {
  for (const { user, history, target, time, index } of cases) {
    expect([all.user[index], all.item[index], all.time[index], all.accepted[index]]).toEqual([user, target, time, 1]);
    const before: number[] = [];
    for (let i = 0; i < index; i++) if (all.user[i] === user && all.accepted[i]) before.push(all.item[i]!);
    expect([...history]).toEqual(before);
  }
}

const countOf = (all: Interactions, user: number) => all.user.filter((u) => u === user).length;
const takenOf = (all: Interactions, user: number) =>
  [...all.user.keys()].filter((i) => all.user[i] === user && all.accepted[i]);

describe('leaving one out', () => {
  it("holds out each user's last, the one before for validation, and learns from nothing after that", () => {
    check((all) => {
      const { train, validation, test } = leaveOneOut(all);
      expectTrue(all, validation);
      expectTrue(all, test);
      expect([train.users, train.items]).toEqual([all.users, all.items]);
      for (let user = 0; user < USERS; user++) {
        const taken = takenOf(all, user);
        const [tested, validated] = [test, validation].map((cases) => cases.filter((one) => one.user === user));
        if (taken.length < 3) {
          expect([tested, validated]).toEqual([[], []]);
          expect(countOf(train, user)).toBe(countOf(all, user));
          continue;
        }
        expect(tested!.map(({ index }) => index)).toEqual([taken.at(-1)]);
        expect(validated!.map(({ index }) => index)).toEqual([taken.at(-2)]);
        // All before the validation's event, also what was refused, and nothing else.
        const first = all.user.indexOf(user);
        expect(countOf(train, user)).toBe(taken.at(-2)! - first);
      }
    });
  });

  it('gives the test the target of the validation as history', () => {
    const rows = [0, 1, 2, 3].map((i) => ({ user: 0, item: i, time: i, accepted: true }));
    const { train, validation, test } = leaveOneOut(interactions(rows));
    expect([...train.item]).toEqual([0, 1]);
    expect(validation.map(({ history, target }) => [[...history], target])).toEqual([[[0, 1], 2]]);
    expect(test.map(({ history, target }) => [[...history], target])).toEqual([[[0, 1, 2], 3]]);
  });
});

describe('a split by time', () => {
  it('learns from nothing at or after the cut, of anybody', () => {
    check((all) => {
      const cuts = [{ share: 0.6 }, { time: 20 }] as const;
      for (const cut of cuts) {
        const test = 'share' in cut ? { share: 0.8 } : { time: 30 };
        const split = byTime(all, { validation: cut, test });
        expectTrue(all, split.validation);
        expectTrue(all, split.test);
        const held = [...split.validation, ...split.test];
        const latest = Math.max(Number.NEGATIVE_INFINITY, ...split.train.time);
        for (const { time, history } of held) {
          expect(time).toBeGreaterThan(latest);
          expect(history.length).toBeGreaterThan(0);
        }
        const border = Math.min(...split.test.map(({ time }) => time));
        for (const { time } of split.validation) expect(time).toBeLessThan(border);
      }
      const dated = byTime(all, { validation: { time: 20 }, test: { time: 30 }, leastHistory: 0 });
      expect(dated.train.user.length).toBe(all.time.filter((time) => time < 20).length);
      const taken = (from: number, to: number) =>
        [...all.time.keys()].filter((i) => all.accepted[i] && all.time[i]! >= from && all.time[i]! < to).length;
      expect([dated.validation.length, dated.test.length]).toEqual([taken(20, 30), taken(30, 99)]);
      const first = byTime(all, { validation: { time: 20 }, test: { time: 30 }, targets: 'first', leastHistory: 0 });
      expect(new Set(first.test.map(({ user }) => user)).size).toBe(first.test.length);
    });
  });

  it('refuses cuts in the wrong order', () => {
    const all = interactions([{ user: 0, item: 0, time: 1, accepted: true }]);
    expect(() => byTime(all, { validation: { time: 5 }, test: { time: 3 } })).toThrow(RangeError);
    expect(() => byTime(all, { validation: { share: 2 }, test: { share: 0.9 } })).toThrow(RangeError);
  });
});

describe('a split by user', () => {
  it('learns from nothing of a held-out user, and is the same for the same seed', () => {
    check((all, seed) => {
      const shares = { validation: 0.25, test: 0.25, seed };
      const split = byUser(all, shares);
      expectTrue(all, [...split.validation, ...split.test]);
      const learned = new Set(split.train.user);
      const [validated, tested] = [split.validation, split.test].map((cases) => new Set(cases.map(({ user }) => user)));
      for (const user of [...validated!, ...tested!]) expect(learned.has(user)).toBe(false);
      for (const user of tested!) expect(validated!.has(user)).toBe(false);
      expect(byUser(all, shares)).toEqual(split);
    });
  });
});

describe('leaving an archetype out', () => {
  it('tests on its users alone, and learns from none of them', () => {
    check((all, seed) => {
      const personas = ARCHETYPES.slice(0, 3).map(({ dimensions }) => ({ dimensions, interests: [] }));
      const archetypeOf = (user: number) => ARCHETYPES[user % 3]!.id;
      const dataset = {
        interactions: all,
        own: { context: { persona: Int32Array.from(all.user, (user) => user % 3) }, personas },
      } as unknown as Dataset;
      const wanted = ARCHETYPES[1]!.id;
      const { train, validation, test } = leaveArchetypeOut(dataset, wanted, { validation: 0.3, seed });
      expectTrue(all, [...validation, ...test]);
      for (const { user } of test) expect(archetypeOf(user)).toBe(wanted);
      for (const { user } of validation) expect(archetypeOf(user)).not.toBe(wanted);
      for (const user of train.user) expect(archetypeOf(user)).not.toBe(wanted);
      for (const { user } of validation) expect(train.user.includes(user)).toBe(false);
    });
  });

  it('is for our own data', () => {
    const dataset = { interactions: interactions([]), own: null } as unknown as Dataset;
    expect(() => leaveArchetypeOut(dataset, 'A1', { validation: 0.1, seed: 1 })).toThrow(RangeError);
  });
});
