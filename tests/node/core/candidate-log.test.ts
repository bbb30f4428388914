import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES } from '../../../core/persona/dimensions.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { rankedTripDay } from '../../../core/ranking/cache-key.ts';
import { featureSnapshot, fullCandidateSet, type LoggedMoment } from '../../../core/ranking/candidate-log.ts';
import { rescore } from '../../../core/ranking/personal-rescore.ts';
import { DAY_PARTS, RANKED_TRIP_DAYS } from '../../../core/ranking/ranker.ts';
import { listed, moment } from './fixtures/moments.ts';
import { someVenue } from './fixtures/venues.ts';

/** A queue message, and with it a row that must travel through one, holds 128 KB. */
const ROOM_BYTES = 128 * 1000;
const uuid = (i: number) => `0197a000-0000-7000-8000-${String(i).padStart(12, '0')}`;
const PERSONA = personaFromTags({ food: ['ramen'] });

/** A trip of `days` over `count` candidates, four of them shown at each moment. */
function logged(count: number, days: number) {
  const candidates = Array.from({ length: count }, (_, i) => someVenue({ id: uuid(i), energy: (i % 10) / 10 }));
  const contexts = Array.from({ length: RANKED_TRIP_DAYS }, (_, day) =>
    DAY_PARTS.map((dayPart) => moment({ dayPart, tripDay: day + 1 })),
  ).flat();
  const scored = rescore(
    PERSONA,
    candidates,
    contexts.map((context) => ({ context, archetypeRanking: listed([uuid(0)]) })),
  );
  const moments = Array.from({ length: days }, (_, day) =>
    DAY_PARTS.map((_, part): LoggedMoment => {
      const list = (rankedTripDay(day + 1) - 1) * DAY_PARTS.length + part;
      const shown = new Set([0, 1, 2, 3].map((step) => uuid((day * 12 + part * 4 + step) % count)));
      return { rankingEventId: uuid(10_000 + day * 3 + part), dayNumber: day + 1, scored: scored[list]!, shown };
    }),
  ).flat();
  return { candidates, moments, set: fullCandidateSet(candidates, moments) };
}

describe('the candidate log', () => {
  const { candidates, moments, set } = logged(200, 30);

  it('holds every candidate, once, with its score at every moment', () => {
    expect(set.venue_ids).toEqual(candidates.map((venue) => venue.id));
    expect(set.rankings).toHaveLength(90);
    set.rankings.forEach((ranking, m) => {
      const { scored, rankingEventId, dayNumber } = moments[m]!;
      expect(ranking).toMatchObject({
        ranking_event_id: rankingEventId,
        day_number: dayNumber,
        day_part: scored.context.dayPart,
      });
      const scores = set.scores[ranking.scores]!;
      expect(scores).toHaveLength(200);
      scores.forEach((score, i) => {
        expect(Math.abs(score - scored.scores[i]!)).toBeLessThanOrEqual(0.00005);
      });
    });
  });

  it('gives the probability of each: 1 for what was shown, 0 for all else', () => {
    set.rankings.forEach((ranking, m) => {
      expect(new Set(ranking.shown.map((i) => set.venue_ids[i]))).toEqual(moments[m]!.shown);
      expect(ranking.propensity).toEqual({ shown: 1, other: 0 });
    });
  });

  it('writes the list of equal moments once', () => {
    expect(set.scores).toHaveLength(15);
    const of = (day: number) => set.rankings.filter((r) => r.day_number === day).map((r) => r.scores);
    expect(of(17)).toEqual(of(5));
    expect(of(4)).not.toEqual(of(5));
  });

  it('stays under 128 KB for 200 candidates and 30 days', () => {
    expect(Buffer.byteLength(JSON.stringify(set))).toBeLessThan(ROOM_BYTES);
  });

  it('survives JSON, and holds an empty moment', () => {
    expect(JSON.parse(JSON.stringify(set))).toEqual(set);
    const nothing = fullCandidateSet(candidates, [{ ...moments[0]!, shown: new Set() }]);
    expect(nothing.rankings[0]!.shown).toEqual([]);
  });
});

describe('the feature snapshot', () => {
  const of = (affinities: readonly string[]) =>
    featureSnapshot(
      PERSONA,
      moment({ dayPart: 'evening', tripDay: 3 }),
      { citySlug: 'seattle', version: 'abc' },
      affinities,
    );
  const snapshot = of([]);

  it('holds persona, context and catalogue, each with its version', () => {
    expect(snapshot).toMatchObject({
      v: 1,
      rescore_version: expect.stringMatching(/^personal-rescore@\d+$/),
      persona: { interests: ['ramen'] },
      context: { day_part: 'evening', trip_day: 3, party_kind: 'couple', party_size: 2, budget_band: 'mid' },
      catalogue: { city: 'seattle', version: 'abc' },
    });
  });

  it('holds every dimension and the three nearest archetypes', () => {
    const { dimensions, nearest_archetypes } = snapshot.persona as Record<string, object[]>;
    expect(Object.keys(dimensions!)).toEqual([...DIMENSION_NAMES]);
    expect(nearest_archetypes).toHaveLength(3);
  });

  it('names what lifted the scores, where anything did', () => {
    expect(Object.keys(snapshot)).not.toContain('affinity_versions');
    expect(of(['archetype-affinity@1a2b3c4d'])).toEqual({
      ...snapshot,
      affinity_versions: ['archetype-affinity@1a2b3c4d'],
    });
  });

  it('holds nothing that leads to the person', () => {
    expect(JSON.stringify(snapshot)).not.toMatch(/user|actor|subject|description|embedding/);
  });
});
