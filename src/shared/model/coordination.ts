/**
 * Znodes, sessions and watches as the window shows them. 64-bit ids cross as text, hexadecimal as ZooKeeper's own tools write them (`0x1a`),
 * and never through a number.
 */

export interface ZnodeStat {
  readonly czxid: string
  readonly mzxid: string
  readonly pzxid: string
  /** Ms since the epoch, of the server's clock. */
  readonly ctimeMs: number
  readonly mtimeMs: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  /** The session that it goes with; null: it is not ephemeral. */
  readonly ephemeralOwner: string | null
  readonly dataLength: number
  readonly numChildren: number
}

export interface ZnodeChild {
  readonly name: string
  /** null: not looked at, since its parent has very many children. */
  readonly numChildren: number | null
  readonly isEphemeral: boolean
}

export interface ZnodeView {
  readonly path: string
  readonly data: Uint8Array
  /** Sorted by name. */
  readonly children: readonly ZnodeChild[]
  readonly stat: ZnodeStat
}

export interface SessionView {
  readonly id: string
  /** `127.0.0.1:40312`; null: its connection is gone and it lives until its time is up. */
  readonly address: string | null
  readonly timeoutMs: number | null
  readonly sinceMs: number | null
  readonly lastOperation: string | null
  readonly receivedCount: number | null
  readonly sentCount: number | null
  /** Sorted. */
  readonly ephemerals: readonly string[]
  /** Paths on whose data it has a watch: the server tells of no others. Sorted. */
  readonly watchedPaths: readonly string[]
  /** When it expires if nothing is heard of it, ms since the epoch, to the tick of the server. */
  readonly expiresAtMs: number | null
  /** The broker whose registration it holds. */
  readonly brokerId: number | null
  readonly isController: boolean
  /** This window's own. */
  readonly isOurs: boolean
}

/** Who leads the cluster, and by what. */
export interface ControllerClaim {
  readonly brokerId: number
  readonly epoch: number | null
  /** The session that holds `/controller`. */
  readonly sessionId: string
  readonly sinceMs: number
  readonly zxid: string
}

export interface CoordinationOverview {
  readonly version: string
  readonly zxid: string
  readonly znodeCount: number
  readonly watchCount: number
  readonly ephemeralCount: number
  readonly latencyMs: { readonly min: number; readonly average: number; readonly max: number }
  readonly uptimeMs: number
  readonly sessions: readonly SessionView[]
  /** null: there is none now. */
  readonly controller: ControllerClaim | null
}
