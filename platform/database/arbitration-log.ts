/** The log of decisions, read: what the report shows, and what rules are judged by. */
import { sql } from 'drizzle-orm';
import type { ArbitrationMode, Side } from '../../core/arbitration/decision.ts';
import { type ArbitrationEvent, isTrial, servedOf, type Trial } from '../../core/arbitration/trial.ts';
import type { Queries } from './client.ts';

export interface Stretch {
  from: Date;
  /** Not included. */
  to: Date;
}

const within = ({ from, to }: Stretch) =>
  sql`e.occurred_at >= ${from.toISOString()} and e.occurred_at < ${to.toISOString()}`;

/** So many decisions of one rule, in one mode, that one side served. */
export interface DecisionCount {
  rule: string;
  mode: ArbitrationMode;
  served: Side;
  decisions: number;
  answered: number;
  accepted: number;
  /** Both sides were unsure. */
  wouldEscalate: number;
}

export async function countDecisions(database: Queries, stretch: Stretch): Promise<DecisionCount[]> {
  const { rows } = (await database.execute(sql`
    select e.arbitration_rule as rule, e.context_snapshot ->> 'mode' as mode, e.context_snapshot ->> 'served' as served,
      count(*)::int as decisions, count(e.accepted)::int as answered, (count(*) filter (where e.accepted))::int as accepted,
      (count(*) filter (where e.context_snapshot -> 'would_escalate' = 'true'::jsonb))::int as "wouldEscalate"
    from arbitration_events e where ${within(stretch)} group by 1, 2, 3 order by 1, 2, 3`)) as unknown as {
    rows: DecisionCount[];
  };
  return rows;
}

/** In how many decisions each rule's condition held, whatever decided. */
export async function countHolding(database: Queries, stretch: Stretch): Promise<Map<string, number>> {
  const { rows } = (await database.execute(sql`
    select d.rule, count(*)::int as decisions
    from arbitration_events e cross join lateral jsonb_array_elements_text(
      case jsonb_typeof(e.context_snapshot -> 'detected') when 'array' then e.context_snapshot -> 'detected' else '[]' end
    ) d (rule)
    where ${within(stretch)} group by 1`)) as unknown as { rows: { rule: string; decisions: number }[] };
  return new Map(rows.map(({ rule, decisions }) => [rule, decisions]));
}

/** With the rule that decided; of the facts, `counting_signals` alone. */
export interface LoggedTrial extends Trial {
  rule: string;
}

/** More than this are not read at once: the newest count. */
const MOST_TRIALS = 100_000;

/** Randomised decisions with an answer, oldest first; `rule`: of this one alone. */
export async function readTrials(
  database: Queries,
  stretch: Stretch,
  { rule, most = MOST_TRIALS }: { rule?: string; most?: number } = {},
): Promise<LoggedTrial[]> {
  const { rows } = (await database.execute(sql`
    select e.id, e.actor_key as actor, e.arbitration_rule as rule, e.accepted,
      date_part('epoch', e.occurred_at) * 1000 as time, e.context_snapshot -> 'served' as served,
      e.context_snapshot -> 'propensity' as propensity, e.context_snapshot -> 'counting_signals' as signals
    from arbitration_events e
    where ${within(stretch)} and e.accepted is not null and e.context_snapshot -> 'propensity' < '1'::jsonb
      and ${rule === undefined ? sql`true` : sql`e.arbitration_rule = ${rule}`}
    order by e.occurred_at desc, e.id limit ${most}`)) as unknown as {
    rows: (Omit<ArbitrationEvent, 'facts' | 'time'> & { rule: string; time: number | string; signals: unknown })[];
  };
  const events = rows.map(
    ({ id, actor, rule: by, accepted, time, served, propensity, signals }): ArbitrationEvent & { rule: string } => ({
      id,
      actor,
      rule: by,
      accepted,
      time: Number(time),
      facts: { counting_signals: signals },
      ...servedOf({ served, propensity }),
    }),
  );
  return events.filter((event): event is LoggedTrial => isTrial(event)).reverse();
}
