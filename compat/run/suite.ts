/**
 * What a compat suite is: one foreign client (or one matter that several are asked about), found on this machine or not, and its checks. Every
 * folder of compat/ that has a suite.ts takes part in `npm run compat`; the framework knows none of them by name.
 */

import type { ServeProcess } from '../kafka-clients/serve-process'
import type { Checks } from './checks'
import type { ProgramOptions, ProgramResult } from './programs'

/** What the client is on this machine, or why it cannot be asked. A suite without a client to speak of (several) leaves the version empty. */
export type Detected = { readonly version: string } | { readonly skipped: string }

export type CheckStatus = 'passed' | 'failed' | 'skipped'

export interface CheckResult {
  readonly name: string
  readonly status: CheckStatus
  /** Why it failed or was skipped; empty for what passed. */
  readonly reason: string
}

/** A failure that is understood. One that passes is reported, so that the list gets shorter. */
export interface KnownFailure {
  /** The whole name of the check, or a pattern for a family of them. */
  readonly check: string | RegExp
  /** Why it fails, and whose doing that is: one sentence for the report. */
  readonly reason: string
}

export interface SuiteContext {
  readonly isQuick: boolean
  /** The place for what a suite fetches or builds; kept between runs. */
  readonly cacheDirectory: string
  readonly checks: Checks
  /** A cluster of its own for this suite, in a temporary directory on free ports; ended with the suite. Without arguments: three brokers. */
  serve(args?: readonly string[]): Promise<ServeProcess>
  /** Where the brokers of a cluster of serve() keep what they have. */
  dataDirectoryOf(server: ServeProcess): string
  /** Markdown for the report, below the checks of the suite: a table that says more than they do. */
  attach(markdown: string): void
  /** A program of the suite, ended with it. Never rejects because of the program's exit code. */
  run(command: string, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
}

export interface CompatSuite {
  /** Short, lower case, for `--only` and the first column: `kcat`, `java`, `librdkafka`. */
  readonly name: string
  readonly knownFailures?: readonly KnownFailure[]
  /** The most a run of the suite may take; 10 minutes where nothing is said. */
  readonly timeLimitMs?: number
  /** False for what takes minutes even when it is asked to be quick. */
  readonly isInQuickRuns?: boolean
  /** Finds the client, and fetches or builds what it needs where it can. Never throws for what is missing: that is `skipped`. */
  prepare(context: Pick<SuiteContext, 'isQuick' | 'cacheDirectory' | 'run'>): Promise<Detected>
  /** Says its results to context.checks. What it throws becomes a failed check of its own. */
  run(context: SuiteContext): Promise<void>
}

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
export const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** A record as the codec clients hand it about: bytes in base64, null for null. */
export interface CodecRecord {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** A client that takes part in the codec matrix; exported by a folder's suite.ts as `codecClients`. */
export interface CodecClient {
  readonly name: string
  /** Codecs that it can write; those it is to be able to read. What is missing here is missing in the client, and said so in the matrix. */
  readonly writes: readonly Codec[]
  readonly reads: readonly Codec[]
  prepare(context: Pick<SuiteContext, 'isQuick' | 'cacheDirectory' | 'run'>): Promise<Detected>
  /** Writes them all to partition 0 of the topic, acknowledged by all. Throws where it cannot. */
  write(context: SuiteContext, bootstrap: string, topic: string, codec: Codec, records: readonly CodecRecord[]): Promise<void>
  /** The first `count` records of partition 0, in order. */
  read(context: SuiteContext, bootstrap: string, topic: string, count: number): Promise<readonly CodecRecord[]>
}

/** What the framework looks for in compat/<folder>/suite.ts. */
export interface SuiteModule {
  readonly suites?: readonly CompatSuite[]
  readonly codecClients?: readonly CodecClient[]
}
