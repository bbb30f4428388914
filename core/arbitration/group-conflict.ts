/** A group whose members want different things: a compromise is counted, not told. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

/** The members' mean disagreement (`momentConflict`) > `group_conflict`; never of who travels alone. */
export function groupInConflict(
  { group_conflict }: Pick<KnownFacts, 'group_conflict'>,
  config: Pick<ArbitrationConfig, 'group_conflict'>,
): boolean {
  return group_conflict !== null && group_conflict > config.group_conflict;
}
