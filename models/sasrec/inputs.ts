/** What the model is fed, wherever it runs. */

/** The padding before a history that is shorter than the model's length; item i is i + 1. */
export const PADDING = 0;

/**
 * The latest `length` items as the model reads them, right-aligned.
 * @param history indices of items, oldest first
 * @param into [length] of a larger array, from `at`; zeros
 */
export function writeHistory(history: ArrayLike<number>, length: number, into: Int32Array, at: number): void {
  const kept = Math.min(history.length, length);
  const from = history.length - kept;
  for (let i = 0; i < kept; i++) into[at + length - kept + i] = history[from + i]! + 1;
}
