/**
 * Whether librdkafka keeps its order without idempotence and with one request in flight: its producer against a broker of a few lines that appends
 * what comes in the order in which it comes, and refuses every fiftieth produce. What is out of order there, no broker has put out of order.
 *
 *   npx tsx compat/kafka-clients/librdkafka-order.ts
 *
 * librdkafka 2.0.2 does not keep it: it builds the next message set while one is in flight, and when that is refused sends the built one all the
 * same, before the refused one comes round again. So rounds.ts counts the order of these producers and does not judge it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Connection } from '../../src/engine/platform/network'
import { createNodePlatform } from '../../src/engine/platform/node'
import { ErrorCode } from '../../src/engine/wire/errors'
import { decodeRequestHeader, encodeResponse, FrameReader, type RequestFrame } from '../../src/engine/wire/frames'
import { ApiVersions, Fetch, Metadata, Produce } from '../../src/engine/wire/messages'
import { decodeRecords } from '../../src/engine/wire/records'
import type { Api, Encodable } from '../../src/engine/wire/schema'
import { Writer } from '../../src/engine/wire/writer'
import { confluentKafka } from './clients'

const topic = 'orders'
const durationMs = 5_000
const refuseEvery = 50
const refusalMs = 40
const ignore = () => undefined
const platform = createNodePlatform({ logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } })

class ArrivalBroker {
  readonly log: number[] = []
  readonly arrivals: string[] = []
  private port = 0

  async listen(): Promise<number> {
    const listener = await platform.network.listen({ host: '127.0.0.1', port: 0 }, (connection) => this.accept(connection))
    this.port = listener.port
    return listener.port
  }

  private accept(connection: Connection): void {
    const frames = new FrameReader({
      maxFrameBytes: 10_000_000,
      onFrame: (frame) => void this.onRequest(connection, decodeRequestHeader(Buffer.from(frame))),
      onBadFrame: (message) => console.log(message),
    })
    connection.setHandler({
      receiveBuffer: () => frames.receiveBuffer(),
      onData: (bytes, length) => frames.onData(bytes, length),
      onClose: ignore,
    })
  }

  private async onRequest(connection: Connection, request: RequestFrame): Promise<void> {
    const answer = <Req, Res>(api: Api<Req, Res>, body: Encodable<Res>) => {
      const writer = new Writer()
      encodeResponse(writer, api, request.apiVersion, request.correlationId, body)
      connection.write([writer.bytes()])
    }
    if (request.apiKey === ApiVersions.key) {
      const ranges = [
        [Produce.key, 0, 7],
        // Without it librdkafka sends records in the old format.
        [Fetch.key, 4, 11],
        [Metadata.key, 0, 4],
        [ApiVersions.key, 0, 3],
      ] as const
      const apiKeys = ranges.map(([apiKey, minVersion, maxVersion]) => ({ apiKey, minVersion, maxVersion }))
      return answer(ApiVersions, { errorCode: ErrorCode.NONE, apiKeys })
    }
    if (request.apiKey === Metadata.key) {
      const partition = { errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 1, replicaNodes: [1], isrNodes: [1] }
      return answer(Metadata, {
        brokers: [{ nodeId: 1, host: '127.0.0.1', port: this.port, rack: null }],
        clusterId: 'arrivals',
        controllerId: 1,
        topics: [{ errorCode: 0, name: topic, isInternal: false, partitions: [{ ...partition, offlineReplicas: [] }] }],
      })
    }
    const { topicData } = Produce.request.decode(request.body, request.apiVersion)
    const numbers = decodeRecords(topicData[0]?.partitionData[0]?.records ?? new Uint8Array()).map(({ value }) =>
      Number.parseInt(Buffer.from(value ?? []).toString(), 10),
    )
    const isRefused = this.arrivals.length % refuseEvery === refuseEvery - 1
    this.arrivals.push(`${isRefused ? 'refused ' : 'appended'} ${numbers[0]} to ${numbers.at(-1)}`)
    const baseOffset = isRefused ? -1 : this.log.length
    if (isRefused) await new Promise((resolve) => setTimeout(resolve, refusalMs))
    else this.log.push(...numbers)
    const errorCode = isRefused ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE
    answer(Produce, { responses: [{ name: topic, partitionResponses: [{ index: 0, errorCode, baseOffset }] }] })
  }
}

async function main(): Promise<number> {
  const why = confluentKafka.unavailable()
  if (why !== null) {
    console.log(`skipped: ${why}`)
    return 0
  }
  const broker = new ArrivalBroker()
  const port = await broker.listen()
  const args = [join(__dirname, 'confluent_client.py'), 'produce', `127.0.0.1:${port}`, topic, '1']
  const child = spawn('/usr/bin/python3', args, { stdio: ['pipe', 'ignore', 'inherit'] })
  await new Promise((resolve) => setTimeout(resolve, durationMs))
  child.stdin.write('stop\n')
  await once(child, 'close')
  let highest = -1
  let outOfOrder = 0
  const seen = new Set<number>()
  for (const number of broker.log) {
    if (number < highest && !seen.has(number)) outOfOrder++
    seen.add(number)
    highest = Math.max(highest, number)
  }
  const first = broker.arrivals.findIndex((line) => line.startsWith('refused'))
  console.log(broker.arrivals.slice(Math.max(0, first - 1), first + 4).join('\n'))
  console.log(
    `${broker.arrivals.length} produces, ${broker.log.length} records appended, ${outOfOrder} out of order as they came`,
  )
  return broker.log.length > 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
