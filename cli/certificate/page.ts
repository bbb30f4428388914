/** The certificate as one page: styles inside, no script, nothing fetched. */
import { Html, html, table } from '../../training/evaluation/report/html.ts';
import type { AcceptanceCalibration } from './acceptance.ts';
import type { Certificate } from './certificate.ts';
import { CHOOSERS, DISCRIMINATION_METRICS, type Discrimination } from './discrimination.ts';
import type { LeakageAudit } from './leakage.ts';
import type { TwoSample } from './two-sample.ts';
import type { VariantOrder } from './variant-order.ts';
import type { Part } from './verdict.ts';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 9px; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
small { color: #666; } .wide { overflow-x: auto; margin: .8rem 0; }
.yes { color: #2d7a3e; font-weight: 600; } .no { color: #b8403a; font-weight: 600; } .unknown { color: #8a6d1d; font-weight: 600; }
.verdicts td { text-align: left; }
`;

export function toPage(made: Certificate): string {
  const { parts, real } = made;
  const held = real
    ? html`held against ${real.trips} trips of ${real.tourists} tourists to ${real.places} places (${real.source})`
    : html`held against no real data`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Certificate of the simulator</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${new Html(STYLE)}</style></head><body>
<h1>How far to trust the simulator</h1>
<p><small>${made.createdAt} &#183; code ${made.codeRevision} &#183; seed ${made.seed} &#183; ${made.agent} at a latent share of ${made.latentShare} &#183; ${held}</small></p>
<h2>What it may be used for</h2>
<div class="verdicts">${table(
    ['use', '', 'by which rule'],
    made.verdicts.map(({ use, answer, because }) => [use, html`<span class="${answer}">${answer}</span>`, because]),
  )}</div>
<p>Intervals are 95%, bootstrap over tourists (over travellers, where simulated).</p>
<h2>(a) Discrimination: places that were visited, among places that never were</h2>
${shown(parts.discrimination, (found) => discriminationPart(found, made))}
<h2>(b) Can a classifier tell synthetic sequences from real ones?</h2>
${shown(parts.twoSample, twoSamplePart)}
<h2>(c) Does a ranker see what the agent hides?</h2>
${shown(parts.leakage, leakagePart)}
<h2>(d) Does the probability of acceptance mean anything?</h2>
${shown(parts.acceptance, acceptancePart)}
<h2>(e) Is the order of variants the order on real visits?</h2>
${shown(parts.variantOrder, orderPart)}
<h2>What this cannot say</h2>
<ul>${made.limits.map((limit) => html`<li>${limit}</li>`)}</ul>
</body></html>
`.text;
}

const shown = <T>(part: Part<T>, show: (found: T) => Html): Html =>
  part.state === 'measured' ? show(part.found) : html`<p class="unknown">Skipped: ${part.why}.</p>`;

const digits = (value: number | null) => (value === null || Number.isNaN(value) ? '-' : value.toFixed(3));

function cell({ value, interval }: { value: number | null; interval: { lower: number; upper: number } | null }): Html {
  const range = interval && html`<br><small>${digits(interval.lower)} to ${digits(interval.upper)}</small>`;
  return html`${digits(value)}${range}`;
}

function discriminationPart(found: readonly Discrimination[], { measuredOnOtherData }: Certificate): Html {
  const rows = found.flatMap(({ distractors, ratio, choosers, overPopularity }) =>
    CHOOSERS.map((name) => [
      `1:${ratio} ${distractors.replace('_', ' ')}: ${name.replace('_', ', ')}`,
      ...DISCRIMINATION_METRICS.map((metric) => cell(choosers[name][metric])),
      name === 'agent' || name === 'agent_untold' ? cell(overPopularity[name]) : '',
    ]),
  );
  const { panels, tourists } = found[0]!;
  const others = measuredOnOtherData.map(({ name, accuracy }) => `${name} ${accuracy}`).join(', ');
  return html`<p>${panels} first visits of ${tourists} tourists; personas from the visits before alone, fame from the other half of the tourists.
The agent is told a place's fame as its tourist score, or (untold) nothing of it. Popularity takes as many places as the agent; "nothing" takes none, which accuracy rewards where few are real. Chance is 0.5 for balanced accuracy and AUC.</p>
${table(['chooser', ...DISCRIMINATION_METRICS.map((name) => name.replace('_', ' ')), 'balanced accuracy over popularity'], rows)}
<p><small>Accuracy at 1:1 in papers, measured on other data, with other distractors: ${others}.</small></p>`;
}

function twoSamplePart(found: readonly TwoSample[]): Html {
  return html`<p>Twins of real trips: same first place, as many visits. Control: real trips against real trips. 0.5 cannot be told apart.</p>
${table(
  ['against', 'pairs', 'accuracy', 'AUC', 'visits, twin over real', 'told by'],
  found.map(({ against, pairs, accuracy, auc, length, told }) => [
    against,
    pairs,
    cell(accuracy),
    cell(auc),
    digits(length),
    told.map(({ feature, share }) => `${feature} ${(100 * share).toFixed(0)}%`).join(', '),
  ]),
)}`;
}

function leakagePart(found: LeakageAudit): Html {
  const { travellers, views, changed, otherDecisions, unknownFields, toldDimensionError } = found;
  return html`<p>${travellers} travellers were simulated twice. The second time another agent, with other hidden tastes, decided beside the first one, whose
decisions took effect: it would have decided otherwise ${otherDecisions} times. Of ${views} views of rankers, ${changed} changed.</p>
<p>Fields within reach of rankers that nobody has looked at: ${unknownFields.length === 0 ? 'none' : unknownFields.join(', ')}.
Mean error of the dimensions that they are told of a cold traveller who sets out: ${digits(toldDimensionError)}; an app knows nobody that well.</p>`;
}

function acceptancePart(found: Record<'told' | 'untold', AcceptanceCalibration>): Html {
  const { places, tourists } = found.told;
  return html`<p>${places} places of ${tourists} tourists, half of them visited by design: the level is not judged, the slope is. 1 means what it
says, 0 says nothing, below 0 says the contrary.</p>
${(['told', 'untold'] as const).map((by) => {
  const { slope, interval, reliability } = found[by];
  return html`<p>Fame ${by}: slope ${cell({ value: slope, interval })}<br>expected calibration error ${digits(reliability.ece)}, Brier score ${digits(reliability.brier)}</p>
${table(
  ['probability of being taken', 'places', 'mean', 'visited'],
  reliability.bins
    .filter(({ n }) => n > 0)
    .map(({ from, to, n, predicted, observed }) => [`${from} to ${to}`, n, digits(predicted), digits(observed)]),
)}`;
})}`;
}

function orderPart({ travellers, tourists, visits, variants, pairs, tau }: VariantOrder): Html {
  return html`<p>HR@5 of ${travellers} simulated travellers, and of ${visits} first visits of ${tourists} tourists in replay. Kendall's tau-b ${cell(tau)}</p>
${table(
  ['variant', 'simulated', 'replayed'],
  variants.map(({ variant, simulated, replayed }) => [variant, cell(simulated), cell(replayed)]),
)}
${table(
  ['pair, first less second', 'simulated', 'replayed', ''],
  pairs.map(({ pair, simulated, replayed, verdict }) => [pair.join(', '), cell(simulated), cell(replayed), verdict]),
)}`;
}
