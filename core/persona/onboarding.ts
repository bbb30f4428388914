/** Onboarding: the tags that a traveller selects, and the persona dimensions and interests that they stand for. */
import data from '../../data/persona/onboarding.json' with { type: 'json' };
import type { VibeTag } from '../venue/vocabulary.ts';
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from './dimensions.ts';

interface OnboardingTag {
  /** Dimension to `[target in [0, 1], strength]`. */
  dimensions: Record<string, number[]>;
  vibe_tags: string[];
}

interface OnboardingGroup {
  label: string;
  /** Whether more than one tag of the group may be chosen. */
  multiple: boolean;
  tags: Record<string, OnboardingTag>;
}

export const ONBOARDING_GROUPS = data.groups as unknown as Readonly<Record<string, OnboardingGroup>>;

/** Group to the chosen tags: as stored, each list sorted and without repeats. */
export type OnboardingTags = Record<string, string[]>;

export interface UnknownTag {
  /** Where it stands, such as `onboarding_tags.food`. */
  field: string;
  message: string;
  known: string[];
}

/**
 * Checks a selection (`{food: ["ramen"], pace: "slow"}`) against the vocabulary and brings it to its stored form.
 * Answers either the tags or everything that is wrong with them, never both.
 */
export function readOnboardingTags(
  selection: Record<string, string | string[]>,
): { tags: OnboardingTags; problems: [] } | { tags: null; problems: UnknownTag[] } {
  const problems: UnknownTag[] = [];
  const tags: OnboardingTags = {};
  for (const [groupName, chosen] of Object.entries(selection)) {
    const group = Object.hasOwn(ONBOARDING_GROUPS, groupName) ? ONBOARDING_GROUPS[groupName] : undefined;
    const field = `onboarding_tags.${groupName}`;
    if (!group) {
      problems.push({ field, message: `unknown group "${groupName}"`, known: Object.keys(ONBOARDING_GROUPS) });
      continue;
    }
    const list = [...new Set(typeof chosen === 'string' ? [chosen] : chosen)].sort();
    const known = Object.keys(group.tags);
    for (const tag of list) {
      if (!Object.hasOwn(group.tags, tag)) problems.push({ field, message: `unknown tag "${tag}"`, known });
    }
    if (!group.multiple && list.length > 1) {
      problems.push({ field, message: `takes one tag, not ${list.length}`, known });
    }
    tags[groupName] = list;
  }
  return problems.length > 0 ? { tags: null, problems } : { tags, problems: [] };
}

/**
 * The dimensions that a selection stands for: for each, the strength-weighted mean of the chosen tags' targets and of
 * what is supposed of everybody (strength 1). The order of selection does not matter.
 */
export function dimensionsFromTags(tags: OnboardingTags, supposed: Dimensions = NEUTRAL_DIMENSIONS): Dimensions {
  const sum = { ...supposed };
  const strength = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, 1])) as Dimensions;
  for (const groupName of Object.keys(tags).sort()) {
    for (const tag of tags[groupName] ?? []) {
      const pulls = ONBOARDING_GROUPS[groupName]?.tags[tag]?.dimensions ?? {};
      for (const name of DIMENSION_NAMES) {
        const [target, weight] = pulls[name] ?? [0, 0];
        sum[name] += (target ?? 0) * (weight ?? 0);
        strength[name] += weight ?? 0;
      }
    }
  }
  return Object.fromEntries(DIMENSION_NAMES.map((name) => [name, sum[name] / strength[name]])) as Dimensions;
}

/** The vibe tags that a selection asks for by name, sorted. */
export function interestsFromTags(tags: OnboardingTags): VibeTag[] {
  const interests = Object.entries(tags).flatMap(([group, chosen]) =>
    chosen.flatMap((tag) => ONBOARDING_GROUPS[group]?.tags[tag]?.vibe_tags ?? []),
  );
  return [...new Set(interests)].sort() as VibeTag[];
}
