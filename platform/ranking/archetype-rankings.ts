/** What a ranker says of an archetype at each moment of a trip: from the cache where it is there, asked where it is not. */
import { archetype, archetypePersona } from '../../core/persona/archetypes.ts';
import { rankingCacheKey } from '../../core/ranking/cache-key.ts';
import { OFFLINE_RANKER_VERSION, rankOffline } from '../../core/ranking/offline-ranker.ts';
import {
  type BudgetBand,
  DAY_PARTS,
  type PartyKind,
  RANKED_TRIP_DAYS,
  type Ranker,
  RankerFailure,
  type RankerFailureCode,
  type Ranking,
  type RankingContext,
} from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { RankingCache } from '../cache/ranking-cache.ts';

/** The size that stands for a kind of party in what is shared between parties of that kind. */
const USUAL_SIZE: Record<PartyKind, number> = { solo: 1, couple: 2, friends: 4, family: 4, business: 1 };

export interface RankedCity {
  slug: string;
  name: string;
  catalogueVersion: string;
}

export interface ArchetypeRequest {
  city: RankedCity;
  archetypeId: string;
  partyKind: PartyKind;
  budgetBand: BudgetBand;
  /** Trip days from 1, at most `RANKED_TRIP_DAYS`. */
  tripDays: number;
}

export interface ArchetypeMoment {
  context: RankingContext;
  ranking: Ranking;
  cached: boolean;
}

export interface ArchetypeRankings {
  /** Every day part of every trip day asked for. */
  moments: ArchetypeMoment[];
  cache: 'hit' | 'miss' | 'partial';
  /** Why the ranker gave nothing for some moments, which the offline ranker ranked instead; null where it gave all. */
  failure: RankerFailureCode | null;
  /** What is to be kept; the caller waits for it after the response. */
  writes: () => Promise<void>;
}

/** The party that an archetype's lists are made for. */
export function usualParty(kind: PartyKind): { kind: PartyKind; size: number } {
  return { kind, size: USUAL_SIZE[kind] };
}

/** The moments of the request and the cache key of each. */
export function archetypeMoments(request: ArchetypeRequest, rankerVersion: string) {
  const { city, archetypeId, partyKind, budgetBand, tripDays } = request;
  const days = Array.from({ length: Math.min(tripDays, RANKED_TRIP_DAYS) }, (_, i) => i + 1);
  return days.flatMap((tripDay) =>
    DAY_PARTS.map((dayPart) => ({
      context: { dayPart, tripDay, partyKind, partySize: USUAL_SIZE[partyKind], budgetBand } satisfies RankingContext,
      key: rankingCacheKey({
        citySlug: city.slug,
        archetypeId,
        dayPart,
        tripDay,
        partyKind,
        budgetBand,
        rankerVersion,
        catalogueVersion: city.catalogueVersion,
      }),
    })),
  );
}

/**
 * `candidates` is called only where something is missing. What the offline ranker had to stand in for is not cached
 * under the ranker's name, so that the next request asks the ranker again.
 */
export async function archetypeRankings(
  request: ArchetypeRequest,
  cache: RankingCache,
  ranker: Ranker,
  candidates: () => Promise<readonly Venue[]>,
): Promise<ArchetypeRankings> {
  const moments = archetypeMoments(request, ranker.modelVersion);
  const cached = await cache.read(moments.map((moment) => moment.key));
  const missing = moments.filter((moment) => !cached.has(moment.key));
  const fresh = new Map<string, Ranking>();
  const standIns = new Map<string, Ranking>();
  let failure: RankerFailureCode | null = null;

  if (missing.length > 0) {
    const persona = archetypePersona(archetype(request.archetypeId));
    const offered = await candidates();
    if (ranker.modelVersion === OFFLINE_RANKER_VERSION) {
      const ranked = rankOffline(
        { persona, candidates: offered },
        missing.map((moment) => moment.context),
      );
      missing.forEach(({ key }, i) => {
        fresh.set(key, ranked[i]!);
      });
    } else {
      await Promise.all(
        missing.map(async ({ key, context }) => {
          try {
            const ranking = await ranker.rank({ cityName: request.city.name, persona, candidates: offered, context });
            fresh.set(key, ranking);
          } catch (error) {
            if (!(error instanceof RankerFailure)) throw error;
            failure = error.code;
            standIns.set(key, rankOffline({ persona, candidates: offered }, [context])[0]!);
          }
        }),
      );
    }
  }

  return {
    moments: moments.map(({ key, context }) => ({
      context,
      ranking: cached.get(key) ?? fresh.get(key) ?? standIns.get(key)!,
      cached: cached.has(key),
    })),
    cache: missing.length === 0 ? 'hit' : missing.length === moments.length ? 'miss' : 'partial',
    failure,
    writes: async () => {
      await Promise.all([...fresh].map(([key, ranking]) => cache.write(key, ranking)));
    },
  };
}
