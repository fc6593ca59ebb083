/**
 * A broker's way to whichever broker is the controller: for AlterPartition, for controlled shutdown, for creating a topic that a client has asked
 * for. Follows the metadata cache; when the controller changes, what the old one has not answered fails at once, for it may stand still
 * with its connection open. It never repeats a request: its callers know whether they may.
 */
import { BrokerConnection } from '../client/broker-connection'
import { ClientError } from '../client/errors'
import type { ClientSecurity } from '../client/sasl-login'
import type { Platform } from '../platform'
import type { Api, Encodable } from '../wire/schema'
import { type BrokerEndpoint, interBrokerAddress, type MetadataCache } from './metadata-cache'

export interface ControllerLinkOptions {
  readonly platform: Pick<Platform, 'clock' | 'network' | 'random'>
  readonly brokerId: number
  readonly metadata: MetadataCache
  readonly requestTimeoutMs: number
  /** How brokers log in to each other; null: they need not. */
  readonly security?: ClientSecurity | null
}

export class ControllerLink {
  private connection: BrokerConnection | null = null
  private target: BrokerEndpoint | null = null
  private isClosed = false
  private readonly stopListening: () => void

  constructor(private readonly options: ControllerLinkOptions) {
    this.stopListening = options.metadata.onDidChange(() => this.follow())
  }

  /** Rejects with ClientError, also where no controller is known. Whether the answer says NOT_CONTROLLER is the caller's to see. */
  request<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, timeoutMs = this.options.requestTimeoutMs): Promise<Res> {
    this.follow()
    if (this.connection === null) return Promise.reject(new ClientError('connection', 'no controller is known', true))
    return this.connection.request(api, body, { timeoutMs })
  }

  close(): void {
    this.isClosed = true
    this.stopListening()
    this.connection?.close()
    this.connection = null
  }

  private follow(): void {
    const controller = this.isClosed ? null : this.options.metadata.controller()
    if (isSame(controller, this.target)) return
    this.connection?.close()
    this.target = controller
    const { platform, brokerId, security = null } = this.options
    this.connection =
      controller === null
        ? null
        : new BrokerConnection({
            platform,
            ...interBrokerAddress(controller),
            clientId: `broker-${brokerId}-to-controller`,
            security,
          })
  }
}

function isSame(a: BrokerEndpoint | null, b: BrokerEndpoint | null): boolean {
  if (a === null || b === null) return a === b
  const [ofA, ofB] = [interBrokerAddress(a), interBrokerAddress(b)]
  return a.id === b.id && ofA.host === ofB.host && ofA.port === ofB.port
}
