/** Hourly: experiments whose guardrail broke are ended, and canaries go back; those that are decided are concluded. */
import { v7 as uuidv7 } from 'uuid';
import type { GuardrailState } from '../core/experiment/analysis.ts';
import { placeOf, versionOf } from '../core/experiment/experiment.ts';
import { raiseAlert } from '../platform/database/alerts.ts';
import { experimentAnalysis } from '../platform/database/experiment-log.ts';
import { type ExperimentRecord, endExperiment, nextRunning } from '../platform/database/experiments.ts';
import { changeStatus, StatusRefused } from '../platform/database/model-status.ts';
import type { JobContext } from './job-context.ts';

const ACTOR = 'canary-guard';

/** One experiment a stretch, in the order of their ids. Promotes nothing: that is the gate's, on an operator's word. */
export async function canaryGuard(
  after: string | null,
  context: JobContext,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  const { database, now, log } = context;
  const experiment = await nextRunning(database, after);
  if (!experiment) return { next: null, counts: {} };
  const { guardrails, decision, series } = await experimentAnalysis(database, experiment, now);
  const broken = guardrails.filter((one) => one.broken);
  const counts: Record<string, number> = { looked_at: 1 };
  if (broken.length > 0) {
    log('guardrail_broken', { experiment: experiment.id, broken });
    if (await endBroken(experiment, broken, context)) counts.ended = 1;
  } else if (experiment.config.kind === 'ab' && decision.variant !== null) {
    const reason = `${decision.variant} is ${decision.kind} than the control`;
    const detail = { decision, last: series[decision.variant]?.at(-1) };
    const ended = { by: ACTOR, reason, detail };
    if (await endExperiment(database, experiment.id, 'concluded', ended, new Date(now))) {
      counts.concluded = 1;
      await tell('experiment_concluded', experiment, { reason, ...detail }, context);
    }
  }
  return { next: experiment.id, counts };
}

/** False where somebody has ended it meanwhile. */
async function endBroken(
  experiment: ExperimentRecord,
  broken: readonly GuardrailState[],
  context: JobContext,
): Promise<boolean> {
  const { database, now } = context;
  const reason = `guardrail broken: ${broken.map(({ guardrail, variant }) => `${guardrail} of ${variant}`).join(', ')}`;
  if (experiment.config.kind === 'ab') {
    const ended = { by: ACTOR, reason, detail: { broken } };
    if (!(await endExperiment(database, experiment.id, 'stopped', ended, new Date(now)))) return false;
    await tell('experiment_stopped', experiment, { reason, broken }, context);
    return true;
  }
  const { model } = experiment.config.variants.at(-1)!;
  try {
    await changeStatus(database, {
      ...{ name: placeOf(model), version: versionOf(model), verb: 'shadow', actor: ACTOR, reason },
      ...{ gate: { broken }, now: new Date(now), newId: uuidv7 },
    });
  } catch (error) {
    if (!(error instanceof StatusRefused)) throw error;
    // It is in canary no longer. An experiment that was left behind gives it no traveller, and ends here.
    await endExperiment(database, experiment.id, 'stopped', { by: ACTOR, reason }, new Date(now));
    return false;
  }
  await tell('canary_rolled_back', experiment, { model, reason, broken }, context);
  return true;
}

function tell(
  kind: string,
  { id, name, config }: ExperimentRecord,
  detail: Record<string, unknown>,
  { database, now }: JobContext,
): Promise<boolean> {
  const subject = config.kind === 'canary' ? config.variants.at(-1)!.model : name;
  return raiseAlert(database, { kind, subject, occasion: id, detail: { experiment: id, ...detail } }, new Date(now));
}
