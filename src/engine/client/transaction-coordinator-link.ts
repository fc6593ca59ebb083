/**
 * Requests to the coordinator of a transactional id or of a group: found when first needed, and anew where it has moved or does not answer. Tries again what
 * may succeed later, until the time is over. Used by TransactionalProducer and by the members of groups (group/).
 */
import { ErrorCode } from '../wire/errors'
import { FindCoordinator } from '../wire/messages'
import type { Api, Encodable } from '../wire/schema'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { retrying } from './retry'

/** What a coordinator is looked for by. */
export const GROUP = 0
export const TRANSACTION = 1

export interface CoordinatorRequest<Req, Res> {
  readonly api: Api<Req, Res>
  readonly body: Encodable<Req>
  /** Of the response; NONE where there is none. */
  readonly errorCodeOf: (response: Res) => number
  readonly timeoutMs: number
  /** The highest that is used; null: the highest that both know. */
  readonly version?: number | null
  /** How long one attempt may take; a member that joins waits for all others. */
  readonly requestTimeoutMs?: number
}

const BATCHED_FIND_VERSION = 3
const REQUEST_TIMEOUT_MS = 3_000

export class CoordinatorLink {
  private address: { readonly host: string; readonly port: number } | null = null

  constructor(
    private readonly client: KafkaClient,
    private readonly keyType: number,
    private readonly key: string,
    private readonly onRetry: (error: ClientError) => void,
  ) {}

  /**
   * Rejects with a {@link ClientError} whose isUnknownOutcome says whether some attempt may have been carried out, whatever the last one was answered.
   */
  async request<Req, Res>({
    api,
    body,
    errorCodeOf,
    timeoutMs,
    version = null,
    requestTimeoutMs = REQUEST_TIMEOUT_MS,
  }: CoordinatorRequest<Req, Res>): Promise<Res> {
    const { clock } = this.client.platform
    let mayBeDone = false
    let isAsked = false
    try {
      return await retrying({ clock, timeoutMs, onRetry: this.onRetry }, async () => {
        isAsked = false
        try {
          const address = this.address ?? (await this.find())
          this.address = address
          isAsked = true
          const response = await this.client
            .connectionTo(address)
            .request(api, body, { timeoutMs: requestTimeoutMs, ...(version === null ? {} : { version }) })
          const errorCode = errorCodeOf(response)
          if (errorCode !== ErrorCode.NONE) throw protocolError(errorCode)
          return response
        } catch (error) {
          if (!(error instanceof ClientError)) throw error
          // A coordinator that loses its place when it has decided says so, and its successor may know of the decision.
          mayBeDone ||=
            error.isUnknownOutcome || (isAsked && error.retriable && error.code !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
          // Whatever it is: the coordinator may be another one by now.
          this.address = null
          // A connection that fails is tried again by whoever has somewhere else to go.
          if (error.kind === 'connection' || error.kind === 'timeout') throw retriable(error)
          throw error
        }
      })
    } catch (error) {
      if (!(error instanceof ClientError) || error.isUnknownOutcome === mayBeDone) throw error
      throw new ClientError(error.kind, error.message, error.retriable, error.code, {
        cause: error.cause,
        isUnknownOutcome: mayBeDone,
      })
    }
  }

  private async find(): Promise<{ readonly host: string; readonly port: number }> {
    const { keyType, key } = this
    const found = await this.client.askAny(async (connection) => {
      const answer = await connection.request(
        FindCoordinator,
        { key, keyType },
        { version: BATCHED_FIND_VERSION, timeoutMs: REQUEST_TIMEOUT_MS },
      )
      if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode)
      return answer
    })
    return { host: found.host, port: found.port }
  }
}

function retriable(error: ClientError): ClientError {
  if (error.retriable) return error
  return new ClientError(error.kind, error.message, true, error.code, {
    cause: error.cause,
    isUnknownOutcome: error.isUnknownOutcome,
  })
}
