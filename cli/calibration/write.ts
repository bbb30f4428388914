/** What a calibration leaves in the folder of its run. */
import { join } from 'node:path';
import { writeWhole } from '../../platform/artifacts/whole-file.ts';
import type { Calibrated } from '../../simulation/agents/calibration/calibrate.ts';
import type { RunFolder } from '../../simulation/agents/run-folder.ts';

/** @returns the files */
export async function writeCalibration(folder: RunFolder, calibrated: Calibrated): Promise<string[]> {
  const { runId, arm, lineage, calibration, priors } = calibrated;
  const documents = {
    'calibration.json': calibration,
    'priors.json': { run_id: runId, arm: arm.name, source: lineage, archetypes: priors },
  };
  return Promise.all(
    Object.entries(documents).map(async ([name, document]) => {
      const path = join(folder.path, name);
      await writeWhole(path, `${JSON.stringify(document, null, 2)}\n`);
      return path;
    }),
  );
}
