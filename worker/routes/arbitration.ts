/** For operators: how the choices between the ML and the LLM ranking fare, and the switches of the rules. */
import { createRoute, z } from '@hono/zod-openapi';
import { compareSides } from '../../core/arbitration/comparison.ts';
import { DEFAULT_ARBITRATION, withCalibration } from '../../core/arbitration/config.ts';
import {
  ARBITRATION_MODES,
  ARBITRATION_RULES,
  SIDES,
  SWITCHED_RULES,
  type SwitchedRule,
} from '../../core/arbitration/decision.ts';
import { SIDE_OF_RULE } from '../../core/arbitration/rules.ts';
import type { PolicyValue } from '../../core/experiment/off-policy/estimate.ts';
import type { NoSupport } from '../../core/experiment/off-policy/support.ts';
import { type RuleSwitch, ruleSwitches, switchRule } from '../../platform/database/arbitration.ts';
import { countDecisions, countHolding, readTrials } from '../../platform/database/arbitration-log.ts';
import { type LoadedCalibration, latestCalibration } from '../../platform/database/calibrations.ts';
import { access } from '../middleware/access.ts';
import { invalidField, Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';

const interval = z.object({ lower: z.number(), upper: z.number() });

const estimate = z
  .union([
    z.object({
      kind: z.literal('value'),
      value: z.number(),
      interval,
      decisions: z.int().openapi({ description: 'Randomised ones with an answer' }),
    }),
    z.object({ kind: z.literal('no_support'), reason: z.string(), message: z.string() }),
  ])
  .openapi('SupportedShare', {
    description: 'Share of what is accepted (SNIPS), 95% interval; or that the log cannot say',
  });

const ruleSwitch = z
  .object({
    enabled: z.boolean(),
    by: z.string(),
    at: z.string(),
    reason: z.string().nullable(),
    evidence: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('ArbitrationSwitch');

const perSide = z.object({ decisions: z.int(), answered: z.int(), accepted: z.int() });

const ruleReport = z
  .object({
    rule: z.enum(ARBITRATION_RULES),
    speaks_for: z.enum(SIDES).nullable(),
    enabled: z.boolean(),
    switched: ruleSwitch.nullable(),
    fired: z.int().openapi({ description: 'Decisions that it made; those in shadow would have been' }),
    share: z.number().nullable().openapi({ description: 'Of all decisions, in [0, 1]' }),
    fired_in_shadow: z.int(),
    held: z.int().nullable().openapi({ description: 'Decisions in which its condition held, whatever decided' }),
    served: z
      .object({ ml: perSide, llm: perSide })
      .openapi({ description: 'As logged: who was served what is no accident, so these are not to be compared' }),
    acceptance: z.object({ ml: estimate, llm: estimate }),
    ml_lead: z.object({ value: z.number(), interval }).nullable().openapi({ description: 'ML less LLM' }),
  })
  .openapi('ArbitrationRule');

/** Those values of the configuration that are numbers. */
const THRESHOLDS = [
  'agreement',
  'cold_trips',
  'tourist_score',
  'local_bias',
  'local_score',
  'sequence_momentum',
  'llm_confident',
  'ml_unsure',
  'llm_unsure',
  'group_conflict',
  'novel_venues',
] as const satisfies readonly (keyof typeof DEFAULT_ARBITRATION)[];

const thresholds = z
  .object({
    version: z.string().openapi({ description: 'As logged with each decision; `+cal.` names the calibration' }),
    values: z.record(z.enum(THRESHOLDS), z.number()),
    by_archetype: z
      .record(z.string(), z.object({ agreement: z.number() }))
      .openapi({ description: "What replaces them for travellers, and groups' means, nearest to an archetype" }),
    calibration: z
      .object({
        run_id: z.uuid(),
        ranker: z.string(),
        lineage: z.array(z.string()),
        created_at: z.string(),
      })
      .nullable()
      .openapi({
        description: 'The latest that may load here; outside development stand-ins and built-in agents may not',
      }),
  })
  .openapi('ArbitrationThresholds');

const report = z
  .object({
    from: z.string(),
    to: z.string(),
    mode: z.enum(ARBITRATION_MODES).openapi({ description: 'As configured' }),
    exploration: z.number().openapi({ description: 'Share of disagreements that a fair coin decides, as configured' }),
    decisions: z.int(),
    modes: z.object({ off: z.int(), shadow: z.int(), live: z.int() }),
    thresholds,
    would_escalate: z.int().openapi({ description: 'Both sides were unsure' }),
    rules: z.array(ruleReport),
  })
  .openapi('ArbitrationReport');

const DAY_MS = 86_400_000;
const USUAL_DAYS = 28;
const MOST_DAYS = 366;
const instant = z.iso.datetime({ offset: true }).optional();

const shownEstimate = (found: PolicyValue | NoSupport): z.infer<typeof estimate> =>
  found.kind === 'value'
    ? { kind: 'value', value: found.value, interval: found.interval, decisions: found.rounds }
    : { kind: 'no_support', reason: found.reason, message: found.message };

function shownSwitch(row: RuleSwitch): z.infer<typeof ruleSwitch> {
  const { enabled, changedBy, changedAt, reason, evidence } = row;
  return { enabled, by: changedBy, at: changedAt.toISOString(), reason, evidence };
}

function shownThresholds(latest: LoadedCalibration | null): z.infer<typeof thresholds> {
  const config = latest ? withCalibration(DEFAULT_ARBITRATION, latest.calibration) : DEFAULT_ARBITRATION;
  return {
    version: config.version,
    values: Object.fromEntries(THRESHOLDS.map((name) => [name, config[name]])) as Record<
      (typeof THRESHOLDS)[number],
      number
    >,
    by_archetype: (config.archetypes ?? {}) as Record<string, { agreement: number }>,
    calibration: latest && {
      run_id: latest.calibration.run_id,
      ranker: latest.calibration.ranker,
      lineage: [...latest.lineage],
      created_at: latest.createdAt.toISOString(),
    },
  };
}

const isSwitched = (rule: string): rule is SwitchedRule => (SWITCHED_RULES as readonly string[]).includes(rule);

export const arbitrationRoutes = newRouter();

arbitrationRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/arbitration',
    summary: 'Per rule: how often it fired, and what was accepted of either side',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      query: z.strictObject({
        from: instant.openapi({ description: `Default: ${USUAL_DAYS} days before \`to\`` }),
        to: instant.openapi({ description: 'Not included; default: now' }),
      }),
    },
    responses: { 200: json(report, 'The report'), ...problemResponses(400, 401, 403, 422) },
  }),
  async (c) => {
    const { database, settings, now } = c.var;
    const query = c.req.valid('query');
    const to = new Date(query.to ?? now);
    const from = new Date(query.from ?? to.getTime() - USUAL_DAYS * DAY_MS);
    if (from >= to) throw invalidField('from', 'empty_range', '`from` must be before `to`');
    if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) {
      throw invalidField('from', 'range_too_long', `at most ${MOST_DAYS} days`);
    }
    const stretch = { from, to };
    const [counts, holding, trials, switches, calibration] = await Promise.all([
      countDecisions(database, stretch),
      countHolding(database, stretch),
      readTrials(database, stretch),
      ruleSwitches(database),
      latestCalibration(database, settings.environment),
    ]);
    const sum = (rows: typeof counts, field: 'decisions' | 'answered' | 'accepted' | 'wouldEscalate') =>
      rows.reduce((total, row) => total + row[field], 0);
    const decisions = sum(counts, 'decisions');
    const inMode = (mode: string) => counts.filter((row) => row.mode === mode);
    const rules = ARBITRATION_RULES.map((rule) => {
      const own = counts.filter((row) => row.rule === rule);
      const side = (name: string) => {
        const rows = own.filter(({ served }) => served === name);
        return { decisions: sum(rows, 'decisions'), answered: sum(rows, 'answered'), accepted: sum(rows, 'accepted') };
      };
      const { ml, llm, lead } = compareSides(trials.filter((trial) => trial.rule === rule));
      const changed = isSwitched(rule) ? switches.get(rule) : undefined;
      const fired = sum(own, 'decisions');
      return {
        rule,
        speaks_for: isSwitched(rule) ? SIDE_OF_RULE[rule] : null,
        enabled: changed?.enabled ?? !(DEFAULT_ARBITRATION.disabled as readonly string[]).includes(rule),
        switched: changed ? shownSwitch(changed) : null,
        fired,
        share: decisions > 0 ? fired / decisions : null,
        fired_in_shadow: sum(
          own.filter(({ mode }) => mode === 'shadow'),
          'decisions',
        ),
        held: isSwitched(rule) && rule !== 'default' ? (holding.get(rule) ?? 0) : null,
        served: { ml: side('ml'), llm: side('llm') },
        acceptance: { ml: shownEstimate(ml), llm: shownEstimate(llm) },
        ml_lead: lead,
      };
    });
    return c.json(
      {
        from: from.toISOString(),
        to: to.toISOString(),
        mode: settings.ranking.arbitration,
        exploration: settings.ranking.exploreDisagreements,
        decisions,
        modes: {
          off: sum(inMode('off'), 'decisions'),
          shadow: sum(inMode('shadow'), 'decisions'),
          live: sum(inMode('live'), 'decisions'),
        },
        thresholds: shownThresholds(calibration),
        would_escalate: sum(counts, 'wouldEscalate'),
        rules,
      },
      200,
    );
  },
);

arbitrationRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/arbitration/rules/{rule}',
    summary: 'Switch a rule of the arbiter on or off',
    description: 'Switched on again, a rule is judged by what comes after. The same again changes nothing.',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: z.strictObject({
        rule: z
          .string()
          .max(100)
          .openapi({ description: `One of: ${SWITCHED_RULES.join(', ')}` }),
      }),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({ enabled: z.boolean(), reason: z.string().min(1).max(500).optional() }),
          },
        },
      },
    },
    responses: {
      200: json(
        z.object({ rule: z.enum(SWITCHED_RULES), enabled: z.boolean(), switched: ruleSwitch.nullable() }),
        'As it is now',
      ),
      ...problemResponses(400, 401, 403, 404, 413),
    },
  }),
  async (c) => {
    const { database, now, userId } = c.var;
    const wanted = c.req.valid('param').rule;
    if (!isSwitched(wanted)) {
      throw new Problem(404, 'unknown_rule', `there is no rule "${wanted}" to switch`, {
        errors: [{ field: 'rule', message: 'unknown', known: SWITCHED_RULES }],
      });
    }
    const { enabled, reason = null } = c.req.valid('json');
    const standing = !DEFAULT_ARBITRATION.disabled.includes(wanted);
    const before = (await ruleSwitches(database)).get(wanted);
    if (before || enabled !== standing) {
      await switchRule(database, { rule: wanted, enabled, reason, changedBy: userId, changedAt: new Date(now) });
    }
    const after = (await ruleSwitches(database)).get(wanted);
    return c.json(
      { rule: wanted, enabled: after?.enabled ?? standing, switched: after ? shownSwitch(after) : null },
      200,
    );
  },
);
