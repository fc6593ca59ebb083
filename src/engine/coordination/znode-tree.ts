/**
 * The znodes: a pure data structure, changed only by decided changes (coordination-state.ts applies transactions to it) and read by everybody.
 * It knows paths, data, ACLs, statistics and who owns which ephemeral; it knows no connections, watches, clocks or files.
 */
import { assert } from '../../shared/lang/assert'
import type { Acl, Stat } from '../jute/records'
import { aclKey, OPEN_ACL, READ_ONLY_ACL } from './access'
import { CONFIG, childPath, isValidPath, nameOf, parentOf, QUOTA, ROOT, ZOOKEEPER } from './paths'

/** What stands as owner of a container, in the tree and in files (EphemeralType.CONTAINER_EPHEMERAL_OWNER); clients see none. */
export const CONTAINER_OWNER = -(2n ** 63n)

const NO_CHILDREN: ReadonlySet<string> = new Set()
const EMPTY = Buffer.alloc(0)

export interface Znode {
  data: Buffer | null
  acl: readonly Acl[]
  czxid: bigint
  mzxid: bigint
  ctime: number
  mtime: number
  version: number
  /** How many children have ever been created: the suffix of the next sequential one. What clients see as cversion is 2 * this - children. */
  createCount: number
  aversion: number
  ephemeralOwner: bigint
  pzxid: bigint
  children: Set<string> | null
}

export interface ChangeContext {
  readonly zxid: bigint
  readonly time: number
}

export function statOf(node: Znode): Stat {
  const numChildren = node.children?.size ?? 0
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: (node.createCount * 2 - numChildren) | 0,
    aversion: node.aversion,
    ephemeralOwner: node.ephemeralOwner === CONTAINER_OWNER ? 0n : node.ephemeralOwner,
    dataLength: node.data?.length ?? 0,
    numChildren,
    pzxid: node.pzxid,
  }
}

export class ZnodeTree {
  private readonly nodes = new Map<string, Znode>()
  private readonly ephemeralsByOwner = new Map<bigint, Set<string>>()
  private readonly containerPaths = new Set<string>()
  private readonly acls = new Map<string, readonly Acl[]>()
  private dataBytes = 0

  /** A tree as a new server has it. */
  static initial(): ZnodeTree {
    const tree = new ZnodeTree()
    for (const path of [ROOT, ZOOKEEPER, QUOTA, CONFIG]) {
      tree.put(path, {
        data: EMPTY,
        acl: path === CONFIG ? READ_ONLY_ACL : OPEN_ACL,
        czxid: 0n,
        mzxid: 0n,
        ctime: 0,
        mtime: 0,
        version: 0,
        // The children of a new server have never been created, so clients see a cversion below zero, as on a real one.
        createCount: 0,
        aversion: path === CONFIG ? -1 : 0,
        ephemeralOwner: 0n,
        pzxid: 0n,
        children: null,
      })
    }
    return tree
  }

  get size(): number {
    return this.nodes.size
  }

  /** Bytes of all paths and data: what ZooKeeper calls the approximate data size. */
  get approximateBytes(): number {
    return this.dataBytes
  }

  get ephemeralCount(): number {
    let count = 0
    for (const paths of this.ephemeralsByOwner.values()) count += paths.size
    return count
  }

  /** The root answers to the empty path, too, as in ZooKeeper. */
  get(path: string): Znode | undefined {
    return this.nodes.get(path === '' ? ROOT : path)
  }

  entries(): IterableIterator<[string, Znode]> {
    return this.nodes.entries()
  }

  childrenOf(node: Znode): ReadonlySet<string> {
    return node.children ?? NO_CHILDREN
  }

  ephemeralsOf(owner: bigint): ReadonlySet<string> {
    return this.ephemeralsByOwner.get(owner) ?? NO_CHILDREN
  }

  ephemeralOwners(): Iterable<[bigint, ReadonlySet<string>]> {
    return this.ephemeralsByOwner
  }

  containers(): ReadonlySet<string> {
    return this.containerPaths
  }

  /** Descendants of a path, itself not counted. */
  countDescendants(path: string): number {
    if (path === ROOT) return this.nodes.size - 1
    if (path === '') return this.nodes.size
    const prefix = `${path}/`
    let count = 0
    for (const candidate of this.nodes.keys()) if (candidate.startsWith(prefix)) count++
    return count
  }

