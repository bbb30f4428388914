/** The pairs that BPR learns from: something taken, and something that was on offer and not taken. */
import type { Random } from '../../core/experiment/random.ts';
import type { Dataset, Interactions } from '../../training/data/dataset.ts';
import type { Feeds } from '../../training/engine/session.ts';

/** Draws what a user did not take when `taken` was on offer; null where everything was. */
export type NotTaken = (row: number, random: Random) => number | null;

/**
 * Logged candidate sets first: a venue that was shown beside the taken one and refused, else one that was offered.
 * Without a logged set, any item that the user never took.
 */
export function notTakenOf(train: Interactions, { own }: Dataset): NotTaken {
  const known = takenSets(train);
  const items = train.items.length;
  return (row, random) => {
    const taken = known[train.user[row]!]!;
    const set = own ? own.candidateSets[own.context.candidateSet[train.rows?.[row] ?? row]!] : undefined;
    if (set) {
      const open = (at: number) => !taken.has(set.items[at]!);
      const refused: number[] = [];
      const offered: number[] = [];
      for (let at = 0; at < set.items.length; at++)
        if (open(at)) (set.shown[at] ? refused : offered).push(set.items[at]!);
      const from = refused.length > 0 && random.chance(0.5) ? refused : offered;
      if (from.length > 0) return random.pick(from);
    }
    if (taken.size >= items) return null;
    for (;;) {
      const item = random.int(items);
      if (!taken.has(item)) return item;
    }
  };
}

function takenSets({ users, user, item, accepted }: Interactions): Set<number>[] {
  const sets = users.map(() => new Set<number>());
  for (let i = 0; i < user.length; i++) if (accepted[i]) sets[user[i]!]!.add(item[i]!);
  return sets;
}

/** One epoch: every taken item once, in a random order, each with a pair drawn for it. */
export function* pairBatches(train: Interactions, notTaken: NotTaken, batch: number, random: Random): Generator<Feeds> {
  const rows = random.shuffle(Int32Array.from(takenRows(train)));
  for (let from = 0; from < rows.length; from += batch) {
    const pairs = Array.from(rows.subarray(from, from + batch)).flatMap((row) => {
      const worse = notTaken(row, random);
      return worse === null ? [] : [{ row, worse }];
    });
    if (pairs.length === 0) continue;
    const shape = [pairs.length];
    yield {
      user: { data: Int32Array.from(pairs, ({ row }) => train.user[row]!), shape },
      better: { data: Int32Array.from(pairs, ({ row }) => train.item[row]!), shape },
      worse: { data: Int32Array.from(pairs, ({ worse }) => worse), shape },
      weights: { data: Float32Array.from(pairs, ({ row }) => train.weight[row]!), shape },
    };
  }
}

export function* takenRows({ accepted, weight }: Interactions): Generator<number> {
  for (let row = 0; row < accepted.length; row++) if (accepted[row] && weight[row]! > 0) yield row;
}
