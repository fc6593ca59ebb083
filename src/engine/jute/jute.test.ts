import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec } from './codec'
import { JuteFrameReader } from './frame-reader'
import type { MultiRequestOp, MultiResult } from './multi'
import { MultiRequest, MultiResponse } from './multi'
import { OpCode } from './op-codes'
import { JuteError, JuteReader } from './reader'
import * as records from './records'
import type { Txn } from './transaction-records'
import { readTxn, TxnHeader, writeTxn } from './transaction-records'
import { JuteWriter } from './writer'

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const text = fc.string({ unit: 'grapheme' })
const data = fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes)))
const stat = fc.record({
  czxid: long,
  mzxid: long,
  ctime: fc.maxSafeInteger(),
  mtime: fc.maxSafeInteger(),
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  dataLength: int,
  numChildren: int,
  pzxid: long,
})
const acl = fc.array(fc.record({ perms: int, id: fc.record({ scheme: text, id: text }) }))
const create = { path: text, data, acl, flags: int }

function roundTrip<T>(codec: Codec<T>, value: T): T {
  const writer = new JuteWriter(4)
  codec.write(writer, value)
  const reader = new JuteReader(Buffer.from(writer.bytes()))
  const read = codec.read(reader)
  expect(reader.remaining).toBe(0)
  return read
}

describe('records', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(
        fc.record(create),
        fc.record({ data, stat }),
        fc.record({ acl, stat }),
        fc.array(text),
        (request, got, access, names) => {
          expect(roundTrip(records.CreateRequest, request)).toEqual(request)
          expect(roundTrip(records.GetDataResponse, got)).toEqual(got)
          expect(roundTrip(records.GetAclResponse, access)).toEqual(access)
          const watches = {
            relativeZxid: 7n,
            dataWatches: names,
            existWatches: [],
            childWatches: names,
            persistentWatches: [],
            persistentRecursiveWatches: names,
          }
          expect(roundTrip(records.SetWatches2, watches)).toEqual(watches)
        },
      ),
    )
  })

  it('read a connect request of an old client that leaves readOnly out', () => {
    const request = {
      protocolVersion: 0,
      lastZxidSeen: 5n,
      timeOut: 3000,
      sessionId: 9n,
      passwd: Buffer.alloc(16),
      readOnly: true,
    }
    expect(roundTrip(records.ConnectRequest, request)).toEqual(request)
    const writer = new JuteWriter()
    records.ConnectRequest.write(writer, request)
    const old = Buffer.from(writer.bytes().subarray(0, writer.length - 1))
    expect(records.ConnectRequest.read(new JuteReader(old))).toEqual({ ...request, readOnly: false })
  })

  it('read a multi and its results back', () => {
    const op: fc.Arbitrary<MultiRequestOp> = fc.oneof(
      fc.record({ type: fc.constantFrom(OpCode.CREATE, OpCode.CREATE2, OpCode.CREATE_CONTAINER), ...create }),
      fc.record({ type: fc.constant(OpCode.CREATE_TTL), ...create, ttl: long }),
      fc.record({ type: fc.constantFrom(OpCode.DELETE, OpCode.CHECK), path: text, version: int }),
      fc.record({ type: fc.constant(OpCode.SET_DATA), path: text, data, version: int }),
      fc.record({ type: fc.constantFrom(OpCode.GET_DATA, OpCode.GET_CHILDREN), path: text, watch: fc.boolean() }),
    )
    const result: fc.Arbitrary<MultiResult> = fc.oneof(
      fc.record({ type: fc.constant(OpCode.CREATE), path: text }),
      fc.record({ type: fc.constant(OpCode.CREATE2), path: text, stat }),
      fc.record({ type: fc.constantFrom(OpCode.DELETE, OpCode.CHECK) }),
      fc.record({ type: fc.constant(OpCode.SET_DATA), stat }),
      fc.record({ type: fc.constant(OpCode.GET_DATA), data, stat }),
      fc.record({ type: fc.constant(OpCode.GET_CHILDREN), children: fc.array(text) }),
      fc.record({ type: fc.constant(OpCode.ERROR), err: int }),
    )
    fc.assert(
      fc.property(fc.array(op), fc.array(result), (ops, results) => {
        expect(roundTrip(MultiRequest, ops)).toEqual(ops)
        expect(roundTrip(MultiResponse, results)).toEqual(results)
      }),
    )
  })

  it('read transactions back, a multi of them included', () => {
    const single: fc.Arbitrary<Txn> = fc.oneof(
      fc.record({
        type: fc.constantFrom(OpCode.CREATE, OpCode.CREATE2),
        path: text,
        data,
        acl,
        ephemeral: fc.boolean(),
        parentCVersion: int,
      }),
      fc.record({ type: fc.constant(OpCode.CREATE_CONTAINER), path: text, data, acl, parentCVersion: int }),
      fc.record({ type: fc.constant(OpCode.CREATE_TTL), path: text, data, acl, parentCVersion: int, ttl: long }),
      fc.record({ type: fc.constantFrom(OpCode.DELETE, OpCode.DELETE_CONTAINER), path: text }),
      fc.record({ type: fc.constant(OpCode.SET_DATA), path: text, data, version: int }),
      fc.record({ type: fc.constant(OpCode.SET_ACL), path: text, acl, version: int }),
      fc.record({ type: fc.constant(OpCode.CHECK), path: text, version: int }),
      fc.record({ type: fc.constant(OpCode.CREATE_SESSION), timeOut: int }),
      fc.record({ type: fc.constant(OpCode.CLOSE_SESSION), paths2Delete: fc.array(text) }),
      fc.record({ type: fc.constant(OpCode.ERROR), err: int }),
    )
    const txn: fc.Arbitrary<Txn> = fc.oneof(single, fc.record({ type: fc.constant(OpCode.MULTI), txns: fc.array(single) }))
    fc.assert(
      fc.property(txn, (value) => {
        const writer = new JuteWriter()
        writeTxn(writer, value)
        const reader = new JuteReader(Buffer.from(writer.bytes()))
        expect(readTxn(reader, value.type)).toEqual(value)
        expect(reader.remaining).toBe(0)
      }),
    )
  })
})

