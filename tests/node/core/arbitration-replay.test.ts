import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../core/arbitration/canonical-json.ts';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import { SWITCHED_RULES } from '../../../core/arbitration/decision.ts';
import { NotReplayable, replay } from '../../../core/arbitration/replay.ts';
import { type DecisionInputs, decidedColumns } from '../../../core/arbitration/snapshot.ts';
import { servedOf } from '../../../core/arbitration/trial.ts';
import { arbiterFeatures } from '../../../models/arbiter/inputs.ts';
import { anyInput, situation } from './fixtures/arbitration.ts';

const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const inputs: fc.Arbitrary<DecisionInputs> = fc.record({
  input: anyInput,
  config: fc.subarray([...SWITCHED_RULES]).map((disabled) => ({ ...DEFAULT_ARBITRATION, disabled })),
  draw: uniform,
  coin: uniform,
  learned: fc.option(fc.record({ version: fc.constant('arbiter@0123456789ab'), probabilityMl: uniform })),
});

/** As the database gives it back: other keys first, other spaces. */
function stored(given: DecisionInputs) {
  const { input, config, draw, coin, learned } = given;
  const columns = decidedColumns(given, decide(input, config, draw, coin, learned));
  return JSON.parse(canonicalJson(columns)) as typeof columns;
}

test('a logged decision comes out the same, byte for byte, though the log keeps only what it was made of', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const row = stored(given);
      const again = replay(row);
      expect(again.differences).toEqual([]);
      expect(again.again).toBe(again.logged);
      const { input, config, draw, coin, learned } = given;
      expect(again.decision).toEqual(decide(input, config, draw, coin, learned));
      const kept = (row.contextSnapshot.inputs as DecisionInputs).input;
      expect(Object.keys(kept.venues).length).toBeLessThanOrEqual(6);
    }),
  );
});

test('whatever of the row is changed, the replay says what', () => {
  const given = {
    input: situation({ exploration: 0.5 }),
    config: DEFAULT_ARBITRATION,
    draw: 0.1,
    coin: 0.7,
    learned: null,
  };
  const row = stored(given);
  expect(row.contextSnapshot).toMatchObject({ served: 'llm', explored: true, propensity: 0.25 });
  const changed = (change: Record<string, unknown>) =>
    replay({ ...row, contextSnapshot: { ...row.contextSnapshot, ...change } }).differences;
  expect(changed({ served: 'ml' })).toEqual([{ path: 'contextSnapshot.served', logged: '"ml"', again: '"llm"' }]);
  expect(changed({ propensity: 0.75 }).map(({ path }) => path)).toEqual(['contextSnapshot.propensity']);
  expect(changed({ local_bias: 0.500000001 }).map(({ path }) => path)).toEqual(['contextSnapshot.local_bias']);
  expect(changed({ more: 1 })).toEqual([{ path: 'contextSnapshot.more', logged: '1', again: null }]);
  // Another draw is another decision.
  const { inputs: logged } = row.contextSnapshot as { inputs: DecisionInputs };
  expect(changed({ inputs: { ...logged, draw: 0.6 } }).map(({ path }) => path)).toEqual([
    'contextSnapshot.explored',
    'contextSnapshot.propensity',
    'contextSnapshot.served',
  ]);
  expect(replay({ ...row, arbitrationRule: 'cold' }).differences.map(({ path }) => path)).toEqual(['arbitrationRule']);
  expect(replay({ ...row, mlTop3: ['m1', 'm0', 'm2'] }).differences.map(({ path }) => path)).toEqual(['mlTop3']);
});

test('what does not hold what the decision was made of is not replayed', () => {
  const row = stored({ input: situation(), config: DEFAULT_ARBITRATION, draw: 0.1, coin: 0.7, learned: null });
  for (const contextSnapshot of [{}, { v: 2 }, { v: 1 }, { ...row.contextSnapshot, inputs: { input: {} } }]) {
    expect(() => replay({ ...row, contextSnapshot })).toThrow(NotReplayable);
  }
});

test('served side, propensity and facts stand where training reads them', () => {
  const row = stored({ input: situation(), config: DEFAULT_ARBITRATION, draw: 0.1, coin: 0.7, learned: null });
  expect(servedOf(row.contextSnapshot)).toEqual({ served: 'ml', propensity: 1 });
  const features = arbiterFeatures(row.contextSnapshot);
  // Unknown: false personalisation and the conflict of nobody's group.
  expect(features.filter(Number.isNaN)).toHaveLength(2);
});
