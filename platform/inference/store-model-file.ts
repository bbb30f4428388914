/** A version's file comes into the bucket as it arrives, whole or not at all. */
import { canonicalJson } from '../../core/arbitration/canonical-json.ts';
import { sha256Of } from '../artifacts/artifact-store.ts';
import { ModelRefused } from './check-model.ts';
import { modelFileKey, readModelFile, type VersionFiles } from './model-files.ts';

export interface StoredFile {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** The version has another file of that name, and it is too late to replace it. */
export class FileDiffers extends Error {
  override readonly name = 'FileDiffers';
}

/** The body ended before, or went on after, the bytes that were announced. */
export class BodyLength extends Error {
  override readonly name = 'BodyLength';
}

/**
 * @param replace whether a file that is there and differs may be replaced
 * @throws FileDiffers, BodyLength; Error where the bucket fails. Nothing was changed then.
 */
export async function storeModelFile(
  env: Pick<Cloudflare.Env, 'ARTIFACTS'>,
  version: VersionFiles,
  file: string,
  { body, bytes }: { body: ReadableStream<Uint8Array>; bytes: number },
  { replace }: { replace: boolean },
): Promise<StoredFile> {
  const there = replace ? null : await fileOrNull(env, version, file);
  const summed = summing(body, bytes);
  if (there) {
    const text = file.endsWith('.json') ? await new Response(summed.body).text() : null;
    if (text === null) await summed.body.pipeTo(new WritableStream());
    const sha256 = await summed.sha256();
    const same = sha256 === (await sha256Of(there)) || (text !== null && sameJson(text, there));
    if (!same) throw new FileDiffers(`another ${file} is there`);
    return { bytes, sha256 };
  }
  try {
    // A length that is known is what the bucket asks for, and a body that is cut short is then no file.
    await env.ARTIFACTS.put(modelFileKey(version, file), summed.body.pipeThrough(new FixedLengthStream(bytes)));
  } catch (error) {
    throw summed.seen() === bytes ? error : new BodyLength(`${summed.seen()} bytes, not ${bytes}`, { cause: error });
  }
  return { bytes, sha256: await summed.sha256() };
}

/** Also what comes with the Worker. */
async function fileOrNull(...[env, version, file]: Parameters<typeof readModelFile>): Promise<Uint8Array | null> {
  try {
    return await readModelFile(env, version, file);
  } catch (error) {
    if (error instanceof ModelRefused && error.code === 'missing') return null;
    throw error;
  }
}

/** What comes with the Worker was read before it was bundled: it says the same in other bytes. */
function sameJson(text: string, there: Uint8Array): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === canonicalJson(JSON.parse(new TextDecoder().decode(there)));
  } catch {
    return false;
  }
}

/** The same bytes, summed up as they pass: none of them waits in memory. */
function summing(body: ReadableStream<Uint8Array>, bytes: number) {
  const digest = new crypto.DigestStream('SHA-256');
  // Of a body that breaks off nobody asks for the sum.
  digest.digest.catch(() => {});
  const sum = digest.getWriter();
  sum.closed.catch(() => {});
  let seen = 0;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      seen += chunk.length;
      if (seen > bytes) throw new BodyLength(`more than ${bytes} bytes`);
      await sum.write(chunk);
      controller.enqueue(chunk);
    },
    async flush() {
      if (seen < bytes) throw new BodyLength(`${seen} bytes, not ${bytes}`);
      await sum.close();
    },
  });
  const hex = (buffer: ArrayBuffer) =>
    Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { body: body.pipeThrough(through), seen: () => seen, sha256: async () => hex(await digest.digest) };
}
