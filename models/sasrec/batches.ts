/** Histories cut into windows and put into batches. */
import type { Random } from '../../core/experiment/random.ts';
import type { Feeds } from '../../training/engine/session.ts';
import type { SasrecConfig } from './config.ts';
import { writeHistory } from './inputs.ts';

/** A stretch of a user's history: every item after the first is the target of what came before it in the window. */
interface Window {
  user: number;
  start: number;
  end: number;
}

type BatchConfig = Pick<SasrecConfig, 'length' | 'batch' | 'loss' | 'negatives'>;

export function windowCount(histories: readonly Int32Array[], length: number): number {
  return histories.reduce((sum, { length: n }) => sum + (n < 2 ? 0 : Math.ceil((n - 1) / length)), 0);
}

/** Each history as windows of `length` targets, cut at other places in each epoch so that every item gets a past. */
function windowsOf(histories: readonly Int32Array[], length: number, random: Random): Window[] {
  const windows: Window[] = [];
  for (const [user, { length: n }] of histories.entries()) {
    if (n < 2) continue;
    // The last window ends with the history or, in part of the epochs, up to a window before it.
    let end = n <= length + 1 ? n : n - random.int(Math.min(length, n - length));
    if (end < n) windows.push({ user, start: Math.max(0, n - length - 1), end: n });
    for (; end > 1; end -= length) windows.push({ user, start: Math.max(0, end - length - 1), end });
  }
  return windows;
}

/**
 * One epoch.
 * @param histories items of each user, oldest first
 * @param items how many there are
 */
export function* sasrecBatches(
  histories: readonly Int32Array[],
  items: number,
  config: BatchConfig,
  random: Random,
): Generator<Feeds> {
  const { length, batch, loss, negatives } = config;
  const windows = random.shuffle(windowsOf(histories, length, random));
  const known = loss === 'bce' ? histories.map((history) => new Set(history)) : [];
  for (let from = 0; from < windows.length; from += batch) {
    const part = windows.slice(from, from + batch);
    const history = new Int32Array(part.length * length);
    const count = part.reduce((sum, { start, end }) => sum + end - start - 1, 0);
    const positions = new Int32Array(count);
    const targets = new Int32Array(count);
    const others = new Int32Array(loss === 'bce' ? count : 0);
    let at = 0;
    for (const [row, { user, start, end }] of part.entries()) {
      const all = histories[user]!;
      writeHistory(all.subarray(start, end - 1), length, history, row * length);
      const first = row * length + length - (end - start - 1);
      for (let i = start + 1; i < end; i++, at++) {
        positions[at] = first + i - start - 1;
        targets[at] = all[i]! + 1;
        if (loss === 'bce') others[at] = notTaken(known[user]!, items, random) + 1;
      }
    }
    const feeds: Record<string, Feeds[string]> = {
      history: { data: history, shape: [part.length, length] },
      positions: { data: positions, shape: [count] },
      targets: { data: targets, shape: [count] },
      weights: { data: new Float32Array(count).fill(1), shape: [count] },
    };
    if (loss === 'bce') feeds.negatives = { data: others, shape: [count] };
    if (loss === 'sampled_ce') {
      const drawn = Int32Array.from({ length: negatives }, () => random.int(items) + 1);
      feeds.negatives = { data: drawn, shape: [negatives] };
      feeds.corrections = { data: new Float32Array(negatives).fill(Math.log(items / negatives)), shape: [negatives] };
    }
    yield feeds;
  }
}

/** Uniform over what the user did not take; over everything where they took it all. */
function notTaken(taken: ReadonlySet<number>, items: number, random: Random): number {
  for (;;) {
    const item = random.int(items);
    if (!taken.has(item) || taken.size >= items) return item;
  }
}
