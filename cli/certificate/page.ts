/** The certificate as one page: styles inside, no script, nothing fetched. */
import { type Html, html, table } from '../../training/evaluation/report/html.ts';
import { page } from '../../training/evaluation/report/page-shell.ts';
import type { AcceptanceCalibration } from './acceptance.ts';
import type { Certificate } from './certificate.ts';
import { CHOOSERS, DISCRIMINATION_METRICS } from './discrimination.ts';
import { FITTED } from './fitted-rankers.ts';
import type { LeakageAudit } from './leakage.ts';
import type { Sample } from './sampled.ts';
import { MOST_VISITS } from './sequences.ts';
import type { VariantOrder } from './variant-order.ts';
import type { Part, Parts } from './verdict.ts';

type Found<Name extends keyof Parts> = Parts[Name] extends Part<infer T> ? T : never;

const STYLE = `
th, td { white-space: normal; } td small { white-space: nowrap; }
.yes { color: #2d7a3e; font-weight: 600; } .no { color: #b8403a; font-weight: 600; } .unknown { color: #8a6d1d; font-weight: 600; }
.verdicts th, .verdicts td { text-align: left; }
`;

export function toPage(made: Certificate): string {
  const { parts, real } = made;
  const held = real
    ? html`held against ${real.trips} trips of ${real.tourists} tourists to ${real.places} places (${real.source})`
    : html`held against no real data`;
  const body = html`<h1>How far to trust the simulator</h1>
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
${shown(parts.twoSample, (found) => twoSamplePart(found, made))}
<h2>(c) Does a ranker see what the agent hides?</h2>
${shown(parts.leakage, leakagePart)}
<h2>(d) Does the probability of acceptance mean anything?</h2>
${shown(parts.acceptance, acceptancePart)}
<h2>(e) Is the order of variants the order on real visits?</h2>
${shown(parts.variantOrder, (found) => orderPart(found, made))}
<h2>What this cannot say</h2>
<ul>${made.limits.map((limit) => html`<li>${limit}</li>`)}</ul>`;
  return page('Certificate of the simulator', body, STYLE);
}

const shown = <T>(part: Part<T>, show: (found: T) => Html): Html =>
  part.state === 'measured' ? show(part.found) : html`<p class="unknown">Skipped: ${part.why}.</p>`;

const digits = (value: number | null) => (value === null || Number.isNaN(value) ? '-' : value.toFixed(3));

function cell({ value, interval }: { value: number | null; interval: { lower: number; upper: number } | null }): Html {
  const range = interval && html`<br><small>${digits(interval.lower)} to ${digits(interval.upper)}</small>`;
  return html`${digits(value)}${range}`;
}

/** What was left out, so that large data take no longer. */
const drawn = ({ asked, of }: Sample, what: string, { seed }: Certificate) =>
  asked < of ? ` Of ${of} ${what}, ${asked} were drawn evenly, by the seed ${seed}.` : '';

function discriminationPart({ ratios, sample }: Found<'discrimination'>, made: Certificate): Html {
  const rows = ratios.flatMap(({ distractors, ratio, choosers, overPopularity }) =>
    CHOOSERS.map((name) => [
      `1:${ratio} ${distractors.replace('_', ' ')}: ${name.replace('_', ', ')}`,
      ...DISCRIMINATION_METRICS.map((metric) => cell(choosers[name][metric])),
      name === 'agent' || name === 'agent_untold' ? cell(overPopularity[name]) : '',
    ]),
  );
  const { panels, tourists } = ratios[0]!;
  const others = made.measuredOnOtherData.map(({ name, accuracy }) => `${name} ${accuracy}`).join(', ');
  return html`<p>${panels} first visits of ${tourists} tourists; personas from the visits before alone, fame from the other half of the tourists.${drawn(sample, 'first visits', made)}
The agent is told a place's fame as its tourist score, or (untold) nothing of it. Popularity takes as many places as the agent; "nothing" takes none, which accuracy rewards where few are real. Chance is 0.5 for balanced accuracy and AUC.</p>
${table(['chooser', ...DISCRIMINATION_METRICS.map((name) => name.replace('_', ' ')), 'balanced accuracy over popularity'], rows)}
<p><small>Accuracy at 1:1 in papers, measured on other data, with other distractors: ${others}.</small></p>`;
}

function twoSamplePart({ against: found, sample }: Found<'twoSample'>, made: Certificate): Html {
  return html`<p>Twins of real trips: same first place, as many visits (${MOST_VISITS} at most). Control: real trips against real trips. 0.5 cannot be told apart.${drawn(sample, 'trips to three places or more', made)}</p>
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

function orderPart(found: VariantOrder, made: Certificate): Html {
  const { travellers, tourists, visits, cut, learned, variants, pairs, tau, chance } = found;
  return html`<p>HR@5 of ${travellers} simulated travellers, and of ${visits.asked} first visits of ${tourists} tourists from ${cut.slice(0, 10)} on, in replay.${drawn(visits, 'first visits', made)}
${FITTED.join(', ')} learned on each side from its own past: ${learned.simulated} places that other simulated travellers took, ${learned.replayed} visits before that day.</p>
<p>Kendall's tau-b ${cell(tau)}<br>Two orders of ${variants.length} that have nothing to do with each other come to as much, either way, with a probability of ${digits(chance)}.</p>
${table(
  ['variant', 'simulated', 'replayed'],
  variants.map(({ variant, simulated, replayed }) => [variant, cell(simulated), cell(replayed)]),
)}
${table(
  ['pair, first less second', 'simulated', 'replayed', ''],
  pairs.map(({ pair, simulated, replayed, verdict }) => [pair.join(', '), cell(simulated), cell(replayed), verdict]),
)}`;
}
