/** What models, their versions and their files are called: parts of keys in the bucket, and of paths. */

export const MODEL_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Twelve digits of a SHA-256 (`training/artifact/artifact.ts`). */
export const TRAINED_VERSION = /^[0-9a-f]{12}$/;
export const MODEL_FILE = /^[a-z0-9]+(-[a-z0-9]+)*\.(onnx|json|md)$/;

export const LONGEST_NAME = 100;
