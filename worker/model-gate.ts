/** What the gate says of a version now: the log, the registry, the files and the index, read and put together. */
import { type GateCondition, type GateEvidence, type GateTarget, gateConditions } from '../core/registry/gate.ts';
import type { GateConfig } from '../core/registry/gate-config.ts';
import { modelGateOf } from '../core/registry/gate-config.ts';
import { compareHitRates } from '../core/registry/hit-rate.ts';
import { shownNdcg } from '../core/registry/shown-ndcg.ts';
import type { ModelStatus } from '../core/registry/status.ts';
import type { Database } from '../platform/database/client.ts';
import { experimentAnalysis } from '../platform/database/experiment-log.ts';
import { runningCanary } from '../platform/database/experiments.ts';
import { type ModelVersion, productionVersion } from '../platform/database/model-registry.ts';
import { randomisedDecisions } from '../platform/database/randomised-decisions.ts';
import { itemVectorsIndexed } from '../platform/vectors/item-vectors.ts';
import type { AppContext } from './app-env.ts';
import { checkArtifact } from './check-artifact.ts';

export interface GateAnswer {
  conditions: GateCondition[];
  /** The version of the same name beside which it was held; null where there is none. */
  beside: string | null;
}

export async function askGate(
  c: AppContext,
  row: ModelVersion,
  target: GateTarget,
  config: GateConfig,
): Promise<GateAnswer> {
  const { database, vectors, now, settings } = c.var;
  const { modelName: name, version, artifactPath } = row;
  const own = modelGateOf(config, name);
  const [production, baseline] = await Promise.all([
    productionVersion(database, name),
    productionVersion(database, config.baseline),
  ]);
  const [refused, itemVectors, canary, rates] = await Promise.all([
    checkArtifact(c, { name, version, artifactPath }),
    own.itemVectors ? itemVectorsIndexed(database, vectors, version) : null,
    canaryState(database, `${name}@${version}`, now),
    own.role === 'ranker' ? hitRates(database, row, { production, baseline }, config) : NO_RATES,
  ]);
  const evidence: GateEvidence = {
    environment: settings.environment,
    now: new Date(now),
    name,
    version: { ...row, status: row.status as ModelStatus },
    production: production && { version: production.version, metrics: production.metrics },
    ...rates,
    refused,
    itemVectors: itemVectors && { indexed: itemVectors.indexed, of: itemVectors.venues },
    canary,
  };
  return { conditions: gateConditions(evidence, config, target), beside: production?.version ?? null };
}

type Rates = Pick<GateEvidence, 'heldOutSessions' | 'againstBaseline' | 'againstProduction' | 'shownNdcg'>;
const NO_RATES: Rates = { heldOutSessions: 0, againstBaseline: null, againstProduction: null, shownNdcg: null };

/** Held out: only what happened after the version was trained counts. */
async function hitRates(
  database: Database,
  { modelName, version, trainingDate, createdAt }: ModelVersion,
  beside: { production: ModelVersion | null; baseline: ModelVersion | null },
  config: GateConfig,
): Promise<Rates> {
  const [self, production, baseline] = [
    `${modelName}@${version}`,
    beside.production && `${modelName}@${beside.production.version}`,
    beside.baseline && `${config.baseline}@${beside.baseline.version}`,
  ];
  const since = trainingDate ?? createdAt;
  const others = [production, baseline].filter((one) => one !== null);
  const log = await randomisedDecisions(database, { version: self, others, since });
  const options = { level: config.level, effectiveAcceptances: config.effectiveAcceptances };
  const against = (other: string) => compareHitRates(log.decisions, self, other, options);
  const noBaseline = { kind: 'no_support' as const, message: `no version of ${config.baseline} is in production` };
  return {
    heldOutSessions: log.sessions,
    againstBaseline: modelName === config.baseline ? null : baseline ? against(baseline) : noBaseline,
    againstProduction: production === null ? null : against(production),
    shownNdcg: shownNdcg(log.shown, { level: config.level, fewest: config.effectiveAcceptances }),
  };
}

async function canaryState(database: Database, model: string, now: number): Promise<GateEvidence['canary']> {
  const experiment = await runningCanary(database, model);
  if (!experiment) return null;
  const { variants, guardrails } = await experimentAnalysis(database, experiment, now);
  return {
    exposures: variants.find(({ name }) => name === 'canary')?.requests ?? 0,
    broken: guardrails.filter(({ broken }) => broken).map(({ guardrail }) => guardrail),
  };
}
