/**
 * How a broker that is not open to everybody is set up: its listeners, who is known, who may what. Without {@link BrokerSecurity} there is one plain
 * listener for clients and brokers alike, as in the simulator. With it clients have the listener that was asked for, and brokers have one of
 * their own, on loopback, on which they log in to each other with a secret of the cluster (SCRAM): so replication works whatever clients
 * are asked for, and nobody becomes a broker by finding its port.
 */

import type { ClientSecurity } from '../client/sasl-login'
import type { BrokerAddress, SecurityProtocol } from '../controller/types'
import { INTER_BROKER_LISTENER } from '../controller/types'
import type { Platform, TlsListenOptions } from '../platform'
import { Authorizer } from '../security/acl/authorizer'
import { brokerPrincipal, principalsOf } from '../security/principal'
import { PlainServer } from '../security/sasl/plain'
import type { SaslMechanism } from '../security/sasl/sasl'
import { isSaslMechanism } from '../security/sasl/sasl'
import { credentialOfPassword } from '../security/sasl/scram-credential'
import { ScramServer } from '../security/sasl/scram-server'
import { AclStore } from './acl-store'
import type { SaslSettings } from './authentication'
import { listOf } from './config-definition'
import type { ConfigStore } from './config-store'
import type { CoordinationLink } from './coordination-link'
import type { ListenerPort } from './listener'
import { ScramStore } from './scram-store'

export interface BrokerUser {
  readonly name: string
  readonly password: string
}

export interface BrokerSecurity {
  /** Of the listener for clients. */
  readonly protocol: SecurityProtocol
  /** Where the protocol has TLS. Whether clients are asked for certificates is `ssl.client.auth`. */
  readonly tls?: Omit<TlsListenOptions, 'clientAuthentication'>
  /** Users that are known from the start: for PLAIN all there are, for SCRAM written where all brokers find them. */
  readonly users?: readonly BrokerUser[]
  /** The brokers' own listener and how they log in there; the same for all brokers of a cluster, but for the port. */
  readonly interBroker: { readonly host: string; readonly port: number; readonly user: string; readonly password: string }
}

const INTER_BROKER_MECHANISM = 'SCRAM-SHA-256'
const NONCE_BYTES = 18
const SALT_BYTES = 16

export function hasSasl(protocol: SecurityProtocol): boolean {
  return protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL'
}

export function hasTls(protocol: SecurityProtocol): boolean {
  return protocol === 'SSL' || protocol === 'SASL_SSL'
}

/** How a broker's outgoing connections to other brokers log in. */
export function interBrokerSecurity(security: BrokerSecurity | undefined): ClientSecurity | null {
  if (security === undefined) return null
  const { user, password } = security.interBroker
  return { sasl: { mechanism: INTER_BROKER_MECHANISM, user, password } }
}

/** The listeners as they are registered and shown; the clients' first. Undefined: the one plain listener that a broker has by default. */
export function addressesOfBroker(
  security: BrokerSecurity | undefined,
  client: { readonly host: string; readonly port: number },
  interBrokerPort: number,
): readonly BrokerAddress[] | undefined {
  if (security === undefined) return undefined
  const { protocol, interBroker } = security
  return [
    { listener: protocol, protocol, ...client },
    { listener: INTER_BROKER_LISTENER, protocol: 'SASL_PLAINTEXT', host: interBroker.host, port: interBrokerPort },
  ]
}

/** The configs that follow from the listeners, as Kafka would be set up for the same. */
export function securityConfigsOf(addresses: readonly BrokerAddress[] | undefined, security: BrokerSecurity | undefined) {
  if (addresses === undefined || security === undefined) return {}
  const listeners = addresses.map(({ listener, host, port }) => `${listener}://${host}:${port}`).join(',')
  return {
    listeners,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': addresses.map(({ listener, protocol }) => `${listener}:${protocol}`).join(','),
    'inter.broker.listener.name': INTER_BROKER_LISTENER,
    'security.inter.broker.protocol': 'SASL_PLAINTEXT',
  }
}

