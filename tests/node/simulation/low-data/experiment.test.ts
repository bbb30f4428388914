import { describe, expect, it } from 'vitest';
import { toJson } from '../../../../cli/certificate/certificate.ts';
import { differences, estimates, METRICS } from '../../../../cli/low-data/estimates.ts';
import { toPage } from '../../../../cli/low-data/page.ts';
import { LABELS, summarise } from '../../../../cli/low-data/report.ts';
import { runOnce } from '../../../../cli/low-data/run-once.ts';
import { sumsOf } from '../../../../training/low-data/scores.ts';
import { actorsOf, places, TINY, tinyWorld } from '../../training/low-data/rows.ts';

describe('the world of a run', () => {
  it('holds a fifth of the real travellers out of everything that is learned from or asked', () => {
    for (const seed of [1, 2, 3]) {
      const world = tinyWorld(seed);
      const heldOut = actorsOf(world.heldOut);
      expect(heldOut).toHaveLength(Math.round(TINY.seen / 5));
      const sides = [world.all, world.questions, world.few.get(2)!, world.few.get(4)!, world.weeks.flat(2)];
      for (const rows of sides) {
        for (const actor of actorsOf(rows)) {
          expect(heldOut).not.toContain(actor);
          expect(actor).not.toMatch(/^unseen/);
        }
      }
      // Who is asked is none of those whose behaviour is known, and the few grow by keeping who was there.
      const known = new Set([...actorsOf(world.few.get(4)!), ...actorsOf(world.weeks.flat(2))]);
      for (const actor of actorsOf(world.questions)) expect(known).not.toContain(actor);
      expect(actorsOf(world.few.get(4)!).slice(0, 2)).toEqual(actorsOf(world.few.get(2)!));
      expect(world.synthetic.every(({ source }) => source === 'synthetic_choice_model_v1')).toBe(true);
    }
  });
});

describe('a figure of the experiment', () => {
  const run = (right: boolean[]) =>
    sumsOf(right.map((yes, traveller) => ({ traveller, accepted: true, probability: yes ? 0.9 : 0.1 })));

  it('is the mean over all runs, with each run beside it, and a difference is of the same travellers', () => {
    const [one, other] = [run([true, true, false, false]), run([true, true, true, true])];
    const { accuracy } = estimates([one, other], 1);
    expect(accuracy.value).toBe(0.75);
    expect(accuracy.runs).toEqual([0.5, 1]);
    expect(accuracy.interval!.lower).toBeGreaterThanOrEqual(0.25);
    const same = differences([one, other], [one, other], 1).accuracy;
    expect([same.value, same.interval]).toEqual([0, { lower: 0, upper: 0 }]);
    expect(differences([other], [one], 1).accuracy.value).toBe(0.5);
  });
});

describe('the experiment', () => {
  it('measures every strategy at every size, the same for the same seed, and stands on one page by itself', () => {
    const size = { ...TINY, few: [2] };
    const request = { places, seed: 1, size, run: 0 };
    const run = runOnce(request);
    expect(runOnce(request)).toEqual(run);
    const about = { createdAt: '2026-01-01T00:00:00.000Z', codeRevision: 'test', seed: 1, size };
    const made = summarise([run], about);
    expect(new Set(made.strategies.map(({ name }) => name))).toEqual(new Set(Object.keys(LABELS)));
    const at = (name: string, few: number | null) =>
      made.strategies.find((one) => one.name === name && one.few === few)!;
    expect(at('synthetic', null).learnedFrom).toEqual({ synthetic_choice_model_v1: 720 });
    const augmented = at('augmented', 2).learnedFrom!;
    expect(Object.keys(augmented)).toEqual(['real_user_derived', 'synthetic_choice_model_v1', 'hidden_population']);
    expect(at('active', 2).learnedFrom!.hidden_population! - augmented.hidden_population!).toBe(made.few[0]!.labels);
    // Who plays a real traveller is never written down as one.
    expect(JSON.stringify(made)).not.toContain('user_behavioral');
    // Nobody does better than who knows all but the noise.
    const ceiling = at('oracle', null).tests.held_out.all.log_loss.value;
    for (const one of made.strategies) {
      for (const metric of METRICS) expect(one.tests.unseen.all[metric].value).not.toBeNaN();
      if (one.name !== 'oracle') expect(one.tests.held_out.all.log_loss.value).toBeGreaterThan(ceiling);
      expect(one.verdict === null).toBe(one.expected === null);
    }
    const page = toPage(made);
    expect(page).not.toMatch(/<script|href|undefined|NaN|\[object|user_behavioral/);
    for (const label of Object.values(LABELS)) expect(page).toContain(label);
    expect(JSON.stringify(toJson(made))).not.toContain('NaN');
  });
});
