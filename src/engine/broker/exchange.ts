/**
 * One request and its place in the line of responses, as its handler sees it. Made by ServerConnection for each request; holds the encoded
 * response while an earlier one is still awaited.
 */
import type { Encodable } from '../wire/schema'
import type { SaslConversation } from './authentication'
import type { ConnectionActivity } from './connection-activity'
import type { AnswerFate } from './interception/interceptor'
import type { AnyHandler, ClientIdentity, RequestContext } from './registry'
import type { RequestTimes } from './request-metrics'
import type { PooledWriter } from './writer-pool'

/** What an exchange needs of its connection. */
export interface ExchangeOwner {
  readonly responseBytesMax: number
  readonly sasl: SaslConversation | null
  readonly activity: ConnectionActivity
  /** Null where the body could not be encoded: the connection is being closed. */
  encode(exchange: Exchange, body: Encodable<unknown>, sizeHint: number): PooledWriter | null
  onDidComplete(exchange: Exchange): void
  closeBecause(reason: string): void
  /** Reads nothing for so long. */
  mute(throttleMs: number): void
  /** What quotas say to the time that the request has kept the broker busy, in ms; 0: nothing. */
  throttleForWork(exchange: Exchange): number
  /** Gives the exchange free after `delayMs`. */
  holdBack(exchange: Exchange, delayMs: number): void
  /** Reads nothing more, runs `answer` after `delayMs`, and closes when what is queued has been sent. */
  endWith(answer: () => void, reason: string, delayMs: number): void
  identifySoftware(name: string, version: string): void
}

/** Why a connection was closed, for the log. */
export const INTERCEPTED = 'a rule of interception has it closed'
/** Enough for the small responses, which are most. */
const SIZE_HINT_DEFAULT = 2048

export class Exchange implements RequestContext<unknown, unknown>, RequestTimes {
  request: unknown = null
  /** Set once the response is encoded; stays null for a request that has none. */
  response: PooledWriter | null = null
  isCompleted = false
  /** What was left out of the request, put into its response. */
  amend: ((response: Encodable<unknown>) => Encodable<unknown>) | null = null
  /** Of a request that was intercepted. */
  fate: AnswerFate | null = null
  /** Completed, but not to be sent (yet): nothing behind it on the connection is, either. */
  isHeld = false
  /** When its handler began, and how long that kept the thread; -1 where nobody has a quota of it, or it is not known yet. */
  startedAtMs = -1
  busyMs = -1
  /** For the metrics, as RequestTimes has it. */
  begunAtMs = -1
  handledAtMs = -1
  completedAtMs = -1
  private throttleMs = 0
  /** For a request without a response, where part of it was refused. */
  closesBecause: string | null = null

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

  get sasl(): SaslConversation | null {
    return this.owner.sasl
  }

  get activity(): ConnectionActivity {
    return this.owner.activity
  }

  respond(body: Encodable<unknown>, sizeHint = SIZE_HINT_DEFAULT): void {
    if (this.isCompleted) return
    this.isCompleted = true
    if (this.fate !== null && this.isLost(this.fate)) return
    const amended = this.amend === null ? body : this.amend(body)
    this.response = this.owner.encode(
      this,
      this.startedAtMs >= 0 || this.throttleMs > 0 ? this.throttled(amended) : amended,
      sizeHint,
    )
    this.owner.onDidComplete(this)
  }

  respondNothing(): void {
    if (this.isCompleted) return
    if (this.fate?.kind === 'close') return this.close(INTERCEPTED)
    if (this.closesBecause !== null) return this.close(this.closesBecause)
    this.isCompleted = true
    if (this.throttleMs > 0) this.owner.mute(this.throttleMs)
    this.owner.onDidComplete(this)
  }

  throttle(throttleMs: number): void {
    this.throttleMs = Math.max(this.throttleMs, throttleMs)
  }

  /** The response is sent at once and says for how long the client shall be silent, which is then seen to. */
  private throttled(body: Encodable<unknown>): Encodable<unknown> {
    if (this.startedAtMs >= 0) this.throttle(this.owner.throttleForWork(this))
    if (this.throttleMs <= 0) return body
    this.owner.mute(this.throttleMs)
    return { ...(body as object), throttleTimeMs: this.throttleMs }
  }

  /** What interception does to the answer. True: there is none to be encoded. */
  private isLost(fate: AnswerFate): boolean {
    if (fate.kind === 'close') this.owner.closeBecause(INTERCEPTED)
    else if (fate.kind === 'drop') this.isHeld = true
    else if (fate.kind === 'delay') {
      this.isHeld = true
      this.owner.holdBack(this, fate.delayMs)
    }
    return fate.kind === 'close' || fate.kind === 'drop'
  }

  respondAndClose(body: Encodable<unknown>, reason: string, delayMs: number): void {
    if (!this.isCompleted) this.owner.endWith(() => this.respond(body), reason, delayMs)
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
