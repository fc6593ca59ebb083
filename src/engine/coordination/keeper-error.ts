/** A request that the server refuses, with ZooKeeper's code for it. Thrown while a request is prepared or read, and turned into the reply's error. */
import type { KeeperCodeName } from '../jute/error-codes'
import { KeeperCode } from '../jute/error-codes'

export class KeeperError extends Error {
  override readonly name = 'KeeperError'
  readonly code: number

  constructor(code: KeeperCodeName) {
    super(code)
    this.code = KeeperCode[code]
  }
}
