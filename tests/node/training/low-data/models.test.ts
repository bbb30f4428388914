import { describe, expect, it } from 'vitest';
import { foretell } from '../../../../cli/low-data/forecaster.ts';
import { crossUserModel, logOdds } from '../../../../training/low-data/cross-user.ts';
import { caseTable, decisionTable } from '../../../../training/low-data/decision-features.ts';
import { seasonedTravellers, trainingWeight } from '../../../../training/low-data/decision-row.ts';
import { ownLogOdds, perUserModel, traitsOf } from '../../../../training/low-data/per-user.ts';
import { SUMMED, sumsOf } from '../../../../training/low-data/scores.ts';
import { entropyOf, mostUncertain } from '../../../../training/low-data/uncertain.ts';
import { tinyWorld } from './rows.ts';

const world = tinyWorld();
const own = world.heldOut.filter(({ actor }) => actor === world.heldOut[0]!.actor);

describe('the numbers of a decision', () => {
  it('hold nothing of its outcome, nor of what came later', () => {
    const at = 30;
    const { features } = decisionTable(own);
    const width = features.names.length;
    const numbers = (rows: typeof own, i: number) =>
      decisionTable(rows).features.values.slice(i * width, (i + 1) * width);
    const turned = own.map((row, i) => (i >= at ? { ...row, accepted: !row.accepted } : row));
    expect(numbers(turned, at)).toEqual(numbers(own, at));
    const earlier = own.map((row, i) => (i < at ? { ...row, accepted: !row.accepted } : row));
    expect(numbers(earlier, at)).not.toEqual(numbers(own, at));
  });

  it('are those of an open case at the same moment', () => {
    const { features } = decisionTable(own);
    const width = features.names.length;
    const open = caseTable([own[25]!], own);
    expect(open.values).toEqual(features.values.slice(25 * width, 26 * width));
  });
});

describe('the weight of a row', () => {
  it('is that of its source, and nothing for what is made once real travellers are enough', () => {
    expect(trainingWeight({ source: 'user_behavioral' }, 20, 0)).toBe(1);
    expect(trainingWeight({ source: 'user_behavioral' }, 19, 0)).toBe(0.5);
    expect(trainingWeight({ source: 'real_user_derived' }, 40, 0)).toBe(0.3);
    expect(trainingWeight({ source: 'synthetic_choice_model_v1' }, 40, 499)).toBe(0.3);
    expect(trainingWeight({ source: 'real_user_derived' }, 40, 500)).toBe(0);
    expect(seasonedTravellers([...own, ...world.synthetic])).toBe(1);
    expect(seasonedTravellers(own.filter(({ trip }) => trip.endsWith('/0')))).toBe(0);
  });
});

describe('a model of one’s own', () => {
  const decisions = own.map(({ venue, accepted }) => ({ venue, accepted, logOdds: 0.3 }));

  it('takes 20 decisions: before, the cross-user model serves', () => {
    expect(perUserModel(decisions.slice(0, 19))).toBeNull();
    expect(perUserModel(decisions.slice(0, 20))).not.toBeNull();
    expect(ownLogOdds(0.3, null, decisions[0]!.venue)).toBe(0.3);
    const trees = crossUserModel(world.synthetic, 1);
    const table = decisionTable(world.heldOut);
    const [base, personal] = [foretell(trees, table, false), foretell(trees, table, true)];
    for (const [i, before] of table.before.entries()) {
      if (before < 20) expect(personal[i]).toBe(base[i]);
    }
    expect(personal.some((p, i) => table.before[i]! >= 20 && p !== base[i])).toBe(true);
  });

  it('knows nothing of a decision that it foretells, nor of anybody else’s', () => {
    const trees = crossUserModel(world.synthetic, 1);
    const table = decisionTable(own);
    const asIs = foretell(trees, table, true);
    const turned = {
      ...table,
      rows: table.rows.map((row, i) => (i >= 30 ? { ...row, accepted: !row.accepted } : row)),
    };
    expect(foretell(trees, turned, true).slice(0, 40)).toEqual(asIs.slice(0, 40));
    const others = decisionTable(world.heldOut);
    expect(foretell(trees, others, true).slice(0, own.length)).toEqual(asIs);
  });

  it('lies where gradient and prior balance', () => {
    const beta = perUserModel(decisions)!;
    for (let j = 0; j < beta.length; j++) {
      let gradient = -(j === 0 ? 1 : 4) * beta[j]!;
      for (const { venue, accepted } of decisions) {
        const p = 1 / (1 + Math.exp(-ownLogOdds(0.3, beta, venue)));
        gradient += ((accepted ? 1 : 0) - p) * traitsOf(venue)[j]!;
      }
      expect(gradient).toBeCloseTo(0, 6);
    }
  });
});

