/** Znodes as the window shows them. 64-bit ids cross as decimal or, where ZooKeeper's tools write them so, hexadecimal text. */

export interface ZnodeView {
  readonly path: string
  readonly data: Uint8Array | null
  /** Names, sorted. */
  readonly children: readonly string[]
  readonly stat: {
    /** `0x1a`, as zkCli writes them. */
    readonly czxid: string
    readonly mzxid: string
    readonly pzxid: string
    readonly ctimeMs: number
    readonly mtimeMs: number
    readonly version: number
    readonly cversion: number
    readonly aversion: number
    /** `0x0` where the znode is not ephemeral. */
    readonly ephemeralOwner: string
    readonly dataLength: number
    readonly numChildren: number
  }
}
