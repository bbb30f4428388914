/** The report of a simulation as one page: styles and plots inside, no script, nothing fetched. */
import { METRICS, type ReportedArm, type SimulationReport } from '../../simulation/agents/report/report.ts';
import { Html, html, table } from '../../training/evaluation/report/html.ts';
import { page } from '../../training/evaluation/report/page-shell.ts';
import { affinityMap } from './affinity-map.ts';
import { arbiterPart } from './arbiter.ts';
import { cell, digits, titleOf } from './cells.ts';
import { intervalPlot } from './charts.ts';

const STYLE = '.off { color: #b8403a; font-weight: 600; }';

/** What the overall table shows; the rest is in the JSON. */
const COMPARED = [
  'hr_at_5',
  'acceptance_rate',
  'tourist_trap_escape',
  'energy_arc_coherence',
  'day3_adaptation',
  'persona_divergence',
  'novel_venue_exposure',
  'pivot_rate',
] as const;

export function toPage(report: SimulationReport): string {
  const { run, arms } = report;
  const { settings } = run;
  const map = affinityMap(report.affinity.rows);
  const body = html`<h1>Simulation: ${settings.travellers} travellers</h1>
<p><small>${run.created_at} &#183; code ${run.code_revision} &#183; seed ${settings.seed} &#183; decided by ${settings.agent}</small></p>
<p class="notice">All of this is synthetic: it says which rankers are broken and which are plausible, not how real travellers choose.
Variants meet the same travellers on the same trips with the same random numbers; intervals are 95%, ${report.resamples} resamples of the travellers.</p>
<h2>Against what was expected</h2>
${expectedTable(report)}
<div class="plots">${plots(report)}</div>
<h2>The pattern, and the rules of the arbiter</h2>
${patternTable(report)}
${['warm', 'cold', 'all'].map(
  (group) => html`<h2>${group === 'all' ? 'All travellers' : `${group === 'warm' ? 'Warm' : 'Cold'} travellers`}</h2>
${group === 'cold' ? html`<p>No trained ranker is called for the cold: their variants are served as without one.</p>` : null}
${comparison(arms, group, COMPARED)}`,
)}
<h2>Every metric</h2>
${table(
  ['metric', 'formula', 'range', 'better'],
  METRICS.map(({ title, formula, range, better }) => [title, formula, `${range[0]} to ${range[1]}`, better ?? '']),
)}
${comparison(
  arms,
  'all',
  METRICS.map(({ name }) => name).filter((name) => !(COMPARED as readonly string[]).includes(name)),
)}
<h2>Differences to ${[...new Set(Object.values(report.baselines))].join(', ')}</h2>
${differences(arms)}
<h2>By archetype</h2>
${report.groups
  .filter((group) => /^A\d+$/.test(group))
  .map((group) => html`<h3>${group}</h3>${comparison(arms, group, COMPARED)}`)}
<h2>Pivot rates against their bands</h2>
${pivots(arms)}
${arbiterPart(arms, COMPARED)}
${divergences([...arms, ...report.sensitivity])}
<h2>Share of latent taste</h2>
${sensitivity(report)}
<h2>Affinity</h2>
<p>How often what ${report.affinity.arm} put first was taken, with a prior of four offers at the archetype's own rate.</p>
${map ? html`<div class="wide">${new Html(map)}</div>` : html`<p>Nothing was offered.</p>`}
<h2>Configuration</h2>
<pre>${JSON.stringify({ settings, config: run.config }, null, 2)}</pre>
${table(
  ['arm', 'ranker', 'slots', 'rows', 'fallbacks of the agent', 'of the ranker'],
  [...arms, ...report.sensitivity].map(({ arm }) => [
    arm.name,
    arm.ranker,
    arm.slots,
    arm.rows,
    arm.agent_fallbacks,
    arm.ranker_fallbacks,
  ]),
)}`;
  return page(`Simulation: ${settings.travellers} travellers`, body, STYLE);
}

function comparison(arms: readonly ReportedArm[], group: string, metrics: readonly string[]): Html {
  return table(
    ['variant', ...metrics.map(titleOf)],
    arms.map(({ arm, estimates }) => [arm.variant, ...metrics.map((metric) => cell(estimates[group]![metric]!))]),
  );
}

function expectedTable({ expected }: SimulationReport): Html {
  if (expected.length === 0) return html`<p>None of the variants with an expected value was simulated.</p>`;
  return html`${table(
    ['metric', 'travellers', 'variant', 'expected', 'measured', ''],
    expected.map(({ metric, group, arm, expected: value, measured, deviates }) => [
      titleOf(metric),
      group,
      arm,
      value.toFixed(2),
      cell(measured),
      deviates ? html`<span class="off">deviates by ${digits(measured.value! - value)}</span>` : 'within the interval',
    ]),
  )}
<p><small>The expected values are hypotheses of the design documents. Nothing here was tuned toward them.</small></p>`;
}

