/** The cartesian persona library: five axes, and the rule that leaves 300 of their 360 combinations. */

export const AXES = {
  /** What one travels for. */
  focus: ['food', 'culture', 'nature', 'nightlife', 'adventure'],
  pace: ['leisurely', 'moderate', 'packed'],
  budget: ['low', 'mid', 'high'],
  company: ['solo', 'couple', 'friends', 'family'],
  /** Whose city one wants to see. */
  compass: ['landmarks', 'local'],
} as const;

export type AxisName = keyof typeof AXES;
export type AxisValues = { [Axis in AxisName]: (typeof AXES)[Axis][number] };

export interface ShadowArchetype extends AxisValues {
  /** `food/leisurely/low/solo/landmarks` */
  id: string;
}

/**
 * Why nobody can be all of it, or null: bars take no children (18 combinations); no child keeps a packed day (24 more);
 * adventures take energy, except those with children, which go at their pace (18). Together 60.
 */
export function impossible({ focus, pace, company }: AxisValues): string | null {
  if (company === 'family' && focus === 'nightlife') return 'nightlife_with_children';
  if (company === 'family' && pace === 'packed') return 'packed_with_children';
  if (focus === 'adventure' && pace === 'leisurely' && company !== 'family') return 'leisurely_adventure';
  return null;
}

export function allCombinations(): AxisValues[] {
  return AXES.focus.flatMap((focus) =>
    AXES.pace.flatMap((pace) =>
      AXES.budget.flatMap((budget) =>
        AXES.company.flatMap((company) => AXES.compass.map((compass) => ({ focus, pace, budget, company, compass }))),
      ),
    ),
  );
}

/** In the order of the axes. */
export const SHADOW_ARCHETYPES: readonly ShadowArchetype[] = allCombinations()
  .filter((values) => impossible(values) === null)
  .map((values) => ({
    id: Object.keys(AXES)
      .map((axis) => values[axis as AxisName])
      .join('/'),
    ...values,
  }));
