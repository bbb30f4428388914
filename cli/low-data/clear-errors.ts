/** What went wrong, in a line for who gave data or options; all else is passed on as it is. */
import { CommandError } from '../command-error.ts';
import { trainingFault } from '../training-fault.ts';

export async function withClearErrors(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new CommandError('The disk is full: nothing was written.');
    if (code === 'EISDIR' || code === 'EACCES' || code === 'ENOTDIR') throw new CommandError(`${path ?? ''}: ${code}`);
    const fault = trainingFault(error);
    if (fault !== null) throw new CommandError(fault);
    throw error;
  }
}
