/** Pivots from the asking to what comes of them: each is answered once, and its first answer stands. */
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { Trip, TripStatus } from '../core/itinerary/trip.ts';
import { ENDED, type LocalNow } from '../core/itinerary/trip-changes.ts';
import type { PivotBody, PivotOutcome } from '../core/live/messages.ts';
import { pivotResolved, pivotSuggested, toPivotBody } from '../core/live/trip-events.ts';
import { applyPivot, hasBegun, holds } from '../core/pivot/apply-pivot.ts';
import { withReport } from '../core/pivot/closed-venue.ts';
import type { PivotOption, PivotPlan, PivotRequest, ScoredVenue } from '../core/pivot/pivot.ts';
import { planPivot } from '../core/pivot/plan-pivot.ts';
import { type TripEvent, tripSignal } from '../core/signal/trip-signal.ts';
import type { OutboxMessage } from '../platform/queue/outbox-message.ts';
import type { Clock } from './clock.ts';
import { pivotEventJob } from './pivot-event.ts';
import { PivotStore, type Resolution, type StoredPivot } from './pivot-store.ts';
import type { TripKeeper } from './trip-keeper.ts';

const PIVOT_OPEN_MS = 15 * 60_000;
const MOST_OPEN = 20;
const NAMESPACE = '0f4f4b0e-6c0d-4f43-9a3f-8b5f4b8f6a11';

export interface PivotAsk extends PivotRequest {
  /** The asker's own. */
  id: string;
  note?: string | undefined;
}

export interface PivotReply {
  response: 'accept' | 'dismiss';
  optionId?: string | undefined;
}

export type PivotProblem =
  | { code: 'trip_ended'; status: TripStatus }
  | { code: 'slot_not_found' }
  | { code: 'too_many_pivots' }
  | { code: 'pivot_not_found' }
  | { code: 'pivot_expired' }
  | { code: 'option_not_found' }
  | { code: 'option_no_longer_fits' };

export type PivotAnswer = { ok: true; pivot: PivotBody; seq: number | null } | { ok: false; problem: PivotProblem };
export type ReplyAnswer =
  | { ok: true; eventId: string; response: PivotOutcome; optionId: string | null; seq: number; trip: Trip }
  | { ok: false; problem: PivotProblem };

/** A plan on its way to the travellers. */
export interface Offer {
  eventId: string;
  /** Who asked; null: nobody, the product saw it coming. */
  userId: string | null;
  request: PivotRequest;
  note: string | null;
  plan: PivotPlan;
  /** For when the plan was made. */
  now: LocalNow;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** When the asking began, as `performance.now` tells. */
  since: number;
  /** Storage that belongs to the transaction. */
  within: (body: PivotBody, seq: number | null) => void;
}

const refuse = (problem: PivotProblem) => ({ ok: false as const, problem });

/** An id of ours that follows from the asker's: theirs is only unique for themselves. */
export const pivotEventId = (tripId: string, userId: string, id: string) =>
  uuidv5(`${tripId}/${userId}/${id}`, NAMESPACE);

export class PivotDesk {
  readonly store: PivotStore;
  readonly #keeper: TripKeeper;
  readonly #clock: Clock;

  constructor(sql: SqlStorage, keeper: TripKeeper, clock: Clock) {
    this.store = new PivotStore(sql);
    this.#keeper = keeper;
    this.#clock = clock;
  }

  /** Whether so many are open that no other one is made. */
  get isFull(): boolean {
    return this.store.openCount() >= MOST_OPEN;
  }

  /** The first answer, where this was asked before. */
  asked(trip: Trip, userId: string, id: string): PivotAnswer | null {
    const known = this.store.find(pivotEventId(trip.id, userId, id));
    return known && { ok: true, pivot: known.body, seq: known.seq };
  }

  /** `trip`: the present one. `candidates`: for a mood. `since`: when the asking began, as `performance.now` tells. */
  ask(
    trip: Trip,
    userId: string,
    ask: PivotAsk,
    candidates: readonly ScoredVenue[] | null,
    since: number,
    within: Offer['within'] = () => {},
  ): PivotAnswer {
    const known = this.asked(trip, userId, ask.id);
    if (known) return known;
    if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
    if (this.isFull) return refuse({ code: 'too_many_pivots' });
    const { id, note = null, ...request } = ask;
    const now = this.#clock.localNow(trip);
    const reported = withReport(trip, request, now);
    const plan = planPivot(reported, request, now, candidates, uuidv7);
    if (plan.reason === 'slot_not_found') return refuse({ code: 'slot_not_found' });
    const eventId = pivotEventId(trip.id, userId, id);
    const expiresAt = this.#clock.now() + PIVOT_OPEN_MS;
    const { body, seq } = this.offer(trip, reported, {
      eventId,
      userId,
      request,
      note,
      plan,
      now,
      expiresAt,
      since,
      within,
    });
    return { ok: true, pivot: body, seq };
  }

