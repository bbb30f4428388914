/** A variation's row as a line of `behavioral_signals`, with what it was made from. */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { weightOf } from '../../core/signal/signal.ts';
import { AUGMENTATION } from './augment.ts';
import type { DecisionRow } from './decision-row.ts';

/** @throws RangeError for a row that was made from nothing */
export function variationLine(row: DecisionRow): Record<string, unknown> {
  const { derivedFrom, persona, party, accepted } = row;
  if (!derivedFrom) throw new RangeError(`row ${row.id} is no variation`);
  return {
    id: row.id,
    actor_key: row.actor,
    signal_type: accepted ? 'slot_accept' : 'slot_skip',
    venue_id: row.venue.id,
    trip_id: row.trip,
    occurred_at: new Date(row.at).toISOString(),
    source: row.source,
    synthetic: true,
    weight: weightOf(row.source),
    model_version: AUGMENTATION.version,
    persona_snapshot: Object.fromEntries(
      DIMENSION_NAMES.map((name) => [name, Math.round(persona.dimensions[name] * 1e4) / 1e4]),
    ),
    derived_from: derivedFrom.row,
    derived_from_actor: derivedFrom.actor,
    context: {
      city: row.city,
      day_of_trip: row.tripDay,
      day_part: row.dayPart,
      group_size: party?.size ?? null,
      party_kind: party?.kind ?? null,
      budget_band: row.budget,
      weather: row.weather,
      interests: persona.interests,
      decision: accepted ? 'accept' : 'skip',
    },
  };
}
