/** Pivots: asked for, answered, answered again, answered by two at once. */
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import type { PivotBody } from '../../../../core/live/messages.ts';
import { MOODS, type Mood, PIVOT_TRIGGERS, type PivotTrigger } from '../../../../core/pivot/pivot.ts';
import { check } from './check.ts';
import type { ModelPivot, TripModel } from './model.ts';
import { type Answered, done, type RealTrip } from './real-trip.ts';
import { type Command, person, type Way, way } from './slot-commands.ts';

const SOURCES: Record<PivotTrigger, readonly string[]> = {
  venue_closed: ['fallback'],
  weather: ['fallback'],
  mood: ['search'],
  transit_delay: ['retime'],
  running_late: ['retime'],
  early: ['retime'],
};
const MOST_OPEN = 20;

export interface Asked {
  trigger: PivotTrigger;
  mood: Mood;
  minutes: number;
  /** Null: none is named. */
  nth: number | null;
}

export class AskPivot implements Command {
  readonly #who: number;
  readonly #asked: Asked;
  readonly #way: Way;

  constructor(who: number, asked: Asked, by: Way) {
    this.#who = who;
    this.#asked = asked;
    this.#way = by;
  }

  check(model: Readonly<TripModel>): boolean {
    return model.slots.length > 0;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    const guest = model.who(this.#who);
    const { trigger, mood, minutes, nth } = this.#asked;
    const request = {
      type: 'trigger',
      id: uuidv7(),
      trigger,
      ...(nth === null ? {} : { slot_id: model.slots[nth % model.slots.length]!.id }),
      ...(trigger === 'mood' ? { mood } : {}),
      ...(trigger === 'transit_delay' || trigger === 'running_late' ? { delay_minutes: minutes } : {}),
      ...(trigger === 'early' ? { early_minutes: minutes } : {}),
    } as const;
    let expected: string | null = null;
    if (!model.isMember(guest.id)) expected = 'trip_not_found';
    else if (model.ended) expected = 'trip_ended';
    else if (model.openPivots().length >= MOST_OPEN) expected = 'too_many_pivots';
    const { type: _, ...json } = request;
    const answer =
      this.#way === 'http' ? await real.http(guest, 'POST', '/pivot', json) : await real.tell(guest, model, request);
    expect(answer.code).toBe(expected);
    if (done(answer)) {
      const body: PivotBody = this.#way === 'http' ? answer.body : answer.body.pivot;
      await this.#follow(model, real, guest.id, request, body);
    }
    await check(model, real);
  }

  async #follow(
    model: TripModel,
    real: RealTrip,
    asker: string,
    request: ModelPivot['request'],
    body: PivotBody,
  ): Promise<void> {
    expect(SOURCES[request.trigger]).toContain(body.source);
    expect(body.options.length).toBeLessThanOrEqual(3);
    expect(body.reason === null).toBe(body.options.length > 0);
    for (const { changes } of body.options) {
      const slots = changes.map(({ slot_id }) => model.slots.find(({ id }) => id === slot_id)!);
      expect(new Set(slots.map(({ day }) => day)).size, 'one day').toBe(1);
      for (const { status } of slots) expect(['locked', 'skipped']).not.toContain(status);
    }
    const before = real.replica.days;
    if (body.options.length > 0) {
      const event = await real.event(model, 'pivot_suggested');
      expect(event).toMatchObject({ ...body, by: asker, trigger: request.trigger });
    }
    expect(real.replica.days, 'asking changes nothing').toEqual(before);
    // What is reported closed, nobody is led to any more.
    if (request.trigger === 'venue_closed') model.changes += 1;
    model.pivots.push({ asker, request, body, changes: model.changes, forgotten: false, resolution: null });
    model.signals.push('pivot_requested');
  }

  toString(): string {
    const { trigger, mood, minutes, nth } = this.#asked;
    return `${this.#way}: member ${this.#who} triggers ${trigger} (${mood}, ${minutes}) of slot ${nth}`;
  }
}

export interface Reply {
  who: number;
  by: Way;
  response: 'accept' | 'dismiss';
  option: number;
}

/** Why it must be refused; null where it must be done; undefined where the option may have been overtaken. */
function verdict(model: TripModel, userId: string, pivot: ModelPivot, { response, option }: Reply) {
  if (!model.isMember(userId)) return 'trip_not_found';
  if (pivot.forgotten || pivot.body.options.length === 0) return 'pivot_not_found';
  if (pivot.resolution) return pivot.resolution.response === 'ignore' ? 'pivot_expired' : null;
  if (model.ended) return 'trip_ended';
  if (response === 'dismiss') return null;
  const chosen = pivot.body.options[option % pivot.body.options.length]!;
  const stands = chosen.changes.every(({ slot_id, from }) => {
    const slot = model.slots.find(({ id }) => id === slot_id);
    return slot?.venueId === from && slot.status !== 'locked' && slot.status !== 'skipped';
  });
  if (!stands) return 'option_no_longer_fits';
  return model.changes === pivot.changes ? null : undefined;
}

