/** What is wrong with data, where it is: the message is for whoever gave the file. */

export type DataFault =
  | 'missing'
  | 'empty'
  | 'header'
  | 'row'
  | 'time'
  | 'rating'
  | 'binary'
  | 'damaged'
  | 'too_few_users'
  | 'too_few_items'
  /** A feature is younger than the event that it is to explain. */
  | 'from_the_future';

export interface DataPlace {
  file: string;
  /** From 1. */
  line?: number;
  field?: string;
}

export class DataError extends Error {
  override readonly name: string = 'DataError';
  readonly fault: DataFault;
  readonly place: DataPlace;
  constructor(fault: DataFault, place: DataPlace, message: string, options?: ErrorOptions) {
    const { file, line, field } = place;
    super(
      `${file}${line === undefined ? '' : `:${line}`}${field === undefined ? '' : ` (${field})`}: ${message}`,
      options,
    );
    this.fault = fault;
    this.place = place;
  }
}
