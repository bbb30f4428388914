/** What the arbiter did in `hybrid`: rule by rule beside what the sources say of it, and whether it came to more than one of its sides. */
import { SWITCHED_RULES, type SwitchedRule } from '../../../core/arbitration/decision.ts';
import { SIDE_OF_RULE } from '../../../core/arbitration/rules.ts';
import type { ArmDescription } from '../run-folder.ts';
import type { TravellerRow } from '../traveller-row.ts';
import type { ArmEstimates, Estimate } from './estimates.ts';

/** Why seed 2 has the rule choose its side; the confidence gap is seed 1's. */
export const READINGS: Record<SwitchedRule, string> = {
  agreement: 'where both agree, ML has the behaviour behind it',
  cold: 'under three trips there is no behaviour to go by',
  popularity_bias: 'the language model lifts what is famous for who wants what is local',
  sequence_momentum: 'a trained ranker sees the pattern of the latest choices',
  confidence_gap: 'the language model is sure, and ML is not',
  group_conflict: 'members want different things, and a compromise is counted, not told',
  novel_venue: 'the language model cannot know what is newer than its training',
  default: 'the warm are served by ML',
};

export interface DecidedSlots {
  rule: string;
  served: string;
  slots: number;
  /** Of all that were decided. */
  share: number;
  /** Of what was put first. */
  acceptance: number;
  /** The side that the sources give the rule, and why; null of what is no rule of theirs. */
  reading: { side: 'ml' | 'llm'; why: string } | null;
}

/** In the order of the rules. */
export function decidedSlots(rows: readonly TravellerRow[]): DecidedSlots[] {
  const sums = new Map<string, [slots: number, accepted: number]>();
  let all = 0;
  for (const { arbitration } of rows) {
    for (const [key, [slots, accepted]] of Object.entries(arbitration)) {
      const sum = sums.get(key) ?? [0, 0];
      sums.set(key, [sum[0] + slots, sum[1] + accepted]);
      all += slots;
    }
  }
  const place = (rule: string) => (SWITCHED_RULES as readonly string[]).indexOf(rule);
  return [...sums]
    .map(([key, [slots, accepted]]): DecidedSlots => {
      const [rule, served] = key.split('/') as [string, string];
      const known = SWITCHED_RULES.find((one) => one === rule);
      const reading = known ? { side: SIDE_OF_RULE[known], why: READINGS[known] } : null;
      return { rule, served, slots, share: slots / all, acceptance: accepted / slots, reading };
    })
    .sort((a, b) => place(a.rule) - place(b.rule) || b.slots - a.slots);
}

/** Hybrid against a ranker that is one of its sides. */
export interface AgainstSide {
  /** The side's own arm. */
  arm: string;
  /** Who came before the arbiter: the warm, and who became so on the way. */
  travellers: number;
  /** Of them, those whose trip is the side's in all that is measured of both. */
  same: number;
  /** Hybrid less the side, by metric; of the warm. */
  differences: Record<string, Omit<Estimate, 'n'>>;
}

interface MeasuredArm {
  about: ArmDescription;
  /** In the order of travellers, the same ones in each arm. */
  rows: readonly TravellerRow[];
  estimates: ArmEstimates;
}

/** Of the arms whose ranker the arbiter held against another. */
export function againstSides(
  hybrid: MeasuredArm,
  arms: readonly MeasuredArm[],
  metrics: readonly string[],
): AgainstSide[] {
  const sides = new Set(hybrid.about.ranker.split(/[:,]/));
  const decided = hybrid.rows.filter(({ arbitration }) => Object.keys(arbitration).length > 0);
  return arms
    .filter((arm) => arm !== hybrid && sides.has(arm.about.ranker))
    .map(({ about, rows, estimates }) => ({
      arm: about.name,
      travellers: decided.length,
      same: decided.filter((row) => sameTrip(row, rows[row.index]!)).length,
      differences: Object.fromEntries(
        metrics.map((metric) => [metric, hybrid.estimates.less(estimates, metric, 'warm')]),
      ),
    }));
}

function sameTrip(a: TravellerRow, b: TravellerRow): boolean {
  const shared = Object.keys(a.metrics).filter((name) => name in b.metrics);
  const told = ({ slots, first_lists, metrics }: TravellerRow) =>
    JSON.stringify([slots, first_lists, shared.map((name) => metrics[name])]);
  return told(a) === told(b);
}
