/**
 * Random requests for the differential test, all from one seed: every operation that both servers have, on few paths so that they meet, with good and
 * bad arguments. A request is its bytes, as a client would send them.
 */
import type { Codec } from '../../src/engine/jute/codec'
import type { MultiRequestOp } from '../../src/engine/jute/multi'
import { MultiRequest } from '../../src/engine/jute/multi'
import { OpCode } from '../../src/engine/jute/op-codes'
import type { Acl } from '../../src/engine/jute/records'
import {
  AddWatchRequest,
  AuthPacket,
  CreateRequest,
  CreateTtlRequest,
  PathAndTypeRequest,
  PathAndVersionRequest,
  PathAndWatchRequest,
  PathRequest,
  ReconfigRequest,
  SetAclRequest,
  SetDataRequest,
  SetWatches2,
} from '../../src/engine/jute/records'
import { JuteWriter } from '../../src/engine/jute/writer'

/** A small, good enough generator (mulberry32), so that a seed replays a run. */
export class SeededRandom {
  constructor(private state: number) {}

  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }
}

export interface RandomOperation {
  readonly text: string
  readonly type: number
  readonly xid: number | null
  readonly body: Buffer
}

const ROOT = '/'
const badPaths = [
  '',
  'a',
  '/a/',
  '/a//b',
  '/a/./b',
  '/..',
  '/a\u0001',
  '/\ue000',
  '//',
  'a/b',
  '/zookeeper/quota',
  '/zookeeper',
  '/zookeeper/config',
  '/\u00e9t\u00e9',
]
const digest = { scheme: 'digest', id: 'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=' }
const acls: readonly (readonly Acl[])[] = [
  [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'auth', id: '' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.1' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.0/8' } }],
  [{ perms: 17, id: { scheme: 'ip', id: '10.0.0.1' } }],
  [
    { perms: 31, id: digest },
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
  ],
  [{ perms: 31, id: { scheme: 'digest', id: 'nocolon' } }],
  [{ perms: 31, id: { scheme: 'nobody', id: 'x' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '1.2.3.4/99' } }],
  [],
]

function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new JuteWriter()
  codec.write(writer, value)
  return Buffer.from(writer.bytes())
}

export class OperationGenerator {
  constructor(private readonly random: SeededRandom) {}

  next(): RandomOperation {
    const operation = this.draw()
    // Cut short, a body is malformed; a header is not.
    if (operation.type >= 0 && operation.type < 100 && operation.body.length > 0 && this.random.chance(1)) {
      return {
        ...operation,
        text: `cut ${operation.text}`,
        body: operation.body.subarray(0, this.random.below(operation.body.length)),
      }
    }
    return operation
  }

  private path(): string {
    const { random } = this
    if (random.chance(6)) return random.pick(badPaths)
    let path = ''
    for (let depth = random.pick([1, 1, 1, 2, 2, 3]); depth > 0; depth--) path += `/${random.pick(['a', 'b', 'c'])}`
    return random.chance(3) ? ROOT : path
  }

  private version(): number {
    return this.random.pick([-1, -1, -1, -1, 0, 1, 2, 5])
  }

  private data(): Buffer | null {
    return this.random.chance(10) ? null : Buffer.alloc(this.random.below(12), 120)
  }

  private acl(): readonly Acl[] {
    return this.random.chance(80) ? (acls[0] as readonly Acl[]) : this.random.pick(acls)
  }

  private flags(): number {
    return this.random.pick([0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 7, -1])
  }

  private operation<T>(name: string, type: number, codec: Codec<T>, value: T, xid: number | null = null): RandomOperation {
    const text = `${name} (${type}) ${JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))}`
    return { text, type, xid, body: encode(codec, value) }
  }