describe('a reader', () => {
  it('refuses any bytes with a JuteError, or reads them: nothing else, and no large allocation', () => {
    const codecs: Codec<unknown>[] = [
      records.CreateRequest,
      records.SetWatches2,
      records.GetAclResponse,
      records.ConnectRequest,
      TxnHeader,
      MultiRequest,
      MultiResponse,
    ]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: codecs.length - 1 }), (bytes, index) => {
        try {
          codecs[index]?.read(new JuteReader(Buffer.from(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(JuteError)
        }
      }),
      { numRuns: 2000 },
    )
    const hugeVector = Buffer.alloc(12)
    hugeVector.writeInt32BE(0x7fffffff, 8)
    expect(() => records.SetWatches.read(new JuteReader(hugeVector))).toThrow(JuteError)
  })

  it('reads null and empty data apart, and a null string as empty', () => {
    const writer = new JuteWriter()
    writer.buffer(null)
    writer.buffer(Buffer.alloc(0))
    writer.buffer(null)
    const reader = new JuteReader(writer.bytes())
    expect(reader.buffer()).toBeNull()
    expect(reader.buffer()).toEqual(Buffer.alloc(0))
    expect(reader.ustring()).toBe('')
  })
})

describe('a frame reader', () => {
  /** Feeds `stream` in chunks as a connection would: into the buffer that the reader asks for. */
  function feed(reader: JuteFrameReader, stream: Buffer, chunkSizes: readonly number[]): void {
    let position = 0
    for (let turn = 0; position < stream.length; turn++) {
      const buffer = reader.receiveBuffer()
      const length = Math.min(chunkSizes[turn % chunkSizes.length] ?? 1, buffer.length, stream.length - position)
      stream.copy(buffer, 0, position, position + length)
      position += length
      reader.onData(buffer, length)
    }
  }

  it('gives the same packets however the stream is cut', () => {
    const packets = fc.array(fc.uint8Array({ maxLength: 2000, size: 'max' }), { maxLength: 20 })
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), (sent, chunkSizes) => {
        const stream = Buffer.concat(
          sent.flatMap((packet) => [Buffer.from(Uint32Array.of(packet.length).buffer).swap32(), packet]),
        )
        const received: Buffer[] = []
        const reader = new JuteFrameReader({
          maxFrameBytes: 10_000,
          onFrame: (frame) => received.push(Buffer.from(frame)),
          onBadLength: () => expect.fail(),
        })
        feed(reader, stream, chunkSizes)
        expect(received).toEqual(sent.map((packet) => Buffer.from(packet)))
      }),
    )
  })

  it('reports a bad length once and reads nothing after it', () => {
    for (const length of [-1, 101, -(2 ** 31), 0x72756f6b]) {
      const bad: number[] = []
      const reader = new JuteFrameReader({
        maxFrameBytes: 100,
        onFrame: () => expect.fail(),
        onBadLength: (value) => bad.push(value),
      })
      const stream = Buffer.alloc(40)
      stream.writeInt32BE(length)
      feed(reader, stream, [3])
      expect(bad).toEqual([length])
    }
  })

  it('hands out nothing after stop, even within one read', () => {
    const received: string[] = []
    const reader = new JuteFrameReader({
      maxFrameBytes: 100,
      onFrame: (frame) => {
        received.push(frame.toString())
        reader.stop()
      },
      onBadLength: () => expect.fail(),
    })
    feed(reader, Buffer.from('\0\0\0\x01a\0\0\0\x01b'), [100])
    expect(received).toEqual(['a'])
  })

  it('loses nothing where it is paused, and goes on with a buffer that was asked for before it was resumed', () => {
    for (const last of [100, 40_000, 300_000]) {
      const packets = [Buffer.from('a'), Buffer.from('b'), Buffer.alloc(last, 'c'), Buffer.from('d')]
      const stream = Buffer.concat(
        packets.flatMap((packet) => [Buffer.from(Uint32Array.of(packet.length).buffer).swap32(), packet]),
      )
      const received: Buffer[] = []
      const reader = new JuteFrameReader({
        maxFrameBytes: 1_000_000,
        onFrame: (frame) => {
          received.push(Buffer.from(frame))
          reader.pause()
        },
        onBadLength: () => expect.fail(),
      })
      // As from Node: the buffer of the next read is asked for behind each read, paused or not.
      let buffer = reader.receiveBuffer()
      for (let position = 0; position < stream.length; ) {
        const length = Math.min(position === 0 ? 60 : 50_000, buffer.length, stream.length - position)
        stream.copy(buffer, 0, position, position + length)
        position += length
        reader.onData(buffer, length)
        buffer = reader.receiveBuffer()
        for (let count = -1; count !== received.length; reader.resume()) count = received.length
      }
      expect(received.map((packet, index) => packet.equals(packets[index] ?? Buffer.alloc(0)))).toEqual([true, true, true, true])
    }
  })
})
