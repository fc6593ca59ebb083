/**
 * The conversation between coordination and its clients as the wire carries it: requests and replies of each connection in order, told to listeners after
 * the event in which they were sent, when the transactions of the event are known. Shared by the checkers of coordination.
 */
import type { SimEvent } from '../scheduler'
import { COORDINATION_PORT } from '../world'
import type { World } from './checker'
import { FrameCutter } from './frame-cutter'

export interface WireListener {
  onConnected?(connection: WireConnection): void
  onRequest?(connection: WireConnection, xid: number, type: number, frame: Buffer): void
  /** `request` is null for events. */
  onReply?(connection: WireConnection, reply: WireReply): void
}

export interface WireReply {
  readonly xid: number
  readonly zxid: bigint
  readonly err: number
  readonly frame: Buffer
}

export class WireConnection {
  sessionId = 0n
  hasAsked = false
  isAnswered = false
  constructor(
    readonly id: number,
    /** Of the coordination server that it is with. */
    readonly incarnation: number,
  ) {}
}

interface Noted {
  readonly connection: WireConnection
  readonly isReply: boolean
  readonly frame: Buffer
}

export class CoordinationWire {
  private readonly listeners: WireListener[] = []
  private readonly noted: Noted[] = []
  private readonly cutters = new Map<number, { readonly requests: FrameCutter; readonly replies: FrameCutter }>()

  constructor(world: World) {
    world.onDidSend(({ connectionId, serverPort, isFromOpener, bytes }) => {
      if (serverPort !== COORDINATION_PORT) return
      let cutters = this.cutters.get(connectionId)
      if (cutters === undefined) {
        const connection = new WireConnection(connectionId, world.coordination.process?.incarnation ?? 0)
        const cutter = (isReply: boolean) =>
          new FrameCutter(
            () => true,
            (frame) => this.noted.push({ connection, isReply, frame }),
          )
        cutters = { requests: cutter(false), replies: cutter(true) }
        this.cutters.set(connectionId, cutters)
      }
      if (isFromOpener) cutters.requests.push(bytes)
      else cutters.replies.push(bytes)
    })
  }

  listen(listener: WireListener): void {
    this.listeners.push(listener)
  }

  afterEvent(_event: SimEvent): void {
    if (this.noted.length === 0) return
    for (const { connection, isReply, frame } of this.noted.splice(0)) {
      if (isReply) this.onReply(connection, frame)
      else this.onRequest(connection, frame)
    }
  }

  private onRequest(connection: WireConnection, frame: Buffer): void {
    if (!connection.hasAsked) {
      connection.hasAsked = true
      return
    }
    if (frame.length < 8) return
    for (const listener of this.listeners) listener.onRequest?.(connection, frame.readInt32BE(0), frame.readInt32BE(4), frame)
  }

  private onReply(connection: WireConnection, frame: Buffer): void {
    if (!connection.isAnswered) {
      connection.isAnswered = true
      // ConnectResponse: version, time-out, session.
      connection.sessionId = frame.readBigInt64BE(8)
      for (const listener of this.listeners) listener.onConnected?.(connection)
      return
    }
    if (frame.length < 16) return
    const reply = { xid: frame.readInt32BE(0), zxid: frame.readBigInt64BE(4), err: frame.readInt32BE(12), frame }
    for (const listener of this.listeners) listener.onReply?.(connection, reply)
  }
}

const wires = new WeakMap<World, CoordinationWire>()

export function wireOf(world: World): CoordinationWire {
  let wire = wires.get(world)
  if (wire === undefined) {
    wire = new CoordinationWire(world)
    wires.set(world, wire)
  }
  return wire
}
