/** The twelve archetypes of `data/persona/archetypes.json`; the nearest three of a traveller name the cache buckets. */
import data from '../../data/persona/archetypes.json' with { type: 'json' };
import type { VibeTag } from '../venue/vocabulary.ts';
import { DIMENSION_NAMES, type Dimensions } from './dimensions.ts';
import { makePersona, type Persona } from './persona.ts';

export interface Archetype {
  /** A1 to A12. */
  id: string;
  label: string;
  summary: string;
  dimensions: Dimensions;
  tags: readonly VibeTag[];
}

export const ARCHETYPES = data.archetypes as unknown as readonly Archetype[];
export const NEAREST_ARCHETYPES = 3;

export function archetype(id: string): Archetype {
  const found = ARCHETYPES.find((a) => a.id === id);
  if (!found) throw new RangeError(`unknown archetype "${id}", known: ${ARCHETYPES.map((a) => a.id).join(', ')}`);
  return found;
}

/** The archetype's centroid as a persona. */
export function archetypePersona({ dimensions, tags, summary }: Archetype): Persona {
  return makePersona(dimensions, tags, summary);
}

export interface ArchetypeDistance {
  id: string;
  label: string;
  /** Root mean square difference over the dimensions, in [0, 1]. */
  distance: number;
}

/** All archetypes, nearest first; equal distances in the order of the file. */
export function archetypesByDistance(dimensions: Dimensions): ArchetypeDistance[] {
  return ARCHETYPES.map(({ id, label, dimensions: centroid }) => {
    let squares = 0;
    for (const name of DIMENSION_NAMES) squares += (dimensions[name] - centroid[name]) ** 2;
    return { id, label, distance: Math.sqrt(squares / DIMENSION_NAMES.length) };
  }).sort((a, b) => a.distance - b.distance);
}
