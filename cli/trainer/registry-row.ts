import { v7 as uuidv7 } from 'uuid';
import type { NewModelVersion } from '../../platform/database/model-registry.ts';
import type { Artifact } from '../../training/artifact/artifact.ts';

/** What the registry holds of a version that has been trained. Its files are below `artifactPath` in the store of artifacts. */
export function registryRow(
  { model, version, metrics, lineage }: Artifact,
  trainedAt: Date,
): NewModelVersion & { artifactPath: string } {
  return {
    id: uuidv7(),
    modelName: model,
    version,
    artifactPath: `${model}/${version}`,
    trainingDate: trainedAt,
    metrics: { ...metrics },
    lineage: Object.keys(lineage.rows).sort(),
  };
}
