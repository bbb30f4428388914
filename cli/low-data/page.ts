/** The experiment as one page: styles inside, no script, nothing fetched. */
import { metricBars } from '../../training/evaluation/report/charts.ts';
import { Html, html, table } from '../../training/evaluation/report/html.ts';
import { page } from '../../training/evaluation/report/page-shell.ts';
import { type Estimate, METRICS } from './estimates.ts';
import { type Experiment, type FewResult, LABELS, type StrategyResult } from './report.ts';
import { TESTS, type TestName } from './run-once.ts';
import { STYLE } from './style.ts';

const TITLES: Record<TestName, string> = {
  held_out: 'Held-out real travellers, of the twelve archetypes',
  unseen: 'Travellers of archetypes that nobody has learned from',
};

export function toPage(made: Experiment): string {
  const { few, size, runSeeds, travellers } = made;
  const offers = 'four trips of five days, three offers a day';
  const body = html`<h1>Five strategies for few real travellers, measured</h1>
<p><small>${made.createdAt} &#183; code ${made.codeRevision} &#183; seed ${made.seed} &#183; ${runSeeds.length} runs, each with populations of its own</small></p>
<p><b>Everybody here is simulated.</b> Synthetic travellers decide by the built-in agent; those who play real ones come from a hidden population that
differs from it in ways that are written below. The task: whether a traveller takes a venue that is shown alone, from persona, venue, moment and what they decided before
(${offers}). ${travellers.held_out} travellers are held out (a fifth of ${size.seen} a run), ${travellers.unseen} are of archetypes that no training data hold.
Intervals are 95%, bootstrap over travellers; in square brackets the lowest and highest run.</p>
${size.few.map((count) => mainTable(made, count))}
${TESTS.map((test) => html`<h2>${TITLES[test]}</h2>${size.few.map((count) => fullTable(made, test, count))}`)}
<h2>Before and after the 20th decision of a traveller</h2>
<p>On the held-out. Before it the cross-user model serves alone. AUC over all decisions also holds what was said before against what was said after: a model of
one's own that shifts the level of all its answers loses there, and neither here nor there.</p>
${segmentTable(made)}
<h2>Paired differences of accuracy</h2>
${pairTable(made)}
${few.map(notesPart)}
<h2>How the hidden population differs</h2>
<p>All parameters were written before any predictor was measured. The agent of the synthetic side is described in docs/simulation.md, this one in docs/low-data.md.</p>
<pre>${JSON.stringify(made.parameters, null, 1)}</pre>
<h2>What this cannot say</h2>
<ul>${made.limits.map((limit) => html`<li>${limit}</li>`)}</ul>`;
  return page('Low data: five strategies, measured', body, STYLE);
}

const digits = (value: number) => (Number.isNaN(value) ? '-' : value.toFixed(3));
const percent = (share: number) => `${(100 * share).toFixed(0)}%`;

function cell({ value, interval, runs }: Omit<Estimate, 'runs'> & { runs?: number[] }): Html {
  const range = interval && html`<br><small>${digits(interval.lower)} to ${digits(interval.upper)}</small>`;
  const spread =
    runs && runs.length > 1 && html`<br><small>[${digits(Math.min(...runs))} to ${digits(Math.max(...runs))}]</small>`;
  return html`${digits(value)}${range}${spread || null}`;
}

const at = ({ strategies }: Experiment, count: number) => strategies.filter(({ few }) => few === null || few === count);

function mainTable(made: Experiment, count: number): Html {
  const shown = at(made, count);
  const bars = shown.map(({ name, tests }) => ({ name, estimate: tests.held_out.all.accuracy }));
  return html`<h2>${count} real travellers: accuracy beside seed 4's</h2>
${table(
  ['strategy', 'accuracy, held-out', 'seed 4 expects', '', 'accuracy, unseen archetypes', 'learned from'],
  shown.map((one) => [
    LABELS[one.name],
    cell(one.tests.held_out.all.accuracy),
    one.expected ? `${percent(one.expected[0])} to ${percent(one.expected[1])}` : '',
    html`<span class="${one.verdict === 'as expected' ? 'yes' : 'no'}">${one.verdict ?? ''}</span>`,
    cell(one.tests.unseen.all.accuracy),
    lineageOf(one),
  ]),
)}
${new Html(metricBars(`accuracy, ${count} real travellers`, bars))}`;
}

function lineageOf({ learnedFrom }: StrategyResult): string {
  return Object.entries(learnedFrom ?? {})
    .map(([source, rows]) => `${source} ${rows}`)
    .join(', ');
}

function fullTable(made: Experiment, test: TestName, count: number): Html {
  return html`<h3>${count} real travellers</h3>${table(
    ['strategy', ...METRICS.map((name) => name.replace('_', ' '))],
    at(made, count).map(({ name, tests }) => [LABELS[name], ...METRICS.map((metric) => cell(tests[test].all[metric]))]),
  )}`;
}

function segmentTable(made: Experiment): Html {
  return table(
    ['strategy', 'real travellers', 'before', 'from the 20th on', 'AUC before', 'AUC from the 20th on'],
    made.strategies.map(({ name, few, tests: { held_out: tested } }) => [
      LABELS[name],
      few ?? '',
      cell(tested.cold.accuracy),
      cell(tested.warm.accuracy),
      cell(tested.cold.auc),
      cell(tested.warm.auc),
    ]),
  );
}

function pairTable({ pairs }: Experiment): Html {
  return table(
    [
      'question',
      'first less second',
      'real travellers',
      'held-out',
      'AUC, held-out',
      'unseen archetypes',
      'runs in which it is above 0',
    ],
    pairs.map(({ first, second, asks, few, tests }) => [
      asks,
      `${first}, ${second}`.replaceAll('_', ' '),
      few,
      cell(tests.held_out.accuracy),
      cell(tests.held_out.auc),
      cell(tests.unseen.accuracy),
      `${tests.held_out.accuracy.runs.filter((one) => one > 0).length} of ${tests.held_out.accuracy.runs.length}`,
    ]),
  );
}

function notesPart(found: FewResult): Html {
  const { few, ab } = found;
  const intent =
    found.betweenTravellers === null
      ? ''
      : html` Two originals lie ${digits(found.betweenTravellers)} apart; ${percent(found.nearestIsOwn ?? 0)} of the variations are nearest to their own.`;
  return html`<h2>${few} real travellers: what was done</h2>
<p>Variations: ${Math.round(found.variations)} a run, ${found.leftOut} left out; ${percent(found.replaced)} of the venues replaced. What the app learns from one lies ${digits(found.apart)}
from what it learns from its original (root mean square over the dimensions).${intent}</p>
<p>Active learning: ${found.labels} labels bought a run. Mean margin of what was asked ${digits(found.askedMargin)}, of all that could be asked ${digits(found.poolMargin)}.</p>
${table(
  [
    'accuracy on the held-out',
    ...found.rounds.map((_, i) => `round ${i + 1}`),
    ...found.weeks.map((_, i) => `week ${i + 1}`),
  ],
  [['after', ...found.rounds.map(cell), ...found.weeks.map(cell)]],
)}
<p>A/B of the weeks, half of the arriving travellers each (${ab.travellers[0]} and ${ab.travellers[1]}), accuracy on their own decisions:</p>
${table(['synthetic only', 'retrained', 'difference'], [[cell(ab.synthetic), cell(ab.retrained), cell(ab.difference)]])}`;
}
