/** Which of the twelve archetypes each traveller of our own data is nearest to. */
import { archetypesByDistance } from '../../core/persona/archetypes.ts';
import type { Dataset } from './dataset.ts';

/** By user index: the archetype of the first logged snapshot, null where there is none. @throws RangeError for other data. */
export function nearestArchetypes({ interactions, own }: Dataset): (string | null)[] {
  if (!own) throw new RangeError('archetypes are known of our own data alone');
  const ofPersona = own.personas.map(({ dimensions }) => archetypesByDistance(dimensions)[0]!.id);
  const nearest: (string | null)[] = interactions.users.map(() => null);
  for (const [i, persona] of own.context.persona.entries()) {
    if (persona >= 0) nearest[interactions.user[i]!] ??= ofPersona[persona]!;
  }
  return nearest;
}