  /**
   * Keeps what is offered until it is answered, and tells the travellers; where there is nothing to offer, it is only kept.
   * `reported`: the present trip, `before`, with what the asker reports.
   */
  offer(before: Trip, reported: Trip, offer: Offer): StoredPivot {
    const { eventId, userId, request, note, plan, now, expiresAt, since, within } = offer;
    const { options } = plan;
    const body = toPivotBody(before, eventId, plan, expiresAt);
    const pivot: StoredPivot = {
      eventId,
      userId,
      byProduct: userId === null,
      request,
      body,
      options,
      now,
      askedAt: this.#clock.now(),
      expiresAt,
      latencyMs: performance.now() - since,
      seq: options.length > 0 ? before.seq + 1 : null,
      resolution: null,
    };
    const send: OutboxMessage[] = [pivotEventJob(before.id, pivot)];
    // The signal has the pivot's own id: where there is nothing to offer, there is no `seq` for it to follow from.
    if (userId) send.push({ ...this.#signal(before, pivot, 'pivot_requested', userId, before.seq, null), id: eventId });
    const store = () => {
      this.store.put(pivot);
      within(body, pivot.seq);
    };
    if (pivot.seq === null) this.#keeper.note({ send, within: store, trip: reported });
    else {
      const draft = pivotSuggested(userId, request.trigger, request.mood ?? null, note, body);
      this.#keeper.commit(before, { ...reported, seq: pivot.seq }, draft, { send, within: store });
    }
    return pivot;
  }

  /** `trip`: the present one. The first answer stands, whoever comes second gets it too. */
  reply(trip: Trip, userId: string, eventId: string, reply: PivotReply): ReplyAnswer {
    const pivot = this.store.find(eventId);
    if (!pivot || pivot.options.length === 0) return refuse({ code: 'pivot_not_found' });
    if (pivot.resolution?.response === 'ignore') return refuse({ code: 'pivot_expired' });
    if (pivot.resolution) return this.#replied(pivot.resolution, eventId);
    if (this.#clock.now() >= pivot.expiresAt) {
      this.#resolve(trip, trip, null, pivot, 'ignore', null);
      return refuse({ code: 'pivot_expired' });
    }
    if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
    if (reply.response === 'dismiss') {
      return this.#replied(this.#resolve(trip, trip, userId, pivot, 'dismiss', null), eventId);
    }
    const option = pivot.options.find(({ id }) => id === reply.optionId);
    if (!option) return refuse({ code: 'option_not_found' });
    // What a traveller asked for may begin at once; what the product suggested has been open for longer.
    const isLate = pivot.byProduct && hasBegun(trip, option, this.#clock.localNow(trip));
    if (isLate || !holds(trip, option, pivot.now)) return refuse({ code: 'option_no_longer_fits' });
    const applied = applyPivot(trip, option);
    return this.#replied(this.#resolve(trip, applied, userId, pivot, 'accept', option), eventId);
  }

  /** What nobody answered in time counts as ignored. */
  expire(): void {
    for (const pivot of this.store.expired(this.#clock.now())) {
      const trip = this.#keeper.here;
      if (trip) this.#resolve(trip, trip, null, pivot, 'ignore', null);
    }
  }

  #replied(resolution: Resolution, eventId: string): ReplyAnswer {
    return { ok: true, eventId, ...resolution, trip: this.#keeper.here! };
  }

  #resolve(
    before: Trip,
    changed: Trip,
    by: string | null,
    pivot: StoredPivot,
    response: PivotOutcome,
    option: PivotOption | null,
  ): Resolution {
    const after = { ...changed, seq: before.seq + 1 };
    const optionId = option?.id ?? null;
    const resolution: Resolution = { response, optionId, seq: after.seq, at: this.#clock.now() };
    const resolved = { ...pivot, resolution };
    const who = by ?? pivot.userId;
    const send: OutboxMessage[] = [pivotEventJob(before.id, resolved)];
    if (who !== null) send.push(this.#signal(before, pivot, `pivot_${response}`, who, after.seq, option));
    const draft = pivotResolved(before, after, by, pivot.eventId, response, optionId);
    this.#keeper.commit(before, after, draft, { send, within: () => this.store.put(resolved) });
    return resolution;
  }

  /** About the slot that the pivot is for, as it stood; of an accepted option, about the venue that it brings. */
  #signal(
    before: Trip,
    { eventId, request: { trigger, mood, slotId }, options }: StoredPivot,
    type: TripEvent['type'],
    userId: string,
    seq: number,
    option: PivotOption | null,
  ) {
    const change = (option ?? options[0])?.changes[0];
    const slot = before.slots.find((candidate) => candidate.id === (change?.slotId ?? slotId)) ?? null;
    return tripSignal(before, {
      type,
      userId,
      seq,
      at: this.#clock.now(),
      slot,
      ...(option && change ? { venueId: change.to ?? change.from } : {}),
      context: { event_id: eventId, trigger, ...(mood ? { mood } : {}) },
    });
  }
}
