import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { makePersona, personaFromTags } from '../../../core/persona/persona.ts';
import { explainScore, OfflineRanker, personalScores, rankOffline } from '../../../core/ranking/offline-ranker.ts';
import { BUDGET_BANDS, DAY_PARTS, MAX_RANKED, PARTY_KINDS } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';
import { moment } from './fixtures/moments.ts';
import { someVenue, venuesOf } from './fixtures/venues.ts';

const SEATTLE = venuesOf('seattle').slice(0, 200);
const NOBODY = personaFromTags({});
const anyDimensions = fc.record(
  Object.fromEntries(DIMENSION_NAMES.map((name) => [name, fc.double({ min: 0, max: 1, noNaN: true })])),
) as fc.Arbitrary<Dimensions>;
const anyPersona = fc
  .tuple(anyDimensions, fc.uniqueArray(fc.constantFrom(...VIBE_TAG_NAMES), { maxLength: 8 }))
  .map(([dimensions, interests]) => makePersona(dimensions, interests));
const anyMoment = fc.record({
  dayPart: fc.constantFrom(...DAY_PARTS),
  tripDay: fc.integer({ min: 1, max: 5 }),
  partyKind: fc.constantFrom(...PARTY_KINDS),
  partySize: fc.integer({ min: 1, max: 12 }),
  budgetBand: fc.constantFrom(...BUDGET_BANDS),
});
const anyCandidates = fc.shuffledSubarray(SEATTLE, { minLength: 1, maxLength: 60 });

