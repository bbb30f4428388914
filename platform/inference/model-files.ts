/** Where a version's files come from: the bucket, or, of the versions that come with the Worker, the Worker itself. */
import { bundledFile } from './bundled-models.ts';
import { checkSize, ModelRefused } from './check-model.ts';

/** Of all models' keys; trainers write below it, too. */
export const MODELS_PREFIX = 'models/';

export interface VersionFiles {
  name: string;
  version: string;
  /** Of the version's folder below `MODELS_PREFIX`; null: `name/version`. */
  artifactPath: string | null;
}

/** In the bucket. */
export function modelFileKey({ name, version, artifactPath }: VersionFiles, file: string): string {
  return `${MODELS_PREFIX}${artifactPath ?? `${name}/${version}`}/${file}`;
}

/**
 * @throws ModelRefused where there is no such file, or it is too large to be read; Error where the bucket fails and the file
 * does not come with the Worker
 */
export async function readModelFile(
  { ARTIFACTS }: Pick<Cloudflare.Env, 'ARTIFACTS'>,
  of: VersionFiles,
  file: string,
): Promise<Uint8Array> {
  const { name, version } = of;
  const model = `${name}@${version}`;
  const key = modelFileKey(of, file);
  let failure: unknown = null;
  const found = await ARTIFACTS.get(key).catch((error: unknown) => {
    failure = error;
    return null;
  });
  if (found) {
    try {
      checkSize(found.size, model, file);
    } catch (error) {
      // A body that nobody reads holds its connection.
      await found.body.cancel();
      throw error;
    }
    return new Uint8Array(await found.arrayBuffer());
  }
  const bundled = await bundledFile(name, version, file);
  if (bundled) return bundled;
  if (failure !== null) throw new Error(`${key} cannot be read: ${String(failure)}`, { cause: failure });
  throw new ModelRefused('missing', model, file, `nothing at ${key}`);
}
