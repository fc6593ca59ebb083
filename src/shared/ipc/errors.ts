/** How a failure crosses a thread or process. A person reads `message`: what happened, to what, and what to do next. */
export interface WireError {
  readonly kind: 'expected' | 'bug' | 'cancelled' | 'protocol'
  /** Kafka's error name for 'protocol' (TOPIC_ALREADY_EXISTS), our own in capitals otherwise (INVALID_ARGUMENT, BROKER_NOT_RUNNING). */
  readonly code: string
  readonly message: string
  readonly cause: string | null
}

export class WorkbenchError extends Error implements WireError {
  override readonly name = 'WorkbenchError'
  override readonly cause: string | null
  constructor(
    readonly kind: WireError['kind'],
    readonly code: string,
    message: string,
    cause: string | null = null,
  ) {
    super(message)
    this.cause = cause
  }
}

/** Any thrown value as a WireError; what is not a WorkbenchError is a bug of ours, and says so. */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof WorkbenchError) {
    return { kind: thrown.kind, code: thrown.code, message: thrown.message, cause: thrown.cause }
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return { kind: 'bug', code: 'INTERNAL', message: error.message, cause: error.stack ?? null }
}

export function fromWireError(error: WireError): WorkbenchError {
  return new WorkbenchError(error.kind, error.code, error.message, error.cause)
}
