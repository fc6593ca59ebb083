/**
 * The requests that change nothing: each reads the tree, may set a watch for its connection, and writes the body of its reply. Called by
 * request-processor.ts; refuses by throwing KeeperError, before anything is written.
 */
import type { MultiRequestOp, MultiResult } from '../jute/multi'
import { MultiRequest, MultiResponse } from '../jute/multi'
import { OpCode, Permission } from '../jute/op-codes'
import type { JuteReader } from '../jute/reader'
import type { SetWatches2 as SetWatches2Record } from '../jute/records'
import {
  AddWatchRequest,
  ErrorResponse,
  GetAclResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  GetEphemeralsResponse,
  PathAndTypeRequest,
  PathAndWatchRequest,
  PathRequest,
  PathResponse,
  SetWatches,
  SetWatches2,
  StatResponse,
  WhoAmIResponse,
} from '../jute/records'
import type { JuteWriter } from '../jute/writer'
import { checkAccess, hasAccess, maskDigests, userOf } from './access'
import type { CoordinationState } from './coordination-state'
import { KeeperError } from './keeper-error'
import type { ServerConnection } from './server-connection'
import type { WatchTable } from './watch-table'
import { WatchMode } from './watch-table'
import type { Znode } from './znode-tree'
import { statOf } from './znode-tree'

export interface ReadContext {
  readonly state: CoordinationState
  readonly watches: WatchTable
  readonly connection: ServerConnection
}

type Body = (writer: JuteWriter) => void
type ReadHandler = (context: ReadContext, reader: JuteReader) => Body | null

/** Which table checkWatches and removeWatches mean. */
const WatcherType = { CHILDREN: 1, DATA: 2, ANY: 3 } as const
const AddWatchMode = { PERSISTENT: 0, RECURSIVE: 1 } as const

function readable({ state, connection }: ReadContext, path: string, permissions: number = Permission.READ): Znode {
  const node = state.tree.get(path)
  if (node === undefined) throw new KeeperError('NONODE')
  checkAccess(node.acl, permissions, connection.identities)
  return node
}

function exists(context: ReadContext, reader: JuteReader): Body {
  const { path, watch } = PathAndWatchRequest.read(reader)
  if (path.includes('\0')) throw new KeeperError('BADARGUMENTS')
  // The one watch that needs no znode: it fires when there is one.
  if (watch) context.watches.add('data', path, context.connection)
  const node = context.state.tree.get(path)
  if (node === undefined) throw new KeeperError('NONODE')
  return (writer) => StatResponse.write(writer, { stat: statOf(node) })
}

function getData(context: ReadContext, reader: JuteReader): Body {
  const { path, watch } = PathAndWatchRequest.read(reader)
  const node = readable(context, path)
  if (watch) context.watches.add('data', path, context.connection)
  return (writer) => GetDataResponse.write(writer, { data: node.data, stat: statOf(node) })
}

function getChildren(context: ReadContext, reader: JuteReader): { node: Znode; children: string[] } {
  const { path, watch } = PathAndWatchRequest.read(reader)
  const node = readable(context, path)
  if (watch) context.watches.add('children', path, context.connection)
  return { node, children: [...context.state.tree.childrenOf(node)] }
}

function getAcl(context: ReadContext, reader: JuteReader): Body {
  const { path } = PathRequest.read(reader)
  const node = readable(context, path, Permission.READ | Permission.ADMIN)
  const mayAdminister = hasAccess(node.acl, Permission.ADMIN, context.connection.identities)
  const acl = mayAdminister ? node.acl : maskDigests(node.acl)
  return (writer) => GetAclResponse.write(writer, { acl, stat: statOf(node) })
}

function getEphemerals({ state, connection }: ReadContext, reader: JuteReader): Body {
  const prefix = PathRequest.read(reader).path.trim()
  const all = [...state.tree.ephemeralsOf(connection.sessionId)]
  const ephemerals = prefix === '' || prefix === '/' ? all : all.filter((path) => path.startsWith(prefix))
  return (writer) => GetEphemeralsResponse.write(writer, { ephemerals })
}

function checkWatches({ watches, connection }: ReadContext, reader: JuteReader): null {
  const { path, type } = watcherOf(reader)
  const inChildren = type !== WatcherType.DATA && watches.has('children', path, connection)
  const inData = type !== WatcherType.CHILDREN && watches.has('data', path, connection)
  if (!inChildren && !inData) throw new KeeperError('NOWATCHER')
  return null
}

function removeWatches({ watches, connection }: ReadContext, reader: JuteReader): null {
  const { path, type } = watcherOf(reader)
  const fromChildren = type !== WatcherType.DATA && watches.remove('children', path, connection)
  const fromData = type !== WatcherType.CHILDREN && watches.remove('data', path, connection)
  if (!fromChildren && !fromData) throw new KeeperError('NOWATCHER')
  return null
}

function watcherOf(reader: JuteReader): { path: string; type: number } {
  const request = PathAndTypeRequest.read(reader)
  if (request.type < WatcherType.CHILDREN || request.type > WatcherType.ANY) throw new KeeperError('MARSHALLINGERROR')
  return request
}

