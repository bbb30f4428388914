/** Reverse-mode differentiation over a graph's tape (Griewank and Walther 2008, chapter 3). */
import type { Graph, Parameter, RowGradient, Tensor } from './graph.ts';
import { add } from './operators/plain.ts';

export interface Gradients {
  /** Dense, of the parameter's shape; parameters that the loss does not depend on are missing. */
  dense: Map<Parameter, Tensor>;
  /** Of embedding tables, the part that came through lookups; adds to the dense part where there is both. */
  rows: Map<Parameter, readonly RowGradient[]>;
}

/** Adds to the graph what computes the gradient of `loss` (of rank 0) for every parameter. */
export function gradientsOf(loss: Tensor): Gradients {
  const { graph } = loss;
  if (loss.shape.length !== 0) throw new RangeError('only a scalar can be differentiated');
  const learned = dependsOnParameters(graph);
  const gradients = new Map<string, Tensor>([[loss.name, graph.scalar(1)]]);
  for (const { output, inputs, pullback } of [...graph.tape].reverse()) {
    const gradient = gradients.get(output.name);
    if (!gradient || !learned.has(output.name)) continue;
    pullback(gradient).forEach((part, i) => {
      const input = inputs[i]!.name;
      if (!part || !learned.has(input)) return;
      const sum = gradients.get(input);
      gradients.set(input, sum ? add(sum, part) : part);
    });
  }
  const dense = new Map<Parameter, Tensor>();
  for (const parameter of graph.parameters) {
    const gradient = gradients.get(parameter.name);
    if (gradient) dense.set(parameter, gradient);
  }
  return { dense, rows: graph.rowGradients };
}

function dependsOnParameters(graph: Graph): Set<string> {
  const names = new Set(graph.parameters.map(({ name }) => name));
  for (const { output, inputs } of graph.tape) if (inputs.some(({ name }) => names.has(name))) names.add(output.name);
  return names;
}
