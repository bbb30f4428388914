/** What is kept of a group's ranking so that models can learn from it. */
import type { Persona } from '../persona/persona.ts';
import { momentSnapshot, personaSnapshot, type SnapshotCatalogue } from '../ranking/candidate-log.ts';
import type { DayPart } from '../ranking/ranker.ts';
import type { GroupScores } from './group-scores.ts';

const round = (x: number) => Math.round(x * 1e4) / 1e4;

/**
 * Like `featureSnapshot`, for a moment of a group's trip. `personas` and `group.weights` are in the order of the group's
 * `memberIds`; the ids themselves stay out, for logs name no person.
 */
export function groupFeatureSnapshot(
  group: GroupScores,
  personas: ReadonlyMap<string, Persona>,
  dayNumber: number,
  dayPart: DayPart,
  catalogue: SnapshotCatalogue,
  affinities: readonly string[],
): Record<string, unknown> {
  return {
    v: 2,
    personas: group.memberIds.map((id) => personaSnapshot(personas.get(id)!)),
    group: {
      version: group.modelVersion,
      strategy: group.strategy,
      weights: group.weightsOn(dayNumber).map(round),
      conflict: round(group.conflictAt(dayNumber, dayPart)),
    },
    ...momentSnapshot(group.moment(dayNumber, dayPart).context, catalogue, affinities),
  };
}
