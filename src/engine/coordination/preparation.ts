/**
 * Turns a request that changes something into a decided transaction, or refuses it (ZooKeeper's PrepRequestProcessor): checks paths, rights, versions,
 * gives sequential znodes their names. Reads the state and changes nothing; within a multi each operation sees the ones before it through `pending`.
 */
import { assert } from '../../shared/lang/assert'
import { KeeperCode } from '../jute/error-codes'
import type { MultiRequestOp } from '../jute/multi'
import { CreateFlag, OpCode, Permission } from '../jute/op-codes'
import type { Acl, Id } from '../jute/records'
import type { Txn } from '../jute/transaction-records'
import { checkAccess, resolveAcl } from './access'
import type { CoordinationState } from './coordination-state'
import { KeeperError } from './keeper-error'
import { isSpecialPath, isValidPath, parentOf, sequenceSuffix } from './paths'
import { CONTAINER_OWNER } from './znode-tree'

export type WriteRequest =
  | Exclude<MultiRequestOp, { watch: boolean }>
  | { readonly type: typeof OpCode.SET_ACL; readonly path: string; readonly acl: readonly Acl[]; readonly version: number }
  | { readonly type: typeof OpCode.DELETE_CONTAINER; readonly path: string }

export interface Requester {
  readonly sessionId: bigint
  readonly identities: readonly Id[]
}

/** What preparation needs to know of a znode, as it will be when the earlier operations of the same multi have been applied. */
interface PendingNode {
  version: number
  aversion: number
  createCount: number
  childCount: number
  acl: readonly Acl[]
  ephemeralOwner: bigint
}

export function prepare(state: CoordinationState, requester: Requester, request: WriteRequest): Txn {
  return new Preparation(state, requester).prepare(request)
}

/**
 * An operation that is refused becomes an error transaction, and so do all behind it. Throws only for what cannot be an operation of a multi: a read,
 * and a plain create that asks for a time to live.
 */
export function prepareMulti(state: CoordinationState, requester: Requester, requests: readonly MultiRequestOp[]): Txn {
  const preparation = new Preparation(state, requester)
  let hasFailed = false
  const txns = requests.map((asked): Txn => {
    // Within a multi it is the flag that makes a container, alone it is the operation.
    const isContainer = 'flags' in asked && asked.flags === CreateFlag.CONTAINER && asked.type !== OpCode.CREATE_TTL
    const request: MultiRequestOp = isContainer ? { ...asked, type: OpCode.CREATE_CONTAINER } : asked
    if (hasFailed) return { type: OpCode.ERROR, err: KeeperCode.RUNTIMEINCONSISTENCY }
    if ('watch' in request) throw new KeeperError('MARSHALLINGERROR')
    if (request.type !== OpCode.CREATE_TTL && 'flags' in request && hasTimeToLive(request.flags))
      throw new KeeperError('MARSHALLINGERROR')
    try {
      return preparation.prepare(request)
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error
      hasFailed = true
      return { type: OpCode.ERROR, err: error.code }
    }
  })
  return { type: OpCode.MULTI, txns }
}

class Preparation {
  private readonly pending = new Map<string, PendingNode | null>()

  constructor(
    private readonly state: CoordinationState,
    private readonly requester: Requester,
  ) {}

  prepare(request: WriteRequest): Txn {
    switch (request.type) {
      case OpCode.CREATE:
      case OpCode.CREATE2:
      case OpCode.CREATE_CONTAINER:
      case OpCode.CREATE_TTL:
        return this.create(request)
      case OpCode.DELETE:
        return this.delete(request.path, request.version)
      case OpCode.DELETE_CONTAINER:
        return this.deleteContainer(request.path)
      case OpCode.SET_DATA: {
        const node = this.existing(request.path)
        this.allow(node, Permission.WRITE)
        node.version = nextVersion(node.version, request.version)
        return { type: OpCode.SET_DATA, path: request.path, data: request.data, version: node.version }
      }
      case OpCode.SET_ACL: {
        if (!isValidPath(request.path)) throw new KeeperError('BADARGUMENTS')
        const acl = resolveAcl(request.acl, this.requester.identities)
        const node = this.existing(request.path)
        this.allow(node, Permission.ADMIN)
        node.aversion = nextVersion(node.aversion, request.version)
        node.acl = acl
        return { type: OpCode.SET_ACL, path: request.path, acl, version: node.aversion }
      }
      case OpCode.CHECK: {
        const node = this.existing(request.path)
        this.allow(node, Permission.READ)
        return { type: OpCode.CHECK, path: request.path, version: nextVersion(node.version, request.version) }
      }
    }
  }

