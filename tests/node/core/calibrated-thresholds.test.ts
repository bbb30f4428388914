import { describe, expect, it } from 'vitest';
import { calibrationSchema } from '../../../core/arbitration/calibration.ts';
import {
  arbitrationConfigSchema,
  configFor,
  DEFAULT_ARBITRATION,
  withCalibration,
} from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import { type MomentsRequest, openMoments, type RankedMember } from '../../../core/arbitration/decide-moments.ts';
import { replay } from '../../../core/arbitration/replay.ts';
import { type DecisionInputs, decidedColumns } from '../../../core/arbitration/snapshot.ts';
import { groupDimensions } from '../../../core/group/group-dimensions.ts';
import { archetype, archetypePersona, archetypesByDistance } from '../../../core/persona/archetypes.ts';
import { rescore } from '../../../core/ranking/personal-rescore.ts';
import { arbiterFeatures } from '../../../models/arbiter/inputs.ts';
import { ids, situation } from './fixtures/arbitration.ts';
import { listed, moment } from './fixtures/moments.ts';
import { venuesOf } from './fixtures/venues.ts';

const threshold = (agreement: number) => ({
  ...{ agreement, same_top: 0.2, slots: 90, travellers: 30 },
  interval: { lower: agreement - 0.1, upper: agreement + 0.1 },
});
const CALIBRATION = calibrationSchema.parse({
  version: '1a2b3c4d',
  lineage: ['synthetic_choice_model_v1', 'llm_standin'],
  run_id: '0197a000-0000-4000-8000-000000000000',
  ranker: 'dlrm@0123456789ab',
  archetypes: { A8: threshold(0.3), A9: threshold(0.6) },
});
const CALIBRATED = withCalibration(DEFAULT_ARBITRATION, CALIBRATION);

/** Two lists that share enough for 0.3, and too little for 0.75. */
const alike = (nearestArchetype?: string) => {
  const top = ids('m');
  return situation({
    ml: { top },
    llm: { top: [top[1]!, top[0]!, top[3]!, top[2]!, 'l1', 'l2', top[6]!, top[7]!, top[4]!, 'l3'] },
    context: { nearestArchetype },
  });
};
const ruleFor = (nearest?: string, config = CALIBRATED) => decide(alike(nearest), config, 0.5, 0.5);

describe('thresholds by archetype', () => {
  it('replace those of the configuration for travellers nearest to it, and for nobody else', () => {
    const { agreement } = ruleFor('A8');
    expect(agreement).toBeGreaterThan(0.3);
    expect(agreement).toBeLessThan(0.6);
    expect(['A8', 'A9', 'A1', undefined].map((nearest) => ruleFor(nearest).rule)).toEqual([
      'agreement',
      'default',
      'default',
      'default',
    ]);
    expect(ruleFor('A8', DEFAULT_ARBITRATION).rule).toBe('default');
  });

  it('are part of the configuration, which names where they come from and takes no other field', () => {
    expect(arbitrationConfigSchema.parse(CALIBRATED)).toEqual(CALIBRATED);
    expect(CALIBRATED).toEqual({
      ...DEFAULT_ARBITRATION,
      version: 'rules@1+cal.1a2b3c4d',
      archetypes: { A8: { agreement: 0.3 }, A9: { agreement: 0.6 } },
    });
    const wrong = [{ A13: { agreement: 0.3 } }, { A8: { agreement: 2 } }, { A8: { agreement: 0.3, local_bias: 0.1 } }];
    for (const archetypes of wrong) {
      expect(arbitrationConfigSchema.safeParse({ ...DEFAULT_ARBITRATION, archetypes }).success).toBe(false);
    }
  });

  it('are logged with the archetype, as far as they concern it, and decide again as they did', () => {
    for (const nearest of ['A8', 'A1']) {
      const given: DecisionInputs = {
        ...{ input: alike(nearest), config: configFor(CALIBRATED, nearest) },
        ...{ draw: 0.5, coin: 0.5, learned: null },
      };
      const row = JSON.parse(JSON.stringify(decidedColumns(given, ruleFor(nearest)))) as ReturnType<
        typeof decidedColumns
      >;
      const { nearest_archetype, inputs } = row.contextSnapshot as { nearest_archetype: string; inputs: typeof given };
      expect(nearest_archetype).toBe(nearest);
      expect(inputs.config.version).toBe(CALIBRATED.version);
      expect(Object.keys(inputs.config.archetypes ?? {})).toEqual(nearest === 'A8' ? ['A8'] : []);
      expect(replay(row).differences).toEqual([]);
      // Another archetype is another decision, and the log says so.
      const other = {
        ...inputs,
        input: { ...inputs.input, context: { ...inputs.input.context, nearestArchetype: 'A1' } },
      };
      const changed = replay({ ...row, contextSnapshot: { ...row.contextSnapshot, inputs: other } });
      expect(changed.decision.rule).toBe('default');
    }
  });

  it('leave decisions that were logged before them as they are, and the learned arbiter its features', () => {
    const given = { input: alike(), config: DEFAULT_ARBITRATION, draw: 0.5, coin: 0.5, learned: null };
    const row = JSON.parse(JSON.stringify(decidedColumns(given, ruleFor(undefined, DEFAULT_ARBITRATION))));
    expect(JSON.stringify(row)).not.toContain('rchetype');
    expect(replay(row).differences).toEqual([]);
    expect(arbiterFeatures(ruleFor('A8').facts)).toHaveLength(arbiterFeatures(ruleFor().facts).length);
  });
});

describe('the moments of a plan', () => {
  const candidates = venuesOf('seattle').slice(0, 40);
  const list = listed(candidates.slice(0, 30).map(({ id }) => id));
  const member = (id: string): RankedMember => {
    const persona = archetypePersona(archetype(id));
    const llm = rescore(persona, candidates, [{ context: moment(), archetypeRanking: list }]);
    return {
      ...{ id, persona, llm },
      ml: { modelVersion: 'some-ml@1', logits: [Float32Array.from(candidates, (_, i) => i / 5)] },
    };
  };
  const decided = (...of: string[]) => {
    const asked: MomentsRequest = {
      members: of.map(member),
      ...{ candidates, lists: [[list]], partySize: of.length, mode: 'live', exploration: 0 },
      traveller: { trips: 5, countingSignals: 40, sequenceMomentum: 0 },
      config: withCalibration(DEFAULT_ARBITRATION, { ...CALIBRATION, archetypes: { A8: threshold(-1) } }),
      draws: () => ({ draw: 0.9, coin: 0.9 }),
    };
    const [first] = openMoments(asked).decide(null).decided!;
    expect(replay(JSON.parse(JSON.stringify(decidedColumns(first!.inputs, first!.decision)))).differences).toEqual([]);
    return { nearest: first!.inputs.input.context.nearestArchetype, rule: first!.decision.rule };
  };

  it('go by the archetype that the traveller is nearest to', () => {
    expect(decided('A8')).toEqual({ nearest: 'A8', rule: 'agreement' });
    expect(decided('A12')).toEqual({ nearest: 'A12', rule: 'default' });
  });

  it('of a group go by what its members are on average, as for their local bias', () => {
    const both = groupDimensions(['A8', 'A9'].map((id) => archetype(id).dimensions));
    const nearest = archetypesByDistance(both)[0]!.id;
    expect(['A8', 'A9']).not.toContain(nearest);
    expect(decided('A8', 'A9')).toMatchObject({ nearest });
    expect(decided('A8', 'A8')).toEqual({ nearest: 'A8', rule: 'agreement' });
  });
});
