import { describe, expect, it } from 'vitest';
import { acceptanceCalibration } from '../../../../cli/certificate/acceptance.ts';
import { discrimination } from '../../../../cli/certificate/discrimination.ts';
import { chanceOf, kendall } from '../../../../cli/certificate/kendall.ts';
import { leakageAudit } from '../../../../cli/certificate/leakage.ts';
import { type AnsweredPanel, answeredPanels, panelsOf } from '../../../../cli/certificate/panels.ts';
import { placesByTourist } from '../../../../cli/certificate/real-places.ts';
import { replayOf } from '../../../../cli/certificate/replay.ts';
import { sampled } from '../../../../cli/certificate/sampled.ts';
import { twoSample } from '../../../../cli/certificate/two-sample.ts';
import { variantOrder } from '../../../../cli/certificate/variant-order.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';
import type { PersonaAgent } from '../../../../simulation/agents/persona-agent.ts';
import { simulation } from '../agents/scene.ts';
import { agentsThemselves, visitsOf, wanderers } from './worlds.ts';

const said = (taken: boolean) => ({ taken, probability: taken ? 1 : 0 });
const answer = (taken: boolean, visitors = 0) => ({ told: said(taken), untold: said(taken), visitors });

function panel(tourist: number, real: boolean, other: boolean): AnsweredPanel {
  const others = Array.from({ length: 9 }, () => answer(other));
  return { tourist, real: answer(real), distractors: { uniform: others, popularity_matched: others } };
}

describe('discrimination', () => {
  it('gives one who knows 1 throughout, one who knows nothing 0.5, and shows what accuracy pays for silence', () => {
    const knowing = discrimination([panel(0, true, false), panel(1, true, false)], 1);
    for (const { choosers } of knowing) {
      for (const { value } of Object.values(choosers.agent)) expect(value).toBe(1);
    }
    const [at1, at3, at9] = discrimination([panel(0, true, true), panel(1, false, false)], 1);
    for (const one of [at1!, at3!, at9!]) {
      expect(one.choosers.agent.balanced_accuracy.value).toBe(0.5);
      expect(one.choosers.agent.auc.value).toBe(0.5);
    }
    expect(at9!.choosers.agent.precision.value).toBeCloseTo(0.1);
    expect(at9!.choosers.nothing.accuracy.value).toBeCloseTo(0.9);
    expect(at9!.choosers.nothing.balanced_accuracy.value).toBe(0.5);
  });

  it('finds what is there: tourists who choose as the agent does are told from chance, and wanderers are not', () => {
    const found = discrimination(answeredPanels(agentsThemselves(60, 6), 1, 0).panels, 1)[0]!;
    expect(found.choosers.agent_untold.balanced_accuracy.interval!.lower).toBeGreaterThan(0.5);
    const { interval } = discrimination(answeredPanels(wanderers(60, 6), 1, 0).panels, 1)[0]!.choosers.agent_untold.auc;
    expect(interval!.lower).toBeLessThan(0.5);
    expect(interval!.upper).toBeGreaterThan(0.5);
  });
});

describe('a panel', () => {
  it('knows a persona by earlier visits alone: what comes later changes no answer', () => {
    const others = wanderers(20, 6).trips.map(({ tourist, visits }) => ({ tourist: tourist + 1, visits: [...visits] }));
    const realOf = (later: number[]) =>
      answeredPanels(visitsOf([{ tourist: 0, visits: [0, 1, 2, ...later] }, ...others]), 1, 0.3)
        .panels.filter(({ tourist }) => tourist === 0)
        .slice(0, 2)
        .map(({ real }) => real);
    expect(realOf([3, 4, 5])).toEqual(realOf([9, 17, 11]));
    const walk = visitsOf([{ tourist: 0, visits: [0, 1, 0, 2, 3] }, ...others]);
    const panels = panelsOf(walk, placesByTourist(walk, 1), 1).panels.filter(({ tourist }) => tourist === 0);
    expect(panels.map(({ before, real }) => [before, real])).toEqual([
      [[0], 1],
      [[0, 1, 0], 2],
      [[0, 1, 0, 2], 3],
    ]);
  });

  it('offers no place that the tourist went to at any time, and takes the matched ones for how many went there', () => {
    const visits = wanderers(30, 6);
    const placesOf = placesByTourist(visits, 1);
    for (const { tourist, before, real, distractors } of panelsOf(visits, placesOf, 1).panels) {
      const ever = new Set(visits.trips.filter((trip) => trip.tourist === tourist).flatMap((trip) => [...trip.visits]));
      expect(before).not.toContain(real);
      for (const place of [...distractors.uniform, ...distractors.popularity_matched])
        expect(ever.has(place)).toBe(false);
      const { visitors } = placesOf(tourist);
      const gaps = distractors.popularity_matched.map((place) => Math.abs(visitors[place]! - visitors[real]!));
      expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
      const gapOf = (place: number) => Math.abs(visitors[place]! - visitors[real]!);
      expect(gaps[0]).toBeLessThanOrEqual(Math.min(...distractors.uniform.map(gapOf)));
    }
  });
});

