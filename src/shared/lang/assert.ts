/**
 * Assertions stay on in production: a broken invariant stops the broker that broke it, never the app (STYLE, Errors).
 */

/** Thrown when an invariant does not hold: always a bug of ours, never bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws {@link AssertionError} unless `condition` holds. State the invariant in `message`, as its checker states it. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** For the branch that the types rule out. */
export function unreachable(value: never, context = 'value'): never {
  throw new AssertionError(`unreachable ${context}: ${String(value)}`)
}
