/** A broker's connection given any bytes in any pieces, with a peer that takes its answers or does not; and a client given any answers. */
import { ServerConnection } from '../../../broker/connection'
import { HandlerRegistry } from '../../../broker/registry'
import { RequestMetrics } from '../../../broker/request-metrics'
import { WriterPool } from '../../../broker/writer-pool'
import { BrokerConnection } from '../../../client/broker-connection'
import { encodeRequest, encodeResponse } from '../../../wire/frames'
import { ALL_APIS, ApiVersions, Fetch, Metadata } from '../../../wire/messages'
import { initCompression } from '../../../wire/records'
import type { AnyApi } from '../../../wire/schema'
import { Writer } from '../../../wire/writer'
import { DirectClock, DirectNetwork, settle } from '../direct-network'
import { FuzzRandom } from '../fuzz-random'
import { BrokenPromise, check, type FuzzTarget, silentLogger } from '../fuzz-target'
import { generateMessage } from '../generate-message'

const LIMITS = { requestBytesMax: 1_000_000, requestsInFlightMax: 6, responseBytesHeldMax: 20_000 }

function requestFrame(api: AnyApi, random: FuzzRandom, correlationId: number): Buffer {
  const writer = new Writer()
  const version = random.between(api.minVersion, api.maxVersion)
  const body = generateMessage(api.request.fields, version, version >= api.flexibleFrom, random)
  encodeRequest(writer, api, version, correlationId, 'fuzz', body)
  return Buffer.from(writer.bytes())
}

/** A handler for every API that answers with anything, at once or when `parked` is run. */
function registryOf(random: FuzzRandom, parked: (() => void)[]): HandlerRegistry {
  const registry = new HandlerRegistry()
  let underWay = 0
  for (const api of ALL_APIS) {
    registry.register<unknown, unknown>({
      api,
      minVersion: api.minVersion,
      maxVersion: api.maxVersion,
      handle(context) {
        underWay++
        check(underWay <= LIMITS.requestsInFlightMax, 'no more requests are under way than may be')
        const { version } = context
        const answer = () => {
          underWay--
          if (random.chance(0.05)) context.respondNothing()
          else context.respond(generateMessage(api.response.fields, version, version >= api.flexibleFrom, random))
        }
        if (random.chance(0.3)) parked.push(answer)
        else answer()
      },
    })
  }
  return registry
}

/** Requests are answered in whole frames, or the connection is closed; no more is held than the limits say; nothing is thrown. */
const serverConnection: FuzzTarget = {
  name: 'broker/connection',
  share: 1,
  minimum: 40_000,
  prepare: initCompression,
  seed(random) {
    const anyApi = () => (random.chance(0.4) ? ApiVersions : random.pick(ALL_APIS))
    return Buffer.concat(Array.from({ length: random.between(1, 12) }, (_, id) => requestFrame(anyApi(), random, id)))
  },
  run(input) {
    const random = FuzzRandom.of('connection', input.length, input[input.length >>> 1] ?? 0)
    const clock = new DirectClock()
    const network = new DirectNetwork()
    const parked: (() => void)[] = []
    const failures: string[] = []
    let closed = 0
    const connection = network.accept()
    const server = new ServerConnection({
      ...{ id: 1, connection, registry: registryOf(random, parked), writers: new WriterPool() },
      ...{ metrics: new RequestMetrics(), clock, limits: LIMITS },
      logger: { ...silentLogger, warn: (_message, fields) => failures.push(String(fields?.['reason'])) },
      onDidClose: () => closed++,
      onFatal: (error) => failures.push(`failed: ${error.message}`),
    })
    connection.setHandler(server)
    const answerParked = () => {
      for (const answer of parked.splice(0)) answer()
    }
    for (let at = 0, idle = 0; at < input.length && idle < 4; ) {
      const taken = connection.deliver(input.subarray(at, at + 1 + random.below(3000)), random)
      at += taken
      idle = taken === 0 ? idle + 1 : 0
      check(server.requestsInFlight <= LIMITS.requestsInFlightMax, 'no more requests are in line than may be')
      if (random.chance(0.5) || idle > 0) answerParked()
      if (random.chance(0.6) || idle > 0) settle(clock, network)
    }
    answerParked()
    settle(clock, network)
    // The handlers here only answer: one that failed was given what the decoder should not have let through.
    const failure = failures.find((reason) => reason.includes('failed: '))
    if (failure !== undefined) throw new BrokenPromise(failure)
    if (connection.isDestroyed) check(closed === 1, 'a closed connection is told once')
    const stream = Buffer.concat(connection.written)
    let at = 0
    while (at + 4 <= stream.length) at += 4 + Math.max(4, stream.readInt32BE(at))
    check(at === stream.length, 'answers are whole frames')
  },
  allocationMax: (length) => 8 * 1024 * 1024 + length * 1024,
}

const RANGES = ALL_APIS.map(({ key, minVersion, maxVersion }) => ({ apiKey: key, minVersion, maxVersion }))

/** Our own client against a peer that is no broker: each request ends, with an answer or a failure. */
const client: FuzzTarget = {
  name: 'client/connection',
  share: 1,
  minimum: 40_000,
  prepare: initCompression,
  seed(random) {
    const writer = new Writer()
    encodeResponse(writer, ApiVersions, 4, 1, { errorCode: 0, apiKeys: RANGES })
    for (const [index, api] of [Metadata, Fetch].entries()) {
      const version = api.maxVersion
      const body = generateMessage(api.response.fields, version, version >= api.flexibleFrom, random)
      encodeResponse(writer, api as AnyApi, version, index + 2, body)
    }
    return Buffer.from(writer.bytes())
  },
  async run(input) {
    const random = FuzzRandom.of('client', input.length)
    const clock = new DirectClock()
    const network = new DirectNetwork()
    const platform = { clock, network, random }
    const connection = new BrokerConnection({ platform, host: 'h', port: 1, clientId: 'fuzz', negotiate: random.chance(0.7) })
    let ended = 0
    const end = () => void ended++
    connection.request(Metadata, { topics: null }).then(end, end)
    connection.requestInPlace(Fetch, { maxWaitMs: 0, minBytes: 0, topics: [] }, null, end)
    const peer = network.connections.at(-1)!
    peer.open()
    settle(clock, network)
    peer.deliver(input, random)
    settle(clock, network)
    await Promise.resolve()
    connection.close()
    settle(clock, network)
    for (let turn = 0; turn < 5 && ended < 2; turn++) await Promise.resolve()
    check(ended === 2, 'every request ends once')
  },
  allocationMax: (length) => 4 * 1024 * 1024 + length * 256,
}

export const connectionTargets: readonly FuzzTarget[] = [serverConnection, client]
