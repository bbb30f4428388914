/** Parts of a set of interactions. */
import type { Interactions } from './dataset.ts';

/** Those that `keep` marks (1), in their order, with the same users and items. */
export function select(all: Interactions, keep: Uint8Array): Interactions {
  const chosen: number[] = [];
  for (let i = 0; i < keep.length; i++) if (keep[i]) chosen.push(i);
  return {
    users: all.users,
    items: all.items,
    user: Int32Array.from(chosen, (i) => all.user[i]!),
    item: Int32Array.from(chosen, (i) => all.item[i]!),
    time: Float64Array.from(chosen, (i) => all.time[i]!),
    accepted: Uint8Array.from(chosen, (i) => all.accepted[i]!),
    weight: Float32Array.from(chosen, (i) => all.weight[i]!),
    rating: all.rating && Float32Array.from(chosen, (i) => all.rating![i]!),
    rows: Int32Array.from(chosen, (i) => all.rows?.[i] ?? i),
  };
}

/** Where each user's interactions begin, [users + 1]: those of `u` are `start[u]` to `start[u + 1] - 1`. */
export function userStarts({ users, user }: Interactions): Int32Array {
  const start = new Int32Array(users.length + 1);
  for (const u of user) start[u + 1]!++;
  for (let u = 0; u < users.length; u++) start[u + 1]! += start[u]!;
  return start;
}