function addWatch({ watches, connection }: ReadContext, reader: JuteReader): Body {
  const { path, mode } = AddWatchRequest.read(reader)
  if (mode !== AddWatchMode.PERSISTENT && mode !== AddWatchMode.RECURSIVE) throw new KeeperError('MARSHALLINGERROR')
  watches.addPersistent(path, connection, mode === AddWatchMode.RECURSIVE ? WatchMode.RECURSIVE : WatchMode.PERSISTENT)
  return (writer) => ErrorResponse.write(writer, { err: 0 })
}

/** A client that has come back names its watches: those whose change it missed fire now, the others are set again. */
function setWatches({ state, watches, connection }: ReadContext, request: SetWatches2Record): void {
  const { tree } = state
  for (const path of request.dataWatches) {
    const node = tree.get(path)
    if (node === undefined) connection.onWatchEvent(2, path)
    else if (node.mzxid > request.relativeZxid) connection.onWatchEvent(3, path)
    else watches.add('data', path, connection)
  }
  for (const path of request.existWatches) {
    if (tree.get(path) !== undefined) connection.onWatchEvent(1, path)
    else watches.add('data', path, connection)
  }
  for (const path of request.childWatches) {
    const node = tree.get(path)
    if (node === undefined) connection.onWatchEvent(2, path)
    else if (node.pzxid > request.relativeZxid) connection.onWatchEvent(4, path)
    else watches.add('children', path, connection)
  }
  for (const path of request.persistentWatches) watches.addPersistent(path, connection, WatchMode.PERSISTENT)
  for (const path of request.persistentRecursiveWatches) watches.addPersistent(path, connection, WatchMode.RECURSIVE)
}

function multiRead(context: ReadContext, reader: JuteReader): Body {
  const results = MultiRequest.read(reader).map((op) => readOne(context, op))
  return (writer) => MultiResponse.write(writer, results)
}

/** Unlike in a multi of changes, one that fails does not touch the others. */
function readOne(context: ReadContext, op: MultiRequestOp): MultiResult {
  if (op.type !== OpCode.GET_DATA && op.type !== OpCode.GET_CHILDREN) throw new KeeperError('MARSHALLINGERROR')
  try {
    const node = readable(context, op.path)
    if (op.type === OpCode.GET_DATA) return { type: OpCode.GET_DATA, data: node.data, stat: statOf(node) }
    return { type: OpCode.GET_CHILDREN, children: [...context.state.tree.childrenOf(node)] }
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error
    return { type: OpCode.ERROR, err: error.code }
  }
}

export const readHandlers: ReadonlyMap<number, { readonly operation: string; readonly handle: ReadHandler }> = new Map([
  [OpCode.EXISTS, { operation: 'EXIS', handle: exists }],
  [OpCode.GET_DATA, { operation: 'GETD', handle: getData }],
  [
    OpCode.GET_CHILDREN,
    {
      operation: 'GETC',
      handle: (context: ReadContext, reader: JuteReader) => {
        const { children } = getChildren(context, reader)
        return (writer: JuteWriter) => GetChildrenResponse.write(writer, { children })
      },
    },
  ],
  [
    OpCode.GET_CHILDREN2,
    {
      operation: 'GETC',
      handle: (context: ReadContext, reader: JuteReader) => {
        const { node, children } = getChildren(context, reader)
        return (writer: JuteWriter) => GetChildren2Response.write(writer, { children, stat: statOf(node) })
      },
    },
  ],
  [OpCode.GET_ACL, { operation: 'GETA', handle: getAcl }],
  [
    OpCode.GET_ALL_CHILDREN_NUMBER,
    {
      operation: 'GACN',
      handle: (context: ReadContext, reader: JuteReader) => {
        const { path } = PathRequest.read(reader)
        readable(context, path)
        const totalNumber = context.state.tree.countDescendants(path)
        return (writer: JuteWriter) => GetAllChildrenNumberResponse.write(writer, { totalNumber })
      },
    },
  ],
  [OpCode.GET_EPHEMERALS, { operation: 'GETE', handle: getEphemerals }],
  [
    OpCode.SYNC,
    {
      operation: 'SYNC',
      handle: (_context: ReadContext, reader: JuteReader) => {
        const request = PathRequest.read(reader)
        return (writer: JuteWriter) => PathResponse.write(writer, request)
      },
    },
  ],
  [
    OpCode.WHO_AM_I,
    {
      operation: 'HOMI',
      handle: ({ connection }: ReadContext) => {
        const clientInfo = connection.identities.map((id) => ({ authScheme: id.scheme, user: userOf(id) }))
        return (writer: JuteWriter) => WhoAmIResponse.write(writer, { clientInfo })
      },
    },
  ],
  [OpCode.CHECK_WATCHES, { operation: 'CHKW', handle: checkWatches }],
  [OpCode.REMOVE_WATCHES, { operation: 'REMW', handle: removeWatches }],
  [OpCode.ADD_WATCH, { operation: 'ADDW', handle: addWatch }],
  [
    OpCode.SET_WATCHES,
    {
      operation: 'SETW',
      handle: (context: ReadContext, reader: JuteReader) => {
        setWatches(context, { ...SetWatches.read(reader), persistentWatches: [], persistentRecursiveWatches: [] })
        return null
      },
    },
  ],
  [
    OpCode.SET_WATCHES2,
    {
      operation: 'STW2',
      handle: (context: ReadContext, reader: JuteReader) => {
        setWatches(context, SetWatches2.read(reader))
        return null
      },
    },
  ],
  [OpCode.MULTI_READ, { operation: 'MLTR', handle: multiRead }],
])
