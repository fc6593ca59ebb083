/** Programs connected to the brokers, and what somebody who writes one has to know to connect. */

/** Whose it is: somebody's program, the window itself, the schema registry, or a broker following another. */
export type ClientKind = 'foreign' | 'workbench' | 'registry' | 'broker'

/** Connections of one client id, software and address, as one program. */
export interface ConnectedClient {
  readonly id: string
  readonly kind: ClientKind
  readonly clientId: string
  /** As the client told in ApiVersions (KIP-511); null: it told nothing. */
  readonly softwareName: string | null
  readonly softwareVersion: string | null
  readonly host: string
  /** `User:ANONYMOUS` where nobody is asked. */
  readonly principal: string
  /** When the oldest of its connections was made. */
  readonly sinceMs: number
  readonly connections: readonly ClientConnection[]
  readonly apis: readonly ClientApi[]
  readonly requestBytes: number
  readonly responseBytes: number
  readonly produced: {
    /** Each that was seen: 0, 1, -1 (all). */
    readonly acks: readonly number[]
    readonly compressions: readonly string[]
    readonly isIdempotent: boolean
    readonly transactionalId: string | null
    readonly batchCount: number
    readonly recordCount: number
    /** Of whole batches, as they came. */
    readonly recordBytes: number
  }
  readonly fetched: { readonly recordBytes: number; readonly responseCount: number; readonly emptyCount: number }
  /** Groups that it has asked to be in, or committed for. */
  readonly groups: readonly string[]
  /** Topics that it has written to or read from: the first twenty of each connection. */
  readonly topics: readonly string[]
  readonly errorCount: number
  readonly lastError: {
    readonly error: string
    readonly message: string
    readonly api: string
    readonly atMs: number
    readonly brokerId: number
  } | null
}

export interface ClientConnection {
  readonly brokerId: number
  readonly connectionId: number
  readonly port: number
  /** `PLAINTEXT`, `SASL_SSL`, …; `REPLICATION`: the brokers' own. */
  readonly listener: string
  readonly hasTls: boolean
  readonly saslMechanism: string | null
  readonly sinceMs: number
  readonly requestsInFlight: number
  readonly requestCount: number
  readonly lastRequestMs: number | null
}

export interface ClientApi {
  readonly name: string
  /** That it has used. */
  readonly minVersion: number
  readonly maxVersion: number
  readonly count: number
  readonly lastAtMs: number
  /** Of about the last ten seconds. */
  readonly perSecond: number
}

export interface ClientsList {
  readonly atMs: number
  readonly clients: readonly ConnectedClient[]
  /** Brokers that run and did not answer in time: what is connected to them is not known. */
  readonly silentBrokers: readonly number[]
}

/** What a client has to be told to connect. */
export interface ClientAccess {
  /** Of all brokers, live or not. */
  readonly bootstrapServers: string
  readonly registryUrl: string | null
  readonly security: {
    readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
    /** One that brokers take; null without SASL. */
    readonly saslMechanism: string | null
    readonly username: string | null
    readonly password: string | null
    /** The authority that signed the brokers' certificates, in PEM; null without TLS. */
    readonly authorityFile: string | null
    readonly certificateFile: string | null
    readonly keyFile: string | null
  }
}
