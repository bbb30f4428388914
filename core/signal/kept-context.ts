/** What of a signal's context may outlive the person, and leave the database: no free text, no precise positions. */
import { INTENTIONS } from './signal.ts';

/** Keys whose numbers stay. */
export const KEPT_NUMBERS: readonly string[] = ['time_to_action_ms', 'day_of_trip', 'group_size', 'rating'];

/** Keys whose texts stay, where they are ids or words of a vocabulary: regular expressions, the same here and in SQL. */
export const KEPT_WORDS: Readonly<Record<string, string>> = {
  day_part: '^(morning|afternoon|evening)$',
  weather: '^[a-z_]{1,20}$',
  reason: `^(${INTENTIONS.join('|')})$`,
  direction: '^(left|right)$',
  action: '^(accept|skip|swap|lock)$',
  replacement_venue_id: '^[0-9a-f-]{36}$',
  ranking_event_id: '^[0-9a-f-]{36}$',
};

const NUMBERS: ReadonlySet<string> = new Set(KEPT_NUMBERS);
const WORDS = new Map(Object.entries(KEPT_WORDS).map(([key, pattern]) => [key, new RegExp(pattern)]));

export type KeptContext = Record<string, number | string | null>;

/** Everything else is left out: it may be somebody's own words, or where they stood. */
export function keptContext(context: Readonly<Record<string, unknown>>): KeptContext {
  const kept: KeptContext = {};
  for (const [key, value] of Object.entries(context)) {
    if (value === null ? NUMBERS.has(key) || WORDS.has(key) : typeof value === 'number' && NUMBERS.has(key)) {
      kept[key] = value as number | null;
    } else if (typeof value === 'string' && WORDS.get(key)?.test(value)) kept[key] = value;
  }
  return kept;
}