async function send(model: TripModel, real: RealTrip, pivot: ModelPivot, reply: Reply): Promise<Answered> {
  const guest = model.who(reply.who);
  const { event_id, options } = pivot.body;
  // Of a pivot without options there is none to name.
  const option_id = options[reply.option % Math.max(1, options.length)]?.id ?? uuidv7();
  if (reply.by === 'http') {
    const json = reply.response === 'accept' ? { response: 'accept', option_id } : { response: 'dismiss' };
    return real.http(guest, 'POST', `/pivot/${event_id}`, json);
  }
  const id = uuidv7();
  const said =
    reply.response === 'accept'
      ? ({ type: 'accept', id, event_id, option_id } as const)
      : ({ type: 'dismiss', id, event_id } as const);
  const answer = await real.tell(guest, model, said);
  return answer.code === null ? { code: null, body: { ...answer.body.outcome, seq: answer.body.seq } } : answer;
}

/** One answer, or several at once. */
export class AnswerPivot implements Command {
  readonly #nth: number;
  readonly #replies: readonly Reply[];

  constructor(nth: number, replies: readonly Reply[]) {
    this.#nth = nth;
    this.#replies = replies;
  }

  check(model: Readonly<TripModel>): boolean {
    return model.pivots.length > 0;
  }

  async run(model: TripModel, real: RealTrip): Promise<void> {
    // The latest first: shrinking leads there.
    const pivot = model.pivots.at(-1 - (this.#nth % model.pivots.length))!;
    const wasOpen = pivot.resolution === null;
    const expected = this.#replies.map((reply) => verdict(model, model.who(reply.who).id, pivot, reply));
    const answers = await Promise.all(this.#replies.map((reply) => send(model, real, pivot, reply)));
    const taken = answers.filter(done).map(({ body: { event_id, response, option_id, seq } }) => {
      expect(event_id).toBe(pivot.body.event_id);
      return { response, optionId: option_id, seq };
    });
    if (wasOpen && taken[0]) await this.#follow(model, real, pivot);
    for (const outcome of taken) expect(outcome, 'the first answer stands').toEqual(pivot.resolution);
    for (const [i, { code }] of answers.entries()) {
      const overtaken = expected[i] === undefined || (expected.length > 1 && expected[i] === 'option_no_longer_fits');
      if (overtaken) expect([null, 'option_no_longer_fits']).toContain(code);
      else expect(code).toBe(expected[i]);
    }
    await check(model, real);
  }

  async #follow(model: TripModel, real: RealTrip, pivot: ModelPivot): Promise<void> {
    const before = real.replica.days;
    const event = await real.event(model, 'pivot_resolved');
    const { event_id, response, option_id, seq, by } = event;
    expect(event_id).toBe(pivot.body.event_id);
    expect(this.#replies.some((reply) => reply.response === response && model.who(reply.who).id === by)).toBe(true);
    pivot.resolution = { response, optionId: option_id, seq };
    model.signals.push(`pivot_${response}`);
    if (response !== 'accept') {
      expect(real.replica.days, 'who dismisses changes nothing').toEqual(before);
      return;
    }
    const { changes } = pivot.body.options.find(({ id }) => id === option_id)!;
    for (const { slot_id, from, to, starts_at, ends_at } of changes) {
      const slot = model.slots.find(({ id }) => id === slot_id)!;
      if (to === null) slot.status = 'skipped';
      else {
        Object.assign(slot, { venueId: to, startsAt: starts_at, endsAt: ends_at });
        if (to !== from) slot.status = 'swapped';
      }
    }
    const { day } = model.slots.find(({ id }) => id === changes[0]!.slot_id)!;
    const others = (days: typeof before) => days.filter((other) => other.day !== day);
    expect(others(real.replica.days), 'a pivot leaves the other days alone').toEqual(others(before));
    model.changes += 1;
  }

  toString(): string {
    const replies = this.#replies.map(({ who, by, response, option }) => `${by}: ${who} ${response}s ${option}`);
    return `pivot ${this.#nth} is answered [${replies.join(' | ')}]`;
  }
}

const reply = fc.record<Reply>({
  who: person,
  by: way,
  response: fc.constantFrom('accept', 'accept', 'dismiss'),
  option: fc.nat(2),
});

export const askPivot = fc
  .tuple(
    person,
    fc.record<Asked>({
      trigger: fc.constantFrom(...PIVOT_TRIGGERS),
      mood: fc.constantFrom(...MOODS),
      minutes: fc.integer({ min: 5, max: 240 }),
      nth: fc.option(fc.nat(14)),
    }),
    way,
  )
  .map((parts) => new AskPivot(...parts));

export const answerPivot = fc
  .tuple(fc.nat(3), fc.array(reply, { minLength: 1, maxLength: 3, size: 'max' }))
  .map(([nth, replies]) => new AnswerPivot(nth, replies));
