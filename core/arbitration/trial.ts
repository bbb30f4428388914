/** Logged decisions from which something can be learned: randomised ones whose outcome is known. */
import type { Side } from './decision.ts';

export interface ArbitrationEvent {
  id: string;
  /** Events of one actor hang together; null: nobody's, apart from all others. */
  actor: string | null;
  /** Milliseconds since the epoch. */
  time: number;
  /** `KnownFacts`, and whatever else was logged. */
  facts: Readonly<Record<string, unknown>>;
  /** Null where it was not logged. */
  served: Side | null;
  /** With which the side that was served was to be; 1 of a decision that was not randomised, null where it was not logged. */
  propensity: number | null;
  /** Null while nobody has decided. */
  accepted: boolean | null;
}

/** An event from which something can be learned: either side could have been served, one was, and was taken or refused. */
export interface Trial extends ArbitrationEvent {
  served: Side;
  propensity: number;
  accepted: boolean;
}

/** What was shown decides what could be accepted: without a chance of the other side, the outcome says nothing of it. */
export function isTrial(event: ArbitrationEvent): event is Trial {
  const { served, propensity, accepted } = event;
  return served !== null && accepted !== null && propensity !== null && propensity > 0 && propensity < 1;
}

/** `served` and `propensity` as a snapshot has them; null where they are not what they should be. */
export function servedOf(snapshot: Readonly<Record<string, unknown>>): Pick<ArbitrationEvent, 'served' | 'propensity'> {
  const { served, propensity } = snapshot;
  return {
    served: served === 'ml' || served === 'llm' ? served : null,
    propensity: typeof propensity === 'number' && propensity >= 0 && propensity <= 1 ? propensity : null,
  };
}

/** Whose each trial is: the same number for the same traveller. */
export function clustersOf(trials: readonly Pick<Trial, 'id' | 'actor'>[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(trials, ({ id, actor }) => {
    const key = actor ?? `event ${id}`;
    if (!known.has(key)) known.set(key, known.size);
    return known.get(key)!;
  });
}
