/** A model as the Worker opens it: what its files have to be, and what is made of them. */
import { checkModel, ModelRefused, type ModelSignature } from './check-model.ts';
import type { OnnxContents } from './onnx-contents.ts';
import type { OnnxSession } from './onnx-session.ts';

export interface ModelPart {
  session: OnnxSession;
  contents: OnnxContents;
}

export interface ModelParts {
  /** `name@version` */
  modelVersion: string;
  /** By the name of its file. @throws ModelRefused where the model lists no such file */
  part(file: string): ModelPart;
  /** A JSON file beside it. */
  list(file: string): unknown;
  refuse(file: string, message: string): ModelRefused;
}

/** What serves with it, and how. */
export interface ServedModel<Serves> {
  name: string;
  onnx: Readonly<Record<string, ModelSignature>>;
  /** JSON files. */
  lists: readonly string[];
  /** @throws ModelRefused where the files do not fit together */
  open(parts: ModelParts): Serves;
  /** One run before the first that counts. Rejects where something in it is no number. */
  probe(serves: Serves): Promise<unknown>;
}

export interface OpenedModel<Serves> {
  serves: Serves;
  /** Of its ONNX files. */
  bytes: number;
  /** Gives the sessions back. */
  close(): Promise<void>;
}

export interface OpenModel {
  version: string;
  /** The file's content. @throws ModelRefused where there is none, or it is too large */
  read(file: string): Promise<Uint8Array>;
  createSession(bytes: Uint8Array): Promise<OnnxSession>;
}

/**
 * Reads, checks and probes all files before anything is answered with them.
 * @throws ModelRefused; what `read` throws where the store fails, which says nothing of the model
 */
export async function openModel<Serves>(
  model: ServedModel<Serves>,
  { version, read, createSession }: OpenModel,
): Promise<OpenedModel<Serves>> {
  const modelVersion = `${model.name}@${version}`;
  const names = Object.keys(model.onnx);
  const files = await Promise.all([...names, ...model.lists].map(async (file) => [file, await read(file)] as const));
  const contents = new Map<string, OnnxContents>();
  const lists = new Map<string, unknown>();
  let bytes = 0;
  for (const [file, content] of files) {
    const signature = model.onnx[file];
    if (!signature) {
      lists.set(file, parsed(content, modelVersion, file));
      continue;
    }
    contents.set(file, checkModel(content, signature, modelVersion, file));
    bytes += content.length;
  }

  const sessions = new Map<string, OnnxSession>();
  const close = async () => {
    for (const session of sessions.values()) await session.release();
  };
  try {
    for (const [file, content] of files) {
      if (!contents.has(file)) continue;
      sessions.set(file, await sessionOf(createSession, content, modelVersion, file));
    }
    const serves = model.open({
      modelVersion,
      part: (file) => ({ session: sessions.get(file)!, contents: contents.get(file)! }),
      list: (file) => lists.get(file),
      refuse: (file, message) => new ModelRefused('wrong_signature', modelVersion, file, message),
    });
    await model.probe(serves).catch((error: unknown) => {
      throw new ModelRefused('failed_probe', modelVersion, names.join(', '), String(error));
    });
    return { serves, bytes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function sessionOf(
  createSession: OpenModel['createSession'],
  bytes: Uint8Array,
  modelVersion: string,
  file: string,
): Promise<OnnxSession> {
  try {
    return await createSession(bytes);
  } catch (error) {
    throw new ModelRefused('wrong_signature', modelVersion, file, `no session could be made of it: ${String(error)}`);
  }
}

function parsed(bytes: Uint8Array, modelVersion: string, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ModelRefused('truncated', modelVersion, file, `no JSON: ${String(error)}`);
  }
}
