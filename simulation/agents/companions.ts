/** Who travels along: people of their own, of whom the app knows what they said of themselves, and nothing that they did. */
import { Random } from '../../core/experiment/random.ts';
import { ARCHETYPES, archetype } from '../../core/persona/archetypes.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { VibeTag } from '../../core/venue/vocabulary.ts';
import { alikeShare, sampleDimensions } from './archetypes.ts';
import { simulationId } from './settings.ts';

export interface Companion {
  /** A UUID. What they hide follows from it, in the choice model alone. */
  id: string;
  archetypeId: string;
  /** As they set out. */
  dimensions: Dimensions;
  interests: readonly VibeTag[];
}

/**
 * The party less the one who asks, in an order that says nothing. Each is of the lead's archetype with the share that is written
 * for the kind of party, and else of any other, evenly; each draws from a stream of their own, whoever else comes.
 */
export function companionsOf(seed: number, lead: { archetypeId: string; number: number; party: Party }): Companion[] {
  const { archetypeId, number, party } = lead;
  return Array.from({ length: party.size - 1 }, (_, i) => {
    const name = `${archetypeId}/${number}/${i + 1}`;
    const random = Random.of(seed, `companion/${name}`);
    const alike = random.chance(alikeShare(party.kind));
    const id = alike ? archetypeId : random.pick(ARCHETYPES.filter((other) => other.id !== archetypeId)).id;
    return {
      id: simulationId(seed, 'companion', name),
      archetypeId: id,
      dimensions: sampleDimensions(id, random),
      interests: archetype(id).tags,
    };
  });
}