describe('the scores', () => {
  it('are what one counts by hand', () => {
    const sums = sumsOf([
      { traveller: 7, accepted: true, probability: 0.8 },
      { traveller: 7, accepted: true, probability: 0.4 },
      { traveller: 7, accepted: false, probability: 0.4 },
      { traveller: 9, accepted: false, probability: 0.1 },
    ]);
    const of = (metric: (typeof SUMMED)[number]) => [...sums.sums].filter((_, i) => i % 5 === SUMMED.indexOf(metric));
    expect(sums.users).toBe(2);
    expect(of('accuracy')).toEqual([2, 1]);
    expect(of('sensitivity')).toEqual([1, 0]);
    expect(of('specificity')).toEqual([1, 1]);
    // 0.8 over 0.4 wins, 0.4 against 0.4 is half; the second traveller took nothing.
    expect(of('auc')).toEqual([1.5, 0]);
    expect([...sums.counts].filter((_, i) => i % 5 === SUMMED.indexOf('auc'))).toEqual([2, 0]);
    expect(of('log_loss')[0]).toBeCloseTo(-Math.log(0.8 * 0.4 * 0.6));
  });
});

describe('active learning', () => {
  const venues = world.cities.get('tokyo')!;
  const cases = Array.from({ length: 40 }, (_, i) => ({
    actor: `a${Math.floor(i / 2)}`,
    venue: venues[(i * 7) % venues.length]!,
  }));

  it('asks for the ten least sure: of ten travellers, about ten places that are not alike', () => {
    const chosen = mostUncertain(
      cases,
      cases.map((_, i) => 0.5 + i / 100),
    );
    expect(chosen).toHaveLength(10);
    expect(chosen[0]).toMatchObject({ index: 0, probability: 0.5, margin: 0, entropy: 1, rule: 'no_two_alike' });
    expect(new Set(chosen.map(({ index }) => cases[index]!.actor)).size).toBe(10);
    expect(new Set(chosen.map(({ index }) => cases[index]!.venue)).size).toBe(10);
    expect(chosen.map(({ margin }) => margin)).toEqual(chosen.map(({ margin }) => margin).sort((a, b) => a - b));
  });

  it('takes those alike only where nothing else is left, never one twice, and says so', () => {
    const venue = venues[0]!;
    const alike = [0.5, 0.52, 0.56].map((_, i) => ({ actor: 'one', venue: i === 2 ? venues[9]! : venue }));
    const chosen = mostUncertain([...alike, { actor: 'two', venue }], [0.5, 0.52, 0.56, 0.6], 10);
    expect(chosen.map(({ index, rule }) => [index, rule])).toEqual([
      [0, 'no_two_alike'],
      [2, 'other_venues'],
      [3, 'other_cases'],
    ]);
  });

  it('measures by margin and entropy', () => {
    expect(entropyOf(0.5)).toBe(1);
    expect(entropyOf(0)).toBe(0);
    expect(entropyOf(0.25)).toBeCloseTo(0.8113, 4);
    const trees = crossUserModel(world.synthetic, 1);
    expect(logOdds(trees, decisionTable(own).features)).toHaveLength(own.length);
  });
});
