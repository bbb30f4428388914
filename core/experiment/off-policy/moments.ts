/** How rewards vary by action, so that a variance does not rest on the few rounds with large weights alone. */
import { armOf, type BanditLog } from './log.ts';

/** Rounds of the overall mean that each action at each position is taken to have had beside its own. */
const PRIOR = 10;

export interface RewardMoments {
  mean: number;
  /** Of a single reward, from 0. */
  variance: number;
}

/** Mean and variance of the rewards of an action, both drawn towards those of all rounds. */
export function rewardMoments(log: BanditLog): (round: number, action: number) => RewardMoments {
  const { action, reward } = log;
  const arm = armOf(log);
  const overall = { count: 0, sum: 0, squares: 0 };
  const sums = new Map<number, typeof overall>();
  for (let i = 0; i < action.length; i++) {
    const key = arm(i, action[i]!);
    let seen = sums.get(key);
    if (!seen) {
      seen = { count: 0, sum: 0, squares: 0 };
      sums.set(key, seen);
    }
    for (const total of [seen, overall]) {
      total.count++;
      total.sum += reward[i]!;
      total.squares += reward[i]! ** 2;
    }
  }
  const drawn = ({ count, sum, squares }: typeof overall): RewardMoments => {
    const share = PRIOR / overall.count;
    const mean = (sum + share * overall.sum) / (count + PRIOR);
    return { mean, variance: Math.max(0, (squares + share * overall.squares) / (count + PRIOR) - mean ** 2) };
  };
  const found = new Map([...sums].map(([key, seen]) => [key, drawn(seen)]));
  const unseen = drawn({ count: 0, sum: 0, squares: 0 });
  return (round, a) => found.get(arm(round, a)) ?? unseen;
}
