import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader'

/** A connection's side of the contract: asks for a buffer, fills a part of it, says how much. */
function receive(reader: FrameReader, bytes: Uint8Array, chunkSizes: Iterator<number>): void {
  let position = 0
  while (position < bytes.length) {
    const buffer = reader.receiveBuffer()
    expect(buffer.length).toBeGreaterThan(0)
    const wanted = Math.max(1, chunkSizes.next().value as number)
    const length = Math.min(wanted, buffer.length, bytes.length - position)
    buffer.set(bytes.subarray(position, position + length))
    position += length
    reader.onData(buffer, length)
  }
}

function* repeated(...sizes: number[]): Generator<number, number> {
  for (;;) yield* sizes
}

function framed(...frames: Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(frame.length)
      return [size, frame]
    }),
  )
}

function collecting(maxFrameBytes = 8 * 1024 * 1024) {
  const frames: Buffer[] = []
  const bad: string[] = []
  const reader = new FrameReader({
    maxFrameBytes,
    onFrame: (frame) => frames.push(Buffer.from(frame)),
    onBadFrame: (message) => bad.push(message),
  })
  return { reader, frames, bad }
}

const counting = (length: number, seed = 0) => Buffer.from(Uint8Array.from({ length }, (_, index) => index * 31 + seed))

