/** Rows of numbers, some of which may be missing. */

export interface FeatureTable {
  names: readonly string[];
  rows: number;
  /** [rows, names.length]; NaN: not known. */
  values: Float32Array;
}

/** @param rows each of the length of `names` @throws RangeError that names the row and the feature that is infinite */
export function featureTable(names: readonly string[], rows: readonly Float32Array[]): FeatureTable {
  const values = new Float32Array(rows.length * names.length);
  for (const [i, row] of rows.entries()) {
    if (row.length !== names.length) throw new RangeError(`row ${i}: ${row.length} features of ${names.length}`);
    const infinite = row.findIndex((x) => Math.abs(x) === Number.POSITIVE_INFINITY);
    if (infinite >= 0) throw new RangeError(`row ${i}: ${names[infinite]} is ${row[infinite]}`);
    values.set(row, i * names.length);
  }
  return { names, rows: rows.length, values };
}
