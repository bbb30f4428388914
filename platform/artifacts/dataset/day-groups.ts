/** Days that are read together: alone where they hold much, many at once where they hold little. */
import type { StoredDay } from '../../database/extraction.ts';

/** Each day is a file at least, and a step has a limit to those. */
const MOST_DAYS = 50;

export interface DayGroup {
  /** In order; one, or several that are not dense. */
  days: readonly string[];
  dense: boolean;
}

/** The days that hold any of a table, in order, in groups of at most `page` rows together. */
export function dayGroups(days: readonly StoredDay[], table: 'signals' | 'candidateSets', page: number): DayGroup[] {
  const groups: (DayGroup & { days: string[]; rows: number })[] = [];
  let open: (typeof groups)[number] | null = null;
  for (const { day, dense, [table]: rows } of days) {
    if (rows === 0) continue;
    if (open && !dense && open.rows + rows <= page && open.days.length < MOST_DAYS) {
      open.days.push(day);
      open.rows += rows;
      continue;
    }
    const group = { days: [day], dense, rows };
    groups.push(group);
    open = dense ? null : group;
  }
  return groups;
}
