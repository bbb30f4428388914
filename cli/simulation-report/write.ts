/** Puts the report of a simulation into its folder. */
import { toJson } from '../../simulation/agents/report/json.ts';
import type { SimulationReport } from '../../simulation/agents/report/report.ts';
import { type ReportFiles, writePair } from '../../training/evaluation/report/write-pair.ts';
import { toPage } from './page.ts';

/** `report.html` and `report.json`. */
export function writeSimulationReport(folder: string, report: SimulationReport): Promise<ReportFiles> {
  return writePair(folder, 'report', { html: toPage(report), json: toJson(report) });
}
