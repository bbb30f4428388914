/**
 * Trips from the production code without HTTP, database and bindings: the same steps as `worker/trips/plan-trip.ts`,
 * with the nearest neighbours found by looking at every venue and the ranking cache in a map.
 */
import { assemble } from '../../core/itinerary/assemble.ts';
import type { AssemblyRequest } from '../../core/itinerary/assembly-request.ts';
import type { PlannedDay } from '../../core/itinerary/itinerary.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import { placedSlots, prepareDays } from '../../core/itinerary/plan-days.ts';
import type { Trip, TripSlot } from '../../core/itinerary/trip.ts';
import { archetype, archetypePersona, archetypesByDistance } from '../../core/persona/archetypes.ts';
import type { Persona } from '../../core/persona/persona.ts';
import { OfflineRanker } from '../../core/ranking/offline-ranker.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import { rescore, type ScoredMoment } from '../../core/ranking/personal-rescore.ts';
import { type BudgetBand, DAY_PARTS, RANKED_TRIP_DAYS, type Ranking } from '../../core/ranking/ranker.ts';
import { RETRIEVED, selectCandidates } from '../../core/ranking/retrieval.ts';
import { narrate, OFFLINE_NARRATOR_VERSION } from '../../core/venue/narrative.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import type { Location, Venue } from '../../core/venue/venue.ts';
import type { CatalogueFile } from '../../platform/database/city-catalogues.ts';
import { cityId, venueRows } from '../../platform/database/seed-cities.ts';
import { archetypeRankings, usualParty } from '../../platform/ranking/archetype-rankings.ts';
import { type TripBody, toTripBody } from '../../worker/trips/trip-body.ts';

export interface TripOrder {
  city: string;
  startDate: string;
  days: number;
  persona: Persona;
  party: Party;
  budgetBand: BudgetBand;
  startArea: Location | null;
  notBefore: number;
}

interface CityInMemory {
  id: string;
  file: CatalogueFile;
  venues: Map<string, Venue>;
  points: { id: string; vector: Float32Array }[];
}

/** The rows that the seed writes, as the records that the database gives back. */
function cityInMemory(file: CatalogueFile): CityInMemory {
  const rows = venueRows(file);
  const venues = rows.map((row): Venue => {
    const {
      cityId: _,
      lat,
      lng,
      overratedFlag,
      vibeEmbedding: __,
      qualitySignals: ___,
      sourceTier: ____,
      ...rest
    } = row;
    return { ...rest, location: { lat, lng }, overrated: overratedFlag, version: 1 };
  });
  return {
    id: cityId(file.city.slug),
    file,
    venues: new Map(venues.map((venue) => [venue.id, venue])),
    points: rows.map(({ id, vibeEmbedding }) => ({ id, vector: Float32Array.from(vibeEmbedding) })),
  };
}

/** What assembly is asked for a trip, and every moment's scores. */
export interface PreparedTrip {
  order: TripOrder;
  request: AssemblyRequest;
  moments: ScoredMoment[];
}

export class InMemoryPlanner {
  readonly #cities: Map<string, CityInMemory>;
  readonly #rankings = new Map<string, Ranking>();
  #ids = 0;

  constructor(catalogues: readonly CatalogueFile[]) {
    this.#cities = new Map(catalogues.map((file) => [file.city.slug, cityInMemory(file)]));
  }

  venuesOf(city: string): Venue[] {
    return [...this.#cities.get(city)!.venues.values()];
  }

  /**
   * Unlike the database's index this one also offers places that closed: an index may lag behind, and the rules of the
   * core have to hold all the same.
   */
  candidates(city: string, persona: Persona, party: Party, onDate: string, budgetBand: BudgetBand): Venue[] {
    const { points, venues } = this.#cities.get(city)!;
    const hits = points
      .map(({ id, vector }) => ({ id, similarity: dot(persona.retrieval, vector) }))
      .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
      .slice(0, RETRIEVED);
    return selectCandidates(hits, venues, party, onDate, budgetBand);
  }

  async prepare(order: TripOrder): Promise<PreparedTrip> {
    const { persona, party, budgetBand, startDate, days } = order;
    const { city, version } = this.#cities.get(order.city)!.file;
    const bucket = archetypesByDistance(persona.dimensions)[0]!.id;
    const candidates = this.candidates(order.city, persona, party, startDate, budgetBand);
    const ranked = await archetypeRankings(
      {
        city: { slug: city.slug, name: city.name, catalogueVersion: version },
        archetypeId: bucket,
        partyKind: party.kind,
        budgetBand,
        tripDays: days,
      },
      {
        read: async (keys) => new Map(keys.flatMap((key) => entry(this.#rankings, key))),
        write: async (key, ranking) => void this.#rankings.set(key, ranking),
      },
      new OfflineRanker(),
      async () =>
        this.candidates(order.city, archetypePersona(archetype(bucket)), usualParty(party.kind), startDate, budgetBand),
    );
    await ranked.writes();
    const { assembly, momentOf } = prepareDays({
      members: [
        {
          id: 'traveller',
          persona,
          moments: rescore(
            persona,
            candidates,
            ranked.moments.map(({ context, ranking }) => ({
              context: { ...context, partySize: party.size },
              archetypeRanking: ranking,
            })),
          ),
        },
      ],
      candidates,
      startDate,
      days,
      timeZone: city.time_zone,
      mealTimes: city.meal_times,
      notBefore: order.notBefore,
      party,
      budgetBand,
      start: order.startArea,
    });
    const rankedDays = Array.from({ length: Math.min(days, RANKED_TRIP_DAYS) }, (_, i) => i + 1);
    const moments = rankedDays.flatMap((day) => DAY_PARTS.map((dayPart) => momentOf(day, dayPart)));
    return { order, request: assembly, moments };
  }

  trip({ order, request }: PreparedTrip, planned: readonly PlannedDay[]): Trip {
    const { id, file } = this.#cities.get(order.city)!;
    const slots = placedSlots(planned, request.candidates).map(({ venue, ...slot }): TripSlot => {
      const { dayPart, role } = slot.stop;
      const context = { dayPart, role, variant: slot.dayNumber * 7 + slot.order };
      return {
        ...slot,
        id: this.#newId(),
        narrative: narrate(venue, context),
        narratorVersion: OFFLINE_NARRATOR_VERSION,
        modelVersion: 'none',
        status: 'proposed',
        rankingEventId: null,
      };
    });
    return {
      id: this.#newId(),
      seq: 1,
      city: { id, slug: file.city.slug, name: file.city.name, timeZone: file.city.time_zone },
      startDate: order.startDate,
      endDate: addDays(order.startDate, order.days - 1),
      status: 'planning',
      party: order.party,
      budgetBand: order.budgetBand,
      startArea: order.startArea,
      dimensions: order.persona.dimensions,
      ranking: { source: 'offline', modelVersion: 'none', cache: 'miss', fallback: null, fallbackReason: null },
      dayNotes: Object.fromEntries(planned.map((day) => [String(day.dayNumber), day.notes])),
      slots,
      members: [],
      venues: Object.fromEntries(request.candidates.map((venue) => [venue.id, venue])),
    };
  }

  async plan(order: TripOrder): Promise<TripBody> {
    const prepared = await this.prepare(order);
    return toTripBody(this.trip(prepared, assemble(prepared.request)));
  }

  #newId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }
}

function entry<T>(map: ReadonlyMap<string, T>, key: string): [string, T][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}
