/**
 * A broker's controller: takes part in the election, and while it holds the office answers what only the controller may answer. Every broker
 * has one; of all of them one is active. On the others every call answers NOT_CONTROLLER, and callers look for the one that is.
 *
 * The broker gives it a coordination session and tells it when that has expired; then all of it stops at once, and `start` begins anew with the
 * next session. It never talks to clients and holds no partition data.
 */
import type { Platform } from '../platform'
import { ErrorCode } from '../wire/errors'
import type { ControlledShutdown } from '../wire/messages/07-controlled-shutdown'
import type { ResponseOf } from '../wire/schema'
import { ZERO_UUID } from '../wire/uuid'
import { anyTopicConfig, type ControllerConfig, defaultControllerConfig, type TopicConfigRules } from './config'
import { type CoordinationSession, SteadyCoordination } from './coordination-port'
import { ControllerElection, type Mandate } from './election'
import { ControllerMovedError } from './errors'
import type { ControllerEvent, ControllerListener } from './events'
import { type AlterPartitionRequest, type AlterPartitionResponse, refuseAlterPartition } from './isr-changes'
import type { ElectionResult, ElectionType } from './leader-elections'
import type { AskedReassignment, OngoingReassignment, ReassignmentResult } from './reassignments'
import type { ControlConnection } from './request-sender'
import { Term } from './term'
import type { CreatePartitionsResult, CreateTopicResult, MorePartitions, NewTopic } from './topic-creation'
import type { LiveBroker, PartitionId } from './types'

export interface ControllerOptions {
  readonly platform: Pick<Platform, 'clock' | 'random' | 'logger'>
  readonly brokerId: number
  /** The session that is current when `start` is called. */
  readonly coordination: () => CoordinationSession
  readonly connectTo: (broker: LiveBroker) => ControlConnection
  readonly config?: Partial<ControllerConfig>
  readonly topicConfigRules?: TopicConfigRules
}

export interface DeleteTopicResult {
  readonly name: string
  readonly topicId: string
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

export interface OngoingReassignments {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly partitions: readonly OngoingReassignment[]
}

export type ControlledShutdownResponse = ResponseOf<typeof ControlledShutdown>

/** How long a request waits for its turn at least. */
const DECISION_MS_MIN = 1_000
/** How long the answer to a controlled shutdown waits for the new leaders to know, at most. */
const SHUTDOWN_ANNOUNCEMENT_MS = 1_000

export class Controller {
  private readonly config: ControllerConfig
  private readonly listeners = new Set<ControllerListener>()
  private readonly controllerListeners = new Set<(controllerId: number | null, epoch: number) => void>()
  private election: ControllerElection | null = null
  private term: Term | null = null
  private stopListening: () => void = () => undefined
  private knownController: { readonly id: number | null; readonly epoch: number } = { id: null, epoch: 0 }

  constructor(private readonly options: ControllerOptions) {
    this.config = { ...defaultControllerConfig, ...options.config }
  }

  get isActive(): boolean {
    return this.term !== null
  }

  /** Who is the controller as far as this broker knows; null between two. */
  get controllerId(): number | null {
    return this.knownController.id
  }

  get controllerEpoch(): number {
    return this.knownController.epoch
  }

