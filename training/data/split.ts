/**
 * Interactions into what is learned from and what is held out. Held out are decisions for something (accepted ones); what
 * was refused serves training, where it comes before.
 */
import { Random } from '../../core/experiment/random.ts';
import type { Dataset, Interactions } from './dataset.ts';
import { nearestArchetypes } from './nearest-archetypes.ts';
import { select, userStarts } from './select.ts';

/** One interaction that is held out. */
export interface HeldOut {
  /** Index of `Interactions.users`. */
  user: number;
  /** What the user took before, oldest first: item indices, of all parts of the data. */
  history: Int32Array;
  /** Item index. */
  target: number;
  /** As `Interactions.time`. */
  time: number;
  /** Index of the interaction in the set that was split. */
  index: number;
}

export interface Split {
  /** With the users and items of the whole. */
  train: Interactions;
  validation: HeldOut[];
  test: HeldOut[];
}

/** A case of each interaction in `indices`. */
function casesOf(all: Interactions, starts: Int32Array, indices: readonly number[]): HeldOut[] {
  return indices.map((index) => {
    const user = all.user[index]!;
    const history: number[] = [];
    for (let i = starts[user]!; i < index; i++) if (all.accepted[i]) history.push(all.item[i]!);
    return { user, history: Int32Array.from(history), target: all.item[index]!, time: all.time[index]!, index };
  });
}

/** Indices of what each user took. */
function takenBy(all: Interactions, starts: Int32Array): number[][] {
  return all.users.map((_, user) => {
    const taken: number[] = [];
    for (let i = starts[user]!; i < starts[user + 1]!; i++) if (all.accepted[i]) taken.push(i);
    return taken;
  });
}

/** Fewer, and nothing of a user is held out. */
const LEAST_TAKEN = 3;

/**
 * Each user's last is the test, the one before it validation, all before that training (Kang & McAuley 2018, section IV).
 * Users who took fewer than 3 stay in training whole. The test's history holds the validation's target.
 */
export function leaveOneOut(all: Interactions): Split {
  const starts = userStarts(all);
  const keep = new Uint8Array(all.user.length).fill(1);
  const validation: number[] = [];
  const test: number[] = [];
  for (const [user, taken] of takenBy(all, starts).entries()) {
    if (taken.length < LEAST_TAKEN) continue;
    const [before, last] = taken.slice(-2) as [number, number];
    validation.push(before);
    test.push(last);
    keep.fill(0, before, starts[user + 1]!);
  }
  return { train: select(all, keep), validation: casesOf(all, starts, validation), test: casesOf(all, starts, test) };
}

export interface TimeCuts {
  /** The test begins here: a time (milliseconds), or the share of interactions before it, in (0, 1). */
  test: { time: number } | { share: number };
  /** Validation begins here, and ends where the test begins. */
  validation: { time: number } | { share: number };
  /** Of each user: the first after the cut, or every one. Default: every one. */
  targets?: 'first' | 'every';
  /** Cases with a shorter history are left out. Default 1: nothing is known of who comes new. */
  leastHistory?: number;
}

export const TIME_CUTS: TimeCuts = { validation: { share: 0.8 }, test: { share: 0.9 } };

/**
 * One cut in time for all. Training holds what happened before the validation's cut, strictly: equal times fall on one side.
 * @throws RangeError where validation does not begin before the test.
 */
export function byTime(all: Interactions, cuts: TimeCuts = TIME_CUTS): Split {
  const { targets = 'every', leastHistory = 1 } = cuts;
  const sorted = all.time.slice().sort();
  const at = (cut: TimeCuts['test']) => {
    if ('time' in cut) return cut.time;
    if (!(cut.share > 0 && cut.share < 1)) throw new RangeError(`a share of ${cut.share}`);
    return sorted[Math.min(sorted.length - 1, Math.floor(cut.share * sorted.length))]!;
  };
  const [from, until] = [at(cuts.validation), at(cuts.test)];
  if (from > until) throw new RangeError('validation begins after the test');
  const starts = userStarts(all);
  const validation: number[] = [];
  const test: number[] = [];
  for (const taken of takenBy(all, starts)) {
    const between = (begin: number, end: number) => {
      const cases = taken.filter((i, nth) => nth >= leastHistory && all.time[i]! >= begin && all.time[i]! < end);
      return targets === 'first' ? cases.slice(0, 1) : cases;
    };
    validation.push(...between(from, until));
    test.push(...between(until, Number.POSITIVE_INFINITY));
  }
  return {
    train: select(
      all,
      Uint8Array.from(all.time, (time) => (time < from ? 1 : 0)),
    ),
    validation: casesOf(all, starts, validation),
    test: casesOf(all, starts, test),
  };
}

export interface UserShares {
  validation: number;
  test: number;
  seed: number;
}

/** Users apart: nothing of a held-out user is learned from. The case is their last, given all before it. */
export function byUser(all: Interactions, { validation, test, seed }: UserShares): Split {
  if (!(validation >= 0 && test >= 0 && validation + test < 1)) throw new RangeError('shares of 1 or more');
  const users = Random.of(seed, 'split/user').shuffle(Int32Array.from(all.users, (_, user) => user));
  const tests = Math.round(test * users.length);
  const held = Math.round(validation * users.length);
  return byGroups(all, new Set(users.subarray(0, tests)), new Set(users.subarray(tests, tests + held)));
}

/**
 * A whole archetype apart: the test is the users nearest to it at their first logged snapshot, validation a share of the
 * others. Users without a snapshot are learned from.
 * @throws RangeError for data that are not our own.
 */
export function leaveArchetypeOut(
  dataset: Dataset,
  archetype: string,
  { validation, seed }: Omit<UserShares, 'test'>,
): Split {
  const { interactions } = dataset;
  const nearest = nearestArchetypes(dataset);
  const all = Int32Array.from(nearest.keys());
  const others = all.filter((user) => nearest[user] !== archetype);
  Random.of(seed, 'split/archetype').shuffle(others);
  const held = Math.round(validation * others.length);
  const tests = all.filter((user) => nearest[user] === archetype);
  return byGroups(interactions, new Set(tests), new Set(others.subarray(0, held)));
}

function byGroups(all: Interactions, test: ReadonlySet<number>, validation: ReadonlySet<number>): Split {
  const starts = userStarts(all);
  const taken = takenBy(all, starts);
  // Without anything before it, it is nobody's next.
  const last = (users: ReadonlySet<number>) =>
    [...users].sort((a, b) => a - b).flatMap((user) => (taken[user]!.length > 1 ? [taken[user]!.at(-1)!] : []));
  return {
    train: select(
      all,
      Uint8Array.from(all.user, (user) => (test.has(user) || validation.has(user) ? 0 : 1)),
    ),
    validation: casesOf(all, starts, last(validation)),
    test: casesOf(all, starts, last(test)),
  };
}
