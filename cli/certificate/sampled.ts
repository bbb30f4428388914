/** What is asked of large data: so many of their cases, drawn evenly. */
import { Random } from '../../core/experiment/random.ts';

/** Of `of` cases, those that were asked. */
export interface Sample {
  asked: number;
  of: number;
}

/** All where there are no more than `most`; else so many of them, in the order that they had. */
export function sampled<T>(all: readonly T[], most: number, seed: number, name: string): T[] {
  if (all.length <= most) return [...all];
  const drawn = Random.of(seed, `certificate/sample/${name}`)
    .shuffle([...all.keys()])
    .slice(0, most);
  return drawn.sort((a, b) => a - b).map((i) => all[i]!);
}
