/** Our own logged rankings as a bandit log, and a ranker as a policy on it. */

import type { BanditLog, Policy } from '../../../core/experiment/off-policy/log.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { EvaluationCase, Recommender } from '../recommender.ts';
import { topList } from '../top-list.ts';

export interface OwnLog {
  log: BanditLog;
  /** A case for each ranking in the log, with what the traveller had taken before it. */
  rankings: EvaluationCase[];
  /** [rounds]: index of `rankings`. */
  ranking: Int32Array;
  /** [rankings]: how many venues it showed. */
  shown: Int32Array;
  leftOut: {
    /** Nothing else could have been shown: they say nothing of another policy. */
    deterministic: number;
    /** Nothing was shown, or nothing is known of the traveller but that. */
    unanswered: number;
  };
}

/**
 * The rankings that were randomised, by what could be shown in them: a venue with propensity 0 was not open to the logging
 * policy (closed then, shown already, of the wrong kind for the moment) and is open to no other. A round is a venue that a
 * ranking showed; its reward is 1 if the traveller took it, so a value is the share of what is shown that is taken. Rewards are assumed not to depend on what else is shown (the item-position model of Li et al. 2018,
 * "Offline evaluation of ranking policies with click models", KDD). Rounds of one traveller hang together.
 * @param from the time from which a traveller's rankings count, by user index: nothing that was learned from
 */
export function ownBanditLog({ interactions, own }: Dataset, from: (user: number) => number): OwnLog {
  if (!own) throw new RangeError('only our own data have logged rankings');
  const userOf = new Map(interactions.users.map((key, user) => [key, user]));
  const taken = new Set<string>();
  const before = interactions.users.map(() => [] as { item: number; time: number }[]);
  for (let i = 0; i < interactions.user.length; i++) {
    if (!interactions.accepted[i]) continue;
    taken.add(`${own.context.candidateSet[i]} ${interactions.item[i]}`);
    before[interactions.user[i]!]!.push({ item: interactions.item[i]!, time: interactions.time[i]! });
  }
  const rows: { action: number; reward: number; propensity: number; ranking: number; user: number }[] = [];
  const rankings: EvaluationCase[] = [];
  const counts: number[] = [];
  const lists: { items: Int32Array; probabilities: Float64Array }[] = [];
  const leftOut = { deterministic: 0, unanswered: 0 };
  for (const [s, set] of own.candidateSets.entries()) {
    const user = userOf.get(set.actor);
    const shown = set.shown.reduce((sum, one) => sum + one, 0);
    if (user === undefined || shown === 0) {
      leftOut.unanswered++;
      continue;
    }
    if (set.time < from(user)) continue;
    const open = Int32Array.from(set.items.keys()).filter((i) => set.propensity[i]! > 0);
    if (open.length <= shown) {
      leftOut.deterministic++;
      continue;
    }
    const items = open.map((i) => set.items[i]!);
    const ranking = rankings.length;
    const history = before[user]!.filter(({ time }) => time < set.time);
    rankings.push({
      id: ranking,
      user,
      history: Int32Array.from(history, ({ item }) => item),
      target: set.items[set.shown.indexOf(1)]!,
      time: set.time,
      candidates: items,
      segment: {},
      index: -1,
    });
    counts.push(shown);
    const total = set.propensity.reduce((sum, p) => sum + p, 0);
    const probabilities = Float64Array.from(open, (i) => set.propensity[i]! / total);
    lists.push({ items, probabilities });
    for (const [action, i] of open.entries()) {
      if (!set.shown[i]) continue;
      const reward = taken.has(`${s} ${set.items[i]}`) ? 1 : 0;
      rows.push({ action, reward, propensity: probabilities[action]!, ranking, user });
    }
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, of);
  const ranking = column((row) => row.ranking);
  return {
    log: {
      actions: lists.reduce((most, { items }) => Math.max(most, items.length), 0),
      action: column(({ action }) => action),
      identity: (round, action) => lists[ranking[round]!]!.items[action]!,
      reward: Float64Array.from(rows, ({ reward }) => reward),
      rewardRange: [0, 1],
      propensity: Float64Array.from(rows, ({ propensity }) => propensity),
      position: null,
      cluster: column(({ user }) => user),
      probabilities: (round) => lists[ranking[round]!]!.probabilities,
    },
    rankings,
    ranking,
    shown: Int32Array.from(counts),
    leftOut,
  };
}

/** Shows what the recommender puts first of what could be shown, as many as the log showed; equal scores by lot. */
export async function topOfOpen(recommender: Recommender, own: OwnLog, batch = 256): Promise<Policy> {
  const policies: Float64Array[] = [];
  for (let from = 0; from < own.rankings.length; from += batch) {
    const asked = own.rankings.slice(from, from + batch);
    const rows = await recommender.score(asked);
    for (const [i, { candidates }] of asked.entries()) {
      const offered = candidates!;
      const k = own.shown[from + i]!;
      const scores = Float32Array.from(offered, (item) => rows[i]![item]!);
      const { items, probability } = topList(scores, k, null, null);
      const policy = new Float64Array(offered.length);
      const total = probability.reduce((sum, p) => sum + p, 0);
      // A ranker that scores nothing of it shows anything.
      if (total === 0) policy.fill(1 / offered.length);
      for (let a = 0; a < items.length; a++) policy[items[a]!] = probability[a]! / total;
      policies.push(policy);
    }
  }
  return { name: `top of ${recommender.name}`, probabilities: (round) => policies[own.ranking[round]!]! };
}
