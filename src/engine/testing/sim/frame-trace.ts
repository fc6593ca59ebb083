/**
 * Turns the bytes that go over the simulated network into lines that a person can read: who sent what to whom.
 *
 * Fed by World.onDidSend when the trace is on, and only then. It copies what it keeps, draws nothing from any random stream, sets no timer and never
 * throws: a frame that cannot be read becomes a line that says so. What a request said is remembered by its correlation id (Kafka) or
 * xid (ZooKeeper) until its answer, which does not name its own type.
 */
import { CoordinationFrameWords } from './coordination-frame-words'
import { KafkaFrameWords } from './kafka-frame-words'

/** What World.onDidSend gives, as far as it is needed: one write of one side of a connection. */
export interface SentBytes {
  readonly connectionId: number
  readonly from: { readonly name: string }
  readonly toHost: string
  /** The port that was connected to, in both directions. */
  readonly serverPort: number
  readonly isFromOpener: boolean
  readonly bytes: Uint8Array
}

/** Describes the frames of one connection. Answers null for a frame not worth a line. */
export interface FrameWords {
  request(frame: Buffer): string | null
  response(frame: Buffer): string | null
}

const COORDINATION_PORT = 2181
const LENGTH_BYTES = 4
/** More than any frame of a simulation: a length above it means that the stream was misread. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024

/** Cuts one direction of a connection into frames: int32 length, body. Kafka and ZooKeeper frame alike. */
class FrameSplitter {
  private kept = Buffer.alloc(0)
  private isLost = false

  /** The frames that are whole now. 'not frames', once, where the stream makes no sense. */
  push(bytes: Uint8Array): (Buffer | 'not frames')[] {
    const frames: (Buffer | 'not frames')[] = []
    if (this.isLost) return frames
    // A copy: the sender uses its buffers again.
    this.kept = Buffer.concat([this.kept, bytes])
    while (this.kept.length >= LENGTH_BYTES) {
      const length = this.kept.readInt32BE(0)
      this.isLost = length < 0 || length > FRAME_BYTES_MAX
      if (this.isLost) return [...frames, 'not frames']
      if (this.kept.length < LENGTH_BYTES + length) break
      frames.push(this.kept.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
      this.kept = this.kept.subarray(LENGTH_BYTES + length)
    }
    return frames
  }
}

interface TracedConnection {
  opener: string
  acceptor: string
  readonly words: FrameWords
  readonly fromOpener: FrameSplitter
  readonly fromAcceptor: FrameSplitter
}

export class FrameTrace {
  private readonly connections = new Map<number, TracedConnection>()
  /** Topic ids are random; people know topics by name. Learned from the frames that carry both. */
  private readonly topicNames = new Map<string, string>()

  /** `line` gets "broker-2 → broker-1" and what was said. */
  constructor(private readonly line: (who: string, text: string) => void) {}

  onSend(send: SentBytes): void {
    try {
      this.trace(send)
    } catch (error) {
      this.line(send.from.name, `(a frame that the trace cannot read: ${String(error)})`)
    }
  }

  /** The connection is gone: nothing of it is remembered. Not needed for correctness, ids are not used again. */
  onClose(connectionId: number): void {
    this.connections.delete(connectionId)
  }

  private trace(send: SentBytes): void {
    const connection = this.connectionOf(send)
    if (send.isFromOpener) connection.opener = send.from.name
    else connection.acceptor = send.from.name
    const splitter = send.isFromOpener ? connection.fromOpener : connection.fromAcceptor
    const who = send.isFromOpener
      ? `${connection.opener} → ${connection.acceptor}`
      : `${connection.acceptor} → ${connection.opener}`
    for (const frame of splitter.push(send.bytes)) {
      const text = frame === 'not frames' ? '(bytes that are no frames)' : inWords(connection.words, frame, send.isFromOpener)
      if (text !== null) this.line(who, text)
    }
  }

  private connectionOf(send: SentBytes): TracedConnection {
    const known = this.connections.get(send.connectionId)
    if (known !== undefined) return known
    const isCoordination = send.serverPort === COORDINATION_PORT
    const fresh: TracedConnection = {
      opener: send.isFromOpener ? send.from.name : '?',
      acceptor: send.isFromOpener ? nameOfListener(send.toHost, send.serverPort) : send.from.name,
      words: isCoordination ? new CoordinationFrameWords() : new KafkaFrameWords(this.topicNames),
      fromOpener: new FrameSplitter(),
      fromAcceptor: new FrameSplitter(),
    }
    this.connections.set(send.connectionId, fresh)
    return fresh
  }
}

function inWords(words: FrameWords, frame: Buffer, isRequest: boolean): string | null {
  try {
    return isRequest ? words.request(frame) : words.response(frame)
  } catch (error) {
    return `(${frame.length} bytes that cannot be read: ${error instanceof Error ? error.message : String(error)})`
  }
}

/** The simulator's addresses: brokers live at 10.0.0.<id>, coordination at port 2181. */
function nameOfListener(host: string, port: number): string {
  if (port === COORDINATION_PORT) return 'coordination'
  const id = /^10\.0\.0\.(\d+)$/.exec(host)?.[1]
  return id === undefined ? `${host}:${port}` : `broker-${id}`
}
