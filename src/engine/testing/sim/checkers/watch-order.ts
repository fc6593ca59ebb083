/**
 * ZooKeeper's order, on each connection: replies come in the order of the requests, their zxids never decrease, and a client sees the event of a watch
 * before it sees anything of the state that fired it: no reply with the zxid of the change, or a later one, comes before the event does.
 *
 * A watch stands from the zxid of the reply that set it. What changed after that, by the transactions, is owed to the connection.
 */
import { OpCode, SpecialXid } from '../../../jute/op-codes'
import { JuteReader } from '../../../jute/reader'
import { PathRequest, SetWatches, WatcherEvent } from '../../../jute/records'
import type { Checker, World } from './checker'
import { require } from './checker'
import { viewOf } from './cluster-view'
import { type WireConnection, type WireReply, wireOf } from './coordination-wire'
import { rules } from './rules'
import type { StoredTransaction } from './stored-cluster'

type Kind = 'data' | 'children'

interface Asked {
  readonly xid: number
  readonly type: number
  readonly frame: Buffer
}

interface Owed {
  readonly kind: Kind
  readonly path: string
  readonly zxid: bigint
}

interface Talk {
  readonly asked: Asked[]
  readonly watches: Map<string, Owed>
  owed: Owed[]
  lastZxid: bigint
  /** Paths of events so far. */
  readonly told: Set<string>
}

const NO_NODE = -101
const PATH_START = 8

