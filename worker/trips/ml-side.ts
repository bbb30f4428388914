/** The trained ranker's side of a plan: for travellers with 20 signals that count, and for nobody else (invariant 8). */
import { addDays, wallClock } from '../../core/itinerary/local-time.ts';
import { isWarm } from '../../core/persona/persona.ts';
import type { MlMoment, MlRanker, MlRanking, MlRequest, PastChoice } from '../../core/ranking/ml-ranker.ts';
import type { DayPart, RankingContext } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { tasteHistory } from '../../platform/database/taste-history.ts';
import type { Traveller } from '../../platform/database/users.ts';
import type { PlanDependencies, PlanRequest } from './plan-request.ts';
import type { AssignedRanker, WarmModels } from './warm-models.ts';

/** A warm traveller, with what the trained models are told of them. */
export interface WarmTraveller {
  traveller: Traveller;
  models: WarmModels;
  assigned: AssignedRanker & { ranker: MlRanker };
  history: PastChoice[];
  historyVenues: ReadonlyMap<string, Venue>;
  /** Trips before this one. */
  trips: number;
}

/** What the ML side has to say, or why it says nothing. */
export type MlState = WarmTraveller | { missing: 'cold' | 'off' | 'unavailable' };

/** Never rejects: a plan without the trained ranker is a plan all the same. */
export async function mlState(
  traveller: Traveller,
  { tripId }: Pick<PlanRequest, 'tripId'>,
  { database, models, arbitration, log }: PlanDependencies,
): Promise<MlState> {
  const { user, actorKey } = traveller;
  if (!isWarm(user.countingSignals)) return { missing: 'cold' };
  if (arbitration.mode === 'off') return { missing: 'off' };
  try {
    const [warmModels, { choices, venues, trips }] = await Promise.all([
      models(),
      tasteHistory(database, { userId: user.id, actorKey, exceptTrip: tripId }),
    ]);
    const assigned = await warmModels.rankerFor(actorKey);
    const { ranker } = assigned;
    if (!ranker) return { missing: 'unavailable' };
    return {
      traveller,
      models: warmModels,
      assigned: { ...assigned, ranker },
      history: choices,
      historyVenues: venues,
      trips,
    };
  } catch (error) {
    log('ml_unavailable', { error: String(error) });
    return { missing: 'unavailable' };
  }
}

/** When a part of a day begins, for models that know how long ago the last choice was: minutes from midnight. */
const BEGINS: Record<DayPart, number> = { morning: 9 * 60, afternoon: 14 * 60, evening: 19 * 60 };

export function mlMoments(
  contexts: readonly Pick<RankingContext, 'tripDay' | 'dayPart'>[],
  { startDate, city }: Pick<PlanRequest, 'startDate' | 'city'>,
): MlMoment[] {
  return contexts.map(({ tripDay, dayPart }) => ({
    tripDay,
    dayPart,
    at: Date.parse(wallClock(addDays(startDate, tripDay - 1), BEGINS[dayPart], city.timeZone)),
  }));
}

export function mlRequest(
  { traveller, history, historyVenues }: WarmTraveller,
  candidates: readonly Venue[],
  moments: readonly MlMoment[],
): MlRequest {
  return { persona: traveller.persona, history, historyVenues, candidates, moments };
}

/** Null where the model fails: the request goes on without it. */
export async function mlRanking(
  warm: WarmTraveller,
  candidates: readonly Venue[],
  moments: readonly MlMoment[],
  { log }: Pick<PlanDependencies, 'log'>,
): Promise<MlRanking | null> {
  const { ranker } = warm.assigned;
  try {
    return await ranker.rank(mlRequest(warm, candidates, moments));
  } catch (error) {
    log('ml_ranking_failed', { model_version: ranker.modelVersion, error: String(error) });
    return null;
  }
}
