export interface EpochRecord {
  epoch: number;
  /** Mean over its steps. */
  loss: number;
  /** Null where the epoch was not validated. */
  validation: number | null;
}
