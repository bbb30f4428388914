/** Pivots from the asking to what comes of them: each is answered once, and its first answer stands. */
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { Trip, TripStatus } from '../core/itinerary/trip.ts';
import { ENDED, type LocalNow } from '../core/itinerary/trip-changes.ts';
import type { PivotBody, PivotOutcome } from '../core/live/messages.ts';
import { pivotResolved, pivotSuggested, toPivotBody } from '../core/live/trip-events.ts';
import { applyPivot, holds } from '../core/pivot/apply-pivot.ts';
import type { PivotOption, PivotRequest, ScoredVenue } from '../core/pivot/pivot.ts';
import { planPivot } from '../core/pivot/plan-pivot.ts';
import { type TripEvent, tripSignal } from '../core/signal/trip-signal.ts';
import type { OutboxMessage } from '../platform/queue/outbox-message.ts';
import { pivotEventJob } from './pivot-event.ts';
import { PivotStore, type Resolution, type StoredPivot } from './pivot-store.ts';
import type { TripKeeper } from './trip-keeper.ts';

export const PIVOT_OPEN_MS = 15 * 60_000;
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

const refuse = (problem: PivotProblem) => ({ ok: false as const, problem });

/** An id of ours that follows from the asker's: theirs is only unique for themselves. */
export const pivotEventId = (tripId: string, userId: string, id: string) =>
  uuidv5(`${tripId}/${userId}/${id}`, NAMESPACE);

export class PivotDesk {
  readonly store: PivotStore;
  readonly #keeper: TripKeeper;
  readonly #now: () => number;
  readonly #localNow: (trip: Trip) => LocalNow;

  constructor(sql: SqlStorage, keeper: TripKeeper, now: () => number, localNow: (trip: Trip) => LocalNow) {
    this.store = new PivotStore(sql);
    this.#keeper = keeper;
    this.#now = now;
    this.#localNow = localNow;
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
    within: (body: PivotBody, seq: number | null) => void = () => {},
  ): PivotAnswer {
    const known = this.asked(trip, userId, ask.id);
    if (known) return known;
    if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
    if (this.store.openCount() >= MOST_OPEN) return refuse({ code: 'too_many_pivots' });
    const { id, note, ...request } = ask;
    const now = this.#localNow(trip);
    const plan = planPivot(trip, request, now, candidates, uuidv7);
    if (plan.reason === 'slot_not_found') return refuse({ code: 'slot_not_found' });

    const eventId = pivotEventId(trip.id, userId, id);
    const askedAt = this.#now();
    const expiresAt = askedAt + PIVOT_OPEN_MS;
    const body = toPivotBody(trip, eventId, plan, expiresAt);
    const pivot: StoredPivot = {
      eventId,
      userId,
      request,
      body,
      options: plan.options,
      now,
      askedAt,
      expiresAt,
      latencyMs: performance.now() - since,
      seq: plan.options.length > 0 ? trip.seq + 1 : null,
      resolution: null,
    };
    // The signal has the pivot's own id: where there is nothing to offer, there is no `seq` for it to follow from.
    const requested = { ...this.#signal(trip, pivot, 'pivot_requested', userId, trip.seq, null), id: eventId };
    const send: OutboxMessage[] = [requested, pivotEventJob(trip.id, pivot)];
    const store = (seq: number | null) => {
      this.store.put(pivot);
      within(body, seq);
    };
    if (pivot.seq === null) this.#keeper.note({ send, within: () => store(null) });
    else {
      const draft = pivotSuggested(userId, request.trigger, request.mood ?? null, note ?? null, body);
      this.#keeper.commit(trip, { ...trip, seq: pivot.seq }, draft, { send, within: store });
    }
    return { ok: true, pivot: body, seq: pivot.seq };
  }

  /** `trip`: the present one. The first answer stands, whoever comes second gets it too. */
  reply(trip: Trip, userId: string, eventId: string, reply: PivotReply): ReplyAnswer {
    const pivot = this.store.find(eventId);
    if (!pivot || pivot.options.length === 0) return refuse({ code: 'pivot_not_found' });
    if (pivot.resolution?.response === 'ignore') return refuse({ code: 'pivot_expired' });
    if (pivot.resolution) return this.#replied(pivot.resolution, eventId);
    if (this.#now() >= pivot.expiresAt) {
      this.#resolve(trip, trip, null, pivot, 'ignore', null);
      return refuse({ code: 'pivot_expired' });
    }
    if (ENDED.has(trip.status)) return refuse({ code: 'trip_ended', status: trip.status });
    if (reply.response === 'dismiss') {
      return this.#replied(this.#resolve(trip, trip, userId, pivot, 'dismiss', null), eventId);
    }
    const option = pivot.options.find(({ id }) => id === reply.optionId);
    if (!option) return refuse({ code: 'option_not_found' });
    if (!holds(trip, option, pivot.now)) return refuse({ code: 'option_no_longer_fits' });
    const applied = applyPivot(trip, option);
    return this.#replied(this.#resolve(trip, applied, userId, pivot, 'accept', option), eventId);
  }

  /** What nobody answered in time counts as ignored. */
  expire(): void {
    for (const pivot of this.store.expired(this.#now())) {
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
    const resolution: Resolution = { response, optionId, seq: after.seq, at: this.#now() };
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
      at: this.#now(),
      slot,
      ...(option && change ? { venueId: change.to ?? change.from } : {}),
      context: { event_id: eventId, trigger, ...(mood ? { mood } : {}) },
    });
  }
}