  private draw(): RandomOperation {
    const { random } = this
    const path = this.path()
    // ZooKeeper 3.8 lets a one-shot watch replace a persistent one on the same path; so the root has the persistent ones, and only those.
    const watch = path !== ROOT && random.chance(40)
    const kind = random.below(100)
    if (kind < 22) return this.operation('create', random.pick([1, 1, 15, 15, 19]), CreateRequest, this.createFields(path))
    if (kind < 23)
      return this.operation('createTTL', 21, CreateTtlRequest, {
        ...this.createFields(path),
        flags: random.pick([5, 6]),
        ttl: 1000n,
      })
    if (kind < 33) return this.operation('delete', OpCode.DELETE, PathAndVersionRequest, { path, version: this.version() })
    if (kind < 42)
      return this.operation('setData', OpCode.SET_DATA, SetDataRequest, { path, data: this.data(), version: this.version() })
    if (kind < 50) return this.operation('exists', OpCode.EXISTS, PathAndWatchRequest, { path, watch })
    if (kind < 57) return this.operation('getData', OpCode.GET_DATA, PathAndWatchRequest, { path, watch })
    if (kind < 60) return this.operation('getChildren', OpCode.GET_CHILDREN, PathAndWatchRequest, { path, watch })
    if (kind < 66) return this.operation('getChildren2', OpCode.GET_CHILDREN2, PathAndWatchRequest, { path, watch })
    if (kind < 69) return this.operation('getACL', OpCode.GET_ACL, PathRequest, { path })
    if (kind < 72)
      return this.operation('setACL', OpCode.SET_ACL, SetAclRequest, { path, acl: this.acl(), version: this.version() })
    if (kind < 73) return this.operation('sync', OpCode.SYNC, PathRequest, { path })
    if (kind < 85) return this.operation('multi', OpCode.MULTI, MultiRequest, this.multi())
    if (kind < 87) return this.operation('multiRead', OpCode.MULTI_READ, MultiRequest, this.multiRead())
    if (kind < 88)
      return this.operation('getEphemerals', OpCode.GET_EPHEMERALS, PathRequest, { path: random.pick(['/', '', '/a', '/b/']) })
    if (kind < 89) return this.operation('getAllChildrenNumber', OpCode.GET_ALL_CHILDREN_NUMBER, PathRequest, { path })
    if (kind < 91)
      return this.operation('addWatch', OpCode.ADD_WATCH, AddWatchRequest, { path: ROOT, mode: random.pick([1, 1, 1, 2]) })
    // checkWatches is left out: ZooKeeper 3.8 answers for watches of other sessions, too.
    if (kind < 94)
      return this.operation('removeWatches', OpCode.REMOVE_WATCHES, PathAndTypeRequest, {
        path,
        type: path === ROOT ? 3 : random.pick([1, 2, 3]),
      })
    if (kind < 97) return this.operation('setWatches2', OpCode.SET_WATCHES2, SetWatches2, this.setWatches(), -8)
    if (kind < 98) return { text: 'whoAmI', type: OpCode.WHO_AM_I, xid: null, body: Buffer.alloc(0) }
    if (kind < 99) {
      const reconfig = { joiningServers: '', leavingServers: '', newMembers: path, curConfigId: -1n }
      return this.operation('reconfig', OpCode.RECONFIG, ReconfigRequest, reconfig)
    }
    const auth = Buffer.from('ann:secret')
    return this.operation('auth', OpCode.AUTH, AuthPacket, { type: 0, scheme: 'digest', auth }, -4)
  }

  private createFields(path: string) {
    return { path: this.random.chance(10) ? `${path}-` : path, data: this.data(), acl: this.acl(), flags: this.flags() }
  }

  private multi(): MultiRequestOp[] {
    return Array.from({ length: this.random.below(5) }, (): MultiRequestOp => {
      const path = this.path()
      switch (this.random.below(8)) {
        case 0:
        case 1:
        case 2:
          // No client sends a create2 here: ZooKeeper answers it as a create, ours as what it is.
          return { type: OpCode.CREATE, ...this.createFields(path) }
        case 3:
        case 4:
          return { type: OpCode.DELETE, path, version: this.version() }
        case 5:
        case 6:
          return { type: OpCode.SET_DATA, path, data: this.data(), version: this.version() }
        default:
          return { type: OpCode.CHECK, path, version: this.version() }
      }
    })
  }

  private multiRead(): MultiRequestOp[] {
    return Array.from({ length: this.random.below(4) }, (): MultiRequestOp => {
      const type = this.random.pick([OpCode.GET_DATA, OpCode.GET_CHILDREN])
      return { type, path: this.path(), watch: false }
    })
  }

  private setWatches() {
    const paths = (): string[] => Array.from({ length: this.random.below(3) }, () => this.path()).filter((path) => path !== ROOT)
    return {
      relativeZxid: BigInt(this.random.below(200)),
      dataWatches: paths(),
      existWatches: paths(),
      childWatches: paths(),
      persistentWatches: [],
      persistentRecursiveWatches: this.random.chance(10) ? [ROOT] : [],
    }
  }
}