  /** Adds a node as a snapshot or a new server has it. The parent comes first. */
  put(path: string, node: Znode): void {
    node.acl = this.intern(node.acl)
    if (path !== ROOT) {
      const parent = this.nodes.get(parentOf(path))
      assert(parent !== undefined, 'every znode but the root has a parent')
      parent.children ??= new Set()
      parent.children.add(nameOf(path))
    }
    this.nodes.set(path, node)
    this.dataBytes += path.length + (node.data?.length ?? 0)
    if (node.ephemeralOwner === CONTAINER_OWNER) this.containerPaths.add(path)
    else if (node.ephemeralOwner !== 0n) this.addEphemeral(node.ephemeralOwner, path)
  }

  /** `data` and `acl` are kept: `data` must be the caller's own copy. */
  create(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    owner: bigint,
    parentCreateCount: number,
    at: ChangeContext,
  ): Znode {
    // The server has looked already; a log that was altered has not been looked at, and a snapshot with such a path could not be read again.
    assert(isValidPath(path), 'a znode has a valid path')
    const parent = this.nodes.get(parentOf(path))
    assert(parent !== undefined, 'a znode is created below an existing one')
    assert(!this.nodes.has(path), 'a znode is created once')
    if (parentCreateCount > parent.createCount) {
      parent.createCount = parentCreateCount
      parent.pzxid = at.zxid
    }
    const node: Znode = {
      data,
      acl,
      czxid: at.zxid,
      mzxid: at.zxid,
      ctime: at.time,
      mtime: at.time,
      version: 0,
      createCount: 0,
      aversion: 0,
      ephemeralOwner: owner,
      pzxid: at.zxid,
      children: null,
    }
    this.put(path, node)
    return node
  }

  delete(path: string, zxid: bigint): void {
    const node = this.nodes.get(path)
    const parent = this.nodes.get(parentOf(path))
    assert(node !== undefined && parent !== undefined && path !== ROOT, 'a deleted znode was there, and is not the root')
    assert((node.children?.size ?? 0) === 0, 'a deleted znode has no children')
    this.nodes.delete(path)
    this.dataBytes -= path.length + (node.data?.length ?? 0)
    parent.children?.delete(nameOf(path))
    if (zxid > parent.pzxid) parent.pzxid = zxid
    if (node.ephemeralOwner === CONTAINER_OWNER) this.containerPaths.delete(path)
    else if (node.ephemeralOwner !== 0n) this.removeEphemeral(node.ephemeralOwner, path)
  }

  setData(path: string, data: Buffer | null, version: number, at: ChangeContext): Znode {
    const node = this.nodes.get(path)
    assert(node !== undefined, 'data is set on an existing znode')
    this.dataBytes += (data?.length ?? 0) - (node.data?.length ?? 0)
    node.data = data
    node.version = version
    node.mzxid = at.zxid
    node.mtime = at.time
    return node
  }

  setAcl(path: string, acl: readonly Acl[], aversion: number): Znode {
    const node = this.nodes.get(path)
    assert(node !== undefined, 'an ACL is set on an existing znode')
    node.acl = this.intern(acl)
    node.aversion = aversion
    return node
  }

  /** All znodes, parents before their children. */
  *walk(path: string = ROOT): IterableIterator<[string, Znode]> {
    const node = this.nodes.get(path)
    if (node === undefined) return
    yield [path, node]
    for (const name of this.childrenOf(node)) yield* this.walk(childPath(path, name))
  }

  /** Nearly all znodes have one of a few ACLs: equal ones are kept once. */
  private intern(acl: readonly Acl[]): readonly Acl[] {
    const key = aclKey(acl)
    const known = this.acls.get(key)
    if (known !== undefined) return known
    this.acls.set(key, acl)
    return acl
  }

  private addEphemeral(owner: bigint, path: string): void {
    const paths = this.ephemeralsByOwner.get(owner)
    if (paths === undefined) this.ephemeralsByOwner.set(owner, new Set([path]))
    else paths.add(path)
  }

  private removeEphemeral(owner: bigint, path: string): void {
    const paths = this.ephemeralsByOwner.get(owner)
    paths?.delete(path)
    if (paths?.size === 0) this.ephemeralsByOwner.delete(owner)
  }
}
