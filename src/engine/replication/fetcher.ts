/**
 * Follows one other broker: fetches all partitions that it leads and this broker replicates, many in one request, and hands each answer
 * to its replica. Owned by the ReplicaManager, one for each broker that is followed; Kafka's ReplicaFetcherThread.
 *
 * A request waits at the leader for up to fetchWaitMaxMs, so there is neither a timer nor a promise a request: an answer sends the next
 * request, and the manager's one ticker starts again what has failed or was added while a request waits. What is added then does not
 * sit out the wait (in Kafka it does): a second lane, with a connection of its own, takes it until both can go together again.
 */
import type { Clock, Logger } from '../platform'
import { ErrorCode, errorName } from '../wire/errors'
import { Fetch } from '../wire/messages/01-fetch'
import type { Encodable, RequestOf, ResponseOf } from '../wire/schema'
import { ZERO_UUID } from '../wire/uuid'
import { type AskedOffsets, askLeaderOffsets } from './leader-offsets'
import type { FetchConnection } from './ports'
import { type AnswerOutcome, isFatal, type Replica } from './replica'

export interface FetcherConfig {
  readonly fetchWaitMaxMs: number
  readonly fetchMinBytes: number
  /** Of one partition in one answer; a larger batch comes alone. */
  readonly replicaFetchMaxBytes: number
  /** Of one answer. */
  readonly replicaFetchResponseMaxBytes: number
  readonly fetchBackoffMs: number
  readonly fetchRequestTimeoutMs: number
}

export interface FetcherOptions {
  readonly localBrokerId: number
  readonly leaderId: number
  readonly config: FetcherConfig
  readonly clock: Clock
  readonly logger: Logger
  brokerEpoch(): number
  connect(): FetchConnection | null
}

interface FetchTask {
  readonly replica: Replica
  /** The request, of whichever lane, that it is in and whose answer is not here yet. */
  asked: readonly FetchTask[] | null
  backoffUntilMs: number
  /** Nothing to be fetched before the controller speaks, since the leader knows a later epoch, or before the leader told its offsets. */
  isHeld: boolean
  /** As in the last request. */
  position: ReplicaPosition
}

type ReplicaPosition = NonNullable<ReturnType<Replica['fetchPosition']>>

interface Lane {
  connection: FetchConnection | null
  asked: readonly FetchTask[] | null
  sentAtMs: number
  backoffUntilMs: number
  lastHadData: boolean
  isFailing: boolean
}

type FetchRequestBody = Encodable<RequestOf<typeof Fetch>>
type FetchResponseBody = ResponseOf<typeof Fetch>
type FetchedPartition = FetchResponseBody['responses'][number]['partitions'][number]

const VERSION_WITH_TOPIC_IDS = 16
const VERSION_WITH_NAMES = 12
/** A request out for longer than this waits at the leader. */
const PARKED_AFTER_MS = 20
/** The second lane's requests end this much before the first one's, so that the first takes all. */
const LANE_MERGE_MS = 30
const NO_POSITION: ReplicaPosition = { leaderEpoch: -1, fetchOffset: -1, lastFetchedEpoch: -1, logStartOffset: -1 }

export class Fetcher {
  private readonly tasks = new Map<Replica, FetchTask>()
  private readonly byTopicId = new Map<string, Map<number, FetchTask>>()
  private readonly byName = new Map<string, Map<number, FetchTask>>()
  private readonly lanes: readonly [Lane, Lane] = [newLane(), newLane()]
  private isSendScheduled = false
  private isClosed = false

  constructor(private readonly options: FetcherOptions) {}

  get isEmpty(): boolean {
    return this.tasks.size === 0
  }

  /** Starts to fetch for `replica`, or starts anew: its leader epoch has changed. */
  add(replica: Replica): void {
    this.remove(replica)
    const task: FetchTask = { replica, asked: null, backoffUntilMs: 0, isHeld: false, position: NO_POSITION }
    this.tasks.set(replica, task)
    indexIn(this.byName, replica.topic, task)
    if (replica.topicId) indexIn(this.byTopicId, replica.topicId, task)
    this.scheduleSend()
  }

  /** An answer that is on its way finds nobody, and is dropped. */
  remove(replica: Replica): void {
    if (!this.tasks.delete(replica)) return
    unindexFrom(this.byName, replica.topic, replica.partition)
    if (replica.topicId) unindexFrom(this.byTopicId, replica.topicId, replica.partition)
  }

