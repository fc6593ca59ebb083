/**
 * The registry: state replayed from its topic, operations carried out one after the other, reads answered from what has been read. Runs on a
 * worker of its own (cluster/workers) behind an HTTP server that hands requests to `handle`; knows neither threads nor sockets.
 *
 * A write reads the log to its end first, decides, appends with acks=all, and answers when its records have been read back. So a client
 * that was answered finds what it wrote, here and in any registry that reads the topic. What was decided is only taken by the log if no other
 * registry of ours has written since (conditional-writer.ts); else it is decided anew. So an id and a version are given once, however many registries there are.
 */

import { ClientError, KafkaClient, type KafkaClientOptions, pause } from '../../client'
import type { Clock, Logger, Platform } from '../../platform'
import { ErrorCode } from '../../wire/errors'
import { sequenceAfter } from '../../wire/records'
import { ElectedPrimary } from './elected-primary'
import { RegistryError, schemaTooLarge, storeError, storeTimeout } from './errors'
import type { CompatibilityLevel, Mode } from './model'
import type { Decision, Operation, OperationContext } from './operations/operation'
import { effectiveConfig, effectiveMode } from './operations/scopes'
import { ParsedSchemas } from './parsed-schemas'
import { batchesOf } from './record-batches'
import { decodeRecord, encodeRecord, type RecordBytes, type RegistryRecord } from './records'
import type { RestRequest, RestResponse } from './rest/request'
import { type AppendResult, type DecidedAt, SchemasLog } from './schemas-log'
import { RegistryState } from './state'

export interface SchemaRegistryOptions {
  readonly platform: Platform
  readonly kafka: Omit<KafkaClientOptions, 'platform' | 'clientId'>
  readonly topic?: string
  readonly replicationFactorMax?: number
  /** How long a request may wait for the brokers. */
  readonly timeoutMs?: number
  readonly onEvent?: (event: RegistryEvent) => void
  /** Asks another registry what this one was asked. Where it is absent, this one writes beside whoever else does. */
  readonly forward?: (url: string, request: RestRequest) => Promise<RestResponse>
}

/** What a timeline tells of. */
export type RegistryEvent =
  | { readonly type: 'schema-registered'; readonly subject: string; readonly version: number; readonly id: number }
  | {
      readonly type: 'schemas-deleted'
      readonly subject: string
      readonly versions: readonly number[]
      readonly permanent: boolean
    }

/** What the calls of REST need of a registry. */
export interface RegistryPort {
  readonly logger: Logger
  read<T>(query: (context: OperationContext) => T): Promise<T>
  write<T>(operation: Operation<T>): Promise<T>
  /** Has a request that writes answered by the registry that others have elected to write; null: there is none. */
  forward(request: RestRequest): Promise<RestResponse | null>
  tell(event: RegistryEvent): void
  clusterId(): string | null
}

export interface RegistryStatus {
  readonly problem: string | null
  readonly subjectCount: number
  /** Moves with every record of the topic. */
  readonly revision: number
  readonly level: CompatibilityLevel
  readonly mode: Mode
}

export const schemasTopic = '_schemas'
const defaultTimeoutMs = 30_000
const waitingWritesMax = 5_000
/** The longest pause before a write is decided anew because another registry's came first; by chance, so that two do not go on in step. */
const pauseMsMax = 200
const inDoubt = 'Whether the write was done is not known. Try again: what was done of it is found.'
/** Kafka's default of max.message.bytes; only for the sentence. */
const recordBytesMax = 1_048_588

export class SchemaRegistry implements RegistryPort {
  private state = new RegistryState()
  private readonly schemas = new ParsedSchemas()
  private readonly client: KafkaClient
  private readonly reader: KafkaClient
  private readonly log: SchemasLog
  private readonly primary: ElectedPrimary
  private readonly clock: Clock
  private readonly timeoutMs: number
  private last: Promise<unknown> = Promise.resolve()
  private waitingWrites = 0
  private unreadable = 0

  constructor(private readonly options: SchemaRegistryOptions) {
    const { platform, kafka, topic = schemasTopic, replicationFactorMax = 3, timeoutMs = defaultTimeoutMs } = options
    this.clock = platform.clock
    this.timeoutMs = timeoutMs
    this.client = new KafkaClient({ ...kafka, platform, clientId: 'schema-registry' })
    this.reader = new KafkaClient({ ...kafka, platform, clientId: 'schema-registry-reader' })
    this.log = new SchemasLog({
      client: this.client,
      reader: this.reader,
      topic,
      replicationFactorMax,
      usableTimeoutMs: Math.max(1_000, timeoutMs / 2),
      onRecord: (key, value, timestampMs) => this.onRecord(key, value, timestampMs),
      onReset: () => {
        this.state = new RegistryState()
        platform.logger.warn(`${topic} was deleted, replaced, or lost its end; the registry reads it anew`)
      },
    })
    this.primary = new ElectedPrimary(this.client)
    void this.log.run()
  }

  status(): RegistryStatus {
    return {
      problem: this.log.problem,
      subjectCount: this.state.subjectCount(),
      revision: this.log.endOfRead,
      level: effectiveConfig(this.state, null).compatibilityLevel,
      mode: effectiveMode(this.state, null),
    }
  }

  /** The cluster is found by these addresses from now on. */
  setBootstrap(addresses: KafkaClientOptions['bootstrap']): void {
    this.client.setBootstrap(addresses)
    this.reader.setBootstrap(addresses)
  }

  /** From what has been read; waits only while nothing has been read at all. */
  async read<T>(query: (context: OperationContext) => T): Promise<T> {
    this.log.wake()
    await this.log.whenRead(this.timeoutMs)
    return query(this.context())
  }

