/** The report as one page: styles and plots inside, no script, nothing fetched. */
import type { Interval } from '../../../core/experiment/bootstrap.ts';
import type { Calibration } from '../calibration.ts';
import type { Comparison, Estimate, Evaluation, ModelResults } from '../evaluate.ts';
import { metricBars, reliabilityDiagram, scatter, segmentBars } from './charts.ts';
import type { EvaluationDocument, OffPolicyEntry, RunDescription } from './document.ts';
import { Html, html, table } from './html.ts';
import { page } from './page-shell.ts';

export function toPage({ run, evaluation, offPolicy }: EvaluationDocument): string {
  const body = html`<h1>${run.title}</h1>
<p><small>${run.createdAt} &#183; code ${run.codeRevision} &#183; seed ${run.seed}</small></p>
${run.lineage.synthetic ? html`<p class="notice">Some of these data are synthetic: nothing here says how real travellers choose.</p>` : null}
${evaluation ? evaluated(evaluation) : null}
${offPolicy.length > 0 ? offPolicySection(offPolicy) : null}
${provenance(run)}`;
  return page(run.title, body);
}

function evaluated(evaluation: Evaluation): Html {
  const { models, cases, users, leftOut } = evaluation;
  const left = Object.entries(leftOut).filter(([, n]) => n > 0);
  const names = Object.keys(models[0]?.overall.metrics ?? {});
  const sampled = /^sampled@(\d+)\//.exec(names[0] ?? '')?.[1];
  return html`
<p>${cases} held-out cases of ${users} users.${left.length > 0 ? ` Left out: ${left.map(([why, n]) => `${n} (${why.replaceAll('_', ' ')})`).join(', ')}.` : ''}
Intervals are 95% unless the configuration says otherwise, bootstrapped over users.</p>
${sampled ? html`<p class="notice">Ranked among ${sampled} sampled negatives (<b>sampled@${sampled}</b>), to compare with papers that did so. Such metrics can change the order of models; decide nothing by them.</p>` : null}
<h2>Overall</h2>
${overall(models, names)}
<div class="plots">${plotted(names).map((metric) =>
    svg(
      metricBars(
        metric,
        models.map(({ name, overall }) => ({ name, estimate: overall.metrics[metric]! })),
      ),
    ),
  )}</div>
<h2>Coverage and novelty</h2>
${breadth(models, names)}
<h2>Calibration</h2>
${calibrationSection(models)}
<h2>By segment</h2>
${segments(models, names)}
<h2>Pair by pair</h2>
${comparisons(evaluation.comparisons)}`;
}

const suffix = (metric: string) => metric.slice(metric.indexOf('/') + 1);
const plotted = (names: readonly string[]) =>
  names.filter((name) => ['hr@10', 'ndcg@10', 'mrr', 'auc'].includes(suffix(name)));
const mainMetric = (names: readonly string[]) => names.find((name) => suffix(name) === 'ndcg@10') ?? names[0]!;
const isNovelty = (metric: string) => suffix(metric).startsWith('novelty@');

function overall(models: readonly ModelResults[], names: readonly string[]): Html {
  const shown = names.filter((name) => !isNovelty(name));
  return table(
    ['model', ...shown],
    models.map(({ name, overall }) => [name, ...shown.map((m) => estimate(overall.metrics[m]!))]),
  );
}

function breadth(models: readonly ModelResults[], names: readonly string[]): Html {
  const novelty = names.find(isNovelty)!;
  const coverage = Object.keys(models[0]!.overall.coverage)[0]!;
  const rows = models.map(({ name, overall }) => [
    name,
    number(overall.coverage[coverage]!),
    estimate(overall.metrics[novelty]!),
  ]);
  const points = models.map(({ name, overall }) => ({
    name,
    x: overall.coverage[coverage]!,
    y: overall.metrics[novelty]!.value,
  }));
  return html`${table(['model', coverage, `${novelty} (bits)`], rows)}
<p><small>Coverage is a property of all lists together and has no interval; it grows with the number of cases.</small></p>
<div class="plots">${svg(scatter('Coverage and novelty', [coverage, novelty], points))}</div>`;
}

function calibrationSection(models: readonly ModelResults[]): Html {
  const kinds = [
    { key: 'nextItem', title: 'Confidence in the first item', what: 'first item' },
    { key: 'acceptance', title: 'Probability that an offer is taken', what: 'acceptance' },
  ] as const;
  const found = kinds.flatMap(({ key, title, what }) => {
    const have = models.flatMap(({ name, overall }, colour) => {
      const calibration = overall[key];
      return calibration ? [{ name, calibration, colour }] : [];
    });
    return have.length > 0 ? [{ title, what, have }] : [];
  });
  if (found.length === 0) return html`<p>No model here gives probabilities.</p>`;
  const rows = found.flatMap(({ what, have }) =>
    have.map(({ name, calibration: { n, ece, brier } }) => [name, what, n, number(ece), number(brier)]),
  );
  return html`${table(['model', 'of', 'n', 'ECE', 'Brier'], rows)}
<div class="plots">${found.map(({ title, have }) => svg(reliabilityDiagram(title, have)))}</div>`;
}