  /** From the manager's ticker. */
  tick(): void {
    if (this.lanes[0].asked === null || this.lanes[1].asked === null) this.send()
  }

  close(): void {
    this.isClosed = true
    this.tasks.clear()
    this.byName.clear()
    this.byTopicId.clear()
    for (const lane of this.lanes) {
      const { connection } = lane
      lane.connection = null
      connection?.close()
    }
  }

  private scheduleSend(): void {
    if (this.isSendScheduled) return
    this.isSendScheduled = true
    // A LeaderAndIsr adds many partitions: they go together.
    this.options.clock.defer(() => {
      this.isSendScheduled = false
      this.send()
    })
  }

  private send(): void {
    if (this.isClosed || this.tasks.size === 0) return
    const nowMs = this.options.clock.monotonicMs()
    const [first, second] = this.lanes
    if (first.asked === null) {
      if (nowMs >= first.backoffUntilMs) this.sendOn(first, nowMs, this.options.config.fetchWaitMaxMs)
      return
    }
    if (second.asked !== null || nowMs < second.backoffUntilMs) return
    const remainingMs = first.sentAtMs + this.options.config.fetchWaitMaxMs - nowMs - LANE_MERGE_MS
    if (second.lastHadData) this.sendOn(second, nowMs, Math.max(remainingMs, LANE_MERGE_MS))
    else if (nowMs - first.sentAtMs >= PARKED_AFTER_MS && remainingMs > 0) this.sendOn(second, nowMs, remainingMs)
  }

  private sendOn(lane: Lane, nowMs: number, maxWaitMs: number): void {
    const ready = this.readyTasks(nowMs)
    if (ready.length === 0) {
      lane.lastHadData = false
      return
    }
    lane.connection ??= this.options.connect()
    const { connection } = lane
    if (connection === null) {
      lane.backoffUntilMs = nowMs + this.options.config.fetchBackoffMs
      return
    }
    const withIds = ready.every((task) => task.replica.topicId !== null)
    const body = this.requestFor(ready, withIds, Math.max(0, Math.round(maxWaitMs)))
    lane.asked = ready
    lane.sentAtMs = nowMs
    for (const task of ready) task.asked = ready
    connection.requestInPlace<RequestOf<typeof Fetch>, FetchResponseBody>(
      Fetch,
      body,
      withIds ? VERSION_WITH_TOPIC_IDS : VERSION_WITH_NAMES,
      (response, error) => this.onResponse(lane, connection, response, error),
      maxWaitMs + this.options.config.fetchRequestTimeoutMs,
    )
  }

  /** In the order of the map: those that got data last stand at its end, so that a small answer is shared out in turns. */
  private readyTasks(nowMs: number): FetchTask[] {
    const ready: FetchTask[] = []
    for (const task of this.tasks.values()) {
      if (task.asked !== null || task.isHeld || nowMs < task.backoffUntilMs) continue
      const position = task.replica.fetchPosition()
      if (position === null) continue
      task.position = position
      ready.push(task)
    }
    return ready
  }

  private requestFor(ready: readonly FetchTask[], withIds: boolean, maxWaitMs: number): FetchRequestBody {
    const { config, localBrokerId } = this.options
    const topics: { topic: string; topicId: string; partitions: FetchRequestBody['topics'][number]['partitions'][number][] }[] =
      []
    for (const task of ready) {
      const { replica, position } = task
      let topic = topics[topics.length - 1]
      if (!topic || topic.topic !== replica.topic) {
        topic = { topic: replica.topic, topicId: replica.topicId ?? ZERO_UUID, partitions: [] }
        topics.push(topic)
      }
      topic.partitions.push({
        partition: replica.partition,
        currentLeaderEpoch: position.leaderEpoch,
        fetchOffset: position.fetchOffset,
        lastFetchedEpoch: position.lastFetchedEpoch,
        logStartOffset: position.logStartOffset,
        partitionMaxBytes: config.replicaFetchMaxBytes,
      })
    }
    return {
      ...(withIds
        ? { replicaState: { replicaId: localBrokerId, replicaEpoch: this.options.brokerEpoch() } }
        : { replicaId: localBrokerId }),
      maxWaitMs,
      minBytes: config.fetchMinBytes,
      maxBytes: config.replicaFetchResponseMaxBytes,
      topics,
      forgottenTopicsData: [],
    }
  }