  onDidEvent(listener: ControllerListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** `listener` hears who is the controller, whenever that changes. */
  onDidChangeController(listener: (controllerId: number | null, epoch: number) => void): () => void {
    this.controllerListeners.add(listener)
    return () => this.controllerListeners.delete(listener)
  }

  /** Takes part in elections, over the current session. Call it once the broker is registered: at start, and after every expiry. */
  async start(): Promise<void> {
    this.onSessionExpired()
    const { platform, brokerId } = this.options
    const session = this.options.coordination()
    const coordination = new SteadyCoordination(session)
    this.stopListening = session.on('expired', () => this.onSessionExpired())
    const election = new ControllerElection({
      clock: platform.clock,
      logger: platform.logger,
      brokerId,
      coordination,
      onElected: (mandate) => this.onElected(election, coordination, mandate),
      onOther: (controllerId, epoch) => this.learn(controllerId, epoch),
      onDeposed: () => this.endTerm('another has taken the office, or its znode was removed'),
    })
    this.election = election
    election.contend()
  }

  /** Whatever this broker thought to be, it is not any more. At once, without a word to anybody. */
  onSessionExpired(): void {
    this.stopListening()
    this.election?.stop()
    this.election = null
    this.endTerm('the coordination session has expired')
    this.learn(null, this.controllerEpoch)
  }

  /** Gives the office up, so that another takes over without waiting for the end of this session. */
  async stop(): Promise<void> {
    const election = this.election
    this.election = null
    this.stopListening()
    election?.stop()
    const wasActive = this.isActive
    this.endTerm('the broker stops')
    if (wasActive) await election?.resign().catch(() => undefined)
  }

  /** Resolves when all brokers know the new topics; after `timeoutMs` with REQUEST_TIMED_OUT for those that were made and not yet announced. */
  createTopics(specs: readonly NewTopic[], timeoutMs: number, validateOnly = false): Promise<CreateTopicResult[]> {
    return this.askTimed(
      timeoutMs,
      'create-topics',
      async (term) => {
        const { results, announced } = await term.creation.createTopics(specs, validateOnly)
        return { results: [...results], announced: validateOnly ? null : announced }
      },
      (errorCode, errorMessage) =>
        specs.map(({ name }) => ({
          name,
          errorCode,
          errorMessage,
          topicId: ZERO_UUID,
          partitionCount: -1,
          replicationFactor: -1,
        })),
    )
  }

  createPartitions(specs: readonly MorePartitions[], timeoutMs: number, validateOnly = false): Promise<CreatePartitionsResult[]> {
    return this.askTimed(
      timeoutMs,
      'create-partitions',
      async (term) => {
        const { results, announced } = await term.creation.createPartitions(specs, validateOnly)
        return { results: [...results], announced: validateOnly ? null : announced }
      },
      (errorCode, errorMessage) => specs.map(({ topic }) => ({ topic, errorCode, errorMessage })),
    )
  }

  /** Resolves when the topics are gone, but for replicas on brokers that are down; those go when these return. */
  deleteTopics(names: readonly string[], timeoutMs: number): Promise<DeleteTopicResult[]> {
    return this.askTimed(
      timeoutMs,
      'delete-topics',
      async (term) => {
        const results = await this.markForDeletion(term, names)
        const marked = results.filter(({ errorCode }) => errorCode === ErrorCode.NONE)
        return { results, announced: Promise.all(marked.map(({ name }) => term.deletion.untilSettled(name))) }
      },
      (errorCode, errorMessage) => names.map((name) => ({ name, topicId: ZERO_UUID, errorCode, errorMessage })),
    )
  }

  /** `partitions` null: all that there are. */
  electLeaders(type: ElectionType, partitions: readonly PartitionId[] | null, timeoutMs: number): Promise<ElectionResult[]> {
    return this.askTimed(
      timeoutMs,
      'elect-leaders',
      async (term) => {
        const { results, announced } = await term.elections.electLeaders(type, partitions)
        return { results: [...results], announced }
      },
      (errorCode, errorMessage) =>
        (partitions ?? []).map(({ topic, partition }) => ({ topic, partition, errorCode, errorMessage })),
    )
  }

  /** Answers once the assignments are written; that replicas move then is not waited for (KIP-455). */
  alterPartitionReassignments(
    asked: readonly AskedReassignment[],
    timeoutMs: number,
    allowReplicationFactorChange = true,
  ): Promise<ReassignmentResult[]> {
    return this.askTimed(
      timeoutMs,
      'alter-partition-reassignments',
      async (term) => ({
        results: [...(await term.reassignments.alter(asked, allowReplicationFactorChange))],
        announced: null,
      }),
      (errorCode, errorMessage) => asked.map(({ topic, partition }) => ({ topic, partition, errorCode, errorMessage })),
    )
  }

  /** `asked` null: all that are in progress. Others are left out. */
  listPartitionReassignments(asked: readonly PartitionId[] | null): Promise<OngoingReassignments> {
    return this.ask<OngoingReassignments>(
      'list-partition-reassignments',
      async (term) => ({ errorCode: ErrorCode.NONE, errorMessage: null, partitions: term.reassignments.list(asked) }),
      (errorCode, errorMessage) => ({ errorCode, errorMessage, partitions: [] }),
    )
  }

  alterPartition(request: AlterPartitionRequest): Promise<AlterPartitionResponse> {
    return this.ask('alter-partition', (term) => term.isrs.alterPartition(request), refuseAlterPartition)
  }

  /** Answers once the new leaders know, so that the broker that stops is not missed. */
  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<ControlledShutdownResponse> {
    return this.ask(
      'controlled-shutdown',
      (term) => term.brokers.controlledShutdown(brokerId, brokerEpoch),
      (errorCode) => ({ errorCode, remaining: [], announced: Promise.resolve() }),
    ).then(async ({ errorCode, remaining, announced }) => {
      await this.within(SHUTDOWN_ANNOUNCEMENT_MS, announced)
      return {
        errorCode,
        remainingPartitions: remaining.map(({ topic, partition }) => ({ topicName: topic, partitionIndex: partition })),
      }
    })
  }

  private async markForDeletion(term: Term, names: readonly string[]): Promise<DeleteTopicResult[]> {
    const results = names.map((name): DeleteTopicResult => {
      const topic = term.context.topics.get(name)
      if (topic === undefined) {
        const errorMessage = `This server does not host this topic-partition: '${name}' does not exist.`
        return { name, topicId: ZERO_UUID, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage }
      }
      if (this.config.deleteTopicEnable) return { name, topicId: topic.topicId, errorCode: ErrorCode.NONE, errorMessage: null }
      return {
        name,
        topicId: topic.topicId,
        errorCode: ErrorCode.TOPIC_DELETION_DISABLED,
        errorMessage: 'Topic deletion is disabled.',
      }
    })
    const marked = results.filter(({ errorCode }) => errorCode === ErrorCode.NONE).map(({ name }) => name)
    await term.deletion.mark(marked)
    return results
  }

  private onElected(election: ControllerElection, coordination: SteadyCoordination, mandate: Mandate): void {
    if (this.election !== election) return
    const { platform, brokerId, connectTo, topicConfigRules = anyTopicConfig } = this.options
    const term = new Term({
      ...platform,
      config: this.config,
      topicConfigRules,
      emit: (event) => this.emit(event),
      brokerId,
      mandate,
      coordination,
      connectTo,
      onFailure: (error) => this.onTermFailed(election, term, error),
    })
    this.term = term
    this.learn(brokerId, mandate.epoch)
    // Its failure is the queue's to report, which ends the term.
    term.begin().catch(() => undefined)
  }

  /** What it knows may not be what is written: the next term, here or elsewhere, reads everything anew. */
  private onTermFailed(election: ControllerElection, term: Term, error: unknown): void {
    if (this.term !== term) return
    this.endTerm(error instanceof ControllerMovedError ? 'another has taken over' : `an event failed: ${String(error)}`)
    this.learn(null, this.controllerEpoch)
    election
      .resign()
      .catch(() => undefined)
      .finally(() => election.contend())
      .catch(() => undefined)
  }

  private endTerm(reason: string): void {
    const term = this.term
    if (term === null) return
    this.term = null
    term.end()
    const { controllerId, epoch } = term.context
    this.options.platform.logger.info('This broker is not the controller any more', { controllerEpoch: epoch, reason })
    this.emit({ type: 'controller-resigned', controllerId, controllerEpoch: epoch, reason })
  }

  private learn(id: number | null, epoch: number): void {
    if (this.knownController.id === id && this.knownController.epoch === epoch) return
    this.knownController = { id, epoch }
    for (const listener of [...this.controllerListeners]) listener(id, epoch)
  }

  private emit(event: ControllerEvent): void {
    for (const listener of [...this.listeners]) listener(event)
  }

  /** Runs `work` as an event of the current term. `failed` makes the answer where there is none, or where it ends first. */
  private async ask<T>(
    name: string,
    work: (term: Term) => Promise<T>,
    failed: (errorCode: ErrorCode, message: string | null) => T,
  ): Promise<T> {
    const { term } = this
    if (term === null) return failed(ErrorCode.NOT_CONTROLLER, 'This is not the correct controller for this cluster.')
    try {
      return await term.queue.ask(name, () => work(term))
    } catch (error) {
      if (error instanceof ControllerMovedError)
        return failed(ErrorCode.NOT_CONTROLLER, 'The controller has moved to another broker.')
      this.options.platform.logger.error('A request to the controller failed', { request: name, error: String(error) })
      return failed(ErrorCode.UNKNOWN_SERVER_ERROR, String(error))
    }
  }

  private async askTimed<R extends { readonly errorCode: ErrorCode; readonly errorMessage: string | null }>(
    timeoutMs: number,
    name: string,
    work: (term: Term) => Promise<{ readonly results: R[]; readonly announced: Promise<unknown> | null }>,
    failed: (errorCode: ErrorCode, message: string | null) => R[],
  ): Promise<R[]> {
    const deadlineMs = this.options.platform.clock.monotonicMs() + timeoutMs
    const asked = this.ask(name, work, (errorCode, message) => ({ results: failed(errorCode, message), announced: null }))
    // Even who does not want to wait hears what is wrong with the request. One whose time is up is carried out all the same, as in Kafka.
    if (!(await this.within(Math.max(timeoutMs, DECISION_MS_MIN), asked)))
      return failed(ErrorCode.REQUEST_TIMED_OUT, 'The request timed out.')
    const { results, announced } = await asked
    if (announced === null || (await this.within(deadlineMs - this.options.platform.clock.monotonicMs(), announced)))
      return results
    return results.map((result) =>
      result.errorCode === ErrorCode.NONE
        ? { ...result, errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage: 'The request timed out.' }
        : result,
    )
  }

  /** Whether `work` ends within `timeoutMs`. It is not stopped if it does not. */
  private within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.options.platform.clock.setTimer(Math.max(0, timeoutMs), () => resolve(false))
      const conclude = () => {
        timer.cancel()
        resolve(true)
      }
      work.then(conclude, conclude)
    })
  }
}
