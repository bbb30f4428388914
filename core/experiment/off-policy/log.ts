/** What a policy did, with which probability, and what came of it. */

/**
 * n rounds, as columns. A round is one action shown in one context, and its outcome. Where several actions are shown at
 * once (a list, three positions), each is a round of its own with its own propensity, and `cluster` says which belong
 * together.
 */
export interface BanditLog {
  /** How many there are to choose from in every round; where rounds offer different ones, the most. */
  actions: number;
  /** [n], in 0 .. actions - 1: index of what `probabilities` lists in that round. */
  action: Int32Array;
  /** What an index stands for in a round, where rounds offer different actions. Null: the index itself. */
  identity: ((round: number, action: number) => number) | null;
  /** [n], within `rewardRange`. */
  reward: Float64Array;
  rewardRange: readonly [number, number];
  /** [n], in (0, 1]: the probability with which the logging policy showed this action in this context. */
  propensity: Float64Array;
  /** [n]: the slot in which it was shown (a position on the page); policies differ by it, rewards too. Null: one slot. */
  position: Int32Array | null;
  /** [n]: rounds that hang together (one list, one user). Null: each by itself. */
  cluster: Int32Array | null;
  /**
   * The logging policy's probabilities of all actions on offer in a round; null where only what was shown is logged. Where a
   * cluster shows several at once: the probability that a round of the cluster is this action, so that they sum to 1.
   */
  probabilities: ((round: number) => ArrayLike<number>) | null;
}

/**
 * The policy whose value is asked for: the probabilities of all actions on offer in a round of the log, given what was known
 * then and the round's position. They sum to 1.
 */
export interface Policy {
  name: string;
  probabilities(round: number): ArrayLike<number>;
}

export function uniformPolicy(actions: number): Policy {
  const each = new Float64Array(actions).fill(1 / actions);
  return { name: 'uniform', probabilities: () => each };
}

/** @throws RangeError that names the round and the field */
export function checkLog(log: BanditLog): void {
  const { action, reward, propensity, position, cluster, rewardRange, actions } = log;
  const n = action.length;
  if (n === 0) throw new RangeError('the log has no rounds');
  for (const column of [reward, propensity, position, cluster]) {
    if (column && column.length !== n) throw new RangeError(`columns of ${n} and ${column.length} rounds`);
  }
  const [least, most] = rewardRange;
  for (let i = 0; i < n; i++) {
    if (!(action[i]! >= 0 && action[i]! < actions))
      throw new RangeError(`round ${i}: action ${action[i]} of ${actions}`);
    if (!(propensity[i]! > 0 && propensity[i]! <= 1)) throw new RangeError(`round ${i}: propensity ${propensity[i]}`);
    if (!(reward[i]! >= least && reward[i]! <= most)) {
      throw new RangeError(`round ${i}: reward ${reward[i]} outside ${least} to ${most}`);
    }
  }
}

/** One number for what an action is at its position: actions that it tells apart may have different rewards. */
export function armOf({ identity, position }: BanditLog): (round: number, action: number) => number {
  return (round, action) => (position ? position[round]! : 0) * 2 ** 32 + (identity ? identity(round, action) : action);
}
