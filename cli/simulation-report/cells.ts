/** Numbers and names as the tables of a simulation's report have them. */
import type { Estimate } from '../../simulation/agents/report/estimates.ts';
import { METRICS } from '../../simulation/agents/report/report.ts';
import { type Html, html } from '../../training/evaluation/report/html.ts';

export const titleOf = (metric: string) => METRICS.find(({ name }) => name === metric)!.title;

export const digits = (value: number | null) => (value === null ? '-' : value.toFixed(3));

export function cell({ value, interval }: Omit<Estimate, 'n'>): Html {
  const range = interval && html`<br><small>${digits(interval.lower)} to ${digits(interval.upper)}</small>`;
  return html`${digits(value)}${range}`;
}
