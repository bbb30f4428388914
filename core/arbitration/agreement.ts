/** Two rankings that say the same. */
import type { ArbitrationConfig } from './config.ts';
import type { KnownFacts } from './fact-names.ts';

/** Rank correlation of the top tens > `agreement`: then ML serves, which knows behaviour beside. */
export function agree(
  { agreement }: Pick<KnownFacts, 'agreement'>,
  config: Pick<ArbitrationConfig, 'agreement'>,
): boolean {
  return agreement !== null && agreement > config.agreement;
}