  private create(request: Extract<WriteRequest, { flags: number }>): Txn {
    const { flags, data } = request
    if (flags < CreateFlag.PERSISTENT || flags > CreateFlag.PERSISTENT_SEQUENTIAL_WITH_TTL) throw new KeeperError('BADARGUMENTS')
    if (hasTimeToLive(flags)) throw new KeeperError('UNIMPLEMENTED')
    const isEphemeral = flags === CreateFlag.EPHEMERAL || flags === CreateFlag.EPHEMERAL_SEQUENTIAL
    const isSequential = flags === CreateFlag.PERSISTENT_SEQUENTIAL || flags === CreateFlag.EPHEMERAL_SEQUENTIAL

    if (!request.path.includes('/') || request.path.includes('\0')) throw new KeeperError('BADARGUMENTS')
    const acl = resolveAcl(request.acl, this.requester.identities)
    const parent = this.node(parentOf(request.path))
    this.allow(parent, Permission.CREATE)
    const path = isSequential ? request.path + sequenceSuffix(parent.createCount) : request.path
    if (!isValidPath(path)) throw new KeeperError('BADARGUMENTS')
    if (this.find(path) !== null) throw new KeeperError('NODEEXISTS')
    if (parent.ephemeralOwner !== 0n && parent.ephemeralOwner !== CONTAINER_OWNER)
      throw new KeeperError('NOCHILDRENFOREPHEMERALS')

    parent.createCount = (parent.createCount + 1) | 0
    parent.childCount++
    const isContainer = request.type === OpCode.CREATE_CONTAINER
    const ephemeralOwner = isContainer ? CONTAINER_OWNER : isEphemeral ? this.requester.sessionId : 0n
    this.pending.set(path, { version: 0, aversion: 0, createCount: 0, childCount: 0, acl, ephemeralOwner })
    const common = { path, data, acl, parentCVersion: parent.createCount }
    if (isContainer) return { type: OpCode.CREATE_CONTAINER, ...common }
    return { type: request.type === OpCode.CREATE ? OpCode.CREATE : OpCode.CREATE2, ...common, ephemeral: isEphemeral }
  }

  private delete(path: string, version: number): Txn {
    if (!path.includes('/') || path.includes('\0') || isSpecialPath(path)) throw new KeeperError('BADARGUMENTS')
    const parent = this.node(parentOf(path))
    this.allow(parent, Permission.DELETE)
    const node = this.node(path)
    nextVersion(node.version, version)
    if (node.childCount > 0) throw new KeeperError('NOTEMPTY')
    this.remove(path, parent)
    return { type: OpCode.DELETE, path }
  }

  /** Asked by the server itself, for a container whose last child has gone. */
  private deleteContainer(path: string): Txn {
    const parent = this.node(parentOf(path))
    const node = this.node(path)
    if (node.childCount > 0) throw new KeeperError('NOTEMPTY')
    if (node.ephemeralOwner !== CONTAINER_OWNER) throw new KeeperError('BADVERSION')
    this.remove(path, parent)
    return { type: OpCode.DELETE_CONTAINER, path }
  }

  private remove(path: string, parent: PendingNode): void {
    parent.childCount--
    this.pending.set(path, null)
  }

  private allow(node: PendingNode, permission: number): void {
    checkAccess(node.acl, permission, this.requester.identities)
  }

  private existing(path: string): PendingNode {
    if (!isValidPath(path)) throw new KeeperError('BADARGUMENTS')
    return this.node(path)
  }

  private node(path: string): PendingNode {
    const node = this.find(path)
    if (node === null) throw new KeeperError('NONODE')
    return node
  }

  private find(path: string): PendingNode | null {
    const pending = this.pending.get(path)
    if (pending !== undefined) return pending
    const node = this.state.tree.get(path)
    if (node === undefined) return null
    const { version, aversion, createCount, acl, ephemeralOwner } = node
    const view = { version, aversion, createCount, childCount: node.children?.size ?? 0, acl, ephemeralOwner }
    this.pending.set(path, view)
    return view
  }
}

function hasTimeToLive(flags: number): boolean {
  return flags === CreateFlag.PERSISTENT_WITH_TTL || flags === CreateFlag.PERSISTENT_SEQUENTIAL_WITH_TTL
}

/** Any version will do for -1; otherwise it must be the present one. */
function nextVersion(current: number, expected: number): number {
  if (expected !== -1 && expected !== current) throw new KeeperError('BADVERSION')
  const next = (current + 1) | 0
  // An int on the wire: it begins again below zero after two thousand million changes, as ZooKeeper's does.
  assert(next > current || current === 0x7fffffff, 'znode versions only grow')
  return next
}
