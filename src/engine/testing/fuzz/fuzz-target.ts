/**
 * What is fuzzed: one parser, or one piece of state behind a parser, that is given any bytes. A target takes the failures that its parser documents;
 * whatever else comes out of `run`, a hang, or memory beyond its bound is a finding. An input is one run of bytes, so that every finding can be
 * kept as a small file and replayed; a target that needs more than bytes takes it from them.
 */
import type { FuzzRandom } from './fuzz-random'

export interface FuzzTarget {
  readonly name: string
  /** How many of a run's inputs it gets, against the others: cheap parsers many. */
  readonly share: number
  /** Inputs that it gets in every long run, however small its share. */
  readonly minimum: number
  /** Once in each thread, before anything else. */
  prepare?(): Promise<void>
  /** A valid input, made by our own encoders or taken from a real capture. */
  seed(random: FuzzRandom): Uint8Array
  /** `other` gives further valid inputs. Without it: mutateBytes. */
  mutate?(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Uint8Array
  run(input: Buffer): void | Promise<void>
  /** Bytes of buffers that an input of this length may make us allocate. Without it: 64 KiB and 64 times the input. */
  allocationMax?(inputLength: number): number
}

/** A promise of the target that did not hold. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

export function check(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new BrokenPromise(promise)
}

type ErrorClass = abstract new (...args: never[]) => Error

/** Runs the parser. Its value, or undefined where it refused in one of the documented ways. */
export function orRefused<T>(run: () => T, ...documented: readonly ErrorClass[]): T | undefined {
  try {
    return run()
  } catch (error) {
    if (documented.some((type) => error instanceof type)) return undefined
    throw error
  }
}

/** For code under test that logs what it refuses. */
export const silentLogger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export interface Finding {
  readonly target: string
  readonly seed: number
  /** Of the input in its target's run; -1 for one of the corpus. */
  readonly index: number
  readonly kind: 'error' | 'slow' | 'memory' | 'unhandled' | 'hang' | 'crash'
  /** What tells one fault from another. */
  readonly signature: string
  readonly message: string
  readonly inputHex: string
}
