/** The models that rank no venues, by name: what `overplanned train` has to know of each. */
import { createHash } from 'node:crypto';
import type { DataLineage } from '../training/data/dataset.ts';
import { readArbitration } from '../training/data/own/logged-tables.ts';
import { readDataset } from '../training/data/read-dataset.ts';
import type { MeasuredModel, TrainingRun } from '../training/measured-model.ts';
import type { TextLineage, TextModelDefinition } from '../training/text/model.ts';
import { arbiterConfig } from './arbiter/config.ts';
import { arbitrationEvent } from './arbiter/events.ts';
import { trainArbiter } from './arbiter/train.ts';
import { personaEncoderConfig } from './persona-encoder/config.ts';
import { trainPersonaEncoder } from './persona-encoder/train.ts';
import { pivotAcceptanceConfig } from './pivot-acceptance/config.ts';
import { readPivotCases } from './pivot-acceptance/read-cases.ts';
import { trainPivotAcceptance } from './pivot-acceptance/train.ts';
import { textEncoder } from './text-encoder/model.ts';
import { vibeTagger } from './vibe-tagger/model.ts';

// Each schema gives the config that its trainer takes.
const as = <Config>(run: TrainingRun<unknown>) => run as TrainingRun<Config>;

const arbiter: MeasuredModel = {
  name: 'arbiter',
  role: 'learned arbiter: which ranker to trust',
  source: 'Chen and Guestrin 2016; offset tree: Beygelzimer and Langford 2009',
  config: arbiterConfig,
  split: 'folds by traveller',
  limits: ['Only decisions that were randomised count; elsewhere it has no support.'],
  reads: 'own',
  async train(folder, environment, run) {
    const rows = await readArbitration(folder!);
    const { lineage } = await readDataset([folder!], { environment });
    return {
      trained: await trainArbiter({ events: rows.map(arbitrationEvent) }, as(run)),
      lineage,
      cases: rows.length,
    };
  },
};

const pivotAcceptance: MeasuredModel = {
  name: 'pivot-acceptance',
  role: 'the probability that an option of a pivot is accepted',
  source: 'Chen and Guestrin 2016',
  config: pivotAcceptanceConfig,
  split: 'time, the latest fifth',
  limits: ['At most three options are offered, so that precision at 3 cannot vary.'],
  reads: 'own',
  async train(folder, environment, run) {
    const data = await readPivotCases(folder!, { environment });
    const { lineage } = await readDataset([folder!], { environment });
    return { trained: await trainPivotAcceptance(data, as(run)), lineage, cases: data.cases.length };
  },
};

const personaEncoder: MeasuredModel = {
  name: 'persona-encoder',
  role: '128 numbers for a taste, from signals or from tags, in one space',
  source: 'contrastive alignment as in Radford et al. 2021',
  config: personaEncoderConfig,
  split: 'by traveller, a fifth',
  limits: ['Where the tags say all there is to a taste, the signals add nothing.'],
  reads: 'own',
  async train(folder, environment, run) {
    const dataset = await readDataset([folder!], { environment });
    const trained = await trainPersonaEncoder({ dataset }, as(run));
    return { trained, lineage: dataset.lineage, cases: dataset.interactions.users.length };
  },
};

function fromCatalogues<Config>(definition: TextModelDefinition<Config>): MeasuredModel {
  const { name, role, source, config } = definition;
  return {
    name,
    role,
    source,
    config,
    split: 'by venue',
    limits: ['Its texts were made from templates and the catalogues; what people write may be read less well.'],
    reads: 'catalogues',
    async train(_, __, { config: own, ...run }) {
      const { lineage, ...trained } = await definition.train({ ...run, config: own as Config });
      return { trained, lineage: textLineage(lineage), cases: lineage.venues.test };
    },
  };
}

/** Made texts are synthetic rows: such a model is never promoted to production. */
function textLineage({ sources, venues }: TextLineage): DataLineage {
  const rows = venues.training + venues.validation + venues.test;
  return {
    sources: sources.map((path) => ({ path, sha256: createHash('sha256').update(path).digest('hex'), rows })),
    rows: { catalogue_templates: rows },
    synthetic: true,
  };
}

export const MEASURED: ReadonlyMap<string, MeasuredModel> = new Map(
  [arbiter, personaEncoder, pivotAcceptance, fromCatalogues(textEncoder), fromCatalogues(vibeTagger)].map((model) => [
    model.name,
    model,
  ]),
);
