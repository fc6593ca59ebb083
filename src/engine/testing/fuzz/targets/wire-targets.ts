/** Kafka's messages in both directions and all versions, with their headers, and the cutting of a stream into frames. */
import {
  decodeCorrelationId,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  FrameReader,
} from '../../../wire/frames'
import { ALL_APIS } from '../../../wire/messages'
import { Reader } from '../../../wire/reader'
import { initCompression } from '../../../wire/records'
import type { AnyApi } from '../../../wire/schema'
import { DecodeError, EncodeError } from '../../../wire/wire-error'
import { Writer } from '../../../wire/writer'
import { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused } from '../fuzz-target'
import { generateMessage } from '../generate-message'
import { mutateBytes } from '../mutations'

/** Two bytes before the message say which it is: the API, then the version and the direction. */
const PREFIX = 2

interface Chosen {
  readonly api: AnyApi
  readonly version: number
  readonly isRequest: boolean
}

function choose(input: Uint8Array): Chosen {
  const api = ALL_APIS[(input[0] ?? 0) % ALL_APIS.length]!
  const choice = input[1] ?? 0
  return {
    api,
    version: api.minVersion + ((choice >>> 1) % (api.maxVersion - api.minVersion + 1)),
    isRequest: (choice & 1) === 0,
  }
}

function prefixed(random: FuzzRandom, write: (writer: Writer, chosen: Chosen) => void): Uint8Array {
  const prefix = random.bytes(PREFIX)
  const writer = new Writer()
  writer.raw(prefix)
  write(writer, choose(prefix))
  return Buffer.from(writer.bytes())
}

