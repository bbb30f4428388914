/** Daily: a rule whose decisions are worse than the language model alone is switched off, and an alert says so. */
import { REVIEW, reviewRule } from '../core/arbitration/comparison.ts';
import { DEFAULT_ARBITRATION, withSwitches } from '../core/arbitration/config.ts';
import { SWITCHED_RULES } from '../core/arbitration/decision.ts';
import { raiseAlert } from '../platform/database/alerts.ts';
import { ruleSwitches, switchRule } from '../platform/database/arbitration.ts';
import { readTrials } from '../platform/database/arbitration-log.ts';
import type { JobContext } from './job-context.ts';

/** What is older says little of the rankers as they are. */
const LOOKS_BACK_MS = 90 * 86_400_000;

/**
 * Judged by the randomised decisions that each rule made, since it was switched last. Switch and alert are one
 * transaction; a rule that somebody switched in the meantime stays as they left it.
 */
export async function arbitrationReview(
  _after: string | null,
  { database, now, log }: JobContext,
): Promise<{ next: null; counts: Record<string, number> }> {
  const switches = await ruleSwitches(database);
  const { disabled } = withSwitches(
    DEFAULT_ARBITRATION,
    new Map([...switches].map(([rule, { enabled }]) => [rule, enabled])),
  );
  const counts = { reviewed: 0, switched_off: 0, without_support: 0 };
  for (const rule of SWITCHED_RULES) {
    if (disabled.includes(rule)) continue;
    const since = switches.get(rule)?.changedAt ?? null;
    const from = new Date(Math.max(now - LOOKS_BACK_MS, since?.getTime() ?? 0));
    const review = reviewRule(rule, await readTrials(database, { from, to: new Date(now) }, { rule }));
    counts.reviewed++;
    if (review.verdict === 'no_support') counts.without_support++;
    if (review.verdict !== 'worse') continue;
    const { ml, llm, lead } = review.comparison!;
    const evidence = {
      from: from.toISOString(),
      to: new Date(now).toISOString(),
      decisions: review.decisions,
      level: REVIEW.level,
      ml: 'value' in ml ? { value: ml.value, interval: ml.interval } : null,
      llm: 'value' in llm ? { value: llm.value, interval: llm.interval } : null,
      ml_lead: lead,
    };
    const switched = await database.transaction(async (tx) => {
      const reason = 'worse than the language model alone';
      const changedAt = new Date(now);
      const change = { rule, enabled: false, reason, evidence, changedBy: 'arbitration-review', changedAt };
      if (!(await switchRule(tx, change, since))) return false;
      const occasion = since?.toISOString() ?? 'first';
      await raiseAlert(tx, { kind: 'rule_switched_off', subject: rule, occasion, detail: evidence }, changedAt);
      return true;
    });
    if (switched) {
      counts.switched_off++;
      log('arbitration_rule_switched_off', { rule, ...evidence });
    }
  }
  return { next: null, counts };
}
