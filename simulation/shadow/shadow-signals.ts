/** The signals of one traveller: each with the next id. */
import { type SignalType, SYSTEM_SIGNAL_TYPES, weightOf } from '../../core/signal/signal.ts';
import type { ShadowRows } from '../../platform/database/shadow-rows.ts';
import type { ShadowVenue } from './choice-model.ts';
import { SHADOW_LINEAGE, SHADOW_POLICY, shadowId } from './settings.ts';

const SYSTEM: ReadonlySet<string> = new Set(SYSTEM_SIGNAL_TYPES);

export interface NewSignal {
  type: SignalType;
  place: ShadowVenue | null;
  tripId: string | null;
  slotId: string | null;
  context: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  at: number;
}

export class SignalWriter {
  readonly actorKey: string;
  readonly #seed: number;
  readonly #user: number;
  readonly #rows: ShadowRows['behavioral_signals'];
  #next = 0;

  constructor(seed: number, user: number, actorKey: string, rows: ShadowRows['behavioral_signals']) {
    this.actorKey = actorKey;
    this.#seed = seed;
    this.#user = user;
    this.#rows = rows;
  }

  /** Answers its id. What only the system writes weighs nothing, as in the app. */
  write({ type, place, tripId, slotId, context, at }: NewSignal): string {
    const id = shadowId(this.#seed, 'signal', `${this.#user}.${this.#next++}`);
    this.#rows.push({
      id,
      actor_key: this.actorKey,
      signal_type: type,
      activity_node_id: place?.venue.id ?? null,
      trip_id: tripId,
      slot_id: slotId,
      context,
      weight: weightOf(SYSTEM.has(type) ? 'system' : SHADOW_LINEAGE),
      model_version: SHADOW_POLICY,
      occurred_at: new Date(at).toISOString(),
    });
    return id;
  }
}
