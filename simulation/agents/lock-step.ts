/** The loop of seed 0: a group of travellers goes through its trips together, slot by slot. */
import { topListCorrelation } from '../../core/arbitration/spearman.ts';
import { addDays, weekdayOf } from '../../core/itinerary/local-time.ts';
import { targetEnergy } from '../../core/ranking/energy-arc.ts';
import { DAY_PARTS } from '../../core/ranking/ranker.ts';
import { energyLeft } from './choice-agent.ts';
import type { Decision } from './decision.ts';
import type { LiveTraveller } from './live-traveller.ts';
import type { DecisionCase, PersonaAgent } from './persona-agent.ts';
import type { RankerView, Recommendation, Recommender } from './recommender.ts';
import type { ReferenceChoice, SlotRecord, TripRecord } from './record.ts';
import { LONGEST_TRIP } from './traveller.ts';

export interface LockStep {
  seed: number;
  /** Of the variant and of what else tells its decisions apart. */
  name: string;
  agent: PersonaAgent;
  recommender: Recommender;
  /** What stands for the language model's side, asked in the same slots of the warm, without effect; null: not asked. */
  reference: Recommender | null;
  /** Sees each round's cases and decisions before they take effect. */
  onRound?: (cases: readonly DecisionCase[], decisions: readonly Decision[]) => Promise<void>;
}

interface Step {
  live: LiveTraveller;
  view: RankerView;
}

/** Every traveller's whole trip, in the order given. */
export async function liveTogether(travellers: readonly LiveTraveller[], options: LockStep): Promise<TripRecord[]> {
  for (let day = 1; day <= LONGEST_TRIP; day++) {
    const going = travellers.filter(({ traveller }) => traveller.trip.days >= day);
    if (going.length === 0) break;
    for (const live of going) live.beginDay(day);
    for (const dayPart of DAY_PARTS) {
      const steps = going.flatMap((live): Step[] => {
        const weekday = weekdayOf(addDays(live.traveller.trip.startDate, day - 1));
        const view = live.view(options.seed, dayPart, weekday);
        return view ? [{ live, view }] : [];
      });
      await round(steps, options);
    }
  }
  return travellers.map(({ traveller, slots, emptySlots }) => ({ traveller, slots, emptySlots }));
}

async function round(
  steps: readonly Step[],
  { name, agent, recommender, reference, onRound }: LockStep,
): Promise<void> {
  if (steps.length === 0) return;
  const answers = await recommender.recommend(steps.map(({ view }) => view));
  const warm = reference ? steps.filter(({ live }) => live.isWarm()) : [];
  const others = reference && warm.length > 0 ? await reference.recommend(warm.map(({ view }) => view)) : [];
  const referenceOf = new Map(warm.map(({ live }, i) => [live, others[i]!]));
  const cases = steps.map(({ live, view }, i): DecisionCase => {
    return {
      key: `${name}/${view.slotKey}`,
      context: live.context(view.context.dayPart),
      candidates: answers[i]!.ranked,
    };
  });
  const decisions = await agent.decideAll(cases);
  await onRound?.(cases, decisions);
  for (const [i, { live, view }] of steps.entries()) {
    const other = referenceOf.get(live);
    const reference = other ? compared(agent, cases[i]!, other) : null;
    live.take(recordOf(view, answers[i]!, cases[i]!, decisions[i]!, reference));
  }
}

function compared(agent: PersonaAgent, { context, candidates }: DecisionCase, other: Recommendation): ReferenceChoice {
  const top = other.ranked[0]!;
  const asked = (venue: typeof top) => agent.wouldTake?.(context, venue) ?? null;
  const ids = (venues: readonly { id: string }[]) => venues.map(({ id }) => id);
  return {
    top,
    modelVersion: other.modelVersion,
    agreement: topListCorrelation(ids(candidates), ids(other.ranked)),
    wouldTakeTop: asked(candidates[0]!),
    wouldTakeReference: asked(top),
  };
}

function recordOf(
  { context: moment, moment: { at }, persona }: RankerView,
  { ranked, modelVersion, fallback, arbitration }: Recommendation,
  { context, candidates }: DecisionCase,
  decision: Decision,
  reference: ReferenceChoice | null,
): SlotRecord {
  const taken = decision.venueId === null ? null : candidates.find(({ id }) => id === decision.venueId);
  if (taken === undefined) throw new RangeError(`${decision.venueId} was not offered`);
  return {
    day: context.day,
    dayPart: moment.dayPart,
    ranked,
    decision,
    snapshot: persona.dimensions,
    at,
    taken,
    targetEnergy: targetEnergy(moment.dayPart, context.day, persona.dimensions),
    energyLeft: energyLeft(context),
    reference,
    modelVersion,
    fallback: fallback ?? null,
    arbitration: arbitration ?? null,
  };
}
