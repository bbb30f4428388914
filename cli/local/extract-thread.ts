/** Extraction on a thread of its own: the embedded database keeps the main one busy. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Extraction, type ExtractionCounts, extractAll } from '../../platform/artifacts/dataset/extract.ts';
import { folderStore } from '../../platform/artifacts/folder-store.ts';
import { openDatabase } from '../../platform/database/client.ts';

interface Work {
  url: string;
  folder: string;
}

interface Failure {
  kind: 'failed';
  name: string;
  message: string;
  code: string | undefined;
}

type Report = { kind: 'step' | 'done'; counts: ExtractionCounts } | Failure;

/** What the thread failed with, as far as it can be sent: `code` of the system's errors. */
export class ExtractionFailed extends Error {
  readonly code: string | undefined;
  constructor({ name, message, code }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** @throws ExtractionFailed */
export async function extractOnThread(
  work: Work,
  onStep: (counts: ExtractionCounts) => void,
): Promise<ExtractionCounts> {
  const thread = new Worker(new URL(import.meta.url), { workerData: work });
  try {
    return await new Promise((done, failed) => {
      thread.on('error', failed);
      thread.on('exit', (code) => failed(new Error(`the extraction ended with ${code}`)));
      thread.on('message', (report: Report) => {
        if (report.kind === 'failed') failed(new ExtractionFailed(report));
        else if (report.kind === 'done') done(report.counts);
        else onStep(report.counts);
      });
    });
  } finally {
    await thread.terminate();
  }
}

if (!isMainThread) {
  const { url, folder } = workerData as Work;
  const send = (report: Report) => parentPort!.postMessage(report);
  try {
    const extraction = new Extraction(openDatabase(url), folderStore(folder));
    send({ kind: 'done', counts: await extractAll(extraction, (counts) => send({ kind: 'step', counts })) });
  } catch (error) {
    const { name, message, code, cause } = error as NodeJS.ErrnoException;
    send({ kind: 'failed', name, message: cause ? `${message}: ${String(cause)}` : message, code });
  }
}
