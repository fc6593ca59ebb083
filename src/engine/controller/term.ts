/**
 * One term of office: from the moment this broker has won the election until it is replaced, resigns or loses its session. Owns the context, the
 * sender, the event queue and the watches, takes stock at the start, and hands events to those who handle them. Made and ended by
 * controller.ts; after `end` nothing of it changes anything any more.
 */
import type { Timer } from '../platform'
import { ErrorCode } from '../wire/errors'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { ResponseOf } from '../wire/schema'
import { BrokerChanges } from './broker-changes'
import { ConfigWatcher } from './config-watcher'
import { ControllerContext, type PartitionContext } from './controller-context'
import type { SteadyCoordination } from './coordination-port'
import type { Mandate } from './election'
import { EventQueue } from './event-queue'
import { FencedStore } from './fenced-store'
import { IsrChanges } from './isr-changes'
import { LeaderElections } from './leader-elections'
import { LogDirEvents } from './log-dir-events'
import { Reassignments } from './reassignments'
import { type ControlConnection, type ControlResponse, RequestSender } from './request-sender'
import type { ControlRequest, LeaderAndIsrBody, StopReplicaBody } from './requests'
import { ControllerScope, type ScopeParts } from './scope'
import { TopicCreation } from './topic-creation'
import { TopicDeletion } from './topic-deletion'
import { Topics } from './topics'
import type { LiveBroker } from './types'

export interface TermOptions extends Pick<ScopeParts, 'clock' | 'random' | 'logger' | 'config' | 'topicConfigRules' | 'emit'> {
  readonly brokerId: number
  readonly mandate: Mandate
  readonly coordination: SteadyCoordination
  readonly connectTo: (broker: LiveBroker) => ControlConnection
  /** An event could not be handled to its end: what this term knows may be wrong, and it must end. */
  readonly onFailure: (error: unknown) => void
}

export class Term {
  readonly queue: EventQueue
  readonly context: ControllerContext
  readonly brokers: BrokerChanges
  readonly deletion: TopicDeletion
  readonly creation: TopicCreation
  readonly elections: LeaderElections
  readonly isrs: IsrChanges
  readonly reassignments: Reassignments
  private readonly logDirEvents: LogDirEvents
  private readonly scope: ControllerScope
  private readonly topics: Topics
  private readonly sender: RequestSender
  private readonly configs: ConfigWatcher
  private rebalanceTicker: Timer | null = null
  private hasEnded = false

  constructor(private readonly options: TermOptions) {
    const { brokerId, mandate, coordination, clock, logger } = options
    this.queue = new EventQueue({ clock, onFailure: (name, error) => this.onEventFailed(name, error) })
    this.context = new ControllerContext(brokerId, mandate.epoch)
    this.sender = new RequestSender({
      clock,
      logger,
      connectTo: options.connectTo,
      onResponse: (broker, request, response) => this.onResponse(broker, request, response),
    })
    this.configs = new ConfigWatcher(coordination.session, logger)
    this.scope = new ControllerScope({
      ...options,
      context: this.context,
      store: new FencedStore(coordination, mandate.epoch, mandate.epochVersion),
      sender: this.sender,
      queue: this.queue,
      configsOf: (topic) => this.configs.get(topic),
    })
    this.deletion = new TopicDeletion(this.scope)
    this.topics = new Topics(this.scope, this.deletion)
    this.reassignments = new Reassignments(this.scope, this.topics)
    this.brokers = new BrokerChanges(this.scope, this.deletion, this.reassignments)
    this.creation = new TopicCreation(this.scope, this.topics)
    this.elections = new LeaderElections(this.scope)
    this.isrs = new IsrChanges(this.scope, this.reassignments)
    this.logDirEvents = new LogDirEvents(this.scope)
  }

  /** Takes stock as the first event of the queue; requests that come meanwhile wait behind it. */
  begin(): Promise<void> {
    return this.queue.ask('begin', () => this.takeStock())
  }

  /** At once, whatever is under way: its next write is refused by the fence, its next request by the closed sender. */
  end(): void {
    this.hasEnded = true
    this.rebalanceTicker?.cancel()
    this.queue.close()
    this.sender.close()
    this.configs.stop()
  }

