/**
 * A computation as ONNX nodes, with a tape for reverse-mode differentiation. The functions in `operators/` add to it; the
 * graph that trains a model and the one that is exported come from the same calls.
 */
import { type Shape, shapeText } from './dimension.ts';
import type { Initial } from './initial.ts';
import type { Attribute, ElementType, OnnxModel, OnnxNode, OnnxValue, TensorData } from './onnx-file.ts';
import type { ParameterValues } from './parameter-values.ts';

/** A value of the graph that is computed when it runs. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

export interface Parameter extends Tensor {
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** What an operator did: given the gradient of its output, those of its inputs (null: none flows there). */
interface TapeEntry {
  output: Tensor;
  inputs: readonly Tensor[];
  pullback: (gradient: Tensor) => readonly (Tensor | null)[];
}

/** Gradient of an embedding table that stays in rows: `rows` [n, width] belong to the table's rows `indices` [n]. */
export interface RowGradient {
  indices: Tensor;
  rows: Tensor;
}

export interface GraphOptions {
  /** float64 is for checks of gradients; nothing else needs it. */
  precision?: 'float32' | 'float64';
  /** One to train: dropout acts, and operators that only ONNX Runtime has are allowed. */
  training?: boolean;
  /** Parameters become constants with these values instead of inputs. */
  frozen?: ParameterValues;
}

export interface Dropout {
  input: Tensor;
  /** Share of the values that are dropped, in (0, 1). */
  rate: number;
}

export class Graph {
  readonly precision: 'float32' | 'float64';
  readonly training: boolean;
  readonly parameters: Parameter[] = [];
  readonly tape: TapeEntry[] = [];
  readonly rowGradients = new Map<Parameter, RowGradient[]>();
  readonly inputs: Tensor[] = [];
  readonly dropouts: Dropout[] = [];
  readonly #frozen: ParameterValues | undefined;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: { name: string; shape: readonly number[]; data: TensorData }[] = [];
  readonly #shared = new Map<string, Tensor>();
  #names = 0;

  constructor({ precision = 'float32', training = false, frozen }: GraphOptions = {}) {
    this.precision = precision;
    this.training = training;
    this.#frozen = frozen;
  }

  input(name: string, type: ElementType | 'float', shape: Shape): Tensor {
    const tensor = { graph: this, name, type: type === 'float' ? this.precision : type, shape };
    this.inputs.push(tensor);
    return tensor;
  }

  /** Something to learn. @throws RangeError if the name is taken or the frozen value has another size */
  parameter(name: string, shape: readonly number[], initial: Initial): Parameter {
    if (this.parameters.some((parameter) => parameter.name === name)) throw new RangeError(`two parameters ${name}`);
    const parameter = { graph: this, name, type: this.precision, shape, initial };
    this.parameters.push(parameter);
    if (this.#frozen) {
      const data = this.#frozen.get(name);
      const size = shape.reduce((product, n) => product * n, 1);
      if (data?.length !== size)
        throw new RangeError(`parameter ${name}: ${data?.length} values for ${shapeText(shape)}`);
      this.#constants.push({ name, shape, data });
    }
    return parameter;
  }

  constant(values: readonly number[] | Float32Array, shape: readonly number[]): Tensor {
    const data = this.precision === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
    return this.#constant(data, shape);
  }

  /** Of rank 0. */
  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  /** Whole numbers as ONNX takes them for axes and shapes. */
  integers(values: readonly number[]): Tensor {
    return this.#constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  indices(values: readonly number[], shape: readonly number[]): Tensor {
    return this.#constant(Int32Array.from(values), shape);
  }

  #constant(data: TensorData, shape: readonly number[]): Tensor {
    const key = data.length <= 16 ? `${data.constructor.name}${shape}:${data.join()}` : null;
    const known = key === null ? undefined : this.#shared.get(key);
    if (known) return known;
    const name = this.#name('c');
    const type = data instanceof BigInt64Array ? 'int64' : data instanceof Int32Array ? 'int32' : this.precision;
    const tensor: Tensor = { graph: this, name, type, shape };
    this.#constants.push({ name, shape, data });
    if (key !== null) this.#shared.set(key, tensor);
    return tensor;
  }

  /** One node with one output; nothing is put on the tape. */
  emit(
    operator: string,
    inputs: readonly Tensor[],
    shape: Shape,
    { attributes, domain, type }: { attributes?: Record<string, Attribute>; domain?: string; type?: ElementType } = {},
  ): Tensor {
    return this.emitAll(operator, inputs, [shape], { attributes, domain, type })[0]!;
  }

  emitAll(
    operator: string,
    inputs: readonly Tensor[],
    shapes: readonly Shape[],
    { attributes, domain, type }: { attributes?: Record<string, Attribute>; domain?: string; type?: ElementType } = {},
  ): Tensor[] {
    const outputs = shapes.map((shape) => ({
      graph: this,
      name: this.#name('t'),
      type: type ?? inputs[0]!.type,
      shape,
    }));
    this.#nodes.push({
      operator,
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      ...(attributes && { attributes }),
      ...(domain && { domain }),
    });
    return outputs;
  }

  record(output: Tensor, inputs: readonly Tensor[], pullback: TapeEntry['pullback']): Tensor {
    this.tape.push({ output, inputs, pullback });
    return output;
  }

  recordRows(table: Parameter, gradient: RowGradient): void {
    this.rowGradients.set(table, [...(this.rowGradients.get(table) ?? []), gradient]);
  }

  /** The file's contents. Outputs go under the names that they are given here. */
  model(name: string, outputs: Readonly<Record<string, Tensor>>, metadata?: Record<string, string>): OnnxModel {
    const renamed = Object.entries(outputs).map(([output, tensor]) => ({
      node: { operator: 'Identity', inputs: [tensor.name], outputs: [output] },
      value: { name: output, type: tensor.type, shape: tensor.shape },
    }));
    const asInput = (tensor: Tensor): OnnxValue => ({ name: tensor.name, type: tensor.type, shape: tensor.shape });
    return {
      name,
      nodes: [...this.#nodes, ...renamed.map(({ node }) => node)],
      constants: this.#constants,
      inputs: [
        ...(this.#frozen ? [] : this.parameters.map(asInput)),
        ...this.inputs.map(asInput),
        ...this.dropouts.map(({ input }) => asInput(input)),
      ],
      outputs: renamed.map(({ value }) => value),
      ...(metadata && { metadata }),
    };
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
}
