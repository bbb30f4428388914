/** Why Qdrant gave no answer. */
import { QdrantClientResourceExhaustedError, QdrantClientTimeoutError } from '@qdrant/js-client-rest';

/** `unavailable`: no connection, or 502, 503, 504. `rejected`: any other status, or collections that do not fit. */
export type QdrantFailureCode = 'timeout' | 'unavailable' | 'rate_limited' | 'rejected';

export class QdrantFailure extends Error {
  override readonly name = 'QdrantFailure';
  readonly code: QdrantFailureCode;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(code: QdrantFailureCode, message: string, options: ErrorOptions & { status?: number | undefined } = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
  }

  /** From what the client throws, which tells its errors apart by `status` alone. */
  static from(cause: unknown): QdrantFailure {
    if (cause instanceof QdrantFailure) return cause;
    if (cause instanceof QdrantClientTimeoutError)
      return new QdrantFailure('timeout', 'Qdrant took too long', { cause });
    if (cause instanceof QdrantClientResourceExhaustedError) {
      return new QdrantFailure('rate_limited', 'Qdrant is asked too often', { cause, status: 429 });
    }
    const status = statusOf(cause);
    if (status === undefined) return new QdrantFailure('unavailable', 'Qdrant cannot be reached', { cause });
    const message = `Qdrant answered ${status}: ${reasonOf(cause)}`;
    if (status === 429) return new QdrantFailure('rate_limited', message, { cause, status });
    return new QdrantFailure([502, 503, 504].includes(status) ? 'unavailable' : 'rejected', message, { cause, status });
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/** Qdrant says what is wrong in `status.error` of the body. */
function reasonOf(error: unknown): string {
  const data =
    error instanceof Error && 'data' in error ? (error.data as { status?: { error?: unknown } } | null) : null;
  const reason = data?.status?.error;
  return typeof reason === 'string' ? reason : 'no reason given';
}
