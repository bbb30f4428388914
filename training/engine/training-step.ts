/** One step of gradient descent: forward and backward in one run of the graph, then the optimiser. */
import type * as ort from 'onnxruntime-node';
import type { Adam } from './adam.ts';
import type { DropoutMasks } from './dropout-masks.ts';
import { type Gradients, gradientsOf } from './gradients.ts';
import type { Graph, Parameter, Tensor } from './graph.ts';
import type { ParameterValues } from './parameter-values.ts';
import { type Feeds, type Output, parameterTensors, resolved, Session } from './session.ts';

export class TrainingStep {
  readonly graph: Graph;
  readonly #gradients: Gradients;
  readonly #session: Session<string>;
  readonly #parameters: Record<string, ort.Tensor>;
  readonly #tables = new Map<Parameter, TableGradient>();

  private constructor(graph: Graph, gradients: Gradients, session: Session<string>, values: ParameterValues) {
    this.graph = graph;
    this.#gradients = gradients;
    this.#session = session;
    this.#parameters = parameterTensors(graph, values);
    for (const table of gradients.rows.keys()) this.#tables.set(table, new TableGradient(table));
  }

  /** @param values are read at each step where they are: the optimiser changes them in place */
  static async of(loss: Tensor, values: ParameterValues, { threads = 2 } = {}): Promise<TrainingStep> {
    const { graph } = loss;
    const gradients = gradientsOf(loss);
    const outputs: Record<string, Tensor> = { loss };
    for (const [parameter, gradient] of gradients.dense) outputs[`d_${parameter.name}`] = gradient;
    for (const [table, parts] of gradients.rows) {
      parts.forEach(({ rows }, i) => {
        outputs[`rows_${table.name}_${i}`] = rows;
      });
    }
    return new TrainingStep(graph, gradients, await Session.of(graph, outputs, { threads }), values);
  }

  /** @returns the loss before the step. @throws Error where it is not a number: nothing was changed then */
  run(feeds: Feeds, optimiser: Adam, masks?: DropoutMasks): Promise<number> {
    return this.gradients(feeds, masks, (loss, dense, rows) => {
      optimiser.begin();
      for (const [{ name }, gradient] of dense) optimiser.update(name, gradient);
      for (const [{ name }, { indices, gradient, width }] of rows) optimiser.updateRows(name, indices, gradient, width);
      return loss;
    });
  }

  gradients<Result>(
    feeds: Feeds,
    masks: DropoutMasks | undefined,
    use: (loss: number, dense: Map<Parameter, Float32Array>, rows: Map<Parameter, RowsOfTable>) => Result,
  ): Promise<Result> {
    return this.#session.run(this.#parameters, this.#withMasks(feeds, masks), (outputs) => {
      const loss = outputs.loss!.data[0]!;
      if (!Number.isFinite(loss))
        throw new Error(`the loss is ${loss}: lower the learning rate, or look at the features`);
      const dense = new Map<Parameter, Float32Array>();
      const rows = new Map<Parameter, RowsOfTable>();
      for (const parameter of this.#gradients.dense.keys()) dense.set(parameter, outputs[`d_${parameter.name}`]!.data);
      for (const [table, parts] of this.#gradients.rows) {
        const sum = this.#tables.get(table)!;
        const lookups = parts.map(({ indices }, i) => ({
          indices: feeds[indices.name]!.data as Int32Array,
          rows: (outputs[`rows_${table.name}_${i}`] as Output).data,
        }));
        const whole = dense.get(table);
        if (whole) sum.addTo(whole, lookups);
        else rows.set(table, sum.rowsOf(lookups));
      }
      return use(loss, dense, rows);
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #withMasks(feeds: Feeds, masks: DropoutMasks | undefined): Feeds {
    if (this.graph.dropouts.length === 0) return feeds;
    if (!masks) throw new RangeError('this graph has dropout, and no masks were given');
    const all = { ...feeds };
    for (const { input, rate } of this.graph.dropouts) {
      const shape = resolved(input.shape, this.graph.inputs, feeds);
      const size = shape.reduce((product, n) => product * n, 1);
      all[input.name] = { data: masks.mask(size, rate), shape };
    }
    return all;
  }
}

/** Gradients [indices.length, width] of a table's rows that were looked up. */
export interface RowsOfTable {
  indices: Int32Array;
  gradient: Float32Array;
  width: number;
}

/** Sums the gradients of rows that were looked up more than once. Indices are an input of the graph. */
class TableGradient {
  readonly #width: number;
  /** Place of each row of the table in `#gradient`, or -1. */
  readonly #places: Int32Array;
  #indices = new Int32Array(0);
  #gradient = new Float32Array(0);

  constructor(table: Parameter) {
    this.#width = table.shape.slice(1).reduce((product, n) => product * n, 1);
    this.#places = new Int32Array(table.shape[0]!).fill(-1);
  }

  addTo(whole: Float32Array, lookups: readonly { indices: Int32Array; rows: Float32Array }[]): void {
    const width = this.#width;
    for (const { indices, rows } of lookups) {
      for (let i = 0; i < indices.length; i++) {
        const at = indices[i]! * width;
        const from = i * width;
        for (let j = 0; j < width; j++) whole[at + j]! += rows[from + j]!;
      }
    }
  }

  rowsOf(lookups: readonly { indices: Int32Array; rows: Float32Array }[]): RowsOfTable {
    const width = this.#width;
    const most = Math.min(
      this.#places.length,
      lookups.reduce((sum, { indices }) => sum + indices.length, 0),
    );
    if (this.#indices.length < most) {
      this.#indices = new Int32Array(most);
      this.#gradient = new Float32Array(most * width);
    }
    let count = 0;
    for (const { indices, rows } of lookups) {
      for (let i = 0; i < indices.length; i++) {
        const row = indices[i]!;
        let place = this.#places[row]!;
        if (place < 0) {
          place = count++;
          this.#places[row] = place;
          this.#indices[place] = row;
          this.#gradient.fill(0, place * width, (place + 1) * width);
        }
        const at = place * width;
        const from = i * width;
        for (let j = 0; j < width; j++) this.#gradient[at + j]! += rows[from + j]!;
      }
    }
    for (let place = 0; place < count; place++) this.#places[this.#indices[place]!] = -1;
    return { indices: this.#indices.subarray(0, count), gradient: this.#gradient.subarray(0, count * width), width };
  }
}
