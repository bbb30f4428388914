/** What personalisation gained, as a page and as data. */
import type { Artifact } from '../../training/artifact/artifact.ts';
import { type Html, html, table } from '../../training/evaluation/report/html.ts';
import { page } from '../../training/evaluation/report/page-shell.ts';
import type { Gain, Personalised } from '../../training/low-data/personalise.ts';
import { STYLE } from './style.ts';

export interface PersonalisationReport {
  format: 'overplanned-personalisation';
  v: 1;
  model: string;
  codeRevision: string;
  seed: number;
  data: Artifact['lineage'];
  /** Of the cross-user model on travellers that it never saw, and of always saying the more frequent answer. */
  crossUser: { cases: number; majority: number; metrics: Artifact['metrics'] };
  gain: Gain | null;
  travellers: Personalised['travellers'];
}

export function personalisationReport(made: Personalised, artifact: Artifact): PersonalisationReport {
  return {
    format: 'overplanned-personalisation',
    v: 1,
    model: `${artifact.model}@${artifact.version}`,
    codeRevision: artifact.codeRevision,
    seed: artifact.seed,
    data: artifact.lineage,
    crossUser: { cases: made.cases, majority: made.majority, metrics: made.unseen },
    gain: made.gain,
    travellers: made.travellers,
  };
}

export function personalisationPage(report: PersonalisationReport): string {
  const { model, data, crossUser, gain, travellers } = report;
  const rows = Object.entries(data.rows).map(([source, count]) => `${source} ${count}`);
  const made = data.synthetic
    ? html`<p><b>Some rows were made, not observed:</b> the model never serves travellers outside development.</p>`
    : null;
  const body = html`<h1>From everybody to each: ${model}</h1>
<p><small>code ${report.codeRevision} &#183; seed ${report.seed} &#183; rows: ${rows.join(', ')}</small></p>
${made}
<h2>Across travellers</h2>
<p>Each traveller is foretold by a model that never saw them, nor anything made from them: ${crossUser.cases} decisions. Always saying the more
frequent answer is right about ${crossUser.majority.toFixed(3)} of them.</p>
${table(
  ['metric', 'value'],
  Object.entries(crossUser.metrics).map(([name, one]) => [name.replace('_', ' '), cell(one)]),
)}
<h2>Of each</h2>
<p>From 20 decisions on a traveller has a model of their own. Its gain is measured on their last fifth, against the cross-user model that never saw them; intervals draw decisions,
and travellers in the first line.</p>
${table(
  ['traveller', 'decisions', 'served by', 'tested on', 'gain of accuracy', 'gain, nats a decision'],
  [
    ['all', '', '', gain?.cases ?? 0, gain ? cell(gain.accuracy) : '-', gain ? cell(gain.logLoss) : '-'],
    ...travellers.map(({ actor, decisions, servedBy, gain: own }) => [
      actor,
      decisions,
      servedBy === 'own_model' ? 'own model' : 'cross-user model',
      own?.cases ?? '',
      own ? cell(own.accuracy) : '-',
      own ? cell(own.logLoss) : '-',
    ]),
  ],
)}`;
  return page(`Personalisation: ${model}`, body, STYLE);
}

function cell({ value, interval }: { value: number; interval: { lower: number; upper: number } | null }): Html {
  return html`${value.toFixed(3)}${interval && html`<br><small>${interval.lower.toFixed(3)} to ${interval.upper.toFixed(3)}</small>`}`;
}