describe('the calibration of acceptance', () => {
  it('has slope 1 where probabilities mean what they say, and below 0 where they say the contrary', () => {
    const panels = (right: boolean) =>
      Array.from({ length: 400 }, (_, tourist): AnsweredPanel => {
        // Of four at 3/4 and 1/4, three of the likelier are real.
        const high = { taken: true, probability: 0.75 };
        const low = { taken: false, probability: 0.25 };
        const [one, two] = tourist % 4 < 3 === right ? [high, low] : [low, high];
        const real = { told: one, untold: one, visitors: 0 };
        const other = { told: two, untold: two, visitors: 0 };
        return { tourist, real, distractors: { uniform: [other], popularity_matched: [other] } };
      });
    const good = acceptanceCalibration(panels(true), 'told', 1);
    expect(good.slope).toBeCloseTo(1, 0);
    expect(good.reliability.ece).toBeCloseTo(0);
    expect(acceptanceCalibration(panels(false), 'told', 1).interval!.upper).toBeLessThan(0);
  });
});

describe('the two-sample test', () => {
  it('cannot tell real from real, and can tell a habit that the simulator has not', () => {
    // Real tourists walk along the shore, from each place to the next.
    const walkers = visitsOf(
      Array.from({ length: 120 }, (_, tourist) => {
        return { tourist, visits: Array.from({ length: 5 }, (_, i) => (tourist + i) % 24) };
      }),
    );
    const [agent, , control] = twoSample(walkers, 1, 0.3).against;
    expect(agent!.accuracy.interval!.lower).toBeGreaterThan(0.8);
    expect(agent!.told[0]!.feature).toBe('mean_step_km');
    expect(control!.accuracy.value).toBeGreaterThan(0.4);
    expect(control!.accuracy.value).toBeLessThan(0.6);
  });

  it('says so where there are too few trips', () => {
    expect(() => twoSample(wanderers(4, 5), 1, 0.3)).toThrow(/too few/);
  });
});

describe('the leakage audit', () => {
  const audited = simulation({ travellers: 12, seed: 3 });

  it('finds nothing in the agent as it is, though another agent would have decided otherwise', async () => {
    const found = await leakageAudit(audited, 0.3);
    expect(found.otherDecisions).toBeGreaterThan(0);
    expect(found).toMatchObject({ changed: 0, unknownFields: [] });
  });

  const leaking =
    (leak: (seed: number, context: Parameters<PersonaAgent['decideAll']>[0][number]) => void) =>
    (seed: number): PersonaAgent => {
      const agent = new ChoiceModelAgent(seed, 0.3);
      return {
        label: agent.label,
        lineage: agent.lineage,
        decideAll: async (cases: Parameters<PersonaAgent['decideAll']>[0]) => {
          for (const one of cases) leak(seed, one);
          return agent.decideAll(cases);
        },
      };
    };

  it('finds what an agent writes where rankers read: onto a snapshot, a companion or a venue', async () => {
    const onSnapshot = await leakageAudit(
      audited,
      0.3,
      leaking((seed, { context }) => Object.assign(context.traveller.dimensions, { culture: seed / 10 })),
    );
    expect(onSnapshot.changed).toBeGreaterThan(0);
    const onCompanion = await leakageAudit(
      audited,
      0.3,
      leaking((seed, { context }) => {
        for (const { dimensions } of context.traveller.companions) Object.assign(dimensions, { culture: seed / 10 });
      }),
    );
    expect(onCompanion.changed).toBeGreaterThan(0);
    const written: object[] = [];
    try {
      const onVenue = await leakageAudit(
        audited,
        0.3,
        leaking((seed, { candidates }) => {
          written.push(Object.assign(candidates[0]!, { latentTaste: seed }));
        }),
      );
      expect(onVenue.changed).toBeGreaterThan(0);
      expect(onVenue.unknownFields).toEqual(['latentTaste']);
    } finally {
      for (const venue of written) Reflect.deleteProperty(venue, 'latentTaste');
    }
  });
});

