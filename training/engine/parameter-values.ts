/** The values of a model's parameters, by name. */
export type ParameterValues = Map<string, Float32Array>;

export function copyOf(values: ParameterValues): ParameterValues {
  return new Map([...values].map(([name, data]) => [name, data.slice()]));
}

export function parameterCount(values: ParameterValues): number {
  return [...values.values()].reduce((sum, data) => sum + data.length, 0);
}
