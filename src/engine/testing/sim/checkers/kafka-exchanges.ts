/**
 * Requests to brokers and their answers, as the wire carries them: those of the APIs that somebody listens for, decoded, and paired by connection and
 * correlation id. Told in the middle of the event in which they are sent, when the view is still as the events before have left it; so a listener notes
 * what it needs, and judges after the event. Shared by the checkers of what brokers answer.
 */
import { skipTags } from '../../../wire/headers'
import { Reader } from '../../../wire/reader'
import type { AnyApi, Api } from '../../../wire/schema'
import type { Send } from '../sim-network'
import type { SimBroker } from '../world'
import type { World } from './checker'
import { FrameCutter } from './frame-cutter'

export interface ExchangeListener<Request, Response, Asked> {
  /** Answers what to remember for the answer; null where that is of no interest. */
  onRequest(broker: SimBroker, request: Request): Asked | null
  onAnswer(broker: SimBroker, asked: Asked, answer: Response): void
}

interface Tap {
  readonly api: AnyApi
  readonly listeners: ExchangeListener<unknown, unknown, unknown>[]
}

export class KafkaExchanges {
  private readonly taps = new Map<number, Tap>()
  /** Null: not to a broker. */
  private readonly connections = new Map<number, BrokerConnection | null>()

  constructor(private readonly world: World) {
    world.onDidSend((send) => this.onSend(send))
  }

  listen<Request, Response, Asked>(api: Api<Request, Response>, listener: ExchangeListener<Request, Response, Asked>): void {
    const tap = this.taps.get(api.key) ?? { api: api as AnyApi, listeners: [] }
    tap.listeners.push(listener as Tap['listeners'][number])
    this.taps.set(api.key, tap)
  }

  private onSend(send: Send): void {
    let connection = this.connections.get(send.connectionId)
    if (connection === undefined) {
      if (!send.isFromOpener) return
      const broker = this.brokerAt(send)
      connection = broker === undefined ? null : new BrokerConnection(broker, this.taps)
      this.connections.set(send.connectionId, connection)
    }
    connection?.push(send)
  }

  private brokerAt({ toHost }: Send): SimBroker | undefined {
    for (const broker of this.world.brokers.values()) if (broker.host === toHost) return broker
    return undefined
  }
}

class BrokerConnection {
  private readonly asked = new Map<number, { readonly tap: Tap; readonly version: number; readonly asked: readonly unknown[] }>()
  private readonly requests: FrameCutter
  private readonly responses: FrameCutter

  constructor(
    private readonly broker: SimBroker,
    private readonly taps: ReadonlyMap<number, Tap>,
  ) {
    this.requests = new FrameCutter(
      (head) => this.wants(head.readInt16BE(4), head.readInt16BE(6)),
      (frame) => this.onRequest(frame),
    )
    this.responses = new FrameCutter(
      (head) => this.asked.has(head.readInt32BE(4)),
      (frame) => this.onResponse(frame),
    )
  }

  push({ isFromOpener, bytes }: Send): void {
    if (isFromOpener) this.requests.push(bytes)
    else this.responses.push(bytes)
  }

  private wants(key: number, version: number): boolean {
    const api = this.taps.get(key)?.api
    return api !== undefined && version >= api.minVersion && version <= api.maxVersion
  }

  private onRequest(frame: Buffer): void {
    const reader = new Reader(frame)
    const tap = this.taps.get(reader.int16())
    if (tap === undefined) return
    const version = reader.int16()
    const correlationId = reader.int32()
    reader.string(false)
    if (tap.api.requestHeaderVersion(version) === 2) skipTags(reader)
    const request = tap.api.request.decode(reader, version)
    const asked = tap.listeners.map((listener) => listener.onRequest(this.broker, request))
    if (asked.some((each) => each !== null)) this.asked.set(correlationId, { tap, version, asked })
  }

  private onResponse(frame: Buffer): void {
    const reader = new Reader(frame)
    const correlationId = reader.int32()
    const known = this.asked.get(correlationId)
    if (known === undefined) return
    this.asked.delete(correlationId)
    const { tap, version, asked } = known
    if (tap.api.responseHeaderVersion(version) === 1) skipTags(reader)
    const answer = tap.api.response.decode(reader, version)
    for (const [index, listener] of tap.listeners.entries())
      if (asked[index] !== null) listener.onAnswer(this.broker, asked[index], answer)
  }
}

const exchanges = new WeakMap<World, KafkaExchanges>()

export function exchangesOf(world: World): KafkaExchanges {
  let found = exchanges.get(world)
  if (found === undefined) {
    found = new KafkaExchanges(world)
    exchanges.set(world, found)
  }
  return found
}
