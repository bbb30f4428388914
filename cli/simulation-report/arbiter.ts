/** The arbiter's part of the report: which rule decided for whom, and what the whole of it came to. */
import type { AgainstSide } from '../../simulation/agents/report/arbiter.ts';
import type { ReportedArm } from '../../simulation/agents/report/report.ts';
import { type Html, html, table } from '../../training/evaluation/report/html.ts';
import { cell, digits, titleOf } from './cells.ts';

const SIDES = { ml: 'ML', llm: 'the language model side' } as const;
const sideName = (side: string) => SIDES[side as keyof typeof SIDES] ?? side;

/** Null where nothing was arbitrated. */
export function arbiterPart(arms: readonly ReportedArm[], metrics: readonly string[]): Html | null {
  const decided = arms.filter(({ arbitration }) => arbitration.length > 0);
  if (decided.length === 0) return null;
  return html`<h2>What the arbiter did</h2>
<p>Acceptance of what was put first, where each rule decided: what was shown decides what could be accepted, so rules are not compared by it.</p>
${decided.map(({ arm, arbitration, sides }) => {
  return html`${table(
    ['rule', 'served', 'slots', 'share', 'acceptance', 'what the sources say'],
    arbitration.map(({ rule, served, slots, share, acceptance, reading }) => [
      `${arm.variant}: ${rule}`,
      sideName(served),
      slots,
      `${(100 * share).toFixed(1)}%`,
      digits(acceptance),
      reading ? `${sideName(reading.side)}: ${reading.why}` : '',
    ]),
  )}
${sides.map((side) => html`<p>${verdict(arm.variant, side)}</p>`)}
${
  sides.length > 0
    ? table(
        [`${arm.variant} less (warm)`, ...metrics.map(titleOf)],
        sides.map(({ arm: side, differences }) => [side, ...metrics.map((metric) => cell(differences[metric]!))]),
      )
    : null
}`;
})}`;
}

function verdict(variant: string, { arm, travellers, same }: AgainstSide): Html {
  if (same < travellers) {
    return html`Of the ${travellers} travellers who came before the arbiter, ${same} had the trip under ${variant} that they had under ${arm}.`;
  }
  return html`<span class="off">${variant} is ${arm}</span>: all ${travellers} travellers who came before the arbiter had the same trip under both, so that no metric tells them apart.`;
}
