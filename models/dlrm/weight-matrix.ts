/** Trained matrices, multiplied out before they are exported. */
import type { ParameterValues } from '../../training/engine/parameter-values.ts';

/** Row by row. */
export class WeightMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;

  constructor(data: Float32Array, columns: number) {
    if (data.length % columns !== 0) throw new RangeError(`${data.length} values are no rows of ${columns}`);
    this.data = data;
    this.columns = columns;
    this.rows = data.length / columns;
  }

  /** @throws RangeError where the model has no such parameter */
  static of(values: ParameterValues, name: string, columns: number): WeightMatrix {
    const data = values.get(name);
    if (!data) throw new RangeError(`the model has no ${name}`);
    return new WeightMatrix(data, columns);
  }

  static zeros(rows: number, columns: number): WeightMatrix {
    return new WeightMatrix(new Float32Array(rows * columns), columns);
  }

  /** Rows `from` to before `to`. */
  cut(from: number, to: number): WeightMatrix {
    return new WeightMatrix(this.data.slice(from * this.columns, to * this.columns), this.columns);
  }

  scaled(by: number): WeightMatrix {
    return new WeightMatrix(
      this.data.map((x) => x * by),
      this.columns,
    );
  }

  times(other: WeightMatrix): WeightMatrix {
    const product = new Float32Array(this.rows * other.columns);
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < other.columns; column++) {
        let sum = 0;
        for (let i = 0; i < this.columns; i++)
          sum += this.data[row * this.columns + i]! * other.data[i * other.columns + column]!;
        product[row * other.columns + column] = sum;
      }
    }
    return new WeightMatrix(product, other.columns);
  }

  /** Every row plus this one. */
  plusRow(row: WeightMatrix): WeightMatrix {
    return new WeightMatrix(
      this.data.map((x, i) => x + row.data[i % this.columns]!),
      this.columns,
    );
  }

  /** This row so many times. */
  repeated(rows: number): WeightMatrix {
    return WeightMatrix.above(...Array<WeightMatrix>(rows).fill(this));
  }

  static above(...parts: WeightMatrix[]): WeightMatrix {
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return new WeightMatrix(data, parts[0]!.columns);
  }

  static beside(...parts: WeightMatrix[]): WeightMatrix {
    const columns = parts.reduce((sum, part) => sum + part.columns, 0);
    const data = new Float32Array(parts[0]!.rows * columns);
    let at = 0;
    for (const part of parts) {
      for (let row = 0; row < part.rows; row++)
        data.set(part.data.subarray(row * part.columns, (row + 1) * part.columns), row * columns + at);
      at += part.columns;
    }
    return new WeightMatrix(data, columns);
  }
}
