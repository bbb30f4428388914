/** A report as JSON: snake_case, intervals as `[lower, upper]` or null. */
import type { Estimate } from './estimates.ts';
import { METRICS, type ReportedArm, type SimulationReport } from './report.ts';

export function toJson(report: SimulationReport): Record<string, unknown> {
  const { run, resamples, groups, baselines, arms, sensitivity, expected, patterns, affinity } = report;
  return {
    format: 'overplanned-simulation-report',
    v: 1,
    run,
    resamples,
    groups,
    baselines,
    metrics: METRICS,
    arms: arms.map(armJson),
    sensitivity: sensitivity.map(armJson),
    expected: expected.map(({ measured, ...about }) => ({ ...about, ...estimateJson(measured) })),
    patterns: patterns.map(({ difference, ...about }) => ({
      ...about,
      difference: difference && estimateJson(difference),
    })),
    affinity,
  };
}

function armJson({ arm, estimates, differences, pivotBands, arbitration, sides }: ReportedArm) {
  return {
    ...arm,
    estimates: tableJson(estimates),
    differences: differences && tableJson(differences),
    pivot_bands: pivotBands,
    arbitration,
    sides: sides.map(({ differences: less, ...about }) => ({ ...about, differences: cellsJson(less) })),
  };
}

const tableJson = (table: Record<string, Record<string, Omit<Estimate, 'n'>>>) =>
  Object.fromEntries(Object.entries(table).map(([group, cells]) => [group, cellsJson(cells)]));

const cellsJson = (cells: Record<string, Omit<Estimate, 'n'>>) =>
  Object.fromEntries(Object.entries(cells).map(([metric, cell]) => [metric, estimateJson(cell)]));

function estimateJson({ value, interval, ...more }: Omit<Estimate, 'n'> & { n?: number }) {
  return { value, interval: interval && [interval.lower, interval.upper], ...more };
}
