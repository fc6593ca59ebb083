/**
 * A client against one broker that does as it is told, on a loopback network and a clock that the test moves. What comes is kept; what becomes
 * of each produce is the test's, and so is the log, where it wants one. Imported by tests only.
 */
import type { ProducerRecord } from '../client'
import { KafkaClient } from '../client'
import type { Platform } from '../platform'
import type { Connection } from '../platform/network'
import { decodeRequestHeader, encodeResponse, FrameReader, type RequestFrame } from '../wire/frames'
import { ApiVersions, InitProducerId, Metadata, Produce } from '../wire/messages'
import { type BatchHeader, decodeRecords, readBatchHeader } from '../wire/records'
import type { Api, Encodable, ResponseOf } from '../wire/schema'
import { Writer } from '../wire/writer'
import { LoopbackNetwork } from './loopback-network'
import { MemoryDisk } from './memory-disk'
import { RecordingLogger, StillClock, seededRandom } from './storage-kit'

export interface ProduceAttempt {
  readonly partition: number
  readonly bytes: Buffer
  readonly header: BatchHeader
  readonly values: readonly string[]
  /** Answers it; `baseOffset` where it is no error. */
  answer(errorCode: number, baseOffset?: number): void
  /** The connection goes away, and with it the answer. */
  cut(): void
}

export const topic = 'orders'
export const partitionCount = 2

export class ProducerKit {
  readonly clock = new StillClock()
  readonly network = new LoopbackNetwork(this.clock)
  readonly logger = new RecordingLogger()
  readonly platform: Platform
  readonly attempts: ProduceAttempt[] = []
  /** Error codes of the next answers to InitProducerId; none left: it gives the next id. */
  readonly idErrors: number[] = []
  idsGiven = 0
  hasLeader = true
  onProduce: (attempt: ProduceAttempt) => void = (attempt) => attempt.answer(0, 0)
  private client: KafkaClient | null = null
  private port = 0

  constructor(seed = 1) {
    const random = seededRandom(seed)
    this.platform = { clock: this.clock, network: this.network, logger: this.logger, disk: new MemoryDisk({ random }), random }
  }

  async start(): Promise<KafkaClient> {
    const listener = await this.network.listen({ host: '127.0.0.1', port: 0 }, (connection) => this.accept(connection))
    this.port = listener.port
    this.client = new KafkaClient({
      platform: this.platform,
      bootstrap: [{ host: '127.0.0.1', port: this.port }],
      clientId: 'test',
    })
    const known = this.client.refresh()
    await this.run(20)
    await known
    return this.client
  }

  /** So much time goes by, in small steps, with all that follows from it. */
  async run(ms: number): Promise<void> {
    for (let left = ms; ; left -= 10) {
      await new Promise((resolve) => setImmediate(resolve))
      if (left <= 0) return
      this.clock.advance(Math.min(10, left))
    }
  }

  record(value: string, partition = 0): ProducerRecord {
    return { topic, partition, key: null, value: Buffer.from(value), headers: [], timestamp: null }
  }

  private accept(connection: Connection): void {
    const frames = new FrameReader({
      maxFrameBytes: 1_000_000,
      onFrame: (frame) => this.onRequest(connection, decodeRequestHeader(Buffer.from(frame))),
      onBadFrame: (message) => {
        throw new Error(message)
      },
    })
    connection.setHandler({
      receiveBuffer: () => frames.receiveBuffer(),
      onData: (bytes, length) => frames.onData(bytes, length),
      onClose: () => undefined,
    })
  }

  private onRequest(connection: Connection, request: RequestFrame): void {
    const answer = <Req, Res>(api: Api<Req, Res>, body: Encodable<Res>) => {
      const writer = new Writer()
      encodeResponse(writer, api, request.apiVersion, request.correlationId, body)
      connection.write([writer.bytes()])
    }
    switch (request.apiKey) {
      case ApiVersions.key: {
        const apis = [Metadata, Produce, InitProducerId]
        const apiKeys = apis.map(({ key, minVersion, maxVersion }) => ({ apiKey: key, minVersion, maxVersion }))
        return answer(ApiVersions, { errorCode: 0, apiKeys })
      }
      case Metadata.key:
        return answer(Metadata, this.metadata())
      case InitProducerId.key: {
        const errorCode = this.idErrors.shift() ?? 0
        if (errorCode !== 0) return answer(InitProducerId, { errorCode, producerEpoch: -1 })
        return answer(InitProducerId, { errorCode, producerId: BigInt(1000 + this.idsGiven++), producerEpoch: 0 })
      }
      default:
        return this.onProduceRequest(connection, request, (body) => answer(Produce, body))
    }
  }

  private onProduceRequest(
    connection: Connection,
    request: RequestFrame,
    respond: (body: Encodable<ResponseOf<typeof Produce>>) => void,
  ): void {
    const { topicData } = Produce.request.decode(request.body, request.apiVersion)
    const { index, records } = topicData[0]!.partitionData[0]!
    const bytes = Buffer.from(records ?? [])
    const attempt: ProduceAttempt = {
      partition: index,
      bytes,
      header: readBatchHeader(bytes),
      values: decodeRecords(bytes).map(({ value }) => Buffer.from(value ?? []).toString()),
      answer: (errorCode, baseOffset = -1) =>
        respond({ responses: [{ name: topic, partitionResponses: [{ index, errorCode, baseOffset }] }] }),
      cut: () => connection.destroy(),
    }
    this.attempts.push(attempt)
    this.onProduce(attempt)
  }

  private metadata(): Encodable<ResponseOf<typeof Metadata>> {
    const partitions = Array.from({ length: partitionCount }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: this.hasLeader ? 1 : -1,
      leaderEpoch: 1,
      replicaNodes: [1],
      isrNodes: [1],
      offlineReplicas: [],
    }))
    return {
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: this.port, rack: null }],
      clusterId: 'test',
      controllerId: 1,
      topics: [{ errorCode: 0, name: topic, isInternal: false, partitions }],
    }
  }
}
