/** Whether a version's files are there and can serve, before its status says that it does. */
import { ModelRefused } from '../platform/inference/check-model.ts';
import type { AppContext } from './app-env.ts';

export interface CheckedVersion {
  name: string;
  version: string;
  artifactPath: string | null;
}

/**
 * Why the version cannot serve, with its code; null where it can. A version without files (an LLM, rules) always can.
 * Rejects where the store cannot be reached, which says nothing of the version.
 */
export async function checkArtifact(
  { env }: AppContext,
  { name, version, artifactPath }: CheckedVersion,
): Promise<{ code: string; message: string } | null> {
  if (artifactPath === null) return null;
  try {
    // The runtime is large, and few requests need it.
    const { checkVersion } = await import('../platform/inference/served-models.ts');
    await checkVersion(env, { name, version, artifactPath });
    return null;
  } catch (error) {
    if (error instanceof ModelRefused) return { code: error.code, message: error.message };
    throw error;
  }
}