describe('the order of variants', () => {
  it('is correlated by pairs', () => {
    expect(kendall([1, 2, 3], [10, 20, 30])).toBe(1);
    expect(kendall([1, 2, 3], [3, 2, 1])).toBe(-1);
    expect(kendall([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(4 / 6);
    expect(kendall([1, 1], [1, 2])).toBeNaN();
  });

  it('knows how often chance alone agrees as well', () => {
    expect(chanceOf(1, 4)).toBeCloseTo(2 / 24);
    expect(chanceOf(-1, 3)).toBeCloseTo(2 / 6);
    expect(chanceOf(0, 5)).toBe(1);
    // Kendall's table for n = 7: 0.714 is reached in 0.030 of cases, 0.619 in 0.069.
    expect(chanceOf(15 / 21, 7)).toBeCloseTo(0.0302, 3);
    expect(chanceOf(13 / 21, 7)).toBeCloseTo(0.069, 3);
  });

  it('finds what learns from the crowd ahead in a world that follows it, whatever the simulation says', async () => {
    const crowd = visitsOf(Array.from({ length: 40 }, (_, tourist) => ({ tourist, visits: [tourist % 3, 3, 4, 5] })));
    const found = await variantOrder(simulation({ travellers: 12, seed: 3 }), 0.3, crowd);
    const replayed = Object.fromEntries(found.variants.map(({ variant, replayed }) => [variant, replayed.value]));
    for (const variant of ['popularity', 'recency', 'item-knn', 'markov']) {
      expect(replayed[variant], variant).toBeGreaterThan(0.9);
      expect(replayed[variant], variant).toBeGreaterThan(replayed.random!);
    }
    expect(found.variants.length).toBeGreaterThanOrEqual(7);
    expect(found.pairs).toHaveLength((found.variants.length * (found.variants.length - 1)) / 2);
    expect(found.learned.simulated).toBeGreaterThan(0);
  });
});

describe('the replay', () => {
  it('learns from the earlier half alone, and asks for first visits of the later half', () => {
    const { past, cases, cut, sample } = replayOf(
      visitsOf([
        { tourist: 0, visits: [1, 2, 3] },
        { tourist: 1, visits: [4, 5] },
        { tourist: 0, visits: [3, 1, 6, 6, 7] },
        { tourist: 2, visits: [8, 9] },
      ]),
      1,
    );
    expect(cut).toBe(48 * 3_600_000);
    expect(Array.from(past.item)).toEqual([1, 2, 3, 4, 5]);
    expect(cases.map(({ target, before }) => [target.place, before.map(({ place }) => place)])).toEqual([
      [6, [1, 2, 3, 3, 1]],
      [7, [1, 2, 3, 3, 1, 6, 6]],
      [9, [8]],
    ]);
    expect(sample).toEqual({ asked: 3, of: 3 });
  });

  it('has no answer where all began at once', () => {
    expect(() => replayOf(visitsOf([{ tourist: 0, visits: [1, 2] }]), 1)).toThrow(/no later half/);
  });
});

describe('a sample of large data', () => {
  it('is drawn evenly by the seed, keeps the order, and is all of what is small', () => {
    const all = Array.from({ length: 1000 }, (_, i) => i);
    const drawn = sampled(all, 100, 1, 'test');
    expect(drawn).toEqual(sampled(all, 100, 1, 'test'));
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    expect(drawn).not.toEqual(sampled(all, 100, 2, 'test'));
    expect(drawn.filter((i) => i < 500).length).toBeGreaterThan(30);
    expect(sampled(all, 1000, 1, 'test')).toEqual(all);
  });

  it('is what panels are asked of, and they say of how many', () => {
    const visits = wanderers(30, 6);
    const { panels, sample } = panelsOf(visits, placesByTourist(visits, 1), 1, 40);
    expect(sample).toEqual({ asked: 40, of: 150 });
    expect(panels).toHaveLength(40);
    expect(panelsOf(visits, placesByTourist(visits, 1), 1).sample).toEqual({ asked: 150, of: 150 });
  });
});
