/**
 * A few replica managers in one thread, over real logs on memory disks, with Kafka's own bytes between them: each request and response goes
 * through its codec. In place of sockets there is a queue that `settle` works off, and a clock that stands still until it is moved.
 * Imported by tests only.
 */
import { assert } from '../../../shared/lang/assert'
import type { FetchConnection } from '../../replication/ports'
import {
  defaultReplicationConfig,
  ReplicaManager,
  type ReplicaManagerOptions,
  type ReplicaRole,
} from '../../replication/replica-manager'
import { defaultLogConfig, LogManager } from '../../storage'
import { ErrorCode } from '../../wire/errors'
import { AlterPartition, Fetch, LeaderAndIsr, ListOffsets, OffsetForLeaderEpoch } from '../../wire/messages'
import { Reader } from '../../wire/reader'
import type { Api, Encodable, RequestOf, ResponseOf } from '../../wire/schema'
import { Writer } from '../../wire/writer'
import { MemoryDisk } from '../memory-disk'
import { RecordingLogger, StillClock, seededRandom } from '../storage-kit'

export const TOPIC = 'orders'
export const TOPIC_ID = 'b3JkZXJzLXRvcGljLWlkLQ'

export interface PartitionSpec {
  readonly partition: number
  readonly leader: number
  readonly leaderEpoch?: number
  readonly partitionEpoch?: number
  readonly isr?: readonly number[]
  readonly replicas?: readonly number[]
  readonly isNew?: boolean
}

interface ParkedFetch {
  readonly leaderId: number
  readonly deadlineMs: number
  /** Answers whether it is done. */
  tryAnswer(isExpired: boolean): boolean
}

class KitClock extends StillClock {
  constructor(private readonly queue: (() => void)[]) {
    super()
  }
  override defer(callback: () => void): void {
    this.queue.push(callback)
  }
}

export class BrokerKit {
  readonly disk = new MemoryDisk({ random: seededRandom(7) })
  readonly logger = new RecordingLogger()
  readonly roles: string[] = []
  logManager: LogManager
  replicas: ReplicaManager

  constructor(
    readonly cluster: ClusterKit,
    readonly id: number,
  ) {
    this.logManager = this.openLogs()
    this.replicas = this.start()
  }

  /** The process ends without a word, or cleanly, and starts again on the same disk. */
  restart(isClean: boolean): void {
    if (isClean) {
      this.replicas.close()
      this.logManager.close()
    } else {
      this.disk.kill()
    }
    this.cluster.cut(this.id)
    this.logManager = this.openLogs()
    this.replicas = this.start()
  }

  append(partition: number, records: Uint8Array, acks = -1) {
    return this.replicas.append(TOPIC, partition, records, acks)
  }

  status(partition: number) {
    return [...this.replicas.partitionStates()].find((status) => status.partition === partition)
  }

  obey(specs: readonly PartitionSpec[], overrides: Partial<Encodable<RequestOf<typeof LeaderAndIsr>>> = {}) {
    const body: Encodable<RequestOf<typeof LeaderAndIsr>> = {
      controllerId: 9,
      controllerEpoch: 1,
      type: 1,
      topicStates: [
        {
          topicName: TOPIC,
          topicId: TOPIC_ID,
          partitionStates: specs.map((spec) => ({
            partitionIndex: spec.partition,
            controllerEpoch: 1,
            leader: spec.leader,
            leaderEpoch: spec.leaderEpoch ?? 1,
            isr: spec.isr ?? this.cluster.ids,
            partitionEpoch: spec.partitionEpoch ?? spec.leaderEpoch ?? 1,
            replicas: spec.replicas ?? this.cluster.ids,
            isNew: spec.isNew ?? false,
          })),
        },
      ],
      liveLeaders: [],
      ...overrides,
    }
    return this.replicas.becomeLeaderOrFollower(LeaderAndIsr.request.complete(body, 7))
  }

  private openLogs(): LogManager {
    return LogManager.open({
      platform: { disk: this.disk, clock: this.cluster.clock, logger: this.logger },
      dataDirectory: '/data',
      defaultConfig: defaultLogConfig,
      configFor: () => ({}),
      brokerId: this.id,
      clusterId: null,
    })
  }

