import { Random } from '../../core/experiment/random.ts';
import type { Parameter } from './graph.ts';
import type { ParameterValues } from './parameter-values.ts';

/** Each parameter draws from a stream of its own: adding one changes no other. */
export function initialValues(parameters: readonly Parameter[], seed: number): ParameterValues {
  return new Map(
    parameters.map(({ name, shape, initial }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, initial(size, Random.of(seed, `parameter/${name}`))];
    }),
  );
}
