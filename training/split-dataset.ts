/** `--split`: what of a data set is learned from, what stops the learning, and what is only measured on. */
import type { Dataset, Interactions } from './data/dataset.ts';
import { byTime, byUser, leaveArchetypeOut, leaveOneOut, type Split } from './data/split.ts';
import { evaluationCases } from './evaluation/cases.ts';
import type { EvaluationCase } from './evaluation/recommender.ts';
import type { SplitName } from './split-names.ts';

const HELD_OUT = { validation: 0.1, test: 0.1 };

export interface SplitDataset {
  train: Interactions;
  validation: EvaluationCase[];
  test: EvaluationCase[];
}

/** @param archetype that is left out, for the split of that name */
export function splitDataset(dataset: Dataset, name: SplitName, seed: number, archetype?: string): SplitDataset {
  const { train, validation, test } = split(dataset, name, seed, archetype);
  return { train, validation: evaluationCases(dataset, validation), test: evaluationCases(dataset, test) };
}

function split(dataset: Dataset, name: SplitName, seed: number, archetype?: string): Split {
  const { interactions } = dataset;
  switch (name) {
    case 'leave-one-out':
      return leaveOneOut(interactions);
    case 'time':
      return byTime(interactions);
    case 'user':
      return byUser(interactions, { ...HELD_OUT, seed });
    case 'archetype':
      if (!archetype) throw new RangeError('which archetype is left out?');
      return leaveArchetypeOut(dataset, archetype, { validation: HELD_OUT.validation, seed });
  }
}
