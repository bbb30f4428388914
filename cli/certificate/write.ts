/** Puts a certificate into its folder. */
import { type ReportFiles, writePair } from '../../training/evaluation/report/write-pair.ts';
import { type Certificate, toJson } from './certificate.ts';
import { toPage } from './page.ts';

/** `certificate.html` and `certificate.json`. */
export function writeCertificate(folder: string, made: Certificate): Promise<ReportFiles> {
  return writePair(folder, 'certificate', { html: toPage(made), json: toJson(made) });
}
