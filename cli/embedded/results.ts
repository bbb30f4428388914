/** Backend bytes read into the results that Neon's HTTP endpoint answers with. */
import type { DatabaseError } from 'pg-protocol';
import type {
  CommandCompleteMessage,
  DataRowMessage,
  Field,
  RowDescriptionMessage,
} from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';

/** One statement's result: every value as Postgres prints it, null where it is null. */
export interface StatementResult {
  command: string;
  rowCount: number | null;
  fields: Field[];
  rows: (string | null)[][];
  rowAsArray: true;
}

/** The results before the first error, and that error. */
export function readResults(answer: Buffer): { results: StatementResult[]; error: DatabaseError | null } {
  const results: StatementResult[] = [];
  let error: DatabaseError | null = null;
  let fields: Field[] = [];
  let rows: (string | null)[][] = [];
  const finish = (command: string, rowCount: number | null) => {
    results.push({ command, rowCount, fields, rows, rowAsArray: true });
    fields = [];
    rows = [];
  };
  new Parser().parse(answer, (message) => {
    switch (message.name) {
      case 'rowDescription':
        fields = (message as RowDescriptionMessage).fields;
        break;
      case 'dataRow':
        rows.push((message as DataRowMessage).fields);
        break;
      case 'commandComplete': {
        // A tag: "SELECT 3", "INSERT 0 1", "CREATE TABLE".
        const words = (message as CommandCompleteMessage).text.split(' ');
        const count = words.at(-1)!;
        finish(words[0]!, /^\d+$/.test(count) ? Number(count) : null);
        break;
      }
      case 'emptyQuery':
        finish('', null);
        break;
      case 'error':
        error ??= message as DatabaseError;
        break;
    }
  });
  return { results, error };
}

/** The fields of a Postgres error in the names that `@neondatabase/serverless` copies to its `NeonDbError`. */
export function describeError(error: DatabaseError): Record<string, string | null> {
  const described: Record<string, string | null> = { message: error.message };
  for (const field of ERROR_FIELDS) described[field] = error[field] ?? null;
  return described;
}

const ERROR_FIELDS = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const;
