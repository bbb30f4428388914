/** Rain that is forecast becomes suggestions: the product's own pivots, which the members answer like any other. */
import { v7 as uuidv7 } from 'uuid';
import type { Trip } from '../core/itinerary/trip.ts';
import type { LocalNow } from '../core/itinerary/trip-changes.ts';
import { planPivot } from '../core/pivot/plan-pivot.ts';
import { hearOf, rainNote, type SlotInRain, slotsInRain, type ToldRain } from '../core/pivot/rain.ts';
import type { Spell } from '../core/weather/rain.ts';
import type { Clock } from './clock.ts';
import { type PivotDesk, pivotEventId } from './pivot-desk.ts';
import type { TripKeeper } from './trip-keeper.ts';

const TOLD = 'rain_told';
const FORGOTTEN_AFTER_MS = 24 * 3_600_000;

export class RainWatch {
  readonly #kv: SyncKvStorage;
  readonly #keeper: TripKeeper;
  readonly #pivots: PivotDesk;
  readonly #clock: Clock;

  constructor({ kv }: DurableObjectStorage, keeper: TripKeeper, pivots: PivotDesk, clock: Clock) {
    this.#kv = kv;
    this.#keeper = keeper;
    this.#pivots = pivots;
    this.#clock = clock;
  }

  /**
   * Suggests, once for a slot and its rain, what is indoors; answers how many suggestions that makes. The plan stays as it
   * is. `trip`: the present one.
   */
  expect(trip: Trip, spells: readonly Spell[]): number {
    const now = this.#clock.localNow(trip);
    let made = 0;
    for (const rained of slotsInRain(trip, now, spells)) {
      const before = this.#told();
      const { news, told } = hearOf(before, rained);
      const remember = () => this.#kv.put(TOLD, told);
      if (news && !this.#wasAsked(rained, now)) made += this.#suggest(rained, now, remember) ? 1 : 0;
      else if (told !== before) remember();
    }
    return made;
  }

  #told(): readonly ToldRain[] {
    const told = this.#kv.get<ToldRain[]>(TOLD) ?? [];
    const lately = told.filter(({ to }) => to > this.#clock.now() - FORGOTTEN_AFTER_MS);
    return lately.length === told.length ? told : lately;
  }

  /** Whether a member has seen to the slot's rain today: what they were offered is open, or was dismissed. */
  #wasAsked({ slot }: SlotInRain, { date }: LocalNow): boolean {
    return this.#pivots.store.ofWeather().some(({ now, options, resolution }) => {
      if (now.date !== date || (resolution && resolution.response !== 'dismiss')) return false;
      return options.some(({ changes }) => changes.some(({ slotId }) => slotId === slot.id));
    });
  }

  /**
   * Open until the visit begins. False, and nothing is remembered, where there is nothing to offer: the next forecast may
   * find the day changed.
   */
  #suggest(rained: SlotInRain, now: LocalNow, remember: () => void): boolean {
    const since = performance.now();
    const trip = this.#keeper.here!;
    if (this.#pivots.isFull) return false;
    const request = { trigger: 'weather', slotId: rained.slot.id, alone: true } as const;
    const plan = planPivot(trip, request, now, null, uuidv7);
    if (plan.options.length === 0) return false;
    this.#pivots.offer(trip, trip, {
      eventId: pivotEventId(trip.id, 'rain', `${rained.slot.id}/${rained.spell.from}`),
      userId: null,
      request,
      note: rainNote(trip, rained),
      plan,
      now,
      expiresAt: rained.begins,
      since,
      within: remember,
    });
    return true;
  }
}