describe('the offline ranker', () => {
  it('gives at most 30 of the candidates, best first, none twice, never none', () => {
    fc.assert(
      fc.property(anyPersona, anyCandidates, anyMoment, (persona, candidates, context) => {
        const [{ ranked, confidence } = { ranked: [], confidence: -1 }] = rankOffline({ persona, candidates }, [
          context,
        ]);
        expect(ranked).toHaveLength(Math.min(MAX_RANKED, candidates.length));
        expect(MAX_RANKED).toBe(30);
        const ids = ranked.map((item) => item.venueId);
        expect(new Set(ids).size).toBe(ids.length);
        const offered = new Set(candidates.map((venue) => venue.id));
        for (const id of ids) expect(offered.has(id)).toBe(true);
        ranked.forEach(({ score, ...item }, i) => {
          expect(score).toBeGreaterThan(0);
          expect(score).toBeLessThan(1);
          expect(item.confidence).toBeLessThanOrEqual(1);
          if (i > 0) expect(score).toBeLessThanOrEqual(ranked[i - 1]!.score);
        });
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives the best of all candidates', () => {
    const scores = personalScores({ persona: NOBODY, candidates: SEATTLE }, [moment()])[0]!;
    const best = [...scores].toSorted((a, b) => b - a).slice(0, MAX_RANKED);
    const [{ ranked } = { ranked: [] }] = rankOffline({ persona: NOBODY, candidates: SEATTLE }, [moment()]);
    expect(ranked.map((item) => item.score)).toEqual(best);
  });

  it('gives the same list for the same question, in whatever order the candidates come', () => {
    fc.assert(
      fc.property(anyPersona, anyCandidates, anyMoment, (persona, candidates, context) => {
        const [one] = rankOffline({ persona, candidates }, [context]);
        const [other] = rankOffline({ persona, candidates: candidates.toReversed() }, [context]);
        expect(other).toEqual(one);
      }),
    );
  });

  it('gives equal venues in the order of their ids', () => {
    const twins = ['b', 'c', 'a'].map((id) => someVenue({ id }));
    const [{ ranked } = { ranked: [] }] = rankOffline({ persona: NOBODY, candidates: twins }, [moment()]);
    expect(ranked.map((item) => item.venueId)).toEqual(['a', 'b', 'c']);
  });

  it('ranks many moments as it ranks each', async () => {
    const contexts = DAY_PARTS.map((dayPart) => moment({ dayPart }));
    const together = rankOffline({ persona: NOBODY, candidates: SEATTLE }, contexts);
    for (const [i, context] of contexts.entries()) {
      const alone = await new OfflineRanker().rank({
        cityName: 'Seattle',
        persona: NOBODY,
        candidates: SEATTLE,
        context,
      });
      expect(together[i]).toEqual(alone);
    }
  });

  it('says what it is', async () => {
    const ranker = new OfflineRanker();
    const answer = await ranker.rank({ cityName: 'Seattle', persona: NOBODY, candidates: SEATTLE, context: moment() });
    expect([ranker.source, answer.source]).toEqual(['offline', 'offline']);
    expect(answer.modelVersion).toBe(ranker.modelVersion);
    expect(answer.modelVersion).toMatch(/^offline-ranker@\d+$/);
  });

  it('gives an empty list for nothing to rank', () => {
    expect(rankOffline({ persona: NOBODY, candidates: [] }, [moment()])).toMatchObject([{ ranked: [], confidence: 0 }]);
  });
});

describe('its score', () => {
  const score = (
    venue: Partial<Venue>,
    dimensions: Partial<Dimensions> = {},
    context = moment(),
    tags = [] as never[],
  ) =>
    explainScore(someVenue(venue), { persona: makePersona({ ...NEUTRAL_DIMENSIONS, ...dimensions }, tags), context })
      .score;

  it('differs for travellers who differ in one dimension', () => {
    for (const name of DIMENSION_NAMES) {
      const list = (value: number) =>
        DAY_PARTS.map((dayPart) => {
          const persona = makePersona({ ...NEUTRAL_DIMENSIONS, [name]: value }, []);
          return rankOffline({ persona, candidates: SEATTLE }, [moment({ dayPart })])[0]!.ranked.map(
            (item) => item.venueId,
          );
        });
      expect(list(0.95), name).not.toEqual(list(0.05));
    }
  });

  it('follows what locals and tourists say, to the side that the traveller leans', () => {
    const local = { localScore: 0.8, touristScore: 0.2 };
    const touristy = { localScore: 0.2, touristScore: 0.8 };
    const hunter = { local_vs_tourist_bias: 0.95 };
    const sightseer = { local_vs_tourist_bias: 0.05, crowd_tolerance: 1 };
    expect(score(local, hunter)).toBeGreaterThan(score(touristy, hunter));
    expect(score(touristy, sightseer)).toBeGreaterThan(score(local, sightseer));
  });

  it('sinks for overrated places and rises with corroboration', () => {
    expect(score({ overrated: true })).toBeLessThan(score({}));
    expect(score({ crossRefConfidence: 0.9 })).toBeGreaterThan(score({ crossRefConfidence: 0.1 }));
  });

  it('minds the price more on a low budget, and more for those who mind', () => {
    const loss = (fields: Partial<Dimensions>, budgetBand: 'low' | 'high') =>
      score({ priceLevel: 1 }, fields, moment({ budgetBand })) -
      score({ priceLevel: 3 }, fields, moment({ budgetBand }));
    expect(loss({}, 'low')).toBeGreaterThan(loss({}, 'high'));
    expect(loss({ cost_sensitivity: 1 }, 'low')).toBeGreaterThan(loss({ cost_sensitivity: 0 }, 'low'));
  });

  it('puts a bar into the evening and a cafe into the morning', () => {
    const at = (category: Venue['category'], dayPart: 'morning' | 'evening') =>
      score({ category }, {}, moment({ dayPart }));
    expect(at('bar', 'evening')).toBeGreaterThan(at('bar', 'morning'));
    expect(at('cafe', 'morning')).toBeGreaterThan(at('cafe', 'evening'));
  });

  it('asks for less energy on the third day than on the first', () => {
    const gain = (tripDay: number) =>
      score({ energy: 0.2 }, {}, moment({ tripDay })) - score({ energy: 0.9 }, {}, moment({ tripDay }));
    expect(gain(3)).toBeGreaterThan(gain(1));
    expect(gain(5)).toBeGreaterThan(gain(3));
  });

  it('knows who is travelling', () => {
    const family = moment({ partyKind: 'family', partySize: 4 });
    expect(score({ vibeTags: ['kid-friendly'] }, {}, family)).toBeGreaterThan(score({ vibeTags: ['kid-friendly'] }));
    expect(score({ vibeTags: ['romantic'] })).toBeGreaterThan(
      score({ vibeTags: ['romantic'] }, {}, moment({ partyKind: 'solo' })),
    );
  });

  it('rises where the venue has what was asked for by name', () => {
    const asked = (interests: Venue['vibeTags']) =>
      explainScore(someVenue({ vibeTags: ['ramen'] }), {
        persona: makePersona(NEUTRAL_DIMENSIONS, interests),
        context: moment(),
      });
    expect(asked(['ramen']).score).toBeGreaterThan(asked([]).score);
    expect(asked(['ramen']).features.interests).toBeCloseTo(0.6, 10);
    expect(asked(['jazz']).features.interests).toBe(0);
  });
});
