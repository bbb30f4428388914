/** A trip as rows of `behavioral_signals`: the shape of real ones, with their lineage on every row. */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import { weightOf } from '../../core/signal/signal.ts';
import { signalsOf } from './live-traveller.ts';
import type { SlotRecord, TripRecord } from './record.ts';
import { type Lineage, simulationId } from './settings.ts';

export interface RowSource {
  seed: number;
  /** Variant and share: rows of two arms have ids of their own. */
  arm: string;
  variant: string;
  latentShare: number | null;
  agent: string;
  lineage: Lineage;
  citySlugs: readonly string[];
}

export interface SignalRow {
  id: string;
  actor_key: string;
  signal_type: string;
  venue_id: string;
  trip_id: string;
  occurred_at: string;
  source: Lineage;
  synthetic: true;
  weight: number;
  model_version: string;
  persona_snapshot: Record<string, number>;
  context: Record<string, unknown>;
}

/** In the order of the trip; one a decision, two where one lingered. */
export function signalRows({ traveller, slots }: TripRecord, source: RowSource): SignalRow[] {
  const tripId = simulationId(source.seed, 'trip', `${source.arm}/${traveller.id}`);
  return slots.flatMap((slot) => {
    const context = contextOf(slot, traveller, source);
    const snapshot = snapshotOf(slot);
    return signalsOf(slot.decision).map((type, i): SignalRow => {
      // A built-in fallback decided: the row is not the agent's.
      const lineage = slot.decision.fallback ? 'synthetic_choice_model_v1' : source.lineage;
      return {
        id: simulationId(source.seed, 'signal', `${tripId}/${slot.day}/${slot.dayPart}/${type}`),
        actor_key: traveller.id,
        signal_type: type,
        venue_id: (slot.taken ?? slot.ranked[0]!).id,
        trip_id: tripId,
        // Who lingers does so after accepting.
        occurred_at: new Date(slot.at + i * 3_600_000).toISOString(),
        source: lineage,
        synthetic: true,
        weight: weightOf(lineage),
        model_version: slot.modelVersion,
        persona_snapshot: snapshot,
        context,
      };
    });
  });
}

function contextOf(slot: SlotRecord, traveller: TripRecord['traveller'], source: RowSource): Record<string, unknown> {
  const { day, dayPart, ranked, decision, taken, reference, arbitration, fallback } = slot;
  return {
    variant: source.variant,
    latent_share: source.latentShare,
    agent: source.agent,
    archetype: traveller.archetypeId,
    warm: traveller.warm,
    city: source.citySlugs[traveller.trip.city],
    day_of_trip: day,
    day_part: dayPart,
    group_size: traveller.party.size,
    party_kind: traveller.party.kind,
    ...(traveller.companions.length > 0 && {
      companions: traveller.companions.map(({ archetypeId }) => archetypeId),
    }),
    weather: traveller.trip.weather[day - 1],
    decision: decision.decision,
    pivot_reason: decision.pivotReason,
    confidence: Math.round(decision.confidence * 1e4) / 1e4,
    candidates: ranked.map(({ id }) => id),
    predicted_top: ranked[0]!.id,
    rank: taken === null ? null : ranked.findIndex(({ id }) => id === taken.id) + 1,
    ...(reference && {
      agreement: {
        score: Math.round(reference.agreement * 1e4) / 1e4,
        same_top: reference.top.id === ranked[0]!.id,
        reference: reference.modelVersion,
        reference_top: reference.top.id,
      },
    }),
    ...(arbitration && { arbitration_rule: arbitration.rule, served: arbitration.served }),
    ...(decision.fallback && { agent_fallback: decision.fallback }),
    ...(fallback && { ranker_fallback: fallback }),
  };
}

function snapshotOf({ snapshot }: SlotRecord): Record<string, number> {
  return Object.fromEntries(DIMENSION_NAMES.map((name) => [name, Math.round(snapshot[name] * 1e4) / 1e4]));
}