function segments(models: readonly ModelResults[], names: readonly string[]): Html {
  const main = mainMetric(names);
  const dimensions = [...new Set(models[0]!.segments.map(({ dimension }) => dimension))];
  if (dimensions.length === 0) return html`<p>The data say nothing by which to divide the cases.</p>`;
  const shown = [...new Set([main, ...plotted(names)])];
  const ece = (calibration: Calibration | null) => (calibration ? number(calibration.ece) : '');
  return html`${dimensions.map((dimension) => {
    const rows = models.flatMap(({ name, segments }) =>
      segments
        .filter((segment) => segment.dimension === dimension)
        .map(({ value, cases, users, metrics, coverage, nextItem, acceptance }) => [
          `${value}: ${name}`,
          `${cases} / ${users}`,
          ...shown.map((metric) => estimate(metrics[metric]!)),
          number(Object.values(coverage)[0]!),
          estimate(metrics[names.find(isNovelty)!]!),
          ece(nextItem),
          ece(acceptance),
        ]),
    );
    rows.sort((a, b) => (String(a[0]).split(':')[0]! < String(b[0]).split(':')[0]! ? -1 : 1));
    const values = models[0]!.segments.filter((segment) => segment.dimension === dimension);
    const bars = models.map(({ name, segments }) => ({
      name,
      values: segments.filter((segment) => segment.dimension === dimension).map(({ metrics }) => metrics[main]!.value),
    }));
    const head = [
      'segment: model',
      'cases / users',
      ...shown,
      'coverage',
      'novelty',
      'ECE first item',
      'ECE acceptance',
    ];
    return html`<h3>${dimension}</h3>${svg(
      segmentBars(
        `${main} by ${dimension}`,
        values.map(({ value }) => value),
        bars,
      ),
    )}${table(head, rows)}`;
  })}`;
}

function comparisons(all: readonly Comparison[]): Html {
  if (all.length === 0) return html`<p>One model: nothing to compare.</p>`;
  const shown = all.filter(({ metric }) => ['hr@10', 'ndcg@10', 'mrr'].includes(suffix(metric)));
  const rows = (shown.length > 0 ? shown : all).map(({ metric, a, b, difference, interval, p, pHolm }) => [
    `${a} - ${b}`,
    metric,
    estimate({ value: difference, interval }),
    p.toPrecision(2),
    pHolm.toPrecision(2),
  ]);
  return html`<p>On the same cases. p: randomisation test by user; corrected (Holm) over all pairs of a metric.</p>
${table(['difference', 'metric', 'mean', 'p', 'p corrected'], rows)}`;
}

function offPolicySection(entries: readonly OffPolicyEntry[]): Html {
  const rows = entries.map(({ policy, log, estimator, result, against }) => {
    if (result.kind === 'no_support') return [policy, log, estimator, `no support: ${result.message}`, '', ''];
    return [
      policy,
      log,
      estimator,
      estimate(result, 5),
      `${result.effectiveSampleSize.toFixed(0)} of ${result.rounds}`,
      against ? estimate({ value: against.difference.difference, interval: against.difference.interval }, 5) : '',
    ];
  });
  return html`<h2>Off-policy</h2>
<p>What a policy would have been worth, from the log of another: mean reward of what is shown. Where the log cannot say, it says so.</p>
${table(['policy', 'log', 'estimator', 'value', 'effective rounds', 'difference to its own log'], rows)}`;
}

function provenance({ config, lineage, protocol }: RunDescription): Html {
  const sources = lineage.sources.map(({ path, rows, sha256 }) => [path, rows, sha256]);
  return html`<h2>How it was measured</h2>
<ul>${protocol.map((rule) => html`<li>${rule}</li>`)}</ul>
<h3>Data</h3>
${table(['source', 'rows', 'SHA-256'], sources)}
<p>Rows by lineage: ${
    Object.entries(lineage.rows)
      .map(([kind, n]) => `${kind} ${n}`)
      .join(', ') || 'none'
  }.</p>
<h3>Configuration</h3>
<pre>${JSON.stringify(config, null, 2)}</pre>`;
}

const svg = (text: string) => new Html(text);
const number = (value: number, digits = 4) => (Number.isNaN(value) ? '-' : value.toFixed(digits));

function estimate({ value, interval }: Estimate | { value: number; interval: Interval | null }, digits = 4): Html {
  const range =
    interval && html`<br><small>${number(interval.lower, digits)} to ${number(interval.upper, digits)}</small>`;
  return html`${number(value, digits)}${range}`;
}
