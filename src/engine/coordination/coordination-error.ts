/** What a CoordinationClient rejects with: ZooKeeper's error for the request, or the loss of the connection or session. */
import type { KeeperCodeName } from '../jute/error-codes'
import { KeeperCode, keeperCodeName } from '../jute/error-codes'

export class CoordinationError extends Error {
  override readonly name: KeeperCodeName

  constructor(
    readonly code: number,
    readonly path: string | null = null,
    /** Which operation of a multi failed; null for a single request. */
    readonly opIndex: number | null = null,
  ) {
    const name = keeperCodeName(code)
    super(path === null ? name : `${name} for ${path}`)
    this.name = name
  }

  /** The request may or may not have been carried out: only its effect tells. */
  get isConnectionLoss(): boolean {
    return this.code === KeeperCode.CONNECTIONLOSS
  }
}
