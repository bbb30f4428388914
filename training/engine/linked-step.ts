/** A step where something that is no part of the graph stands between what is learned and the graph's parameters. */
import type { Adam } from './adam.ts';
import type { DropoutMasks } from './dropout-masks.ts';
import type { ParameterValues } from './parameter-values.ts';
import type { Feeds } from './session.ts';
import type { TrainingStep } from './training-step.ts';

/** A linear map from what is learned to the graph's parameters, of the same names and sizes. */
export interface Link {
  forward(learned: ParameterValues, parameters: ParameterValues): void;
  /** The gradients of the parameters to those of what is learned. */
  backward(gradients: ParameterValues): ParameterValues;
}

/** @returns the loss before the step */
export function linkedStep(
  step: TrainingStep,
  feeds: Feeds,
  masks: DropoutMasks,
  optimiser: Adam,
  { backward }: Link,
): Promise<number> {
  return step.gradients(feeds, masks, (loss, dense, rows) => {
    const whole: ParameterValues = new Map([...dense].map(([{ name }, gradient]) => [name, gradient]));
    for (const [{ name, shape }, { indices, gradient, width }] of rows) {
      const all = new Float32Array(shape.reduce((product, n) => product * n, 1));
      for (let i = 0; i < indices.length; i++) {
        all.set(gradient.subarray(i * width, (i + 1) * width), indices[i]! * width);
      }
      whole.set(name, all);
    }
    optimiser.begin();
    for (const [name, gradient] of backward(whole)) optimiser.update(name, gradient);
    return loss;
  });
}