/** What a running broker has of all this. */
export class SecurityState {
  readonly scram: ScramStore
  readonly acls: AclStore
  /** Null: everybody may everything. */
  readonly authorizer: Authorizer | null
  private readonly usesScram: boolean

  constructor(
    private readonly security: BrokerSecurity | undefined,
    private readonly platform: Platform,
    private readonly configs: ConfigStore,
    coordination: CoordinationLink,
  ) {
    const { logger, random } = platform
    const steady = () => coordination.steady
    this.scram = new ScramStore({ logger, random, coordination: steady })
    this.acls = new AclStore({ logger, coordination: steady })
    this.usesScram = security !== undefined && hasSasl(security.protocol)
    const isOn = configs.brokerValue('authorizer.class.name') !== ''
    this.authorizer = isOn
      ? new Authorizer({
          acls: this.acls.table,
          superUsers: [
            ...principalsOf(configs.brokerValue('super.users')),
            ...(security === undefined ? [] : [brokerPrincipal(security.interBroker.user)]),
          ],
          allowEveryoneIfNoAclFound: configs.brokerValue('allow.everyone.if.no.acl.found') === 'true',
        })
      : null
  }

  /** Once for each coordination session, before anybody is let in. */
  async load(): Promise<void> {
    if (this.authorizer !== null) await this.acls.load()
    if (!this.usesScram) return
    await this.scram.load()
    for (const { name, password } of this.security?.users ?? []) await this.scram.ensurePassword(name, password)
  }

  /** The ports to listen on, the clients' first. */
  ports(host: string, port: number): ListenerPort[] {
    const { security, configs } = this
    if (security === undefined) return [{ host, port, tls: null, sasl: null }]
    const { protocol, tls, interBroker } = security
    const clientAuthentication = configs.brokerValue('ssl.client.auth') as TlsListenOptions['clientAuthentication']
    return [
      {
        host,
        port,
        tls: hasTls(protocol) && tls !== undefined ? { ...tls, clientAuthentication } : null,
        sasl: hasSasl(protocol) ? this.clientSasl(security.users ?? []) : null,
        name: protocol,
      },
      { host: interBroker.host, port: interBroker.port, tls: null, sasl: this.interBrokerSasl(security), name: 'REPLICATION' },
    ]
  }

  private clientSasl(users: readonly BrokerUser[]): SaslSettings {
    const passwords = new Map(users.map(({ name, password }) => [name, password]))
    const { configs, scram } = this
    return {
      mechanisms: listOf(configs.brokerValue('sasl.enabled.mechanisms')).filter(isSaslMechanism),
      sessionLifetimeMsMax: configs.brokerNumber('connections.max.reauth.ms'),
      failureDelayMs: configs.brokerNumber('connection.failed.authentication.delay.ms'),
      serverFor: (mechanism: SaslMechanism) =>
        mechanism === 'PLAIN'
          ? new PlainServer((user) => passwords.get(user))
          : new ScramServer({ mechanism, nonce: this.nonce(), credentialOf: (user) => scram.credentialOf(user, mechanism) }),
    }
  }

  private interBrokerSasl({ interBroker }: BrokerSecurity): SaslSettings {
    const credential = credentialOfPassword(INTER_BROKER_MECHANISM, interBroker.password, this.platform.random.bytes(SALT_BYTES))
    return {
      mechanisms: [INTER_BROKER_MECHANISM],
      sessionLifetimeMsMax: 0,
      failureDelayMs: this.configs.brokerNumber('connection.failed.authentication.delay.ms'),
      principalOf: brokerPrincipal,
      serverFor: () =>
        new ScramServer({
          mechanism: INTER_BROKER_MECHANISM,
          nonce: this.nonce(),
          credentialOf: (user) => (user === interBroker.user ? credential : undefined),
        }),
    }
  }

  private nonce(): string {
    return this.platform.random.bytes(NONCE_BYTES).toString('base64')
  }
}
