/** What went wrong in a training, where it is the data or the config: the same again would fail again. */
import { ZodError } from 'zod';

const FAULTS = ['DataError', 'RefusedData', 'NotReady', 'NotEnoughData', 'RangeError'];

/** A line, or a line a field, for whoever gave them; null for anything else. */
export function trainingFault(error: unknown): string | null {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || 'config'}: ${message}`).join('\n');
  }
  return error instanceof Error && FAULTS.includes(error.name) ? error.message : null;
}
