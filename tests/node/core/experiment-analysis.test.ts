/** What an experiment's log comes to: the plot, the guardrails, the decision. */
import { describe, expect, it } from 'vitest';
import { type ActorOutcome, analyse, type ExposedRequest } from '../../../core/experiment/analysis.ts';
import {
  canaryExperiment,
  configFault,
  experimentConfig,
  storedExperiment,
} from '../../../core/experiment/experiment.ts';
import { Random } from '../../../core/experiment/random.ts';

const DAY = 86_400_000;
const START = Date.UTC(2027, 0, 1);
const config = storedExperiment.parse({
  ...{ kind: 'ab', salt: 's', place: 'dlrm', outcome_days: 2 },
  variants: [
    { name: 'control', model: 'dlrm@a', share: 0.5 },
    { name: 'new', model: 'dlrm@b', share: 0.5 },
  ],
});

function log(seed: number, rates: { control: number; new: number }, days = 20, each = 100) {
  const random = Random.of(seed, 'experiment');
  const outcomes: ActorOutcome[] = [];
  for (let i = 0; i < days * each; i++) {
    const variant = random.chance(0.5) ? 'new' : 'control';
    const accepted = Array.from({ length: 4 }, () => random.chance(rates[variant])).filter(Boolean).length;
    outcomes.push({
      variant,
      firstExposedAt: START + (i / each) * DAY,
      shown: 4,
      accepted,
      pivoted: random.chance(0.1),
    });
  }
  return outcomes;
}
const requests = (count: number, of: (i: number) => Partial<ExposedRequest>): ExposedRequest[] =>
  Array.from({ length: count }, (_, i) => ({ variant: 'new', at: START + i, latencyMs: 40, failed: false, ...of(i) }));

describe('the series', () => {
  it('has a point a day, of the travellers whose days are over, and later ones change no earlier one', () => {
    const outcomes = log(1, { control: 0.3, new: 0.3 });
    const early = analyse(config, outcomes, [], START + 10 * DAY).series.new!;
    const late = analyse(config, outcomes, [], START + 30 * DAY).series.new!;
    expect(early.length).toBeGreaterThan(7);
    expect(late.slice(0, early.length - 1)).toEqual(early.slice(0, -1));
    expect(early.map(({ day }) => day)).toEqual([...new Set(early.map(({ day }) => day))].sort());
    expect(analyse(config, outcomes, [], START + DAY).series.new).toEqual([]);
  });

  it('comes to a decision where there is a difference, either way, and to none where there is not', () => {
    const decided = (rates: { control: number; new: number }) =>
      analyse(config, log(2, rates), [], START + 40 * DAY).decision;
    expect(decided({ control: 0.3, new: 0.5 })).toEqual({ kind: 'better', variant: 'new' });
    expect(decided({ control: 0.5, new: 0.3 })).toEqual({ kind: 'worse', variant: 'new' });
    expect(decided({ control: 0.4, new: 0.4 })).toEqual({ kind: 'undecided', variant: null });
  });
});

describe('guardrails', () => {
  const broken = (outcomes: ActorOutcome[], served: ExposedRequest[]) =>
    analyse(config, outcomes, served, START + 40 * DAY)
      .guardrails.filter((one) => one.broken)
      .map(({ guardrail }) => guardrail);

  it('hold where nothing is wrong, and without any data', () => {
    expect(
      broken(
        log(3, { control: 0.3, new: 0.3 }),
        requests(500, (i) => ({ failed: i % 200 === 0 })),
      ),
    ).toEqual([]);
    expect(broken([], [])).toEqual([]);
  });

  it('break by errors, by latency and by pivots, each by its own numbers', () => {
    expect(
      broken(
        [],
        requests(60, (i) => ({ failed: i % 2 === 0 })),
      ),
    ).toEqual(['error_rate']);
    expect(
      broken(
        [],
        requests(100, (i) => ({ latencyMs: i % 3 === 0 ? 900 : 50 })),
      ),
    ).toEqual(['latency_p95_ms']);
    const pivoting = log(4, { control: 0.3, new: 0.3 }).map((one, i) => ({
      ...one,
      pivoted: one.variant === 'new' ? i % 2 === 0 : i % 20 === 0,
    }));
    expect(broken(pivoting, [])).toEqual(['pivot_rate']);
  });

  it('say nothing against a variant for what the control did', () => {
    expect(
      broken(
        [],
        requests(200, () => ({ variant: 'control', failed: true, latencyMs: 5000 })),
      ),
    ).toEqual([]);
  });
});

describe('a config', () => {
  it.each([
    [{ variants: [{ name: 'a', model: 'x@1', share: 0.5 }] }],
    [
      {
        variants: [
          { name: 'a', model: 'x', share: 0.5 },
          { name: 'b', model: 'x@2', share: 0.5 },
        ],
      },
    ],
    [
      {
        variants: [
          { name: 'a', model: 'x@1', share: 0 },
          { name: 'b', model: 'x@2', share: 0.5 },
        ],
      },
    ],
    [
      {
        variants: [
          { name: 'A b', model: 'x@1', share: 0.1 },
          { name: 'b', model: 'x@2', share: 0.5 },
        ],
      },
    ],
  ])('%j is none', (wrong) => expect(experimentConfig.safeParse(wrong).success).toBe(false));

  it('has each variant once, and shares for at most everybody', () => {
    const of = (...variants: [string, string, number][]) =>
      configFault({ variants: variants.map(([name, model, share]) => ({ name, model, share })) })?.field ?? null;
    expect(of(['a', 'x@1', 0.5], ['b', 'x@2', 0.5])).toBeNull();
    expect(of(['a', 'x@1', 0.5], ['a', 'x@2', 0.5])).toBe('variants.1.name');
    expect(of(['a', 'x@1', 0.5], ['b', 'x@1', 0.5])).toBe('variants.1.model');
    expect(of(['a', 'x@1', 0.5], ['b', 'x@2', 0.6])).toBe('variants');
  });

  it('of a canary has production as its control', () => {
    expect(canaryExperiment('dlrm', 'p', 'c', 0.1)).toMatchObject({
      ...{ kind: 'canary', place: 'dlrm' },
      variants: [
        { model: 'dlrm@p', share: 0.9 },
        { model: 'dlrm@c', share: 0.1 },
      ],
    });
  });
});
