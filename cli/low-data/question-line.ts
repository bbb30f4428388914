/** A case to be asked, as a line: whom, about what, why, and where the question comes from. */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import type { ReadModel } from '../../training/low-data/decision-model.ts';
import type { OpenCase } from '../../training/low-data/decision-row.ts';
import type { UncertainCase } from '../../training/low-data/uncertain.ts';

const WHY: Record<UncertainCase['rule'], string> = {
  no_two_alike: 'no other case has this traveller, this venue or one that is nearly the same',
  other_venues: 'no other case has this venue; too few travellers or kinds of venues were left',
  other_cases: 'no other case has this traveller with this venue; nothing else was left',
};

export function questionLine(
  one: OpenCase,
  { probability, margin, entropy, rule }: UncertainCase,
  place: number,
  { label, lineage }: Pick<ReadModel, 'label' | 'lineage'>,
): Record<string, unknown> {
  const { dimensions, interests } = one.persona;
  return {
    place,
    actor_key: one.actor,
    venue_id: one.venue.id,
    venue: one.venue.name,
    city: one.city,
    probability: rounded(probability),
    margin: rounded(margin),
    entropy: rounded(entropy),
    why: `the model gives ${(100 * probability).toFixed(1)}% to it being taken; ${WHY[rule]}`,
    lineage: {
      asked_by: 'active_learning',
      from_signal: one.id,
      source: one.source,
      model: label,
      model_rows: lineage.rows,
      model_synthetic: lineage.synthetic,
    },
    persona_snapshot: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, rounded(dimensions[name])])),
    context: {
      day_of_trip: one.tripDay,
      day_part: one.dayPart,
      group_size: one.party?.size ?? null,
      party_kind: one.party?.kind ?? null,
      budget_band: one.budget,
      weather: one.weather,
      interests,
    },
  };
}

const rounded = (x: number) => Math.round(x * 1e4) / 1e4;
