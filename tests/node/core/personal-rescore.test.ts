import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { personalScores } from '../../../core/ranking/offline-ranker.ts';
import { rescore } from '../../../core/ranking/personal-rescore.ts';
import type { Ranking } from '../../../core/ranking/ranker.ts';
import { listed, moment } from './fixtures/moments.ts';
import { someVenue, venuesOf } from './fixtures/venues.ts';

const PERSONA = personaFromTags({ food: ['ramen'], pace: ['slow'] });
const CANDIDATES = venuesOf('seattle').slice(0, 60);
const OWN = personalScores({ persona: PERSONA, candidates: CANDIDATES }, [moment()])[0]!;
const id = (i: number) => CANDIDATES[i]!.id;
const score = (archetypeRanking: Ranking, i: number) =>
  rescore(PERSONA, CANDIDATES, [{ context: moment(), archetypeRanking }])[0]!.scores[i]!;

describe('the personal re-score', () => {
  it('is pure: the same inputs give the same list, and stay as they are', () => {
    const archetypeRanking = listed([id(3), id(1), id(2)], 0.8);
    const before = JSON.stringify([archetypeRanking, CANDIDATES, PERSONA]);
    const once = rescore(PERSONA, CANDIDATES, [{ context: moment(), archetypeRanking }]);
    const again = rescore(PERSONA, CANDIDATES, [{ context: moment(), archetypeRanking }]);
    expect(again).toEqual(once);
    expect(JSON.stringify([archetypeRanking, CANDIDATES, PERSONA])).toBe(before);
  });

  it('has a score in [0, 1] for every candidate, and orders them all, best first', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          CANDIDATES.map((venue) => venue.id),
          { maxLength: 30 },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ids, confidence) => {
          const [{ scores, order } = { scores: [], order: [] }] = rescore(PERSONA, CANDIDATES, [
            { context: moment(), archetypeRanking: listed(ids, confidence) },
          ]);
          expect(order.toSorted((a, b) => a - b)).toEqual(CANDIDATES.map((_, i) => i));
          for (const value of scores) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
          order.forEach((candidate, i) => {
            if (i > 0) expect(scores[candidate]).toBeLessThanOrEqual(scores[order[i - 1]!]!);
          });
        },
      ),
    );
  });

  it('lifts a place more the higher it is listed', () => {
    const ids = CANDIDATES.slice(0, 10).map((venue) => venue.id);
    const at = (position: number) => score(listed(ids.filter((one) => one !== id(5)).toSpliced(position, 0, id(5))), 5);
    expect(at(0)).toBeGreaterThan(at(4));
    expect(at(4)).toBeGreaterThan(at(9));
  });

  it('lets the list decide more the surer it is, of the place and as a whole', () => {
    const worst = OWN.indexOf(Math.min(...OWN));
    const lift = (item: number, list: number) => {
      const ranking = listed([id(worst)], item);
      return score({ ...ranking, confidence: list }, worst) - OWN[worst]!;
    };
    expect(lift(1, 1)).toBeGreaterThan(lift(0.5, 1));
    expect(lift(1, 1)).toBeGreaterThan(lift(1, 0.5));
    expect(lift(0, 1)).toBeCloseTo(0, 12);
  });

  it('follows its formula', () => {
    const ranking = listed([id(7), id(8)], 0.6);
    const weight = 0.4 * 0.6 * (0.5 + 0.6 / 2);
    expect(score(ranking, 7)).toBeCloseTo((1 - weight) * OWN[7]! + weight, 12);
    expect(score(ranking, 8)).toBeCloseTo((1 - weight) * OWN[8]! + weight * 0.75, 12);
    expect(score(ranking, 9)).toBeCloseTo(0.8 * OWN[9]!, 12);
  });

  it('ignores what the list names and the traveller has no candidate for', () => {
    expect(score(listed(['elsewhere', id(1)]), 1)).toBeLessThan(score(listed([id(1), 'elsewhere']), 1));
    expect(
      rescore(PERSONA, CANDIDATES, [{ context: moment(), archetypeRanking: listed(['elsewhere']) }])[0]!.order,
    ).toHaveLength(60);
  });

  it('keeps the order of the traveller where no list is given, ties by id', () => {
    const twins = ['b', 'a'].map((twin) => someVenue({ id: twin }));
    const [{ order } = { order: [] }] = rescore(PERSONA, twins, [{ context: moment(), archetypeRanking: listed([]) }]);
    expect(order).toEqual([1, 0]);
  });

  it('scores each moment for itself', () => {
    const moments = (['morning', 'evening'] as const).map((dayPart) => ({
      context: moment({ dayPart }),
      archetypeRanking: listed([id(0)]),
    }));
    const [morning, evening] = rescore(PERSONA, CANDIDATES, moments);
    expect(morning!.context.dayPart).toBe('morning');
    expect(evening!.scores).not.toEqual(morning!.scores);
    expect(evening).toEqual(rescore(PERSONA, CANDIDATES, [moments[1]!])[0]);
  });
});
