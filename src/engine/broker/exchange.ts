/**
 * One request and its place in the line of responses, as its handler sees it. Made by ServerConnection for each request; holds the encoded
 * response while an earlier one is still awaited.
 */
import type { Encodable } from '../wire/schema'
import type { AnyHandler, ClientIdentity, RequestContext } from './registry'
import type { PooledWriter } from './writer-pool'

/** What an exchange needs of its connection. */
export interface ExchangeOwner {
  readonly responseBytesMax: number
  /** Null where the body could not be encoded: the connection is being closed. */
  encode(exchange: Exchange, body: Encodable<unknown>, sizeHint: number): PooledWriter | null
  onDidComplete(exchange: Exchange): void
  closeBecause(reason: string): void
  identifySoftware(name: string, version: string): void
}

/** Enough for the small responses, which are most. */
const SIZE_HINT_DEFAULT = 2048

export class Exchange implements RequestContext<unknown, unknown> {
  request: unknown = null
  /** Set once the response is encoded; stays null for a request that has none. */
  response: PooledWriter | null = null
  isCompleted = false

  constructor(
    private readonly owner: ExchangeOwner,
    readonly handler: AnyHandler,
    readonly version: number,
    readonly correlationId: number,
    readonly client: ClientIdentity,
    readonly receivedAtMs: number,
  ) {}

  get responseBytesMax(): number {
    return this.owner.responseBytesMax
  }

  respond(body: Encodable<unknown>, sizeHint = SIZE_HINT_DEFAULT): void {
    if (this.isCompleted) return
    this.isCompleted = true
    this.response = this.owner.encode(this, body, sizeHint)
    this.owner.onDidComplete(this)
  }

  respondNothing(): void {
    if (this.isCompleted) return
    this.isCompleted = true
    this.owner.onDidComplete(this)
  }

  close(reason: string): void {
    if (this.isCompleted) return
    this.isCompleted = true
    this.owner.closeBecause(reason)
  }

  identifySoftware(name: string, version: string): void {
    this.owner.identifySoftware(name, version)
  }
}
