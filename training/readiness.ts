/** Whether there is enough data to train a model on (source document 2, parts II, VI and VII). */
import type { Dataset } from './data/dataset.ts';
import { takenByUser } from './histories.ts';
import type { Minimum } from './model.ts';

const LONG_ENOUGH = 5;

export interface Readiness {
  unit: Minimum['unit'];
  needed: number;
  found: number;
  ready: boolean;
}

export function readiness({ unit, count }: Minimum, dataset: Dataset): Readiness {
  const found = countOf(unit, dataset);
  return { unit, needed: count, found, ready: found >= count };
}

function countOf(unit: Minimum['unit'], { interactions }: Dataset): number {
  switch (unit) {
    case 'interactions':
      return interactions.user.length;
    case 'sequences of 5 or more':
      return takenByUser(interactions).filter(({ length }) => length >= LONG_ENOUGH).length;
    case 'events with outcomes':
      throw new RangeError('events are not counted from interactions');
  }
}