function plots({ arms, expected }: SimulationReport): Html[] {
  const about = [...new Map(expected.map(({ metric, group }) => [`${metric}/${group}`, { metric, group }])).values()];
  return about.map(({ metric, group }) => {
    const marks = arms.map(({ arm, estimates }) => {
      const { value, interval } = estimates[group]![metric]!;
      const held = expected.find((one) => one.metric === metric && one.arm === arm.name);
      return { name: arm.variant, value, interval, expected: held?.expected ?? null };
    });
    return new Html(intervalPlot(`${titleOf(metric)} (${group})`, marks));
  });
}

const VERDICTS = { holds: 'holds', contrary: 'the contrary', undecided: 'undecided', not_measured: 'not measured' };

function patternTable({ patterns }: SimulationReport): Html {
  return html`${table(
    ['expected', 'travellers', 'difference', 'verdict', 'rule of the arbiter', 'which rests on'],
    patterns.map(({ metric, group, better, worse, difference, verdict, rule, why }) => [
      `${titleOf(metric)}: ${better} over ${worse}`,
      group,
      difference ? cell(difference) : '',
      verdict === 'holds' || verdict === 'not_measured'
        ? VERDICTS[verdict]
        : html`<span class="off">${VERDICTS[verdict]}</span>`,
      rule,
      why,
    ]),
  )}
<p><small>Where the contrary is found, or nothing either way, the rule named is the one to look at again.</small></p>`;
}

function differences(arms: readonly ReportedArm[]): Html {
  const others = arms.filter(({ differences }) => differences !== null);
  if (others.length === 0) return html`<p>One variant: nothing to compare.</p>`;
  return table(
    ['variant: travellers', ...COMPARED.map(titleOf)],
    ['warm', 'cold', 'all'].flatMap((group) =>
      others.map(({ arm, differences }) => [
        `${arm.variant}: ${group}`,
        ...COMPARED.map((metric) => cell(differences![group]![metric]!)),
      ]),
    ),
  );
}

function pivots(arms: readonly ReportedArm[]): Html {
  const rows = arms.flatMap(({ arm, pivotBands }) =>
    pivotBands.map(({ archetype, band, rate, slots, within }) => [
      `${arm.variant}: ${archetype}`,
      band === 'group' ? 'groups: 10 to 20%' : 'warm, alone: under 10%',
      `${(100 * rate).toFixed(1)}%`,
      slots,
      within ? 'within' : html`<span class="off">outside</span>`,
    ]),
  );
  return table(['variant: archetype', 'band', 'rate', 'slots', ''], rows);
}

function divergences(arms: readonly ReportedArm[]): Html | null {
  const compared = arms.flatMap(({ arm }) => (arm.divergence ? [{ arm, found: arm.divergence }] : []));
  if (compared.length === 0) return null;
  const told = ({ decision, venue, pivot_reason, confidence }: (typeof compared)[0]['found']['worst'][0]['first']) =>
    `${decision}${venue ? `: ${venue}` : ''}${pivot_reason ? `: ${pivot_reason}` : ''} (${confidence.toFixed(2)})`;
  return html`<h2>Two agents on the same decisions</h2>
${table(
  ['arm', 'decided', 'beside it', 'compared', 'left out', 'another venue', 'another decision', 'mean divergence'],
  compared.map(({ arm, found }) => [
    arm.name,
    found.first,
    found.second,
    found.decisions,
    found.left_out,
    found.other_venue,
    found.other_kind,
    digits(found.mean),
  ]),
)}
<h3>The worst, for review</h3>
${table(
  ['slot', 'archetype', 'divergence', 'one', 'the other'],
  compared.flatMap(({ found }) =>
    found.worst.map(({ archetype, day, day_part, divergence, first, second }) => [
      `${day_part} of day ${day}`,
      archetype,
      digits(divergence),
      told(first),
      told(second),
    ]),
  ),
)}`;
}

function sensitivity({ arms, sensitivity: others }: SimulationReport): Html {
  if (others.length === 0) return html`<p>One share was simulated, or none: nothing to hold against each other.</p>`;
  const all = [...arms, ...others].sort((a, b) => (a.arm.latent_share ?? 0) - (b.arm.latent_share ?? 0));
  const metrics = ['hr_at_5', 'acceptance_rate', 'tourist_trap_escape', 'pivot_rate'];
  return html`<p>Of the variance of taste, so much is encoded in no field of a venue. Warm travellers.</p>
${table(
  ['variant', 'share', ...metrics.map(titleOf)],
  all.map(({ arm, estimates }) => [
    arm.variant,
    String(arm.latent_share),
    ...metrics.map((metric) => cell(estimates.warm![metric]!)),
  ]),
)}`;
}
