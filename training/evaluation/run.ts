/** `overplanned evaluate`, from a data set to what goes into the report. */
import type { Dataset, Interactions } from '../data/dataset.ts';
import { nearestArchetypes } from '../data/nearest-archetypes.ts';
import { splitDataset } from '../split-dataset.ts';
import type { SplitName } from '../split-names.ts';
import { outcomeCases } from './cases.ts';
import { EVALUATION, type Evaluation, type EvaluationOptions, evaluate } from './evaluate.ts';
import { acrossFolds } from './folds.ts';
import type { EvaluationCase, Fit, ModelRegistry, Recommender } from './recommender.ts';

export interface EvaluationRequest {
  dataset: Dataset;
  models: ModelRegistry;
  split: SplitName;
  /** With the split `archetype`: the one that is left out; otherwise each in turn. */
  archetype?: string | undefined;
  seed: number;
  options: Partial<EvaluationOptions>;
  /** Called before each ranker is fitted. */
  onFit?: (name: string) => void;
}

export interface EvaluatedModels {
  evaluation: Evaluation;
  recommenders: Recommender[];
  test: EvaluationCase[];
}

/** @throws RangeError where a split leaves nothing to learn from or to test on */
export async function evaluateModels(request: EvaluationRequest): Promise<EvaluatedModels> {
  const { dataset, split, archetype, seed, options } = request;
  const { recommenders, test, train } =
    split === 'archetype' && !archetype ? await everyArchetypeOut(request) : await onePart(request);
  const outcomes = outcomeCases(dataset, test);
  const settings = { ...EVALUATION, ...options, seed };
  return { evaluation: await evaluate(recommenders, test, train, outcomes, settings), recommenders, test };
}

async function onePart({ dataset, models, split, archetype, seed, onFit }: EvaluationRequest) {
  const { train, validation, test } = splitDataset(dataset, split, seed, archetype);
  if (!train.accepted.includes(1)) throw new RangeError(`the split ${split} leaves nothing to learn from`);
  if (test.length === 0) throw new RangeError(`the split ${split} leaves nothing to test on`);
  const recommenders: Recommender[] = [];
  for (const [name, fitRanker] of Object.entries(models)) {
    onFit?.(name);
    recommenders.push(await fitRanker({ train, validation, dataset, seed }));
  }
  return { recommenders, test, train };
}

/** Each archetype is predicted by rankers that learned from all others. */
async function everyArchetypeOut({ dataset, models, seed, onFit }: EvaluationRequest) {
  const archetypes = [...new Set(nearestArchetypes(dataset))].filter((id) => id !== null).sort();
  const folds = archetypes.map((id) => {
    const { train, validation, test } = splitDataset(dataset, 'archetype', seed, id);
    return { train, validation, cases: test };
  });
  const fits = Object.entries(models).map(([name, fitRanker]): Fit => {
    return (input) => {
      onFit?.(name);
      return fitRanker(input);
    };
  });
  const { recommenders, cases } = await acrossFolds(folds, fits, dataset, seed);
  if (cases.length === 0) throw new RangeError('the split archetype leaves nothing to test on');
  // No one training set: how well known items are is told by all of it.
  const train: Interactions = dataset.interactions;
  return { recommenders, test: cases, train };
}

/** What a reader has to know of how the figures came about, a sentence each. */
export function protocolOf(split: SplitName, { protocol, bootstrap }: EvaluationOptions, own: boolean): string[] {
  const how: Record<SplitName, string> = {
    'leave-one-out':
      'Leave one out: the last item of each user is the test, the one before it validation; training may hold what others did later.',
    time: 'By time: one cut for all users; nothing after it is learned from.',
    user: 'By user: the last item of users of whom nothing is learned from.',
    archetype: 'Leave one archetype out: the last item of users whose nearest archetype is not learned from.',
  };
  return [
    how[split],
    protocol.sampled === null
      ? `Ranked among ${own ? 'all that the logged ranking offered; where none is logged, ' : ''}the full catalogue${protocol.excludeHistory ? ' without the items of the history' : ''}.`
      : `Ranked among ${protocol.sampled} random negatives (sampled@${protocol.sampled}): only to compare with papers that did so.`,
    'Equal scores are ranked in expectation over their order; an item without a score is never recommended.',
    `${bootstrap.level * 100}% intervals: ${bootstrap.method === 'bca' ? 'BCa' : 'percentile'} bootstrap over users, ${bootstrap.resamples} resamples.`,
    ...(own ? [] : ['Cold: fewer than 20 items before the case.']),
  ];
}
