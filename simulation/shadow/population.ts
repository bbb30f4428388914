/** The population, traveller by traveller: any of them can be made without the others. */
import { PERSONA_VECTOR_VERSION } from '../../core/persona/persona-vector.ts';
import { SHADOW_SUBJECT_PREFIX } from '../../core/persona/shadow-subject.ts';
import { noRows, type ShadowRows } from '../../platform/database/shadow-rows.ts';
import { type ShadowStatement, statementsOf } from '../../platform/database/shadow-tables.ts';
import { liveTrip } from './lived-trip.ts';
import { STORED_DIMENSIONS } from './persona.ts';
import { type PlannedUser, planPopulation } from './population-plan.ts';
import {
  choosePlaces,
  type LeftOutCity,
  SHADOW_LINEAGE,
  type ShadowCity,
  type ShadowSettings,
  shadowId,
  shadowSettings,
} from './settings.ts';
import { ReadyCity } from './shadow-city.ts';
import { makeTraveller } from './traveller.ts';

/** When they all signed up: before their first trip. */
const SIGNED_UP = '2024-06-01T00:00:00.000Z';

export interface PopulationRequest {
  seed: number;
  users: number;
  cities: readonly ShadowCity[];
}

export interface MadeTravellers {
  statements: ShadowStatement[];
  travellers: number;
  signals: number;
}

export class Population {
  readonly settings: ShadowSettings;
  readonly leftOut: readonly LeftOutCity[];
  readonly users: readonly PlannedUser[];
  readonly #ready: ReadonlyMap<string, ReadyCity>;

  /** What it was made from. */
  readonly request: PopulationRequest;

  /** @throws RangeError where no city has venues enough */
  constructor(request: PopulationRequest) {
    const { seed, users, cities } = request;
    this.request = request;
    const { places, leftOut } = choosePlaces(cities);
    this.settings = shadowSettings(seed, users, places);
    this.leftOut = leftOut;
    this.users = planPopulation(this.settings, places);
    this.#ready = new Map(places.map((city) => [city.slug, new ReadyCity(seed, city)]));
  }

  userId(index: number): string {
    return shadowId(this.settings.seed, 'user', index);
  }

  /** Everything of some travellers, by their places in `users`. */
  rowsOf(indices: Iterable<number>): ShadowRows {
    const rows = noRows();
    for (const index of indices) this.#live(this.users[index]!, rows);
    return rows;
  }

  /** The same, ready to be stored. */
  make(indices: readonly number[]): MadeTravellers {
    const rows = this.rowsOf(indices);
    return { statements: statementsOf(rows), travellers: indices.length, signals: rows.behavioral_signals.length };
  }

  #live(user: PlannedUser, rows: ShadowRows): void {
    const { seed } = this.settings;
    const traveller = makeTraveller(seed, user, rows);
    const { chooser, userId } = traveller;
    rows.users.push({
      id: userId,
      subject: shadowSubject(seed, user.index),
      onboarding_tags: chooser.tags,
      persona_embedding: `[${chooser.persona.embedding.join(',')}]`,
      persona_description: `Synthetic traveller of the archetype ${user.archetype.id}.`,
      persona_version: `${PERSONA_VECTOR_VERSION}+${SHADOW_LINEAGE}`,
      created_at: SIGNED_UP,
    });
    rows.actor_keys.push({ user_id: userId, actor_key: traveller.signals.actorKey, created_at: SIGNED_UP });
    for (const dimension of STORED_DIMENSIONS) {
      rows.persona_dimensions.push({
        user_id: userId,
        dimension,
        value: chooser.stored[dimension],
        updated_at: SIGNED_UP,
      });
    }
    for (const trip of user.trips) liveTrip(traveller, this.#ready.get(trip.city.slug)!, trip);
  }
}

/** No token that names it is taken: see `platform/auth/verify.ts`. */
export function shadowSubject(seed: number, index: number): string {
  return `${SHADOW_SUBJECT_PREFIX}${seed}:${index}`;
}
