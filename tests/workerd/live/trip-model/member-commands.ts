/** Companions: invited, joining, leaving, removed. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { check } from './check.ts';
import type { TripModel } from './model.ts';
import { done, type RealTrip } from './real-trip.ts';
import { type Command, person } from './slot-commands.ts';

const isOrganiser = (model: TripModel, id: string) =>
  model.members.some(({ userId, role }) => userId === id && role === 'organiser');

export class Invite implements Command {
  readonly #who: number;

  constructor(who: number) {
    this.#who = who;
  }

  check(): boolean {
    return true;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guest = model.who(this.#who);
    let expected: string | null = null;
    if (!model.isMember(guest.id)) expected = 'trip_not_found';
    else if (!isOrganiser(model, guest.id)) expected = 'organiser_only';
    else if (model.ended) expected = 'trip_ended';
    const answer = await real.http(guest, 'POST', '/invites');
    expect(answer.code).toBe(expected);
    if (done(answer)) model.invites.push({ token: answer.body.token, used: false });
    await check(model, real);
  }

  toString(): string {
    return `member ${this.#who} invites`;
  }
}

export class Join implements Command {
  readonly #guest: number;
  readonly #nth: number;

  constructor(guest: number, nth: number) {
    this.#guest = guest;
    this.#nth = nth;
  }

  check(model: Readonly<TripModel>): boolean {
    return model.invites.length > 0;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guest = model.guests[this.#guest % model.guests.length]!;
    const invite = model.invites.at(-1 - (this.#nth % model.invites.length))!;
    const there = model.isMember(guest.id);
    let expected: string | null = null;
    if (!there && invite.used) expected = 'invite_used';
    else if (!there && model.ended) expected = 'trip_ended';
    const answer = await real.http(guest, 'POST', `//invites/${invite.token}/accept`);
    expect(answer.code).toBe(expected);
    if (done(answer) && !there) {
      invite.used = true;
      model.members = [...model.members, { userId: guest.id, role: 'member' }];
      await this.#follow(model, real, guest.id);
    }
    await check(model, real);
  }

  async #follow(model: TripModel, real: RealTrip, id: string): Promise<void> {
    const event = await real.event(model, 'member_changed');
    expect([event.change, event.user_id, event.by]).toEqual(['joined', id, id]);
    expect(event.members.map(({ user_id }) => user_id)).toEqual(model.members.map(({ userId }) => userId));
  }

  toString(): string {
    return `guest ${this.#guest} accepts invite ${this.#nth}`;
  }
}

/** By themselves where both are the same. */
export class Leave implements Command {
  readonly #by: number;
  readonly #who: number;

  constructor(by: number, who: number) {
    this.#by = by;
    this.#who = who;
  }

  check(): boolean {
    return true;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const by = model.who(this.#by);
    const who = model.who(this.#who);
    let expected: string | null = null;
    if (!model.isMember(by.id)) expected = 'trip_not_found';
    else if (by.id !== who.id && !isOrganiser(model, by.id)) expected = 'organiser_only';
    else if (!model.isMember(who.id)) expected = 'member_not_found';
    else if (model.members.length === 1) expected = 'last_member';
    const answer = await real.http(by, 'DELETE', `/members/${who.id}`);
    expect(answer.code).toBe(expected);
    if (done(answer)) {
      const left = model.members.filter(({ userId }) => userId !== who.id);
      const led = left.some(({ role }) => role === 'organiser');
      // Where the organiser goes, who has been there longest takes over.
      model.members = led ? left : left.map((member, i) => (i === 0 ? { ...member, role: 'organiser' } : member));
      await real.closedOut(who.id, 4403);
      const event = await real.event(model, 'member_changed');
      expect([event.change, event.user_id, event.by]).toEqual([by === who ? 'left' : 'removed', who.id, by.id]);
      expect(event.members).toEqual(model.members.map(({ userId, role }) => ({ user_id: userId, role })));
      expect((await real.http(who, 'GET', '')).code).toBe('trip_not_found');
      // An ended trip that left its object is held by it again.
      if (model.archived) model.comeBack();
    }
    await check(model, real);
  }

  toString(): string {
    return `member ${this.#by} has member ${this.#who} go`;
  }
}

export const invite = fc
  .oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: person })
  .map((who) => new Invite(who));
export const join = fc.tuple(fc.nat(4), fc.nat(1)).map((parts) => new Join(...parts));
export const leave = fc.tuple(person, person).map((parts) => new Leave(...parts));
