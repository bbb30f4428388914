import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Party } from '../../../core/ranking/party-fit.ts';
import { MAX_CANDIDATES } from '../../../core/ranking/ranker.ts';
import { RETRIEVED, selectCandidates } from '../../../core/ranking/retrieval.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { someVenue } from './fixtures/venues.ts';

const COUPLE: Party = { kind: 'couple', size: 2 };

/** Venues in the order of their similarity, from 0.9 on in steps of 0.001. */
function select(venues: Partial<Venue>[], { party = COUPLE, onDate = '2026-06-01' } = {}): string[] {
  const records = venues.map((fields, i) => someVenue({ id: `v${String(i).padStart(3, '0')}`, ...fields }));
  const hits = records.map(({ id }, i) => ({ id, similarity: 0.9 - i / 1000 }));
  const byId = new Map(records.map((venue) => [venue.id, venue]));
  return selectCandidates(hits, byId, party, onDate, 'high').map((venue) => venue.id);
}

describe('the candidates of a ranking', () => {
  it('are the best 200, or all that there are', () => {
    expect(select(Array.from({ length: 320 }, () => ({})))).toEqual(
      Array.from({ length: 200 }, (_, i) => `v${String(i).padStart(3, '0')}`),
    );
    expect(select(Array.from({ length: 7 }, () => ({})))).toHaveLength(7);
    expect(select([])).toEqual([]);
    expect(MAX_CANDIDATES).toBe(200);
    expect(RETRIEVED).toBeGreaterThan(MAX_CANDIDATES);
  });

  it('are filled up from behind where some do not qualify', () => {
    const bars = Array.from({ length: 320 }, (_, i) => (i < 100 ? { category: 'bar' as const } : {}));
    expect(select(bars, { party: { kind: 'family', size: 3 } })).toHaveLength(200);
  });

  it('hold overrated places, behind those that are as near', () => {
    expect(select([{ id: 'trap', overrated: true }, {}, {}])).toEqual(['v001', 'v002', 'trap']);
    const alone = select([{ id: 'trap', overrated: true }]);
    expect(alone).toEqual(['trap']);
  });

  it('take the party', () => {
    const venues = [
      { category: 'bar' as const },
      { vibeTags: ['adults-only' as const] },
      {},
      { vibeTags: ['counter-seating' as const] },
    ];
    expect(select(venues, { party: { kind: 'family', size: 4 } })).toEqual(['v002', 'v003']);
    expect(select(venues, { party: { kind: 'friends', size: 6 } })).toEqual(['v000', 'v001', 'v002']);
  });

  it('are not closed for good on the first day', () => {
    const venues = [
      { closedAt: '2026-05-01' },
      { closedAt: '2026-06-01' },
      { closedAt: '2026-06-02' },
      { closedAt: null },
    ];
    expect(select(venues)).toEqual(['v002', 'v003']);
  });

  it('leave out what the index knows and the database does not', () => {
    expect(selectCandidates([{ id: 'ghost', similarity: 1 }], new Map(), COUPLE, '2026-06-01', 'high')).toEqual([]);
  });

  it('come in one order, whatever the order of the hits', () => {
    const anyHits = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 99 }).map(String), similarity: fc.constantFrom(0.1, 0.2, 0.3, 0.55) }),
      { selector: (hit) => hit.id },
    );
    fc.assert(
      fc.property(
        anyHits.chain((hits) => fc.tuple(fc.constant(hits), fc.shuffledSubarray(hits, { minLength: hits.length }))),
        ([hits, shuffled]) => {
          const byId = new Map(hits.map(({ id }) => [id, someVenue({ id, overrated: Number(id) % 3 === 0 })]));
          const order = (list: typeof hits) =>
            selectCandidates(list, byId, COUPLE, '2026-06-01', 'high').map((venue) => venue.id);
          expect(order(shuffled)).toEqual(order(hits));
        },
      ),
    );
  });
});
