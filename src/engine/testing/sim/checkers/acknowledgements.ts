/**
 * What brokers answer to producers, read from the wire. A batch that is acknowledged with acks=all lies below the high watermark, and so on every member
 * of the ISR, and on min.insync.replicas brokers at least; one that is acknowledged with acks=1 lies in the leader's log. Answers are noted as they are sent, and judged after the event.
 */
import { TRANSACTION_STATE } from '../../../broker/internal-topics'
import { partitionFor } from '../../../coordinator'
import { ErrorCode } from '../../../wire/errors'
import { Produce } from '../../../wire/messages/00-produce'
import type { RequestOf } from '../../../wire/schema'
import type { SimEvent } from '../scheduler'
import { type Checker, require, type World } from './checker'
import { type ReplicaSeen, viewOf } from './cluster-view'
import { exchangesOf } from './kafka-exchanges'
import { type Batch, describeBatch } from './log-view'
import { promises } from './promises'
import { rules } from './rules'

interface SentBatch {
  readonly crc: number
  readonly recordCount: number
}

interface Asked {
  readonly acks: number
  readonly transactionalId: string | null
  readonly batches: ReadonlyMap<string, SentBatch>
}

interface Answer {
  readonly brokerId: number
  readonly acks: number
  readonly transactionalId: string | null
  readonly topic: string
  readonly partition: number
  readonly baseOffset: number
  readonly sent: SentBatch
}

const BATCH_HEADER_BYTES = 61
const TOPIC_CONFIGS = '/config/topics/'
/** The log's own time stands in the batch, so the CRC is another than the producer's. */
const LOG_APPEND_TIME = 8

export function acknowledgements(world: World): Checker {
  const view = viewOf(world)
  const lost = promises(world)
  const answers: Answer[] = []
  /** The smallest that each topic has ever had: a leader goes by what it has heard. */
  const minInSync = new Map<string, number>()

  view.stored.onDidApply(({ changes }) => {
    for (const { path } of changes) {
      if (!path.startsWith(TOPIC_CONFIGS)) continue
      const topic = path.slice(TOPIC_CONFIGS.length)
      const now = Number(view.stored.topicConfig(topic, 'min.insync.replicas') ?? 1)
      minInSync.set(topic, Math.min(now, minInSync.get(topic) ?? now))
    }
  })

  exchangesOf(world).listen(Produce, {
    onRequest: (_broker, request): Asked | null =>
      request.acks === 0
        ? null
        : { acks: request.acks, transactionalId: request.transactionalId ?? null, batches: batchesOf(request) },
    onAnswer({ id }, { acks, transactionalId, batches }, { responses }) {
      for (const { name, partitionResponses } of responses) {
        for (const { index, errorCode, baseOffset } of partitionResponses) {
          const sent = batches.get(`${name}/${index}`)
          if (errorCode !== ErrorCode.NONE || sent === undefined) continue
          answers.push({ brokerId: id, acks, transactionalId, topic: name, partition: index, baseOffset, sent })
        }
      }
    },
  })

  function judge({ brokerId, acks, transactionalId, topic, partition, baseOffset, sent }: Answer): void {
    if (transactionalId !== null && mayShareItsEpoch(transactionalId)) return
    const replica = view.brokers.get(brokerId)?.replicas.get(`${topic}-${partition}`)
    if (replica === undefined) return
    const { history, view: log } = replica.log
    const lastOffset = baseOffset + sent.recordCount - 1
    const where = `broker ${brokerId} acknowledges offsets ${baseOffset} to ${lastOffset} of ${history.name} to acks=${acks}`
    // Here a duplicate, too, is answered with where it stands.
    require(baseOffset >= 0, rules.acknowledgedAppend, () => `${where}, which is no offset`)
    if (baseOffset < replica.facts.logStartOffset) return
    if (acks === -1) {
      // A leader that the rules have let go of: what it has is promised to nobody.
      if (history.isDeposed(epochOf(replica, baseOffset))) return
      const committed = history.committedAt(baseOffset)
      require(lastOffset < history.committedEnd && isWhatWasSent(committed, sent), rules.acknowledged, () =>
        `${where}, where ${describeBatch(committed)} is committed, and nothing above ${history.committedEnd}`)
      requireCopies(replica, baseOffset, sent, where)
    } else if (replica.facts.role === 'leader') {
      const there = log.find(baseOffset)
      require(isWhatWasSent(there, sent), rules.acknowledgedAppend, () => `${where}, where its log has ${describeBatch(there)}`)
    }
  }

  /**
   * A coordinator that lost its log with the power gives out an epoch a second time, and logs of data that were synced take the second producer's batches for
   * repetitions of the first one's.
   */
  function mayShareItsEpoch(transactionalId: string): boolean {
    const { brokerConfigs } = world.config
    const partition = partitionFor(transactionalId, Number(brokerConfigs['transaction.state.log.num.partitions'] ?? 50))
    return lost.isAnyLost(TRANSACTION_STATE, partition)
  }

  /** Of the leadership that answers: who is told in the same event that another leads answers for the one before. */
  function epochOf({ facts, log }: ReplicaSeen, baseOffset: number): number {
    return facts.role === 'leader' ? facts.leaderEpoch : (log.view.find(baseOffset)?.leaderEpoch ?? facts.leaderEpoch)
  }

  /** KIP-966's first part: nothing is committed while the ISR is smaller than min.insync.replicas. */
  function requireCopies({ sight, facts }: ReplicaSeen, baseOffset: number, sent: SentBatch, where: string): void {
    const { topic, partition } = sight
    // While a partition is moved its leader may not have heard yet of the replicas that it has now.
    const stored = view.stored.replicasOf(topic, partition)
    const replicas = new Set([...stored, ...facts.replicas])
    const wanted = Math.min(minInSync.get(topic) ?? 1, stored.length, facts.replicas.length)
    let copies = 0
    for (const id of replicas) {
      const broker = view.brokers.get(id)
      const log = broker?.logs.get(`${topic}-${partition}`)
      // What it had is lost with the power, and the answer may have waited for another partition of its request.
      if (broker === undefined || broker.crashCount > 0) return
      if (log === undefined) continue
      if (log.sight.logStartOffset > baseOffset || isWhatWasSent(log.view.find(baseOffset), sent)) copies++
    }
    require(copies >= wanted, rules.acknowledgedCopies, () => `${where}, of which ${copies} of ${replicas.size} replicas have it`)
  }

  return {
    name: 'acknowledgements',
    afterEvent(event: SimEvent) {
      if (answers.length === 0) return
      const noted = answers.splice(0)
      // Of a broker that died in the event the last appends were never seen.
      if (event.process?.isAlive === false) return
      for (const answer of noted) judge(answer)
    },
  }
}

function batchesOf({ topicData }: RequestOf<typeof Produce>): ReadonlyMap<string, SentBatch> {
  const batches = new Map<string, SentBatch>()
  for (const { name, partitionData } of topicData) {
    for (const { index, records } of partitionData) {
      if (records === null || records.length < BATCH_HEADER_BYTES) continue
      const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength)
      batches.set(`${name}/${index}`, { crc: bytes.readUInt32BE(17), recordCount: bytes.readInt32BE(23) + 1 })
    }
  }
  return batches
}

function isWhatWasSent(batch: Batch | undefined, sent: SentBatch): boolean {
  if (batch === undefined || batch.recordCount !== sent.recordCount) return false
  return (batch.attributes & LOG_APPEND_TIME) !== 0 || batch.crc === sent.crc
}