/** The choice of the message stays, mostly: what follows fits it. */
function mutateBehindPrefix(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Buffer {
  if (random.chance(0.03)) return mutateBytes(input, random, other)
  const changed = mutateBytes(input.subarray(PREFIX), random, () => other().subarray(PREFIX))
  return Buffer.concat([input.subarray(0, PREFIX), changed])
}

function bodyOf({ api, version, isRequest }: Chosen, random: FuzzRandom): object {
  return generateMessage((isRequest ? api.request : api.response).fields, version, version >= api.flexibleFrom, random)
}

const scratch = new Writer(64 * 1024)

/** A copy of what `write` writes. Null where a text of invalid UTF-8, whose replacement is longer, has become too long for a string. */
function encoded(write: (writer: Writer) => void): Buffer | null {
  scratch.reset()
  try {
    write(scratch)
  } catch (error) {
    if (error instanceof EncodeError && error.reason.startsWith('string is')) return null
    throw error
  }
  return Buffer.from(scratch.bytes())
}

/** What decodes is encoded and decoded again, until it stays the same: nothing is lost on the way but what no client can mean. */
const messages: FuzzTarget = {
  name: 'wire/messages',
  share: 30,
  minimum: 100_000,
  prepare: initCompression,
  seed: (random) =>
    prefixed(random, (writer, chosen) => {
      const { api, version, isRequest } = chosen
      const codec = isRequest ? api.request : api.response
      codec.encode(writer, bodyOf(chosen, random), version)
    }),
  mutate: mutateBehindPrefix,
  run(input) {
    const { api, version, isRequest } = choose(input)
    const codec = isRequest ? api.request : api.response
    const value = orRefused(() => codec.decode(new Reader(input, Math.min(PREFIX, input.length)), version), DecodeError)
    if (value === undefined) return
    const first = encoded((writer) => codec.encode(writer, value, version))
    if (first === null) return
    const again = codec.decode(new Reader(first), version)
    const second = encoded((writer) => codec.encode(writer, again, version))
    check(second !== null && first.equals(second), 'what was decoded and encoded again decodes to the same')
  },
}

const requestFrames: FuzzTarget = {
  name: 'wire/request-frames',
  share: 24,
  minimum: 50_000,
  prepare: initCompression,
  seed(random) {
    const writer = new Writer()
    const chosen = { ...choose(random.bytes(PREFIX)), isRequest: true }
    const clientId = random.pick([null, '', 'rdkafka'])
    encodeRequest(writer, chosen.api, chosen.version, random.int32(), clientId, bodyOf(chosen, random))
    return Buffer.from(writer.bytes().subarray(4))
  },
  run(input) {
    orRefused(() => {
      const { api, isVersionSupported, body, apiVersion } = decodeRequestHeader(input)
      if (api !== undefined && isVersionSupported) api.request.decode(body, apiVersion)
    }, DecodeError)
  },
}

const responseFrames: FuzzTarget = {
  name: 'wire/response-frames',
  share: 24,
  minimum: 50_000,
  prepare: initCompression,
  seed: (random) =>
    prefixed(random, (writer, chosen) => {
      const framed = new Writer()
      const body = bodyOf({ ...chosen, isRequest: false }, random)
      encodeResponse(framed, chosen.api, chosen.version, random.int32(), body)
      writer.raw(framed.bytes().subarray(4))
    }),
  mutate: mutateBehindPrefix,
  run(input) {
    const { api, version } = choose(input)
    const frame = input.subarray(PREFIX)
    orRefused(() => decodeCorrelationId(frame), DecodeError)
    orRefused(() => decodeResponse(frame, api, version), DecodeError)
  },
}

const FRAME_BYTES_MAX = 100 * 1024 * 1024

/** Any split of a stream, with pauses, gives the frames that stand in it; what is announced and does not come costs no memory. */
const frameReader: FuzzTarget = {
  name: 'wire/frame-reader',
  share: 28,
  minimum: 50_000,
  seed(random) {
    const writer = new Writer()
    for (let count = random.between(1, 8); count > 0; count--) {
      const frame = random.bytes(random.chance(0.03) ? random.below(9000) : random.size(300))
      writer.int32(frame.length)
      writer.raw(frame)
    }
    return Buffer.from(writer.bytes())
  },
  run(input) {
    const random = FuzzRandom.of('splits', input.length, input[input.length - 1] ?? 0)
    const frames: Buffer[] = []
    let badFrames = 0
    const reader = new FrameReader({
      maxFrameBytes: FRAME_BYTES_MAX,
      onFrame(frame) {
        frames.push(Buffer.from(frame))
        if (random.chance(0.1)) reader.pause()
      },
      onBadFrame: () => badFrames++,
    })
    for (let at = 0; at < input.length && !reader.isStopped; ) {
      const buffer = reader.receiveBuffer()
      const length = Math.min(buffer.length, input.length - at, 1 + random.size(2000))
      buffer.set(input.subarray(at, at + length))
      reader.onData(buffer, length)
      // The owner of a connection reads no more while it is paused.
      for (let before = -1; frames.length !== before; ) {
        before = frames.length
        reader.resume()
      }
      at += length
    }
    reader.stop()
    const expected = framesIn(input)
    check(badFrames === (expected.isBad ? 1 : 0), 'a size that cannot be is told once, and no other is')
    check(frames.length === expected.frames.length, 'any split of a stream gives the same number of frames')
    const areSame = frames.every((frame, index) => frame.equals(expected.frames[index]!))
    check(areSame, 'any split of a stream gives the same frames')
  },
  allocationMax: (length) => 1024 * 1024 + length * 64,
}

function framesIn(input: Buffer): { frames: Buffer[]; isBad: boolean } {
  const frames: Buffer[] = []
  for (let at = 0; at + 4 <= input.length; ) {
    const size = input.readInt32BE(at)
    if (size < 0 || size > FRAME_BYTES_MAX) return { frames, isBad: true }
    if (at + 4 + size > input.length) break
    frames.push(input.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return { frames, isBad: false }
}

export const wireTargets: readonly FuzzTarget[] = [messages, requestFrames, responseFrames, frameReader]