export function watchOrder(world: World): Checker {
  const talks = new Map<WireConnection, Talk>()
  /** By kind and path: the zxids that changed it. */
  const changes = new Map<string, bigint[]>()

  viewOf(world).stored.onDidApply((transaction) => {
    for (const { kind, path } of changesOf(transaction)) {
      const key = keyOf(kind, path)
      const zxids = changes.get(key)
      if (zxids === undefined) changes.set(key, [transaction.header.zxid])
      else zxids.push(transaction.header.zxid)
      for (const talk of talks.values()) if (talk.watches.has(key)) owe(talk, { kind, path, zxid: transaction.header.zxid })
    }
  })

  // Of transactions that a restart has forgotten nobody hears, and their zxids come again.
  viewOf(world).stored.onDidStart((server) => {
    talks.clear()
    for (const zxids of changes.values()) while ((zxids.at(-1) ?? 0n) > server['state'].lastZxid) zxids.pop()
  })

  wireOf(world).listen({
    onRequest(connection, xid, type, frame) {
      if (connection.incarnation === world.coordination.process?.incarnation) talkOf(connection).asked.push({ xid, type, frame })
    },
    onReply(connection, reply) {
      if (connection.incarnation !== world.coordination.process?.incarnation) return
      const talk = talkOf(connection)
      if (reply.xid === SpecialXid.NOTIFICATION) onEvent(talk, reply)
      else onAnswer(talk, reply)
    },
  })

  function talkOf(connection: WireConnection): Talk {
    let talk = talks.get(connection)
    if (talk === undefined) {
      talk = { asked: [], watches: new Map(), owed: [], lastZxid: 0n, told: new Set() }
      talks.set(connection, talk)
    }
    return talk
  }

  function onEvent(talk: Talk, { frame }: WireReply): void {
    const { type, path } = WatcherEvent.read(new JuteReader(frame, 16))
    talk.told.add(path)
    // 4: children changed, 2: deleted, which is one event for both kinds.
    const kinds: Kind[] = type === 4 ? ['children'] : type === 2 ? ['data', 'children'] : ['data']
    for (const kind of kinds) talk.watches.delete(keyOf(kind, path))
    talk.owed = talk.owed.filter((owed) => owed.path !== path || !kinds.includes(owed.kind))
  }

  function onAnswer(talk: Talk, reply: WireReply): void {
    const asked = talk.asked.shift()
    require(asked?.xid === reply.xid, rules.replyOrder, () =>
      `request ${reply.xid} is answered, and ${asked === undefined ? 'none' : asked.xid} is the next one`)
    if (reply.zxid > 0n) {
      require(reply.zxid >= talk.lastZxid, rules.replyZxids, () =>
        `a reply of zxid ${reply.zxid} follows one of ${talk.lastZxid}`)
      talk.lastZxid = reply.zxid
    }
    const early = talk.owed.find(({ zxid }) => zxid <= reply.zxid)
    require(early === undefined, rules.watchOrder, () =>
      `a reply of zxid ${reply.zxid} comes before the event of ${early?.path} (${early?.kind}), which transaction ${early?.zxid} changed`)
    setWatches(talk, asked, reply)
  }

  function setWatches(talk: Talk, { type, frame }: Asked, { err, zxid }: WireReply): void {
    const reader = new JuteReader(frame, PATH_START)
    switch (type) {
      case OpCode.GET_DATA:
      case OpCode.EXISTS:
      case OpCode.GET_CHILDREN:
      case OpCode.GET_CHILDREN2: {
        if (err !== 0 && !(type === OpCode.EXISTS && err === NO_NODE)) return
        const { path } = PathRequest.read(reader)
        const isChildren = type === OpCode.GET_CHILDREN || type === OpCode.GET_CHILDREN2
        if (reader.bool()) watch(talk, isChildren ? 'children' : 'data', path, zxid)
        return
      }
      case OpCode.SET_WATCHES: {
        const { relativeZxid, dataWatches, existWatches, childWatches } = SetWatches.read(reader)
        for (const path of dataWatches) watchAgain(talk, 'data', path, relativeZxid, zxid)
        for (const path of childWatches) watchAgain(talk, 'children', path, relativeZxid, zxid)
        // One that waits for a znode fires where it is there now, and else stands, whatever came and went.
        for (const path of existWatches) if (!hasChanged('data', path, relativeZxid, zxid)) watch(talk, 'data', path, zxid)
        return
      }
      case OpCode.REMOVE_WATCHES: {
        const { path } = PathRequest.read(reader)
        for (const kind of ['data', 'children'] as const) talk.watches.delete(keyOf(kind, path))
        talk.owed = talk.owed.filter((owed) => owed.path !== path)
      }
    }
  }

  function watch(talk: Talk, kind: Kind, path: string, zxid: bigint): void {
    const key = keyOf(kind, path)
    talk.watches.set(key, { kind, path, zxid })
    const later = changes.get(key)?.find((changed) => changed > zxid)
    if (later !== undefined) owe(talk, { kind, path, zxid: later })
  }

  /** A watch of an earlier connection: it stands again, or its event has come before this reply. */
  function watchAgain(talk: Talk, kind: Kind, path: string, relativeZxid: bigint, zxid: bigint): void {
    if (!hasChanged(kind, path, relativeZxid, zxid)) return watch(talk, kind, path, zxid)
    require(talk.told.has(path), rules.watchOrder, () =>
      `the watch of ${path} (${kind}) is set again from zxid ${relativeZxid} on, and no event tells of its change before the reply`)
  }

  function hasChanged(kind: Kind, path: string, after: bigint, upTo: bigint): boolean {
    return changes.get(keyOf(kind, path))?.some((zxid) => zxid > after && zxid <= upTo) === true
  }

  function owe(talk: Talk, owed: Owed): void {
    talk.watches.delete(keyOf(owed.kind, owed.path))
    talk.owed.push(owed)
  }

  return { name: 'watch-order' }
}

function keyOf(kind: Kind, path: string): string {
  return `${kind} ${path}`
}

function* changesOf({ changes }: StoredTransaction): Iterable<{ kind: Kind; path: string }> {
  for (const { kind, path } of changes) {
    yield { kind: 'data', path }
    if (kind === 'dataChanged') continue
    // The children of a znode that goes are gone before it; who watches them hears of its end.
    if (kind === 'deleted') yield { kind: 'children', path }
    yield { kind: 'children', path: path.slice(0, path.lastIndexOf('/')) || '/' }
  }
}
