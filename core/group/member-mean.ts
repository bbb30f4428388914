/** Means over the members of a group. */

/** The mean of at least one number: exact where all are equal, and the same in whatever order they come. */
export function memberMean(values: readonly number[]): number {
  let mean = 0;
  values
    .toSorted((a, b) => a - b)
    .forEach((value, i) => {
      mean += (value - mean) / (i + 1);
    });
  return mean;
}
