/** What members do with slots and with the trip's status. */
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { dateIn } from '../../../../core/itinerary/local-time.ts';
import { SLOT_ACTIONS, type SlotAction } from '../../../../core/itinerary/trip-changes.ts';
import { check } from './check.ts';
import { type ModelSlot, slotsOf, TIME_ZONE, type TripModel } from './model.ts';
import { type Answered, done, type RealTrip } from './real-trip.ts';

export type Command = fc.AsyncCommand<TripModel, RealTrip>;
export type Way = 'http' | 'socket';
export const way = fc.constantFrom<Way>('http', 'socket');
/** See `TripModel.who`. */
export const person = fc.oneof({ weight: 9, arbitrary: fc.nat(10) }, { weight: 1, arbitrary: fc.constant(11) });

const SIGNALS = { accept: 'slot_accept', lock: 'slot_accept', skip: 'slot_skip', swap: 'slot_swap' } as const;

/** Why it must be refused; null where it must be done; undefined where both may be. */
function verdict(model: TripModel, userId: string, slot: ModelSlot, action: SlotAction, known: boolean) {
  if (!model.isMember(userId)) return 'trip_not_found';
  if (!known) return 'venue_not_found';
  if (model.ended) return 'trip_ended';
  const { status } = slot;
  if (status === 'locked' && (action === 'skip' || action === 'swap')) return 'slot_locked';
  if (action === 'lock') return status === 'skipped' ? 'slot_skipped' : null;
  if (action === 'swap' || (action === 'accept' && status === 'skipped')) return undefined;
  return null;
}

const MAY_REFUSE = ['slot_started', 'no_alternative', 'venue_not_feasible', 'venue_already_in_trip'];

export class ActOnSlot implements Command {
  readonly #who: number;
  readonly #nth: number;
  readonly #action: SlotAction;
  readonly #venue: 'best' | 'unknown';
  readonly #way: Way;

  constructor(who: number, nth: number, action: SlotAction, venue: 'best' | 'unknown', by: Way) {
    this.#who = who;
    this.#nth = nth;
    this.#action = action;
    this.#venue = action === 'swap' ? venue : 'best';
    this.#way = by;
  }

  check(model: Readonly<TripModel>): boolean {
    return model.slots.length > 0;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guest = model.who(this.#who);
    const slot = model.slots[this.#nth % model.slots.length]!;
    const action = this.#action;
    const expected = verdict(model, guest.id, slot, action, this.#venue === 'best');
    const venue = this.#venue === 'best' ? {} : { venue_id: uuidv7() };
    let answer: Answered;
    if (this.#way === 'http') answer = await real.http(guest, 'PATCH', `/slots/${slot.id}`, { action, ...venue });
    else {
      const said = { type: 'slot_action', id: uuidv7(), slot_id: slot.id, action, ...venue } as const;
      answer = await real.tell(guest, model, said);
    }
    if (expected !== undefined) expect(answer.code).toBe(expected);
    else if (answer.code !== null) expect(MAY_REFUSE).toContain(answer.code);
    if (answer.code === 'slot_started') expect(Date.parse(slot.startsAt)).toBeLessThan(model.now() + 1_000);
    if (done(answer)) await this.#follow(model, real, slot, guest.id, answer);
    await check(model, real);
  }

  async #follow(model: TripModel, real: RealTrip, slot: ModelSlot, by: string, { body }: Answered): Promise<void> {
    const action = this.#action;
    const before = { ...slot };
    const event = await real.event(model, 'slot_changed');
    expect([event.slot_id, event.action, event.by, event.seq]).toEqual([slot.id, action, by, body.seq]);
    const after = slotsOf(real.replica).find(({ id }) => id === slot.id)!;
    switch (action) {
      case 'lock':
      case 'skip':
        slot.status = action === 'lock' ? 'locked' : 'skipped';
        break;
      case 'accept':
        // A slot that comes back may stand at another time.
        if (slot.status === 'skipped') Object.assign(slot, { startsAt: after.startsAt, endsAt: after.endsAt });
        slot.status = 'accepted';
        break;
      case 'swap':
        expect(after.venueId).not.toBe(before.venueId);
        for (const other of model.slots) {
          if (other.status !== 'skipped')
            expect(other.venueId, 'a venue stands once in a trip').not.toBe(after.venueId);
        }
        Object.assign(slot, { venueId: after.venueId, startsAt: after.startsAt, endsAt: after.endsAt });
        slot.status = 'swapped';
    }
    model.changes += 1;
    model.signals.push(`${SIGNALS[action]} ${slot.id}`);
  }

  toString(): string {
    return `${this.#way}: member ${this.#who} ${this.#action}s slot ${this.#nth} (venue: ${this.#venue})`;
  }
}

const ALLOWED: Record<string, readonly string[]> = {
  planning: ['active', 'cancelled'],
  active: ['completed', 'shortened', 'cancelled', 'active'],
};

export class ChangeStatus implements Command {
  readonly #who: number;
  readonly #to: string;

  constructor(who: number, to: string) {
    this.#who = who;
    this.#to = to;
  }

  check(): boolean {
    return true;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guest = model.who(this.#who);
    const status = this.#to;
    let expected: string | null = null;
    if (!model.isMember(guest.id)) expected = 'trip_not_found';
    else if (model.ended) expected = 'trip_ended';
    else if (!ALLOWED[model.status]!.includes(status)) expected = 'status_not_allowed';
    const today = dateIn(TIME_ZONE, model.now());
    const answer = await real.http(guest, 'PATCH', '', { status });
    expect(answer.code).toBe(expected);
    if (done(answer)) {
      const event = await real.event(model, 'trip_status');
      expect([event.status, event.by]).toEqual([status, guest.id]);
      if (status === 'shortened') {
        const last = [today, model.startDate].sort().at(-1)!;
        if (last < model.endDate) model.endDate = last;
        const days = (Date.parse(model.endDate) - Date.parse(model.startDate)) / 86_400_000 + 1;
        model.changes += 1;
        model.slots = model.slots.filter(({ day }) => day <= days);
      }
      model.end(status);
    }
    await check(model, real);
  }

  toString(): string {
    return `member ${this.#who} makes the trip ${this.#to}`;
  }
}

export const actOnSlot = fc
  .tuple(
    person,
    fc.nat(14),
    fc.constantFrom(...SLOT_ACTIONS),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant('best' as const) },
      { weight: 1, arbitrary: fc.constant('unknown' as const) },
    ),
    way,
  )
  .map((parts) => new ActOnSlot(...parts));

export const changeStatus = fc
  .tuple(person, fc.constantFrom('active', 'active', 'completed', 'shortened', 'cancelled'))
  .map((parts) => new ChangeStatus(...parts));
