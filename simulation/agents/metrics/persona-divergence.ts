/**
 * Whether unlike travellers get unlike lists: two archetypes that differ on one dimension above all, in the same city on the
 * same dates, with equally much of a past.
 */
import { HEAD } from './cut-offs.ts';

/** Of the squared difference of their dimensions, so much at least lies in the one. */
export const DOMINANT_SHARE = 0.4;

/** A1 and A11 are the seed's example. */
export const DIVERGENT_PAIRS = [
  { pair: ['A1', 'A11'], dimension: 'local_vs_tourist_bias' },
  { pair: ['A7', 'A11'], dimension: 'family_focus' },
  { pair: ['A2', 'A6'], dimension: 'pace_preference' },
  { pair: ['A4', 'A8'], dimension: 'culture' },
  { pair: ['A3', 'A5'], dimension: 'cost_sensitivity' },
] as const;

export const PERSONA_DIVERGENCE = {
  name: 'persona_divergence',
  title: 'Persona divergence',
  formula:
    'mean over pairs of travellers and parts of day 1 of 1 - |A and B| / |A or B|, A and B the first five of each',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
} as const;

/** Jaccard distance of the heads of two lists, in [0, 1]; of two empty ones 0. */
export function listDivergence(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [new Set(a.slice(0, HEAD)), new Set(b.slice(0, HEAD))];
  const shared = [...left].filter((id) => right.has(id)).length;
  const all = left.size + right.size - shared;
  return all === 0 ? 0 : 1 - shared / all;
}

/** First-day lists by part of the day. */
export type FirstLists = Readonly<Partial<Record<'morning' | 'afternoon' | 'evening', readonly string[]>>>;

/** Mean over the parts that both have; null where there is none. */
export function travellerDivergence(a: FirstLists, b: FirstLists): number | null {
  const parts = (['morning', 'afternoon', 'evening'] as const).filter((part) => a[part] && b[part]);
  if (parts.length === 0) return null;
  return parts.reduce((sum, part) => sum + listDivergence(a[part]!, b[part]!), 0) / parts.length;
}
