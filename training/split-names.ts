/** How a data set can be split into what is learned from and what is measured on. */
export const SPLITS = ['leave-one-out', 'time', 'user', 'archetype'] as const;
export type SplitName = (typeof SPLITS)[number];