  /** Throws what the operation refuses, 50001 where the brokers do not take it, 50002 where it took too long: then it may have happened. */
  async write<T>(operation: Operation<T>): Promise<T> {
    if (this.waitingWrites >= waitingWritesMax)
      throw new RegistryError(429, `${waitingWritesMax} writes wait already. Try again later.`)
    this.waitingWrites++
    const deadlineMs = this.clock.monotonicMs() + this.timeoutMs
    const turn = this.last.then(() => this.carryOut(operation, deadlineMs))
    this.last = turn.catch(() => undefined)
    void this.last.then(() => {
      this.waitingWrites--
    })
    return withDeadline(turn, this.clock, this.timeoutMs, () =>
      storeTimeout(`The write was not done within ${this.timeoutMs} ms. ${this.log.problem ?? 'It may still be done.'}`),
    )
  }

  async forward(request: RestRequest): Promise<RestResponse | null> {
    const { forward } = this.options
    const url = forward === undefined ? null : await this.primary.url()
    if (forward === undefined || url === null) return null
    let answer: RestResponse
    try {
      answer = await forward(url, request)
    } catch (error) {
      throw new RegistryError(
        50003,
        `Error while forwarding the request to the registry that writes, ${url}: ${(error as Error).message}`,
      )
    }
    // Whoever was answered finds here, too, what was written there.
    await this.log.readToEnd(this.timeoutMs).catch(() => undefined)
    return answer
  }

  tell(event: RegistryEvent): void {
    this.options.onEvent?.(event)
  }

  /** Null until a broker has said it. */
  clusterId(): string | null {
    return this.client.known?.clusterId ?? null
  }

  get logger(): Logger {
    return this.options.platform.logger
  }

  close(): void {
    this.log.close()
    this.client.close()
    this.reader.close()
  }

  private context(): OperationContext {
    return { state: this.state, schemas: this.schemas }
  }

  private async carryOut<T>(operation: Operation<T>, deadlineMs: number): Promise<T> {
    const leftMs = () => deadlineMs - this.clock.monotonicMs()
    // Whoever asked has been answered, and a write that nobody waits for would only surprise.
    if (leftMs() <= 0) throw storeTimeout('The write waited too long for its turn and was not begun.')
    await this.log.whenRead(leftMs())
    let result: AppendResult = 'overtaken'
    // The decision of which a part is written: what is decided after it is the rest, and the answer is to be of the whole.
    let begun: Decision<T> | null = null
    for (let attempt = 1; leftMs() > 0; attempt++) {
      try {
        if (this.log.needsNewEpoch) await this.log.beginEpoch(encodeRecord(this.mark()), Math.max(1_000, leftMs()))
        await this.log.readToEnd(Math.max(1_000, leftMs()))
      } catch (error) {
        throw result === 'unseen-in-doubt' ? storeTimeout(`${inDoubt} (${(error as Error).message})`, error) : error
      }
      // In one turn: what is decided rests on what was read up to here.
      const at = this.log.decidedAt
      const decision = operation(this.context())
      if (decision.records.length === 0) return (begun ?? decision).answer(this.state)
      const onBegun = () => {
        begun ??= decision
      }
      result = await this.append(decision, at, Math.max(1_000, leftMs()), onBegun)
      if (result === 'done' && (decision.hasTakenEffect?.(this.state) ?? true)) return (begun ?? decision).answer(this.state)
      await pause(this.clock, this.options.platform.random.below(Math.min(pauseMsMax, 10 * attempt) + 1))
    }
    if (result === 'unseen-in-doubt') throw storeTimeout(inDoubt)
    throw storeError('Other registries write to the topic at the same time, and theirs came first each time. Try again.')
  }

  /** `onBegun` is called when a part is in the log, and another part is not yet. */
  private async append<T>(decision: Decision<T>, at: DecidedAt, timeoutMs: number, onBegun: () => void): Promise<AppendResult> {
    const records = decision.records.map(encodeRecord)
    let place = at
    for (const [index, batch] of batchesOf(records).entries()) {
      if (index > 0) onBegun()
      let result: AppendResult
      try {
        result = await this.log.append(batch, place, timeoutMs)
      } catch (error) {
        throw this.asRefusal(error, records)
      }
      if (result !== 'done') return result
      place = { ...place, sequence: sequenceAfter(place.sequence, batch.length) }
    }
    return 'done'
  }

  /** Nobody's record, which others pass over; it carries what Confluent's does not need and ours keep. */
  private mark(): RegistryRecord {
    const maxIds = this.state.knownContexts().map((name): [string, number] => [name, this.state.maxId(name)])
    return { kind: 'noop', value: { maxIds: Object.fromEntries(maxIds) } }
  }

  private asRefusal(error: unknown, records: readonly RecordBytes[]): Error {
    const cause = error instanceof RegistryError ? error.cause : null
    const code = cause instanceof ClientError ? cause.code : null
    if (code !== ErrorCode.MESSAGE_TOO_LARGE && code !== ErrorCode.RECORD_LIST_TOO_LARGE) return error as Error
    return schemaTooLarge(Math.max(...records.map(({ value }) => value?.length ?? 0)), recordBytesMax)
  }

  private onRecord(key: Uint8Array | null, value: Uint8Array | null, timestampMs: number): void {
    const record = decodeRecord(key, value)
    if (record !== null) {
      this.state.replay(record, timestampMs)
      return
    }
    this.unreadable++
    // Once: a topic full of something else would fill the log file, too.
    if (this.unreadable === 1)
      this.logger.warn('The registry’s topic holds a record that is none of a registry; it is passed over')
  }
}

/** `work` goes on when its time is over; only its caller is told. */
function withDeadline<T>(work: Promise<T>, clock: Clock, timeoutMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () => reject(late()))
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}
