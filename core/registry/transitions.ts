/** Which status a version may go to from which. */
import type { ModelStatus } from './status.ts';

export type TransitionVerb = 'shadow' | 'canary' | 'promote' | 'retire';

/**
 * Forward one at a time: `registered`, `shadow`, `canary`, `production`; only what has run in shadow is ever given to
 * travellers. Back to `shadow` from `canary`, and again from `retired`. `production` is left by another version's promotion or
 * by a rollback alone: there is never a moment without one (invariant 4).
 */
const FROM: Record<TransitionVerb, { to: ModelStatus; from: readonly ModelStatus[] }> = {
  shadow: { to: 'shadow', from: ['registered', 'canary', 'retired'] },
  canary: { to: 'canary', from: ['shadow'] },
  promote: { to: 'production', from: ['shadow', 'canary'] },
  retire: { to: 'retired', from: ['registered', 'shadow', 'canary'] },
};

export const statusAfter = (verb: TransitionVerb): ModelStatus => FROM[verb].to;

export function isAllowed(verb: TransitionVerb, from: ModelStatus): boolean {
  return FROM[verb].from.includes(from);
}

/** For the operator. */
export function refusedTransition(verb: TransitionVerb, from: ModelStatus): string {
  if (from === FROM[verb].to) return `it is ${from} already`;
  if (from === 'production') return 'it is in production: promote another version, or roll back';
  return `from ${from} it cannot go to ${FROM[verb].to}: only from ${FROM[verb].from.join(' or ')}`;
}
