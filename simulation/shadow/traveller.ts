/** A shadow traveller while their trips are lived through. */
import { Random } from '../../core/experiment/random.ts';
import { personaSnapshot } from '../../core/ranking/candidate-log.ts';
import type { ShadowRows } from '../../platform/database/shadow-rows.ts';
import { type Chooser, makeChooser } from './choice-model.ts';
import { MOST_INTENTIONS_A_USER } from './intentions.ts';
import { shadowPersona } from './persona.ts';
import type { PlannedUser } from './population-plan.ts';
import { shadowId } from './settings.ts';
import { SignalWriter } from './shadow-signals.ts';

export interface Traveller {
  seed: number;
  user: PlannedUser;
  userId: string;
  chooser: Chooser;
  /** As every ranking logs it. */
  snapshot: ReturnType<typeof personaSnapshot>;
  signals: SignalWriter;
  rows: ShadowRows;
  /** Venues that they have seen, on any trip. */
  been: Set<string>;
  swiped: Set<string>;
  /** Reasons that they will still give. */
  reasonsLeft: number;
}

export function makeTraveller(seed: number, user: PlannedUser, rows: ShadowRows): Traveller {
  const random = Random.of(seed, `user/${user.index}`);
  const persona = shadowPersona(user.archetype, random);
  const chooser = makeChooser(persona, random);
  const actorKey = shadowId(seed, 'actor', user.index);
  return {
    seed,
    user,
    userId: shadowId(seed, 'user', user.index),
    chooser,
    snapshot: personaSnapshot(persona.persona),
    signals: new SignalWriter(seed, user.index, actorKey, rows.behavioral_signals),
    rows,
    been: new Set(),
    swiped: new Set(),
    reasonsLeft: MOST_INTENTIONS_A_USER,
  };
}