  private start(): ReplicaManager {
    const { cluster } = this
    return new ReplicaManager({
      platform: { clock: cluster.clock, logger: this.logger },
      brokerId: this.id,
      logManager: this.logManager,
      config: { ...defaultReplicationConfig, ...cluster.config },
      minInSyncReplicas: () => cluster.minInSyncReplicas,
      connectTo: (leaderId) => cluster.connect(this.id, leaderId),
      alterPartition: (request) => cluster.alterPartition(request),
      brokerEpoch: () => this.id * 10,
      isBrokerLive: (id) => !cluster.dead.has(id),
      isPartitionKnown: (topic) => topic === TOPIC,
      observer: {
        onDidAdvanceHighWatermark: () => undefined,
        onDidAppend: () => undefined,
        onDidChangeRole: (_topic, partition, role: ReplicaRole) => this.roles.push(`${partition} ${role}`),
        onDidChangeIsr: () => undefined,
      },
    })
  }
}

export class ClusterKit {
  readonly ids: readonly number[]
  readonly dead = new Set<number>()
  /** Links that do not exist, as 'from>to'. */
  readonly unreachable = new Set<string>()
  readonly fetchRequests: { readonly from: number; readonly to: number; readonly body: RequestOf<typeof Fetch> }[] = []
  readonly alterRequests: RequestOf<typeof AlterPartition>[] = []
  /** What the controller answers; by default it does as asked. */
  onAlterPartition: ((request: RequestOf<typeof AlterPartition>) => Encodable<ResponseOf<typeof AlterPartition>>) | null = null
  minInSyncReplicas = 1
  readonly config: Partial<ReplicaManagerOptions['config']>
  readonly clock: KitClock
  private readonly queue: (() => void)[] = []
  private readonly brokers = new Map<number, BrokerKit>()
  private parked: ParkedFetch[] = []
  private readonly connections = new Set<{ readonly from: number; readonly to: number; fail(): void }>()

  constructor(ids: readonly number[], config: Partial<ReplicaManagerOptions['config']> = {}) {
    this.ids = ids
    this.config = config
    this.clock = new KitClock(this.queue)
    for (const id of ids) this.brokers.set(id, new BrokerKit(this, id))
  }

  broker(id: number): BrokerKit {
    const broker = this.brokers.get(id)
    assert(broker, `there is a broker ${id}`)
    return broker
  }

  /** Tells all brokers. */
  announce(specs: readonly PartitionSpec[]): void {
    for (const id of this.ids) this.broker(id).obey(specs)
  }

  /** Works off everything that does not wait for time. */
  async settle(): Promise<void> {
    for (let idleTurns = 0; idleTurns < 3; ) {
      // Answers of the controller come through promises.
      await new Promise((resolve) => setImmediate(resolve))
      let worked = false
      for (let task = this.queue.shift(); task; task = this.queue.shift()) {
        worked = true
        task()
        this.answerParked()
      }
      this.answerParked()
      idleTurns = worked || this.queue.length > 0 ? 0 : idleTurns + 1
    }
  }

  async wait(ms: number): Promise<void> {
    this.clock.advance(ms)
    for (const id of this.ids) this.broker(id).replicas.tick()
    await this.settle()
  }

  /** Every connection from and to a broker is gone. */
  cut(id: number): void {
    for (const connection of [...this.connections]) {
      if (connection.from === id || connection.to === id) connection.fail()
    }
  }

  get parkedCount(): number {
    return this.parked.length
  }

  connect(from: number, to: number): FetchConnection | null {
    if (this.dead.has(to)) return null
    let isClosed = false
    const outstanding = new Set<() => void>()
    const connection = {
      from,
      to,
      fail: () => {
        isClosed = true
        this.connections.delete(connection)
        for (const fail of [...outstanding]) fail()
      },
      close: () => connection.fail(),
      requestInPlace: <Req, Res>(
        api: Api<Req, Res>,
        body: Encodable<Req>,
        version: number,
        onResponse: (response: Res | null, error: Error | null) => void,
      ) => {
        const fail = () => {
          outstanding.delete(fail)
          onResponse(null, new Error('the connection was lost'))
        }
        outstanding.add(fail)
        const request = api.request.complete(body, version)
        this.queue.push(() => {
          if (!outstanding.has(fail)) return
          if (isClosed || this.unreachable.has(`${from}>${to}`)) return fail()
          this.serve(from, to, api.key, request, (response) => {
            if (!outstanding.delete(fail)) return
            const writer = new Writer()
            api.response.encode(writer, response as Encodable<Res>, version)
            onResponse(api.response.decode(new Reader(writer.bytes()), version), null)
          })
        })
      },
    }
    this.connections.add(connection)
    return connection
  }

