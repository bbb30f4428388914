/** Rows of an arm as `signal-rows.ts` writes them, small enough to reckon with by hand. */
import { v5 as uuidv5 } from 'uuid';
import { DIMENSION_NAMES, type Dimensions } from '../../../../../core/persona/dimensions.ts';
import type { ArmRow } from '../../../../../simulation/agents/calibration/arm-rows.ts';
import { CHOICE_MODEL_LINEAGE } from '../../../../../simulation/agents/settings.ts';

const NAMESPACE = '5b0c7f0e-9c1d-5a55-8a0a-3d2f2d1c0b99';
export const idOf = (name: string) => uuidv5(name, NAMESPACE);

export const HALF = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, 0.5])) as Dimensions;

interface Given {
  venue_id?: string;
  signal_type?: ArmRow['signal_type'];
  source?: ArmRow['source'];
  persona_snapshot?: Dimensions;
  context?: Partial<ArmRow['context']>;
}

export function row(given: Given = {}): ArmRow {
  const { context, ...columns } = given;
  const venue = columns.venue_id ?? idOf('venue');
  return {
    id: idOf('row'),
    actor_key: idOf('actor'),
    signal_type: 'slot_accept',
    venue_id: venue,
    trip_id: idOf('trip'),
    occurred_at: '2026-03-01T08:30:00.000Z',
    source: CHOICE_MODEL_LINEAGE,
    synthetic: true,
    weight: 1,
    model_version: 'dlrm@test',
    persona_snapshot: HALF,
    ...columns,
    context: {
      archetype: 'A1',
      warm: true,
      city: 'seattle',
      day_of_trip: 1,
      day_part: 'morning',
      predicted_top: venue,
      rank: 1,
      ...context,
    },
  };
}
