/** A version's way into the registry and the store of a running API. */
import { CommandError } from '../command-error.ts';
import type { TrainedVersion } from './version-folder.ts';

export interface Api {
  /** With its `/api/v1`. */
  url: string;
  token: string;
}

export interface Published {
  /** False: it was registered before. */
  added: boolean;
  status: string;
}

/**
 * Registers the version where it is not, then stores its files, one after the other. Whatever went wrong, the same again goes on.
 * @throws CommandError
 */
export async function publish(
  { model, version, metrics, lineage, trainedAt, files }: TrainedVersion,
  api: Api,
  onFile: (name: string, bytes: number) => void,
): Promise<Published> {
  const registered = await ask<{ status: string }>(api, 'POST', `/admin/models/${model}/versions`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version, trained_at: trainedAt.toISOString(), metrics, lineage }),
  });
  for (const { name, bytes, sha256 } of files) {
    const path = `/admin/models/${model}/versions/${version}/files/${name}`;
    const stored = await ask<{ sha256: string }>(api, 'PUT', path, {
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    if (stored.body.sha256 !== sha256) throw new CommandError(`${name} arrived as another file: publish it again.`);
    onFile(name, bytes.length);
  }
  return { added: registered.code === 201, status: registered.body.status };
}

interface ProblemBody {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
}

async function ask<Body>(
  { url, token }: Api,
  method: string,
  path: string,
  { headers, body }: { headers: Record<string, string>; body: BodyInit },
): Promise<{ code: number; body: Body }> {
  const sent = { method, headers: { ...headers, authorization: `Bearer ${token}` }, body };
  const answer = await fetch(`${url}${path}`, sent).catch((error: Error) => {
    throw new CommandError(
      `${url} cannot be reached: ${(error.cause as Error | undefined)?.message ?? error.message}.`,
    );
  });
  const told: unknown = await answer.json().catch(() => null);
  if (answer.ok && told !== null) return { code: answer.status, body: told as Body };
  const { code = 'no answer of this API', detail = '', errors = [] } = (told ?? {}) as ProblemBody;
  const fields = errors.map(({ field, message }) => ` ${field}: ${message}.`).join('');
  throw new CommandError(`${method} ${path}: ${answer.status} ${code}: ${detail}.${fields}`);
}
