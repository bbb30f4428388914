/** The model of decisions as a file: cross-user trees, and the coefficients of those who have a model of their own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../data/data-error.ts';
import { type BoostedTrees, predict } from '../trees/boost.ts';
import type { FeatureTable } from '../trees/feature-table.ts';
import { DECISION_FEATURE_NAMES, DECISION_FEATURES_VERSION } from './decision-features.ts';
import type { OpenCase } from './decision-row.ts';
import { ownLogOdds, TRAITS } from './per-user.ts';

export const DECISION_MODEL = 'decision-model';
export const DECISION_MODEL_FILE = 'decision-model.json';

const index = z.int().min(0);
const node = z.union([
  z.object({ value: z.number() }),
  z.object({
    feature: index,
    threshold: z.number(),
    missingLeft: z.boolean(),
    left: index,
    right: index,
    gain: z.number(),
  }),
]);
const file = z.object({
  format: z.literal('overplanned-decision-model'),
  v: z.literal(1),
  features: z.literal(DECISION_FEATURES_VERSION),
  names: z.array(z.string()),
  base: z.number(),
  trees: z.array(z.object({ nodes: z.array(node).min(1) })),
  traits: z.array(z.string()),
  own: z.record(z.string(), z.array(z.number())),
});

const described = z.object({
  model: z.literal(DECISION_MODEL),
  version: z.string(),
  lineage: z.object({ rows: z.record(z.string(), z.number()), synthetic: z.boolean() }),
});

export interface DecisionModel {
  crossUser: BoostedTrees;
  own: ReadonlyMap<string, ArrayLike<number>>;
}

export function modelText({ crossUser, own }: DecisionModel): string {
  const { names, base, trees } = crossUser;
  const content: z.infer<typeof file> = {
    format: 'overplanned-decision-model',
    v: 1,
    features: DECISION_FEATURES_VERSION,
    names: [...names],
    base,
    trees: trees.map(({ nodes }) => ({ nodes: [...nodes] })),
    traits: [...TRAITS],
    own: Object.fromEntries([...own].map(([actor, coefficients]) => [actor, Array.from(coefficients)])),
  };
  return `${JSON.stringify(content)}\n`;
}

export interface ReadModel extends DecisionModel {
  /** `name@version` */
  label: string;
  lineage: { rows: Record<string, number>; synthetic: boolean };
}

/** @param folder of one version, as `overplanned personalise` writes it @throws DataError naming the file */
export async function readDecisionModel(folder: string): Promise<ReadModel> {
  const about = await parsed(join(folder, 'training.json'), described);
  const path = join(folder, DECISION_MODEL_FILE);
  const { names, base, trees, traits, own } = await parsed(path, file);
  const wrong = (message: string) => new DataError('row', { file: path }, message);
  if (names.join() !== DECISION_FEATURE_NAMES.join()) throw wrong('it was made for other features');
  if (traits.join() !== TRAITS.join()) throw wrong('it was made for other traits');
  for (const { nodes } of trees) {
    for (const [i, one] of nodes.entries()) {
      // Children come after their parent: a walk ends.
      if ('value' in one) continue;
      if (
        !(one.feature < names.length && one.left > i && one.right > i && Math.max(one.left, one.right) < nodes.length)
      )
        throw wrong('its trees are damaged');
    }
  }
  for (const [actor, coefficients] of Object.entries(own)) {
    if (coefficients.length !== TRAITS.length) throw wrong(`${coefficients.length} coefficients for ${actor}`);
  }
  return {
    crossUser: { names, base, trees },
    own: new Map(Object.entries(own)),
    label: `${about.model}@${about.version}`,
    lineage: about.lineage,
  };
}

async function parsed<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new DataError('missing', { file: path }, 'there is no such file: --model names the folder of a version');
    }
    throw error;
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataError('damaged', { file: path }, 'no JSON', { cause });
  }
  const { data, error } = schema.safeParse(json);
  if (error) {
    const { path: field, message } = error.issues[0]!;
    throw new DataError('damaged', { file: path, field: field.join('.') }, message);
  }
  return data as z.infer<Schema>;
}

/** That each case is taken, [rows]: by the traveller's own model where they have one. */
export function probabilities(model: DecisionModel, cases: readonly OpenCase[], features: FeatureTable): Float64Array {
  return predict(model.crossUser, features).map((p, i) => {
    const { actor, venue } = cases[i]!;
    const odds = ownLogOdds(Math.log(p / (1 - p)), model.own.get(actor) ?? null, venue);
    return 1 / (1 + Math.exp(-odds));
  });
}
