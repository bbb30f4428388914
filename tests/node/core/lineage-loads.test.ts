import { describe, expect, it } from 'vitest';
import { type Environment, forbiddenSources, loadableSources, loadedWeight } from '../../../core/registry/lineage.ts';

const ENVIRONMENTS: Environment[] = ['development', 'test', 'production'];
const ELSEWHERE = ENVIRONMENTS.slice(1);
const weights = (source: string, seasoned = 0) => ENVIRONMENTS.map((one) => loadedWeight(source, one, seasoned));

describe('what simulated travellers taught', () => {
  it.each(['synthetic_choice_model_v1', 'llm_standin', 'real_user_derived', 'something_new'])(
    'loads in development only where it is of %s',
    (source) => {
      expect(weights(source)).toEqual([0.3, 0, 0]);
      for (const environment of ELSEWHERE) expect(loadableSources(environment)).not.toContain(source);
    },
  );

  it('loads everywhere where a language model played them, as a starting point and not as a ranker', () => {
    expect(weights('synthetic_agent_v1')).toEqual([0.3, 0.3, 0.3]);
    for (const environment of ELSEWHERE) {
      expect(loadableSources(environment)).toContain('synthetic_agent_v1');
      expect(forbiddenSources(['synthetic_agent_v1'], environment)).toEqual(['synthetic_agent_v1']);
    }
  });

  it('loads nowhere any more from 500 real travellers with three trips on', () => {
    for (const source of ['synthetic_agent_v1', 'synthetic_choice_model_v1', 'llm_standin']) {
      expect(weights(source, 499)[0]).toBe(0.3);
      expect(weights(source, 500)).toEqual([0, 0, 0]);
    }
  });
});

it('what real travellers taught counts in full, everywhere and for good', () => {
  expect(weights('user_behavioral')).toEqual([1, 1, 1]);
  expect(weights('user_behavioral', 5_000)).toEqual([1, 1, 1]);
});
