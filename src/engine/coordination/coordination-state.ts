/**
 * All that a server remembers over a restart: the tree, the sessions and the last transaction's zxid. A pure state machine: the same transactions
 * in the same order give the same state, whether they are applied as requests come in or replayed from the log.
 */
import { assert } from '../../shared/lang/assert'
import { KeeperCode } from '../jute/error-codes'
import type { MultiResult } from '../jute/multi'
import { OpCode } from '../jute/op-codes'
import type { Acl, Stat } from '../jute/records'
import type { Txn, TxnHeader } from '../jute/transaction-records'
import { parentOf } from './paths'
import { CONTAINER_OWNER, statOf, ZnodeTree } from './znode-tree'

/** What a transaction did to one path, in order; the watches fire by it. */
export interface TreeChange {
  readonly kind: 'created' | 'deleted' | 'dataChanged'
  readonly path: string
  /** Who may not read a znode hears nothing of it, and of its children nothing if he may not read its parent. */
  readonly acl: readonly Acl[]
  readonly parentAcl: readonly Acl[]
}

export interface TxnResult {
  readonly err: number
  readonly path: string
  readonly stat: Stat | null
  readonly results: readonly MultiResult[]
}

const DONE: TxnResult = { err: KeeperCode.OK, path: '', stat: null, results: [] }

/** No server gets there: what is beyond comes from damage, and the next zxid must still fit 64 bits. */
export const ZXID_MAX = 2n ** 62n

export class CoordinationState {
  lastZxid = 0n
  /** Session id to the time-out it was opened with, in ms. */
  readonly sessions = new Map<bigint, number>()

  constructor(readonly tree: ZnodeTree = ZnodeTree.initial()) {}

  /** Applies one transaction and adds what it changed to `changes`. */
  apply(header: TxnHeader, txn: Txn, changes: TreeChange[]): TxnResult {
    assert(header.zxid > this.lastZxid && header.zxid <= ZXID_MAX, 'zxids only grow')
    this.lastZxid = header.zxid
    return this.applyOne(header, txn, changes)
  }

  private applyOne(header: TxnHeader, txn: Txn, changes: TreeChange[]): TxnResult {
    switch (txn.type) {
      case OpCode.CREATE:
      case OpCode.CREATE2:
        return this.create(header, txn, txn.ephemeral ? header.clientId : 0n, changes)
      case OpCode.CREATE_CONTAINER:
        return this.create(header, txn, CONTAINER_OWNER, changes)
      case OpCode.DELETE:
      case OpCode.DELETE_CONTAINER:
        this.delete(txn.path, header.zxid, changes)
        return DONE
      case OpCode.SET_DATA: {
        const node = this.tree.setData(txn.path, copyOf(txn.data), txn.version, header)
        changes.push({ kind: 'dataChanged', path: txn.path, acl: node.acl, parentAcl: [] })
        return { ...DONE, path: txn.path, stat: statOf(node) }
      }
      case OpCode.SET_ACL:
        return { ...DONE, path: txn.path, stat: statOf(this.tree.setAcl(txn.path, txn.acl, txn.version)) }
      case OpCode.CHECK:
        return DONE
      case OpCode.CREATE_SESSION:
        this.sessions.set(header.clientId, txn.timeOut)
        return DONE
      case OpCode.CLOSE_SESSION:
        this.sessions.delete(header.clientId)
        for (const path of txn.paths2Delete) if (this.tree.get(path) !== undefined) this.delete(path, header.zxid, changes)
        return DONE
      case OpCode.ERROR:
        return { ...DONE, err: txn.err }
      case OpCode.MULTI:
        return { ...DONE, results: this.applyMulti(header, txn.txns, changes) }
      case OpCode.CREATE_TTL:
        // This server refuses them, so one can only come from a log of another server.
        throw new Error(`The transaction log creates ${txn.path} with a time to live, which is not supported`)
    }
  }

  private create(
    header: TxnHeader,
    txn: Extract<Txn, { parentCVersion: number }>,
    owner: bigint,
    changes: TreeChange[],
  ): TxnResult {
    const node = this.tree.create(txn.path, copyOf(txn.data), txn.acl, owner, txn.parentCVersion, header)
    changes.push({ kind: 'created', path: txn.path, acl: node.acl, parentAcl: this.parentAcl(txn.path) })
    return { ...DONE, path: txn.path, stat: statOf(node) }
  }

  private delete(path: string, zxid: bigint, changes: TreeChange[]): void {
    const acl = this.tree.get(path)?.acl ?? []
    this.tree.delete(path, zxid)
    changes.push({ kind: 'deleted', path, acl, parentAcl: this.parentAcl(path) })
  }

  private parentAcl(path: string): readonly Acl[] {
    return this.tree.get(parentOf(path))?.acl ?? []
  }

  /** All or nothing: with one error among them, every operation answers an error, OK before the one that failed. */
  private applyMulti(header: TxnHeader, txns: readonly Txn[], changes: TreeChange[]): MultiResult[] {
    const failedAt = txns.findIndex((txn) => txn.type === OpCode.ERROR)
    if (failedAt >= 0) {
      return txns.map((txn) => ({ type: OpCode.ERROR, err: txn.type === OpCode.ERROR ? txn.err : KeeperCode.OK }))
    }
    return txns.map((txn): MultiResult => {
      const { path, stat } = this.applyOne(header, txn, changes)
      switch (txn.type) {
        case OpCode.CREATE:
          return { type: OpCode.CREATE, path }
        case OpCode.CREATE2:
        case OpCode.CREATE_CONTAINER:
          assert(stat !== null, 'a create answers the new statistics')
          return { type: OpCode.CREATE2, path, stat }
        case OpCode.SET_DATA:
          assert(stat !== null, 'a setData answers the new statistics')
          return { type: OpCode.SET_DATA, stat }
        case OpCode.CHECK:
          return { type: OpCode.CHECK }
        default:
          return { type: OpCode.DELETE }
      }
    })
  }
}

/** A transaction's data is a view on the packet or log that it came in. */
function copyOf(data: Uint8Array | null): Buffer | null {
  return data === null ? null : Buffer.from(data)
}