  alterPartition(request: Encodable<RequestOf<typeof AlterPartition>>): Promise<ResponseOf<typeof AlterPartition>> {
    const complete = AlterPartition.request.complete(request, 3)
    this.alterRequests.push(complete)
    const answer = this.onAlterPartition?.(complete) ?? {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      topics: complete.topics.map((topic) => ({
        topicId: topic.topicId,
        partitions: topic.partitions.map((partition) => ({
          partitionIndex: partition.partitionIndex,
          errorCode: ErrorCode.NONE,
          leaderId: complete.brokerId,
          leaderEpoch: partition.leaderEpoch,
          isr: partition.newIsrWithEpochs.map((member) => member.brokerId),
          partitionEpoch: partition.partitionEpoch + 1,
        })),
      })),
    }
    return Promise.resolve(AlterPartition.response.complete(answer, 3))
  }

  private serve(from: number, to: number, key: number, request: unknown, respond: (response: unknown) => void): void {
    if (key === Fetch.key) return this.serveFetch(from, to, request as RequestOf<typeof Fetch>, respond)
    const { replicas } = this.broker(to)
    if (key === OffsetForLeaderEpoch.key) {
      const { topics } = request as RequestOf<typeof OffsetForLeaderEpoch>
      return respond({
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => ({
            partition,
            ...replicas.offsetForLeaderEpoch(topic, partition, currentLeaderEpoch, leaderEpoch),
          })),
        })),
      })
    }
    assert(key === ListOffsets.key, 'followers fetch, and ask for offsets')
    const { topics } = request as RequestOf<typeof ListOffsets>
    respond({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, currentLeaderEpoch, timestamp }) => ({
          partitionIndex,
          ...replicas.listOffset(name, partitionIndex, timestamp, null, currentLeaderEpoch),
        })),
      })),
    })
  }

  private serveFetch(from: number, to: number, body: RequestOf<typeof Fetch>, respond: (response: unknown) => void): void {
    this.fetchRequests.push({ from, to, body })
    let isReread = false
    const tryAnswer = (isExpired: boolean): boolean => {
      let isDue = isExpired
      const responses = body.topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map((partition) => {
          const result = this.broker(to).replicas.read(TOPIC, partition.partition, {
            replicaId: body.replicaState.replicaId,
            brokerEpoch: body.replicaState.replicaEpoch,
            fetchOffset: partition.fetchOffset,
            currentLeaderEpoch: partition.currentLeaderEpoch,
            lastFetchedEpoch: partition.lastFetchedEpoch,
            followerLogStartOffset: partition.logStartOffset,
            maxBytes: partition.partitionMaxBytes,
            minOneMessage: true,
            isolation: 'read_uncommitted',
            nowMs: this.clock.now,
            isReread,
          })
          if (result.errorCode !== 0 || result.divergingEpoch || result.availableBytes > 0 || result.followerNeedsHighWatermark)
            isDue = true
          return {
            partitionIndex: partition.partition,
            errorCode: result.errorCode,
            highWatermark: result.highWatermark,
            logStartOffset: result.logStartOffset,
            ...(result.divergingEpoch ? { divergingEpoch: result.divergingEpoch } : {}),
            records: result.slice,
          }
        }),
      }))
      isReread = true
      if (isDue) this.queue.push(() => respond({ sessionId: 0, responses: materialised(responses) }))
      return isDue
    }
    if (!tryAnswer(false)) this.parked.push({ leaderId: to, deadlineMs: this.clock.now + body.maxWaitMs, tryAnswer })
  }

  private answerParked(): void {
    this.parked = this.parked.filter((fetch) => !fetch.tryAnswer(this.clock.now >= fetch.deadlineMs))
  }
}

/** A slice is read when the response is written; here that is later, so that it is read now. */
function materialised<
  T extends {
    readonly partitions: readonly { readonly records: { sizeInBytes: number; readInto(target: Uint8Array): void } | null }[]
  },
>(responses: readonly T[]) {
  return responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => {
      const records = new Uint8Array(partition.records?.sizeInBytes ?? 0)
      partition.records?.readInto(records)
      return { ...partition, records }
    }),
  }))
}
