/** What tests of single handlers share: a context that remembers how the handler ended it, and replicas that do as they are told. Imported by tests only. */
import { MetadataCache } from '../broker/metadata-cache'
import { ClientQuotas } from '../broker/quotas/client-quotas'
import type { Handler, RequestContext } from '../broker/registry'
import type { Replicas } from '../broker/services'
import type { PartitionStatus, ReadResult } from '../replication/outcomes'
import { readFailure } from '../replication/outcomes'
import { UpdateMetadata } from '../wire/messages'
import type { Encodable } from '../wire/schema'
import { StillClock } from './storage-kit'

export interface Handled<Res> {
  /** Complete, as the client decodes it; null while there is none. */
  response: Res | null
  isUnanswered: boolean
  closedBecause: string | null
  throttleMs: number
}

/** Runs `request` through the handler; what comes of it, now or later, shows in the result. */
export function handle<Req, Res>(handler: Handler<Req, Res>, body: Encodable<Req>, version = handler.maxVersion): Handled<Res> {
  const handled: Handled<Res> = { response: null, isUnanswered: false, closedBecause: null, throttleMs: 0 }
  const context: RequestContext<Req, Res> = {
    request: handler.api.request.complete(body, version),
    version,
    client: { connectionId: 1, host: 'h', port: 1, clientId: 'test', principal: 'User:ANONYMOUS' },
    sasl: null,
    responseBytesMax: 1_000_000,
    respond: (response) => {
      handled.response = handler.api.response.complete(response, version)
    },
    respondAndClose: (response, reason) => {
      handled.response = handler.api.response.complete(response, version)
      handled.closedBecause = reason
    },
    respondNothing: () => {
      handled.isUnanswered = true
    },
    close: (reason) => {
      handled.closedBecause = reason
    },
    identifySoftware: () => undefined,
    throttle: (throttleMs) => {
      handled.throttleMs = Math.max(handled.throttleMs, throttleMs)
    },
  }
  void handler.handle(context)
  return handled
}

/** Nobody is limited. */
export function noQuotas(): ClientQuotas {
  return new ClientQuotas(new StillClock(), { all: () => [], find: () => undefined }, () => ({ count: 11, seconds: 1 }))
}

export async function handleAsync<Req, Res>(
  handler: Handler<Req, Res>,
  body: Encodable<Req>,
  version = handler.maxVersion,
): Promise<Res> {
  const handled = handle(handler, body, version)
  for (let turn = 0; turn < 50 && handled.response === null; turn++) await Promise.resolve()
  if (handled.response === null) throw new Error('the handler has not answered')
  return handled.response
}

/** Metadata of `orders` with one partition, led by `leader`; brokers 1 to 3 live. */
export function metadataOf(leader: number, isr: readonly number[] = [1, 2, 3]): MetadataCache {
  const metadata = new MetadataCache()
  const partitionStates = [
    { partitionIndex: 0, controllerEpoch: 1, leader, leaderEpoch: 7, isr: [...isr], zkVersion: 2, replicas: [1, 2, 3] },
  ]
  metadata.update(
    UpdateMetadata.request.complete(
      {
        controllerId: 1,
        controllerEpoch: 1,
        topicStates: [{ topicName: 'orders', topicId: ORDERS_ID, partitionStates }],
        liveBrokers: [1, 2, 3].map((id) => ({
          id,
          endpoints: [{ port: 9000 + id, host: 'localhost', listener: 'PLAINTEXT', securityProtocol: 0 }],
          rack: null,
        })),
      },
      8,
    ),
  )
  return metadata
}

export const ORDERS_ID = 'BBBBBBBBBBBBBBBBBBBBBA'

/** Transactions as they are by default, with a coordinator that confirms everything. */
export const agreeableTransactions = {
  isVerifying: true,
  verifier: { verify: (_question: unknown, onAnswer: (errors: () => number) => void) => onAnswer(() => 0) },
}

export class FakeReplicas implements Replicas {
  readonly appends: { topic: string; partition: number; acks: number }[] = []
  appendErrorCode = 0
  produceVerdict: 'pending' | number = 0
  /** What each read answers; a test changes it between two. */
  readResult: ReadResult = { ...readFailure(0, 0), highWatermark: 0, lastStableOffset: 0 }
  readonly reads: { topic: string; maxBytes: number; minOneMessage: boolean; isReread: boolean; replicaId: number }[] = []

  append: Replicas['append'] = (topic, partition, _records, acks) => {
    this.appends.push({ topic, partition, acks })
    if (this.appendErrorCode !== 0) return { errorCode: this.appendErrorCode, logStartOffset: -1, leaderEpoch: -1 }
    const appendInfo = { firstOffset: 10, lastOffset: 11, logAppendTimeMs: -1, recordCount: 2, sizeInBytes: 80 }
    return { errorCode: 0, appendInfo, requiredOffset: 12, logStartOffset: 0, leaderEpoch: 7 }
  }
  startVerification: Replicas['startVerification'] = () => null
  hasOngoingTransaction: Replicas['hasOngoingTransaction'] = () => false
  producers: Replicas['producers'] = () => ({ errorCode: 0, producers: [] })
  checkProduce: Replicas['checkProduce'] = () => this.produceVerdict
  read: Replicas['read'] = (topic, _partition, options) => {
    const { maxBytes, minOneMessage, isReread = false, replicaId } = options
    this.reads.push({ topic, maxBytes, minOneMessage, isReread, replicaId })
    return this.readResult
  }
  offsetForLeaderEpoch: Replicas['offsetForLeaderEpoch'] = () => ({ errorCode: 0, leaderEpoch: 3, endOffset: 42 })
  listOffset: Replicas['listOffset'] = (_topic, _partition, timestamp) => ({ errorCode: 0, timestamp, offset: 5, leaderEpoch: 2 })
  becomeLeaderOrFollower: Replicas['becomeLeaderOrFollower'] = ({ topicStates }) => ({
    errorCode: 0,
    topics: topicStates.map(({ topicId, partitionStates }) => ({
      topicId,
      partitionErrors: partitionStates.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 0 })),
    })),
  })
  stopReplicas: Replicas['stopReplicas'] = ({ topicStates }) => ({
    errorCode: 0,
    partitionErrors: topicStates.flatMap(({ topicName, partitionStates }) =>
      partitionStates.map(({ partitionIndex }) => ({ topicName, partitionIndex, errorCode: 0 })),
    ),
  })
  admitController: Replicas['admitController'] = () => 0
  onLogFailure: Replicas['onLogFailure'] = () => undefined
  deleteRecords: Replicas['deleteRecords'] = (_topic, _partition, offset) => ({ errorCode: 0, requiredOffset: offset })
  lowWatermark: Replicas['lowWatermark'] = () => null
  knownLeader: Replicas['knownLeader'] = () => null
  partitionStates(): Iterable<PartitionStatus> {
    return []
  }
}
