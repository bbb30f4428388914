/** Puts the report of an evaluation into a folder. */
import { type EvaluationDocument, toJson } from './document.ts';
import { toPage } from './page.ts';
import { type ReportFiles, writePair } from './write-pair.ts';

/** `report.html` and `report.json`. */
export function writeReport(folder: string, document: EvaluationDocument): Promise<ReportFiles> {
  return writePair(folder, 'report', { html: toPage(document), json: toJson(document) });
}
