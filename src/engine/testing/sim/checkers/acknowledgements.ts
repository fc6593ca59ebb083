/**
 * What brokers answer to producers, read from the wire. A batch that is acknowledged with acks=all lies below the high watermark, and so on every member
 * of the ISR, and on min.insync.replicas brokers at least; one that is acknowledged with acks=1 lies in the leader's log. Answers are noted as they are sent, and judged after the event.
 */

import { skipTags } from '../../../wire/headers'
import { Produce } from '../../../wire/messages/00-produce'
import { Reader } from '../../../wire/reader'
import type { SimEvent } from '../scheduler'
import type { Send } from '../sim-network'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { FrameCutter } from './frame-cutter'
import { type Batch, describeBatch } from './log-view'
import { rules } from './rules'

interface SentBatch {
  readonly crc: number
  readonly recordCount: number
}

interface Asked {
  readonly version: number
  readonly acks: number
  readonly batches: ReadonlyMap<string, SentBatch>
}

interface Answer {
  readonly brokerId: number
  readonly acks: number
  readonly topic: string
  readonly partition: number
  readonly baseOffset: number
  readonly sent: SentBatch
}

const PRODUCE_KEY = 0
const TOPIC_CONFIGS = '/config/topics/'
/** The log's own time stands in the batch, so the CRC is another than the producer's. */
const LOG_APPEND_TIME = 8

export function acknowledgements(world: World): Checker {
  const view = viewOf(world)
  const connections = new Map<number, Connection>()
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

  world.onDidSend((send) => {
    if (
      send.isFromOpener
        ? send.from.name.startsWith('broker-') || send.toHost === world.coordination.host
        : !connections.has(send.connectionId)
    )
      return
    let connection = connections.get(send.connectionId)
    if (connection === undefined) {
      connection = new Connection(answers)
      connections.set(send.connectionId, connection)
    }
    connection.push(send)
  })

  function judge({ brokerId, acks, topic, partition, baseOffset, sent }: Answer): void {
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
      if (history.isDeposed(replica.facts.leaderEpoch)) return
      const committed = history.committedAt(baseOffset)
      require(lastOffset < history.committedEnd && isWhatWasSent(committed, sent), rules.acknowledged, () =>
        `${where}, where ${describeBatch(committed)} is committed, and nothing above ${history.committedEnd}`)
      requireCopies(topic, partition, baseOffset, sent, where)
    } else if (replica.facts.role === 'leader') {
      const there = log.find(baseOffset)
      require(isWhatWasSent(there, sent), rules.acknowledgedAppend, () => `${where}, where its log has ${describeBatch(there)}`)
    }
  }

  /** KIP-966's first part: nothing is committed while the ISR is smaller than min.insync.replicas. */
  function requireCopies(topic: string, partition: number, baseOffset: number, sent: SentBatch, where: string): void {
    const replicas = view.stored.replicasOf(topic, partition)
    const wanted = Math.min(minInSync.get(topic) ?? 1, replicas.length)
    let copies = 0
    for (const id of replicas) {
      const broker = view.brokers.get(id)
      const log = broker?.logs.get(`${topic}-${partition}`)
      // What it had is lost with the power, and the answer may have waited for another partition of its request.
      if (broker === undefined || broker.crashCount > 0) return
      if (log === undefined) continue
      if (log.sight.logStartOffset > baseOffset || isWhatWasSent(log.view.find(baseOffset), sent)) copies++
    }
    require(copies >= wanted, rules.acknowledgedCopies, () =>
      `${where}, of which ${copies} of ${replicas.length} replicas have it`)
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

class Connection {
  private readonly asked = new Map<number, Asked>()
  private readonly requests: FrameCutter
  private readonly responses: FrameCutter
  private brokerId = 0

  constructor(private readonly answers: Answer[]) {
    this.requests = new FrameCutter(
      (head) => head.readInt16BE(4) === PRODUCE_KEY && head.readInt16BE(6) >= Produce.minVersion,
      (frame) => this.onRequest(frame),
    )
    this.responses = new FrameCutter(
      (head) => this.asked.has(head.readInt32BE(4)),
      (frame) => this.onResponse(frame),
    )
  }

  push({ isFromOpener, from, bytes }: Send): void {
    if (isFromOpener) this.requests.push(bytes)
    else {
      this.brokerId = Number(from.name.slice('broker-'.length))
      this.responses.push(bytes)
    }
  }

  private onRequest(frame: Buffer): void {
    const reader = new Reader(frame, 2)
    const version = reader.int16()
    const correlationId = reader.int32()
    reader.string(false)
    if (Produce.requestHeaderVersion(version) === 2) skipTags(reader)
    const { acks, topicData } = Produce.request.decode(reader, version)
    if (acks === 0) return
    const batches = new Map<string, SentBatch>()
    for (const { name, partitionData } of topicData) {
      for (const { index, records } of partitionData) {
        if (records === null || records.length < 61) continue
        const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength)
        batches.set(`${name}/${index}`, { crc: bytes.readUInt32BE(17), recordCount: bytes.readInt32BE(23) + 1 })
      }
    }
    this.asked.set(correlationId, { version, acks, batches })
  }

  private onResponse(frame: Buffer): void {
    const reader = new Reader(frame)
    const correlationId = reader.int32()
    const asked = this.asked.get(correlationId)
    if (asked === undefined) return
    this.asked.delete(correlationId)
    const { version, acks, batches } = asked
    if (Produce.responseHeaderVersion(version) === 1) skipTags(reader)
    for (const { name, partitionResponses } of Produce.response.decode(reader, version).responses) {
      for (const { index, errorCode, baseOffset } of partitionResponses) {
        const sent = batches.get(`${name}/${index}`)
        if (errorCode !== 0 || sent === undefined) continue
        this.answers.push({ brokerId: this.brokerId, acks, topic: name, partition: index, baseOffset, sent })
      }
    }
  }
}

function isWhatWasSent(batch: Batch | undefined, sent: SentBatch): boolean {
  if (batch === undefined || batch.recordCount !== sent.recordCount) return false
  return (batch.attributes & LOG_APPEND_TIME) !== 0 || batch.crc === sent.crc
}
