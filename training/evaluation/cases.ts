/** Held-out interactions as the cases of an evaluation: what was on offer, and to which segments they belong. */
import { WARM_SIGNALS } from '../../core/persona/persona.ts';
import type { Dataset } from '../data/dataset.ts';
import { nearestArchetypes } from '../data/nearest-archetypes.ts';
import type { HeldOut } from '../data/split.ts';
import type { EvaluationCase, OutcomeCase, Segment } from './recommender.ts';

/** What `evaluationCases` reads of a held-out interaction. */
type Held = Pick<HeldOut, 'user' | 'history' | 'target' | 'time' | 'index'>;

/**
 * Our own data: candidates are those of the logged ranking that offered the target, where there was one; segments are
 * warmth as logged, party, city and nearest archetype. Plain files: the whole catalogue; cold is a history of under 20, the
 * limit under which no trained model ranks.
 */
export function evaluationCases(dataset: Dataset, held: readonly Held[]): EvaluationCase[] {
  const segment = segmenter(dataset);
  return held.map(({ user, history, target, time, index }, id) => ({
    id,
    user,
    history,
    target,
    time,
    candidates: offeredWith(dataset, target, index),
    segment: segment(user, target, history.length, index),
    index,
  }));
}

/**
 * Everything that was decided, taken or refused, at the held-out interactions and after them: what a probability of
 * acceptance is held against. Empty where nothing was refused, as in plain files.
 */
export function outcomeCases({ interactions, own }: Dataset, cases: readonly EvaluationCase[]): OutcomeCase[] {
  const { user, item, time, accepted } = interactions;
  if (!accepted.includes(0)) return [];
  const first = new Map<number, EvaluationCase>();
  for (const one of cases) {
    const known = first.get(one.user);
    if (one.index >= 0 && (!known || one.index < known.index)) first.set(one.user, one);
  }
  const segment = segmenter({ interactions, own });
  const outcomes: OutcomeCase[] = [];
  for (const [who, { index, history }] of first) {
    const taken = Array.from(history);
    for (let i = index; i < user.length && user[i] === who; i++) {
      outcomes.push({
        id: outcomes.length,
        user: who,
        history: Int32Array.from(taken),
        target: item[i]!,
        time: time[i]!,
        candidates: null,
        segment: segment(who, item[i]!, taken.length, i),
        index: i,
        accepted: accepted[i] === 1,
      });
      if (accepted[i]) taken.push(item[i]!);
    }
  }
  return outcomes;
}

function offeredWith({ own }: Dataset, target: number, index: number): Int32Array | null {
  const set = index >= 0 ? own?.candidateSets[own.context.candidateSet[index]!] : undefined;
  if (!set?.items.includes(target)) return null;
  return Int32Array.from(new Set(set.items));
}

type Segmenter = (user: number, target: number, before: number, index: number) => Segment;

function segmenter({ interactions, own }: Pick<Dataset, 'interactions' | 'own'>): Segmenter {
  const warmth = (warm: boolean) => (warm ? 'warm' : 'cold');
  if (!own) return (_user, _target, before) => ({ warmth: warmth(before >= WARM_SIGNALS) });
  const { context, cities } = own;
  const archetypes = nearestArchetypes({ interactions, own } as Dataset);
  return (user, target, before, index) => ({
    warmth: warmth(index >= 0 ? context.warm[index] === 1 : before >= WARM_SIGNALS),
    party: index >= 0 && context.groupSize[index]! > 1 ? 'group' : 'solo',
    city: cities[target] || 'unknown',
    archetype: archetypes[user] ?? 'unknown',
  });
}
