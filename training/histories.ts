/** Interactions as sequences. */
import type { Interactions } from './data/dataset.ts';

/** What each user took, oldest first: the rows of `Interactions.users`. */
export function takenByUser({ users, user, item, accepted }: Interactions): Int32Array[] {
  const counts = new Int32Array(users.length);
  for (let i = 0; i < user.length; i++) if (accepted[i]) counts[user[i]!]!++;
  const histories = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < user.length; i++) if (accepted[i]) histories[user[i]!]![counts[user[i]!]!++] = item[i]!;
  return histories;
}
