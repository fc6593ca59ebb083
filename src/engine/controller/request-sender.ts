/**
 * Carries the controller's requests to brokers: a queue a broker, one request under way, in order, repeated over lost connections for as long as
 * that broker lives in that epoch (Kafka's ControllerChannelManager). A broker that restarts gets a new queue; what the old one held is void,
 * for the new epoch is told everything anew.
 */
import type { Clock, Logger, Timer } from '../platform'
import { ErrorCode, errorName } from '../wire/errors'
import { LeaderAndIsr } from '../wire/messages/04-leader-and-isr'
import { StopReplica } from '../wire/messages/05-stop-replica'
import { UpdateMetadata } from '../wire/messages/06-update-metadata'
import type { Api, Encodable, ResponseOf } from '../wire/schema'
import type { ControlRequest } from './requests'
import type { LiveBroker } from './types'

/** What is needed of a BrokerConnection. */
export interface ControlConnection {
  request<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, options?: { version?: number; timeoutMs?: number }): Promise<Res>
  close(): void
}

export type ControlResponse =
  | { readonly kind: 'leader-and-isr'; readonly response: ResponseOf<typeof LeaderAndIsr> }
  | { readonly kind: 'update-metadata'; readonly response: ResponseOf<typeof UpdateMetadata> }
  | { readonly kind: 'stop-replica'; readonly response: ResponseOf<typeof StopReplica> }

export interface RequestSenderOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly connectTo: (broker: LiveBroker) => ControlConnection
  /** Every answer, errors included, from a broker that is still the one that was asked. */
  readonly onResponse: (broker: LiveBroker, request: ControlRequest, response: ControlResponse) => void
}

const RETRY_BACKOFF_MS = 50
const REQUEST_TIMEOUT_MS = 30_000

export class RequestSender {
  private readonly channels = new Map<number, BrokerChannel>()

  constructor(private readonly options: RequestSenderOptions) {}

  addBroker(broker: LiveBroker): void {
    this.removeBroker(broker.id)
    this.channels.set(broker.id, new BrokerChannel(broker, this.options))
  }

  removeBroker(id: number): void {
    this.channels.get(id)?.close()
    this.channels.delete(id)
  }

  /** Resolves once every broker has answered, or is gone. Never rejects. */
  async send(requests: ReadonlyMap<number, readonly ControlRequest[]>): Promise<void> {
    const answered: Promise<void>[] = []
    for (const [id, list] of requests) {
      const channel = this.channels.get(id)
      if (channel !== undefined) answered.push(channel.send(list))
    }
    await Promise.all(answered)
  }

  close(): void {
    for (const id of [...this.channels.keys()]) this.removeBroker(id)
  }
}

interface Outgoing {
  readonly request: ControlRequest
  /** Answered, or void. */
  readonly conclude: () => void
}

class BrokerChannel {
  private readonly queue: Outgoing[] = []
  private readonly connection: ControlConnection
  private isSending = false
  private isClosed = false
  private backoff: { readonly timer: Timer; readonly end: () => void } | null = null

  constructor(
    private readonly broker: LiveBroker,
    private readonly options: RequestSenderOptions,
  ) {
    this.connection = options.connectTo(broker)
  }

  send(requests: readonly ControlRequest[]): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed || requests.length === 0) return resolve()
      const last = requests.length - 1
      for (const [index, request] of requests.entries()) {
        this.queue.push({ request, conclude: index === last ? resolve : () => undefined })
      }
      if (this.isSending) return
      this.isSending = true
      void this.sendAll()
    })
  }

  close(): void {
    this.isClosed = true
    this.connection.close()
    this.backoff?.timer.cancel()
    this.backoff?.end()
    for (const { conclude } of this.queue.splice(0)) conclude()
  }

  private async sendAll(): Promise<void> {
    for (let outgoing = this.queue[0]; outgoing !== undefined; outgoing = this.queue[0]) {
      const response = await this.attempt(outgoing.request)
      if (this.isClosed) return
      if (response === null) {
        await this.pause()
        if (this.isClosed) return
        continue
      }
      this.queue.shift()
      this.receive(outgoing.request, response)
      outgoing.conclude()
    }
    this.isSending = false
  }

  /** Null where no answer came and the request must be repeated. */
  private async attempt(request: ControlRequest): Promise<ControlResponse | null> {
    const options = { timeoutMs: REQUEST_TIMEOUT_MS }
    try {
      switch (request.kind) {
        case 'leader-and-isr':
          return { kind: request.kind, response: await this.connection.request(LeaderAndIsr, request.body, options) }
        case 'update-metadata':
          return { kind: request.kind, response: await this.connection.request(UpdateMetadata, request.body, options) }
        case 'stop-replica':
          return { kind: request.kind, response: await this.connection.request(StopReplica, request.body, options) }
      }
    } catch (error) {
      if (!this.isClosed) {
        const { id, epoch } = this.broker
        this.options.logger.debug('A request of the controller was not answered and will be repeated', {
          brokerId: id,
          brokerEpoch: epoch,
          request: request.kind,
          error: String(error),
        })
      }
      return null
    }
  }

  private receive(request: ControlRequest, response: ControlResponse): void {
    const { errorCode } = response.response
    if (errorCode !== ErrorCode.NONE) {
      this.options.logger.warn('A broker refused a request of the controller', {
        brokerId: this.broker.id,
        request: request.kind,
        error: errorName(errorCode),
      })
    }
    this.options.onResponse(this.broker, request, response)
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.backoff = null
        resolve()
      }
      this.backoff = { timer: this.options.clock.setTimer(RETRY_BACKOFF_MS, end), end }
    })
  }
}
