/** Adam (Kingma and Ba 2015, algorithm 1). Rows of embedding tables are updated where they were looked up (lazy Adam). */
import type { ParameterValues } from './parameter-values.ts';

export interface AdamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** L2 penalty on weights, decoupled from the gradient (Loshchilov and Hutter 2019). */
  weightDecay?: number;
}

export interface AdamState {
  step: number;
  first: ParameterValues;
  second: ParameterValues;
}

export function newAdamState(values: ParameterValues): AdamState {
  const zeros = () => new Map([...values].map(([name, data]) => [name, new Float32Array(data.length)]));
  return { step: 0, first: zeros(), second: zeros() };
}

export class Adam {
  readonly state: AdamState;
  readonly #values: ParameterValues;
  readonly #options: Required<AdamOptions>;
  /** Of the present step: learning rate over the first moment's bias, one over the second's, what is left of a weight. */
  #now = { rate: 0, correction: 1, decay: 1 };

  constructor(values: ParameterValues, options: AdamOptions, state: AdamState = newAdamState(values)) {
    this.#values = values;
    this.#options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, ...options };
    this.state = state;
  }

  /** Call once a step, before the updates. */
  begin(): void {
    const { learningRate, beta1, beta2, weightDecay } = this.#options;
    const step = ++this.state.step;
    this.#now = {
      rate: learningRate / (1 - beta1 ** step),
      correction: 1 / (1 - beta2 ** step),
      decay: 1 - learningRate * weightDecay,
    };
  }

  /** @param gradient of the parameter's size */
  update(name: string, gradient: Float32Array): void {
    this.#update(name, gradient, 0, 0, gradient.length);
  }

  /**
   * @param gradient [rows.length, width], row by row
   * @param rows indices of the table's rows, none twice
   */
  updateRows(name: string, rows: Int32Array, gradient: Float32Array, width: number): void {
    for (let i = 0; i < rows.length; i++) this.#update(name, gradient, i * width, rows[i]! * width, width);
  }

  #update(name: string, gradient: Float32Array, from: number, at: number, size: number): void {
    const { beta1, beta2, epsilon } = this.#options;
    const { rate, correction, decay } = this.#now;
    const values = this.#values.get(name)!;
    const first = this.state.first.get(name)!;
    const second = this.state.second.get(name)!;
    for (let i = 0; i < size; i++) {
      const g = gradient[from + i]!;
      const k = at + i;
      const m = beta1 * first[k]! + (1 - beta1) * g;
      const v = beta2 * second[k]! + (1 - beta2) * g * g;
      first[k] = m;
      second[k] = v;
      values[k] = values[k]! * decay - (rate * m) / (Math.sqrt(v * correction) + epsilon);
    }
  }
}