describe('FrameReader', () => {
  it('hands out the frames of one read, empty ones included', () => {
    const { reader, frames } = collecting()
    const sent = [counting(10), Buffer.alloc(0), counting(300, 1)]
    receive(reader, framed(...sent), repeated(1_000_000))
    expect(frames).toEqual(sent)
  })

  it('hands out the same frames wherever the stream is cut in two', () => {
    const sent = [counting(5), Buffer.alloc(0), counting(40, 2), counting(1, 3)]
    const stream = framed(...sent)
    for (let cut = 1; cut < stream.length; cut++) {
      const { reader, frames } = collecting()
      receive(reader, stream, repeated(cut, 1_000_000))
      expect(frames).toEqual(sent)
    }
  })

  it('hands out the same frames byte by byte', () => {
    const sent = [counting(5), Buffer.alloc(0), counting(40, 2)]
    const { reader, frames } = collecting()
    receive(reader, framed(...sent), repeated(1))
    expect(frames).toEqual(sent)
  })

  it('hands out the same frames for any sizes of frames and reads, small and larger than the arena', () => {
    const anyFrame = fc
      .tuple(fc.oneof(fc.nat(50), fc.nat(5000), fc.integer({ min: 250_000, max: 700_000 })), fc.nat(255))
      .map(([length, seed]) => counting(length, seed))
    const anyReads = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 300_000 })), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), anyReads, (sent, reads) => {
        const { reader, frames } = collecting()
        receive(reader, framed(...sent), repeated(...reads, 65_536))
        expect(frames.length).toBe(sent.length)
        for (const [index, frame] of frames.entries()) expect(Buffer.compare(frame, sent[index]!)).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  it('receives the rest of a large frame where it will stay', () => {
    let frameBuffer: ArrayBufferLike | null = null
    const reader = new FrameReader({
      maxFrameBytes: 8 * 1024 * 1024,
      onFrame: (frame) => {
        frameBuffer = frame.buffer
      },
      onBadFrame: () => expect.unreachable(),
    })
    const stream = framed(counting(200_000))
    const first = reader.receiveBuffer()
    first.set(stream.subarray(0, 1000))
    reader.onData(first, 1000)
    const second = reader.receiveBuffer()
    expect(second.buffer).not.toBe(first.buffer)
    expect(second.length).toBe(stream.length - 1000)
    second.set(stream.subarray(1000))
    reader.onData(second, second.length)
    expect(frameBuffer).toBe(second.buffer)
  })

  it('holds room for what has come of a frame, not for what is announced', () => {
    const size = 6_000_000
    const frames: Buffer[] = []
    const reader = new FrameReader({
      maxFrameBytes: 100 * 1024 * 1024,
      onFrame: (frame) => frames.push(Buffer.from(frame)),
      onBadFrame: () => expect.unreachable(),
    })
    const stream = framed(counting(size))
    for (let at = 0; at < stream.length; ) {
      const buffer = reader.receiveBuffer()
      // Eight times what has come, in a pooled buffer of the next power of two.
      expect(buffer.length).toBeLessThanOrEqual(Math.max(256 * 1024, 16 * at))
      const length = Math.min(buffer.length, stream.length - at, 100_000)
      buffer.set(stream.subarray(at, at + length))
      reader.onData(buffer, length)
      at += length
    }
    expect(frames).toHaveLength(1)
    expect(frames[0]!.equals(counting(size))).toBe(true)
  })

  it('keeps frames apart when connections take turns in the shared arena', () => {
    const left = collecting()
    const right = collecting()
    const streams = [framed(counting(3000, 1), counting(7, 2)), framed(counting(3000, 3), counting(9, 4))] as const
    for (let at = 0; at < streams[1].length; at += 100) {
      for (const [index, { reader }] of [left, right].entries()) {
        receive(reader, streams[index as 0 | 1].subarray(at, at + 100), repeated(100))
      }
    }
    expect(left.frames).toEqual([counting(3000, 1), counting(7, 2)])
    expect(right.frames).toEqual([counting(3000, 3), counting(9, 4)])
  })

  it.each([
    ['negative', -1, 'frame has negative size -1'],
    ['over the limit', 1001, 'frame of 1001 bytes, 1000 is the most'],
    ['text of another protocol', 0x47455420, 'frame of 1195725856 bytes, 1000 is the most'],
  ])('reports a size that is %s once, and reads nothing more', (_what, size, message) => {
    for (const reads of [repeated(1), repeated(1_000_000)]) {
      const { reader, frames, bad } = collecting(1000)
      const badSize = Buffer.alloc(4)
      badSize.writeInt32BE(size)
      receive(reader, Buffer.concat([framed(counting(8)), badSize, framed(counting(8)), badSize]), reads)
      expect(frames).toEqual([counting(8)])
      expect(bad).toEqual([message])
      expect(reader.isStopped).toBe(true)
    }
  })

  it('takes a frame of exactly the limit', () => {
    const { reader, frames } = collecting(1000)
    receive(reader, framed(counting(1000)), repeated(1_000_000))
    expect(frames).toEqual([counting(1000)])
  })

  it('hands out nothing more when the handler stops it inside onFrame, in the arena or in a buffer of its own', () => {
    for (const reads of [repeated(1_000_000), repeated(3)]) {
      const frames: Buffer[] = []
      const reader: FrameReader = new FrameReader({
        maxFrameBytes: 1000,
        onFrame: (frame) => {
          frames.push(Buffer.from(frame))
          reader.stop()
        },
        onBadFrame: () => expect.unreachable(),
      })
      receive(reader, framed(counting(8), counting(9), counting(10)), reads)
      expect(frames).toEqual([counting(8)])
    }
  })

  it('reads nothing more of a stream whose handler threw, and passes the error on', () => {
    let calls = 0
    const reader = new FrameReader({
      maxFrameBytes: 1000,
      onFrame: () => {
        calls++
        throw new Error('handler failed')
      },
      onBadFrame: () => expect.unreachable(),
    })
    expect(() => receive(reader, framed(counting(8), counting(9)), repeated(1_000_000))).toThrow('handler failed')
    receive(reader, framed(counting(8)), repeated(1_000_000))
    expect(calls).toBe(1)
  })

  it('survives any bytes: frames within the limit, or one report', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, chunk) => {
        const { reader, frames, bad } = collecting(64)
        receive(reader, bytes, repeated(chunk))
        expect(bad.length).toBeLessThanOrEqual(1)
        expect(frames.every((frame) => frame.length <= 64)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('hands out the same frames in the same order however often it is paused between them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(6000), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 50, max: 60_000 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        (lengths, chunks, framesBetweenPauses) => {
          const frames: Buffer[] = []
          let isPaused = false
          const reader = new FrameReader({
            maxFrameBytes: 1_000_000,
            onFrame: (frame) => {
              if (isPaused) expect.fail('handed out while paused')
              frames.push(Buffer.from(frame))
              isPaused = frames.length % framesBetweenPauses === 0
              if (isPaused) reader.pause()
            },
            onBadFrame: (message) => expect.fail(message),
          })
          const sent = lengths.map((length, index) => counting(length, index))
          const stream = framed(...sent)
          const sizes = repeated(...chunks)
          const arena = collecting().reader.receiveBuffer()
          let position = 0
          while (position < stream.length) {
            const buffer = reader.receiveBuffer()
            const length = Math.min(sizes.next().value as number, buffer.length, stream.length - position)
            buffer.set(stream.subarray(position, position + length))
            position += length
            reader.onData(buffer, length)
            // A paused connection reads nothing, but the other connections of the thread use the same arena.
            if (buffer === arena) buffer.fill(0xff, 0, length)
            while (isPaused) {
              isPaused = false
              reader.resume()
            }
          }
          expect(framed(...frames).equals(stream)).toBe(true)
        },
      ),
    )
  })

  it('hands out nothing of what it kept aside when it is stopped meanwhile', () => {
    const frames: Buffer[] = []
    const reader = new FrameReader({
      maxFrameBytes: 1000,
      onFrame: (frame) => {
        frames.push(Buffer.from(frame))
        reader.pause()
      },
      onBadFrame: (message) => expect.fail(message),
    })
    receive(reader, framed(counting(5), counting(6), counting(7)), repeated(1_000_000))
    reader.resume()
    reader.stop()
    reader.resume()
    expect(frames).toEqual([counting(5), counting(6)])
  })
})
