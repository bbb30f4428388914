/** Persona seeds as older seeders wrote them: values of several vocabularies, each brought to one of the axes' own. */
import { AXES, type AxisName, type AxisValues } from './axes.ts';

/** Old name of an axis to the axis. */
const FIELDS: Readonly<Record<string, AxisName>> = {
  focus: 'focus',
  primary_interest: 'focus',
  pace: 'pace',
  budget: 'budget',
  budget_tier: 'budget',
  company: 'company',
  social_mode: 'company',
  compass: 'compass',
  local_bias: 'compass',
};

/** Besides the axes' own values. What can be either is read as the smaller party, or as the middle. */
const OLD_VALUES: { [Axis in AxisName]: Readonly<Record<string, AxisValues[Axis]>> } = {
  focus: {
    foodie: 'food',
    dining: 'food',
    art: 'culture',
    museums: 'culture',
    history: 'culture',
    outdoors: 'nature',
    parks: 'nature',
    party: 'nightlife',
    bars: 'nightlife',
    active: 'adventure',
    sports: 'adventure',
  },
  pace: { slow: 'leisurely', relaxed: 'leisurely', balanced: 'moderate', medium: 'moderate', fast: 'packed' },
  budget: {
    flexible: 'mid',
    medium: 'mid',
    moderate: 'mid',
    budget: 'low',
    shoestring: 'low',
    luxury: 'high',
    premium: 'high',
  },
  company: {
    solo_or_couple: 'solo',
    solo_or_group: 'solo',
    couple_or_group: 'couple',
    couples: 'couple',
    group: 'friends',
    small_group: 'friends',
    kids: 'family',
    children: 'family',
  },
  compass: {
    tourist: 'landmarks',
    iconic: 'landmarks',
    mainstream: 'landmarks',
    locals: 'local',
    hidden_gems: 'local',
  },
};

/** Of a seed that does not say, or says what nobody knows. */
export const DEFAULT_VALUES: AxisValues = {
  focus: 'food',
  pace: 'moderate',
  budget: 'mid',
  company: 'solo',
  compass: 'local',
};

/**
 * The axes of a persona seed (a JSON object of any age). `defaulted` names the axes that it did not say or that said
 * something unknown. Where two fields speak of one axis, the axis' own name wins.
 */
export function axesFromPersonaSeed(seed: unknown): { values: AxisValues; defaulted: AxisName[] } {
  const found: Partial<Record<AxisName, string>> = {};
  for (const [field, value] of Object.entries(typeof seed === 'object' && seed !== null ? seed : {})) {
    const axis = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (axis === undefined || typeof value !== 'string') continue;
    const read = readValue(axis, value);
    if (read !== null && (found[axis] === undefined || field === axis)) found[axis] = read;
  }
  const defaulted = (Object.keys(AXES) as AxisName[]).filter((axis) => found[axis] === undefined);
  return { values: { ...DEFAULT_VALUES, ...found } as AxisValues, defaulted };
}

function readValue(axis: AxisName, value: string): string | null {
  const word = value.trim().toLowerCase();
  if ((AXES[axis] as readonly string[]).includes(word)) return word;
  const old: Readonly<Record<string, string>> = OLD_VALUES[axis];
  return Object.hasOwn(old, word) ? old[word]! : null;
}
