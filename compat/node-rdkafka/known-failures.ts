/** Failures of node-rdkafka's specs that are understood, each with its cause. */
import type { KnownFailure } from '../run/suite'

export const knownFailures: readonly KnownFailure[] = []
