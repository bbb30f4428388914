/** The budget of a traveller who named none. */
import type { Persona } from '../../core/persona/persona.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';

const BUDGET_FROM_PERSONA = { low: 0.67, mid: 0.25 } as const;

export function budgetOf(persona: Persona): BudgetBand {
  const { cost_sensitivity } = persona.dimensions;
  return cost_sensitivity >= BUDGET_FROM_PERSONA.low
    ? 'low'
    : cost_sensitivity >= BUDGET_FROM_PERSONA.mid
      ? 'mid'
      : 'high';
}
