/**
 * The table of what this broker can do: one handler an API key, each with the version range that it honours. ApiVersions is computed from it,
 * so what is advertised cannot drift from what is served. Filled once, when a broker starts; asked by connections for every request.
 */
import { assert } from '../../shared/lang/assert'
import type { Api, Encodable } from '../wire/schema'
import type { SaslConversation } from './authentication'
import type { ConnectionActivity } from './connection-activity'

/** Who sent a request: for statistics, for the log, and for telling a follower from a consumer. */
export interface ClientIdentity {
  readonly connectionId: number
  readonly host: string
  readonly port: number
  /** From the request's header; null where it had none. */
  readonly clientId: string | null
  /** Who it has proved to be, as Kafka writes it: `User:alice`; on a listener that asks nobody `User:ANONYMOUS`. */
  readonly principal: string
}

/** One request on its way through a handler. Exactly one of respond, respondNothing and close ends it; later calls do nothing. */
export interface RequestContext<Req, Res> {
  /** Bytes and records in it are views on the receive buffer: valid until `handle` returns, not beyond an await. */
  readonly request: Req
  readonly version: number
  readonly client: ClientIdentity
  /** Null on a listener without SASL. */
  readonly sasl: SaslConversation | null
  /** What is remembered of the connection, for whoever looks at it. A test's context need not have one. */
  readonly activity?: ConnectionActivity
  /** How much this connection may still be given at once: what is queued for a slow reader counts. */
  readonly responseBytesMax: number
  /**
   * Encodes at once: what `body` refers to may change afterwards. Responses leave in the order of their requests.
   * `sizeHint`, in bytes, spares a large response the growing of its buffer.
   */
  respond(body: Encodable<Res>, sizeHint?: number): void
  /** For acks=0: the request has no response, and nothing waits behind it. */
  respondNothing(): void
  /** The client is to be silent for so long: its response says so, and nothing is read from its connection meanwhile (KIP-219). The longest counts. */
  throttle(throttleMs: number): void
  /** The last response of this connection, given after `delayMs`; nothing is read from now on. */
  respondAndClose(body: Encodable<Res>, reason: string, delayMs: number): void
  /** Closes the connection, as Kafka does where an error cannot be told in a response. */
  close(reason: string): void
  /** Remembers what the client says that it is (KIP-511). */
  identifySoftware(name: string, version: string): void
}

export interface Handler<Req, Res> {
  readonly api: Api<Req, Res>
  readonly minVersion: number
  readonly maxVersion: number
  /** What ApiVersions shows, where that is not minVersion. */
  readonly advertisedMinVersion?: number
  /** Throwing, or rejecting, means "close this connection": a protocol error is a value in a response. */
  handle(context: RequestContext<Req, Res>): void | Promise<void>
}

export interface AdvertisedRange {
  readonly apiKey: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly advertisedMinVersion: number
}

export type AnyHandler = Handler<unknown, unknown>

/**
 * What becomes of a request before its handler sees it. `amend` puts into the handler's response what was left out of the request; a request with
 * acks=0 that was refused in part closes its connection when it has been done (`closesBecause`).
 */
export type Admitted<Req, Res> =
  | { readonly kind: 'as-asked' }
  | {
      readonly kind: 'in-part'
      readonly request: Req
      readonly amend: (response: Encodable<Res>) => Encodable<Res>
      readonly closesBecause?: string
    }
  | { readonly kind: 'answered'; readonly response: Encodable<Res> }
  | { readonly kind: 'closed'; readonly reason: string }

/** Must not throw, and must not keep anything of the request beyond the response. */
export type Admission = (request: unknown, version: number, client: ClientIdentity) => Admitted<unknown, unknown>

export class HandlerRegistry {
  private readonly handlers = new Map<number, AnyHandler>()
  /** By API key. Empty where nothing has to be asked: a request then costs one look at an empty array. */
  private readonly admissions: (Admission | undefined)[] = []

  /** Throws where the key is taken, or where the handler claims versions that the codec does not have. */
  register<Req, Res>(handler: Handler<Req, Res>): this {
    const { api, minVersion, maxVersion } = handler
    assert(!this.handlers.has(api.key), `two handlers for ${api.name} (key ${api.key})`)
    assert(
      minVersion >= api.minVersion && maxVersion <= api.maxVersion && minVersion <= maxVersion,
      `the handler of ${api.name} claims versions ${minVersion}-${maxVersion}, its codec has ${api.minVersion}-${api.maxVersion}`,
    )
    // The two halves of one handler fit each other; the table only forgets which pair it holds.
    this.handlers.set(api.key, handler as unknown as AnyHandler)
    return this
  }

  find(apiKey: number): AnyHandler | undefined {
    return this.handlers.get(apiKey)
  }

  /** Has `admission` asked before every request of the API. */
  admit(apiKey: number, admission: Admission): void {
    this.admissions[apiKey] = admission
  }

  admissionOf(apiKey: number): Admission | undefined {
    return this.admissions[apiKey]
  }

  /** By API key, ascending. */
  ranges(): AdvertisedRange[] {
    return [...this.handlers.values()]
      .map(({ api, minVersion, maxVersion, advertisedMinVersion }) => ({
        apiKey: api.key,
        name: api.name,
        minVersion,
        maxVersion,
        advertisedMinVersion: advertisedMinVersion ?? minVersion,
      }))
      .sort((a, b) => a.apiKey - b.apiKey)
  }
}
