/** ZooKeeper's records and multis in both directions, its transactions, and the cutting of a stream into packets. */
import type { Codec } from '../../../jute/codec'
import { JuteFrameReader } from '../../../jute/frame-reader'
import { MultiRequest, MultiResponse } from '../../../jute/multi'
import { MAX_PACKET_BYTES } from '../../../jute/op-codes'
import { JuteError, JuteReader } from '../../../jute/reader'
import * as records from '../../../jute/records'
import { readTxn, TxnHeader, writeTxn } from '../../../jute/transaction-records'
import { JuteWriter } from '../../../jute/writer'
import { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused } from '../fuzz-target'
import { anyMultiOps, connectPacket, requestPacket, transactionEntry, transactions } from '../generate-jute'

/** What it holds is known to it alone: here it goes in and out. */
interface AnyCodec {
  write(writer: JuteWriter, value: unknown): void
  read(reader: JuteReader): unknown
}

const isCodec = (value: unknown): value is AnyCodec => typeof value === 'object' && value !== null && 'minBytes' in value
const CODECS: readonly AnyCodec[] = [...Object.values(records).filter(isCodec), anyOf(MultiRequest), anyOf(MultiResponse)]

function anyOf<T>(codec: Codec<T>): AnyCodec {
  return { read: (reader) => codec.read(reader), write: (writer, value) => codec.write(writer, value as T) }
}

/** The first byte says which record it is. */
const anyRecord: FuzzTarget = {
  name: 'jute/records',
  share: 30,
  minimum: 50_000,
  seed(random) {
    if (random.chance(0.15)) {
      const multi = new JuteWriter()
      MultiRequest.write(multi, anyMultiOps(random))
      return Buffer.concat([Buffer.from([CODECS.length - 2]), multi.bytes()])
    }
    // Packets of clients hold every kind of record behind their eight bytes of header.
    const packet = random.chance(0.1) ? connectPacket(random).subarray(4) : requestPacket(random, 1).subarray(12)
    return Buffer.concat([Buffer.from([random.below(CODECS.length)]), packet])
  },
  run(input) {
    const codec = CODECS[(input[0] ?? 0) % CODECS.length]!
    const body = input.subarray(1)
    const value = orRefused(() => codec.read(new JuteReader(body)), JuteError)
    if (value === undefined) return
    const first = written(codec, value)
    const again = codec.read(new JuteReader(first))
    check(written(codec, again).equals(first), 'what was read and written again reads the same')
  },
}

const scratch = new JuteWriter(64 * 1024)

function written(codec: AnyCodec, value: unknown): Buffer {
  scratch.reset()
  codec.write(scratch, value)
  return Buffer.from(scratch.bytes())
}

const anyTransaction: FuzzTarget = {
  name: 'jute/transactions',
  share: 30,
  minimum: 50_000,
  seed: (random) => transactionEntry(random.pick(transactions(random, 12))),
  run(input) {
    orRefused(() => {
      const reader = new JuteReader(input)
      const header = TxnHeader.read(reader)
      const txn = readTxn(reader, header.type)
      scratch.reset()
      writeTxn(scratch, txn)
      const first = Buffer.from(scratch.bytes())
      const again = readTxn(new JuteReader(first), header.type)
      scratch.reset()
      writeTxn(scratch, again)
      check(first.equals(scratch.bytes()), 'a transaction that was read and written again reads the same')
    }, JuteError)
  },
}

const frameReader: FuzzTarget = {
  name: 'jute/frame-reader',
  share: 28,
  minimum: 50_000,
  seed: (random) =>
    Buffer.concat([
      connectPacket(random),
      ...Array.from({ length: random.below(6) }, (_, xid) => requestPacket(random, xid)),
      ...(random.chance(0.03) ? [Buffer.from([0, 1, 0x40, 0]), random.bytes(30_000)] : []),
    ]),
  run(input) {
    const random = FuzzRandom.of('splits', input.length, input[input.length - 1] ?? 0)
    const frames: Buffer[] = []
    let badLengths = 0
    const reader = new JuteFrameReader({
      maxFrameBytes: MAX_PACKET_BYTES,
      onFrame(frame) {
        frames.push(Buffer.from(frame))
        if (random.chance(0.1)) reader.pause()
      },
      onBadLength: () => badLengths++,
    })
    for (let at = 0; at < input.length && badLengths === 0; ) {
      const buffer = reader.receiveBuffer()
      const length = Math.min(buffer.length, input.length - at, 1 + random.size(2000))
      buffer.set(input.subarray(at, at + length))
      reader.onData(buffer, length)
      for (let before = -1; frames.length !== before; ) {
        before = frames.length
        reader.resume()
      }
      at += length
    }
    let count = 0
    for (let at = 0; at + 4 <= input.length; count++) {
      const size = input.readInt32BE(at)
      if (size < 0 || size > MAX_PACKET_BYTES) {
        check(badLengths === 1, 'a length that cannot be is told')
        break
      }
      if (at + 4 + size > input.length) break
      const packet = input.subarray(at + 4, at + 4 + size)
      check(frames[count]?.equals(packet) === true, 'any split of a stream gives the same packets')
      at += 4 + size
    }
    check(frames.length === count, 'any split of a stream gives the same number of packets')
  },
  allocationMax: (length) => 256 * 1024 + length * 64,
}

export const juteTargets: readonly FuzzTarget[] = [anyRecord, anyTransaction, frameReader]
