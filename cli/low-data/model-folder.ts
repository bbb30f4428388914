/** The model of decisions as a version's folder, with the lineage of its rows. */
import { type Artifact, versionOf, writeArtifact } from '../../training/artifact/artifact.ts';
import type { DataLineage } from '../../training/data/dataset.ts';
import { CROSS_USER_TREES } from '../../training/low-data/cross-user.ts';
import { DECISION_MODEL, DECISION_MODEL_FILE, modelText } from '../../training/low-data/decision-model.ts';
import { countSources, type DecisionRow, isSynthetic } from '../../training/low-data/decision-row.ts';
import { OWN_MODEL_FROM, TRAITS } from '../../training/low-data/per-user.ts';
import type { Personalised } from '../../training/low-data/personalise.ts';
import { treeParameters } from '../../training/trees/boost.ts';
import { treesFile } from '../../training/trees/onnx.ts';

interface About {
  sources: DataLineage['sources'];
  seed: number;
  revision: string;
}

/** `<out>/decision-model/<version>/`, whole or not at all. */
export async function writeDecisionModel(
  out: string,
  made: Personalised,
  rows: readonly DecisionRow[],
  { sources, seed, revision }: About,
): Promise<{ folder: string; artifact: Artifact }> {
  const counts = countSources(rows);
  const lineage: DataLineage = { sources, rows: counts, synthetic: isSynthetic(Object.keys(counts)) };
  const identity = {
    model: DECISION_MODEL,
    config: { trees: CROSS_USER_TREES, own_model_from: OWN_MODEL_FROM },
    seed,
    threads: 1,
    codeRevision: revision,
    lineage,
    split: 'travellers in five folds',
  };
  const version = versionOf(identity);
  const { crossUser, own } = made;
  const text = new TextEncoder();
  const artifact: Artifact = {
    ...identity,
    version,
    role: 'whether a traveller takes a venue that is shown: across travellers, then of each with 20 decisions',
    source:
      'boosted trees (Friedman 2001); ridge logistic regression on their log-odds (le Cessie and van Houwelingen 1992)',
    metrics: made.unseen,
    cases: made.cases,
    history: [],
    bestEpoch: crossUser.trees.length,
    parameters: treeParameters(crossUser) + own.size * TRAITS.length,
    limits: [
      'Metrics are of the cross-user model on travellers that it never saw.',
      'Coefficients go by actor key: who is forgotten has to be taken out by training again.',
    ],
    files: [
      { name: DECISION_MODEL_FILE, bytes: text.encode(modelText({ crossUser, own })) },
      {
        name: 'cross-user.onnx',
        bytes: treesFile(DECISION_MODEL, crossUser, {
          model: `${DECISION_MODEL}@${version}`,
          lineage: Object.keys(counts).join(','),
          synthetic: String(lineage.synthetic),
        }),
      },
    ],
  };
  return { folder: await writeArtifact(out, artifact), artifact };
}