  private onResponse(lane: Lane, connection: FetchConnection, response: FetchResponseBody | null, error: Error | null): void {
    const asked = lane.asked ?? []
    lane.asked = null
    if (this.isClosed || lane.connection !== connection) return
    if (response === null || response.errorCode !== ErrorCode.NONE) {
      for (const task of asked) task.asked = null
      this.onLaneFailure(lane, connection, error?.message ?? errorName(response?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR))
      return
    }
    if (lane.isFailing) this.options.logger.info('Fetching from the leader again', { leaderId: this.options.leaderId })
    lane.isFailing = false
    lane.lastHadData = false
    for (const topic of response.responses) {
      const tasks = topic.topicId !== ZERO_UUID ? this.byTopicId.get(topic.topicId) : this.byName.get(topic.topic)
      for (const partition of topic.partitions) {
        const task = tasks?.get(partition.partitionIndex)
        // Removed, or added anew for a later epoch, since it was asked.
        if (task && task.asked === asked) this.onPartition(lane, connection, task, partition)
      }
    }
    for (const task of asked) task.asked = null
    this.send()
  }

  private onPartition(lane: Lane, connection: FetchConnection, task: FetchTask, answer: FetchedPartition): void {
    const { replica } = task
    let outcome: AnswerOutcome
    try {
      outcome = replica.onFetchAnswer(
        task.position,
        {
          error: errorName(answer.errorCode),
          highWatermark: answer.highWatermark,
          logStartOffset: answer.logStartOffset,
          divergingEpoch:
            answer.divergingEpoch.epoch === -1
              ? null
              : { leaderEpoch: answer.divergingEpoch.epoch, endOffset: answer.divergingEpoch.endOffset },
        },
        answer.records,
      )
    } catch (error) {
      if (isFatal(error)) throw error
      // Bytes that no log takes: a broken answer, or a broken leader. Ask again, and say so.
      this.options.logger.warn('An answer to a fetch could not be appended', { partition: replica.name, error: String(error) })
      outcome = 'back-off'
    }
    this.onOutcome(connection, task, outcome)
    if (outcome === 'data') {
      lane.lastHadData = true
      this.tasks.delete(replica)
      this.tasks.set(replica, task)
    }
  }

  private onOutcome(connection: FetchConnection, task: FetchTask, outcome: AnswerOutcome): void {
    switch (outcome) {
      case 'await-command':
        task.isHeld = true
        break
      case 'back-off':
        this.backOff(task)
        break
      case 'ask-offsets':
        this.askOffsets(connection, task)
        break
      case 'data':
      case 'no-data':
      case 'fetch-again':
      case 'offline':
        break
    }
  }

  private askOffsets(connection: FetchConnection, task: FetchTask): void {
    const { position, replica } = task
    task.isHeld = true
    askLeaderOffsets(connection, replica, position, this.options.config.fetchRequestTimeoutMs, (asked: AskedOffsets | null) => {
      if (this.isClosed || this.tasks.get(replica) !== task) return
      task.isHeld = false
      if (asked === null) this.backOff(task)
      else this.onOutcome(connection, task, replica.onLeaderOffsets(position, asked.startOffset, asked.endOffset))
    })
  }

  private backOff(task: FetchTask): void {
    task.backoffUntilMs = this.options.clock.monotonicMs() + this.options.config.fetchBackoffMs
  }

  private onLaneFailure(lane: Lane, connection: FetchConnection, reason: string): void {
    if (!lane.isFailing)
      this.options.logger.warn('Fetching from the leader failed; trying again', { leaderId: this.options.leaderId, reason })
    lane.isFailing = true
    lane.lastHadData = false
    lane.backoffUntilMs = this.options.clock.monotonicMs() + this.options.config.fetchBackoffMs
    // The broker may come back at another port: the next attempt asks where it is.
    lane.connection = null
    connection.close()
  }
}

function newLane(): Lane {
  return { connection: null, asked: null, sentAtMs: 0, backoffUntilMs: 0, lastHadData: false, isFailing: false }
}

function indexIn(index: Map<string, Map<number, FetchTask>>, topic: string, task: FetchTask): void {
  let partitions = index.get(topic)
  if (!partitions) {
    partitions = new Map()
    index.set(topic, partitions)
  }
  partitions.set(task.replica.partition, task)
}

function unindexFrom(index: Map<string, Map<number, FetchTask>>, topic: string, partition: number): void {
  const partitions = index.get(topic)
  partitions?.delete(partition)
  if (partitions?.size === 0) index.delete(topic)
}
