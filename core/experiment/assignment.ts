/** Which version serves a traveller: the same one at each request, as long as nobody changes the shares. */
import type { ServingVersion } from '../registry/status.ts';
import { stickyUniform } from './sticky-uniform.ts';

export interface Variant {
  name: string;
  /** `name@version` of what serves those who are in it. */
  model: string;
  /** Of all travellers, in [0, 1]; those of an experiment sum to at most 1. */
  share: number;
}

/** As far as assignment needs it. A canary is one, with production as its control. */
export interface RunningExperiment {
  id: string;
  /** Keys of the lots are made with it: what keeps its salt keeps its travellers. */
  salt: string;
  /** The name of the model whose place its variants take. */
  place: string;
  /** The first is the control. */
  variants: readonly Variant[];
}

export interface AssignedVersion {
  name: string;
  version: string;
  /** What is to be logged beside what is served; null outside experiments. */
  exposure: { experimentId: string; variant: string } | null;
}

/**
 * What serves this actor in the place of the model `name`: the variant of the experiment that runs there, where they are in
 * one and its version can be had; production otherwise, and null where there is none.
 */
export function assignedVersion(
  actorKey: string,
  name: string,
  serving: readonly ServingVersion[],
  experiments: readonly RunningExperiment[],
): AssignedVersion | null {
  for (const experiment of experiments) {
    if (experiment.place !== name) continue;
    const variant = variantOf(actorKey, experiment);
    const found = variant && serving.find((one) => `${one.name}@${one.version}` === variant.model);
    if (found) {
      const { name, version } = found;
      return { name, version, exposure: { experimentId: experiment.id, variant: variant.name } };
    }
  }
  const production = serving.find((one) => one.name === name && one.status === 'production');
  return production ? { name, version: production.version, exposure: null } : null;
}

/**
 * The variant that an actor is in, null for those whom the shares leave out. Weighted rendezvous hashing: each variant
 * draws -ln(u) / share from its own lot and the least wins, with probability in proportion to its share (Thaler and
 * Ravishankar 1998, IEEE/ACM Transactions on Networking 6; weights by the exponential race, Efraimidis and Spirakis 2006).
 * Between any two variants only those move whom their changed shares make to.
 */
export function variantOf(actorKey: string, { salt, variants }: Pick<RunningExperiment, 'salt' | 'variants'>) {
  const shares = variants.reduce((sum, { share }) => sum + share, 0);
  let best: Variant | null = null;
  let least = exponential(`${salt}//${actorKey}`) / Math.max(0, 1 - shares);
  if (Number.isNaN(least)) least = Number.POSITIVE_INFINITY;
  for (const variant of variants) {
    if (!(variant.share > 0)) continue;
    const drawn = exponential(`${salt}/${variant.name}/${actorKey}`) / variant.share;
    if (drawn < least) {
      least = drawn;
      best = variant;
    }
  }
  return best;
}

const exponential = (key: string) => -Math.log1p(-stickyUniform(key));
