/** Pivots as they were logged, with what was known when each was asked for, and what came of it. */
import { MOODS, PIVOT_TRIGGERS } from '../../core/pivot/pivot.ts';
import { BUDGET_BANDS, DAY_PARTS, PARTY_KINDS } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { CONDITIONS } from '../../core/weather/condition.ts';
import type { PersonaSnapshot } from '../../training/data/dataset.ts';
import type { PivotRow } from '../../training/data/own/logged-tables.ts';
import type { OptionChange, PivotMoment } from './inputs.ts';

export interface PivotCase {
  id: string;
  /** Pivots of one actor hang together; null: nobody's, apart from all others. */
  actor: string | null;
  moment: PivotMoment;
  options: readonly (readonly OptionChange[])[];
  /** Index of the option that was taken; -1 where none was. Every other one was on offer and not taken. */
  taken: number;
  synthetic: boolean;
}

/** What else the log says of the moment: of the signal that the asking left, and of the ranking that filled the slot. */
export interface PivotSurroundings {
  dayPart: string | null;
  tripDay: number | null;
  partySize: number | null;
  weather: string | null;
  /** As the ranker was told: `party_kind`, `budget_band`. */
  context: Readonly<Record<string, unknown>>;
  persona: PersonaSnapshot | null;
}

interface LoggedOption {
  id: string;
  changes: { from: string; to: string | null; starts_at: string; ends_at: string }[];
}

/**
 * Null where there is nothing to learn: no option was offered, or it is still open.
 * @param venueAt the venue as it was known then; null where there is no record of it
 * @param rateOf how it had been taken to before the pivot (`VenueRates`)
 * @throws RangeError that names the pivot that contradicts itself
 */
export function pivotCase(
  row: Pick<
    PivotRow,
    'pivot_id' | 'actor_key' | 'trigger' | 'mood' | 'source' | 'options' | 'response' | 'option_id' | 'created_at'
  >,
  known: PivotSurroundings | null,
  venueAt: (id: string, time: number) => Venue | null,
  rateOf: (id: string) => number | null,
): PivotCase | null {
  const wrong = (message: string) => new RangeError(`pivot ${row.pivot_id}: ${message}`);
  const options = loggedOptions(row.options);
  if (!options) throw wrong('its options cannot be read');
  if (row.response === null || options.length === 0) return null;
  const trigger = oneOf(PIVOT_TRIGGERS, row.trigger);
  if (trigger === null) throw wrong(`unknown trigger ${row.trigger}`);
  const taken = options.findIndex(({ id }) => id === row.option_id);
  if ((row.response === 'accept') !== taken >= 0) throw wrong(`answered ${row.response} with option ${row.option_id}`);
  const askedAt = row.created_at.getTime();
  return {
    id: row.pivot_id,
    actor: row.actor_key,
    moment: {
      trigger,
      mood: oneOf(MOODS, row.mood),
      weather: oneOf(CONDITIONS, known?.weather),
      dayPart: oneOf(DAY_PARTS, known?.dayPart),
      tripDay: known?.tripDay ?? null,
      partySize: known?.partySize ?? null,
      partyKind: oneOf(PARTY_KINDS, known?.context.party_kind),
      budget: oneOf(BUDGET_BANDS, known?.context.budget_band),
      persona: known?.persona ?? null,
      askedAt,
    },
    options: options.map(({ changes }) =>
      changes.map((change) => ({
        from: venueAt(change.from, askedAt),
        to: change.to === null ? 'left_out' : venueAt(change.to, askedAt),
        fromRate: rateOf(change.from),
        toRate: change.to === null ? null : rateOf(change.to),
        startsAt: Date.parse(change.starts_at),
        endsAt: Date.parse(change.ends_at),
      })),
    ),
    taken,
    synthetic: row.source.startsWith('synthetic'),
  };
}

function loggedOptions(json: string): LoggedOption[] | null {
  try {
    const options = JSON.parse(json) as LoggedOption[];
    const sound = options.every(
      ({ id, changes }) =>
        typeof id === 'string' &&
        changes.length > 0 &&
        changes.every(({ starts_at, ends_at }) => Date.parse(ends_at) - Date.parse(starts_at) >= 0),
    );
    return sound ? options : null;
  } catch {
    return null;
  }
}

function oneOf<Value extends string>(values: readonly Value[], value: unknown): Value | null {
  return values.find((one) => one === value) ?? null;
}