  private async takeStock(): Promise<void> {
    const { scope, context, options } = this
    const startedMs = options.clock.monotonicMs()
    const [brokers, marked] = await Promise.all([
      this.brokers.readBrokers(),
      this.deletion.readMarked(),
      this.topics.loadAll(),
      this.configs.start(),
    ])
    if (this.hasEnded) return
    for (const broker of brokers.values()) this.brokers.add(broker)
    for (const topic of marked) if (context.topics.has(topic) && options.config.deleteTopicEnable) context.deleting.add(topic)

    const batch = scope.newBatch()
    const partitions = [...context.livePartitions()]
    const changes = await scope.adjustToUnseenRestarts(partitions)
    changes.push(...(await scope.adjustToAvailability(partitions, batch)))
    await scope.initialisePartitions(partitions, batch)
    // The brokers may know less than the znodes say, or nothing: each is told everything.
    for (const brokerId of context.brokerIds()) batch.addIntroduction(brokerId)
    for (const partition of partitions)
      if (partition.state !== null) batch.addLeaderAndIsr(partition.assignment.replicas, partition)
    void scope.dispatch(batch)
    const tookMs = options.clock.monotonicMs() - startedMs
    scope.emit({ type: 'controller-elected', controllerId: context.controllerId, controllerEpoch: context.epoch, tookMs })
    scope.emitChanges(changes, startedMs)

    await this.deletion.begin(marked)
    await this.reassignments.resume()
    this.configs.onDidChange((topic) => this.onConfigChanged(topic))
    await this.elections.watchRequests()
    await this.logDirEvents.handle()
    this.startRebalancing()
  }

  private startRebalancing(): void {
    const { autoLeaderRebalanceEnable, leaderImbalanceCheckIntervalMs } = this.options.config
    if (!autoLeaderRebalanceEnable || this.hasEnded) return
    this.rebalanceTicker = this.options.clock.setTicker(leaderImbalanceCheckIntervalMs, () =>
      this.queue.post('rebalance', () => this.elections.rebalance()),
    )
  }

  private onConfigChanged(topic: string): void {
    if (!this.scope.isUncleanAllowed(topic)) return
    this.queue.post(`unclean-allowed/${topic}`, () => this.elections.onUncleanAllowed(topic))
  }

  private onResponse(broker: LiveBroker, request: ControlRequest, { kind, response }: ControlResponse): void {
    if (request.kind === 'stop-replica' && kind === 'stop-replica') {
      const isDeletion = request.body.topicStates?.some(({ partitionStates }) =>
        partitionStates?.some(({ deletePartition }) => deletePartition),
      )
      if (isDeletion === true) this.onReplicasDeleted(broker, request.body, response)
    } else if (request.kind === 'leader-and-isr' && kind === 'leader-and-isr' && response.errorCode === ErrorCode.NONE) {
      const errors = new Map(
        response.topics.flatMap(({ topicId, partitionErrors }) =>
          partitionErrors.map((error) => [`${topicId}/${error.partitionIndex}`, error.errorCode]),
        ),
      )
      this.onReplicaHealth(broker, request.body, (topicId, partition) => errors.get(`${topicId}/${partition}`) ?? ErrorCode.NONE)
    }
  }

  private onReplicasDeleted(broker: LiveBroker, asked: StopReplicaBody, response: ResponseOf<typeof StopReplica>): void {
    const handle = async () => {
      await this.deletion.onStopReplicaResponse(broker.id, asked, response)
      await this.reassignments.onStopReplicaResponse(broker.id, asked, response)
    }
    void this.queue.ask('replicas-deleted', handle).catch(() => undefined)
  }

  private onReplicaHealth(
    broker: LiveBroker,
    asked: LeaderAndIsrBody,
    errorOf: (topicId: string, partition: number) => number,
  ): void {
    const failed: PartitionContext[] = []
    const recovered: PartitionContext[] = []
    for (const { topicName = '', topicId = '', partitionStates = [] } of asked.topicStates ?? []) {
      for (const { partitionIndex } of partitionStates) {
        const partition = this.context.partition(topicName, partitionIndex)
        if (partition === undefined) continue
        const errorCode = errorOf(topicId, partitionIndex)
        if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) failed.push(partition)
        else if (errorCode === ErrorCode.NONE && this.context.isReplicaFailed(broker.id, partition)) recovered.push(partition)
      }
    }
    if (failed.length === 0 && recovered.length === 0) return
    void this.queue.ask('replica-health', () => this.brokers.onReplicaHealth(broker.id, failed, recovered)).catch(() => undefined)
  }

  private onEventFailed(name: string, error: unknown): void {
    if (this.hasEnded) return
    this.options.logger.warn('The controller could not handle an event to its end and resigns', {
      event: name,
      error: String(error),
    })
    this.options.onFailure(error)
  }
}
