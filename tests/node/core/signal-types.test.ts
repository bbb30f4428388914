import { describe, expect, it } from 'vitest';
import {
  CLIENT_SIGNAL_TYPES,
  mayCount,
  SIGNAL_SOURCES,
  SYSTEM_SIGNAL_TYPES,
  sourceOf,
  trainingFactor,
  weightOf,
} from '../../../core/signal/signal.ts';
import { isStrongNegative, SIGNAL_THRESHOLDS, verdictsOf } from '../../../core/signal/verdict.ts';

const venueId = 'v';
const judged = { type: 'slot_skip', venueId, timeToActionMs: null, context: {} } as const;

describe('signals', () => {
  it('have the canonical names', () => {
    expect([...CLIENT_SIGNAL_TYPES].sort()).toEqual(
      [
        ...['slot_view', 'slot_accept', 'slot_skip', 'slot_swap', 'slot_linger', 'thumbs_up', 'thumbs_down'],
        ...['pivot_accept', 'pivot_dismiss', 'pivot_ignore', 'discovery_swipe', 'post_trip', 'intention'],
      ].sort(),
    );
    expect(SYSTEM_SIGNAL_TYPES).toEqual(['candidate_set_logged', 'pivot_requested']);
  });

  it('weigh 1 from the app, 0.3 from backfill, and nothing as notes of the system', () => {
    expect(weightOf('user_behavioral')).toBe(1);
    expect(weightOf('backfill_tier_1')).toBe(0.3);
    expect(weightOf('system')).toBe(0);
  });

  it('are multiplied in persona training by where they come from', () => {
    expect(trainingFactor('user_behavioral', true)).toBe(1);
    expect(trainingFactor('user_behavioral', false)).toBe(0.5);
    expect(trainingFactor('backfill_tier_1', true)).toBe(0.8);
    for (const source of ['synthetic_agent_v1', 'synthetic_choice_model_v1', 'real_user_derived'] as const) {
      expect(trainingFactor(source, true, 499)).toBe(0.3);
      expect(trainingFactor(source, true, 500)).toBe(0);
    }
  });

  it('count in eight types, from the traveller in the app, and never otherwise', () => {
    const counting = CLIENT_SIGNAL_TYPES.filter((type) => mayCount(type, 'user_behavioral'));
    expect([...counting].sort()).toEqual(
      [
        ...['slot_accept', 'slot_skip', 'slot_swap', 'slot_linger'],
        ...['pivot_accept', 'pivot_dismiss', 'thumbs_up', 'thumbs_down'],
      ].sort(),
    );
    for (const type of [...CLIENT_SIGNAL_TYPES, ...SYSTEM_SIGNAL_TYPES]) {
      for (const source of SIGNAL_SOURCES) {
        if (source !== 'user_behavioral') expect(mayCount(type, source), `${type} of ${source}`).toBe(false);
      }
    }
    for (const type of SYSTEM_SIGNAL_TYPES) expect(mayCount(type, 'user_behavioral')).toBe(false);
  });

  it('of the system are ascribed to it', () => {
    expect(sourceOf('pivot_requested')).toBe('system');
    expect(sourceOf('slot_accept')).toBe('user_behavioral');
  });
});

describe('a fast skip', () => {
  const { fastSkipMs } = SIGNAL_THRESHOLDS;

  it('is a strong negative below the threshold, and only there', () => {
    const skip = (timeToActionMs: number | null) => isStrongNegative({ type: 'slot_skip', timeToActionMs });
    expect([skip(0), skip(fastSkipMs - 1), skip(fastSkipMs), skip(null)]).toEqual([true, true, false, false]);
    expect(isStrongNegative({ type: 'slot_accept', timeToActionMs: 0 })).toBe(false);
    expect(isStrongNegative({ type: 'slot_skip', timeToActionMs: 50 }, { fastSkipMs: 50 })).toBe(false);
  });

  it('says no as clearly as a thumb down, and more clearly than a slow one', () => {
    const strength = (timeToActionMs: number | null) => verdictsOf({ ...judged, timeToActionMs })[0]?.strength;
    expect(strength(100)).toBe(verdictsOf({ ...judged, type: 'thumbs_down' })[0]?.strength);
    expect(strength(100)).toBeGreaterThan(strength(60_000)!);
  });
});

describe('a verdict', () => {
  it.each([
    ['slot_accept', true],
    ['pivot_accept', true],
    ['thumbs_up', true],
    ['slot_linger', true],
    ['slot_skip', false],
    ['slot_swap', false],
    ['pivot_dismiss', false],
    ['thumbs_down', false],
  ] as const)('of %s is accepted: %s', (type, accepted) => {
    expect(verdictsOf({ ...judged, type })).toMatchObject([{ venueId, accepted }]);
  });

  it('of a swap is one on each of the two venues', () => {
    const swap = { ...judged, type: 'slot_swap', context: { replacement_venue_id: 'w' } } as const;
    expect(verdictsOf(swap).map((v) => [v.venueId, v.accepted])).toEqual([
      ['v', false],
      ['w', true],
    ]);
  });

  it('of a swipe follows its direction, of a rating its distance from the middle', () => {
    const of = (type: 'discovery_swipe' | 'post_trip', context: object) =>
      verdictsOf({ ...judged, type, context: { ...context } }).map((v) => (v.accepted ? v.strength : -v.strength));
    expect(of('discovery_swipe', { direction: 'right' })[0]).toBeGreaterThan(0);
    expect(of('discovery_swipe', { direction: 'left' })[0]).toBeLessThan(0);
    expect(of('discovery_swipe', { direction: 'up' })).toEqual([]);
    expect([5, 4, 3, 2, 1].map((rating) => of('post_trip', { rating })[0] ?? 0)).toEqual([1, 0.5, 0, -0.5, -1]);
    expect(of('post_trip', { rating: 17 })).toEqual([]);
  });

  it('is none of views, of intentions, and of what names no venue', () => {
    for (const type of ['slot_view', 'pivot_ignore', 'intention', 'candidate_set_logged', 'pivot_requested'] as const) {
      expect(verdictsOf({ ...judged, type })).toEqual([]);
    }
    expect(verdictsOf({ ...judged, venueId: null })).toEqual([]);
  });
});
