/**
 * zstd through WebAssembly, which reads its `zstd.wasm` from beside the bundle. Frames are looked at here before the library sees them:
 * it trusts the content size in the frame and does not notice when it gets no memory for it.
 */
import { compress, decompress, init } from '@bokuweb/zstd-wasm'
import { DecodeError } from '../wire-error'

const FRAME_MAGIC = 0xfd2fb528

/** A block of three bytes of header and one of content can stand for 128 KiB, and nothing for more: what a frame promises beyond is false. */
const EXPANSION_MAX = 32 * 1024

/** First try for a frame that does not tell its content size, as streaming writers (Java's) leave it. */
const UNKNOWN_SIZE_FIRST_TRY = 1024 * 1024

let loading: Promise<void> | null = null
let isReady = false

export function initZstd(): Promise<void> {
  loading ??= init().then(() => {
    isReady = true
  })
  return loading
}

export function zstdCompress(data: Uint8Array): Uint8Array {
  if (!isReady) throw new Error('zstd is not loaded: await initCompression() in this worker first')
  return compress(data)
}

export function zstdDecompress(data: Uint8Array, sizeMax: number): Uint8Array {
  if (!isReady) throw new DecodeError('zstd: the decoder is not loaded in this worker', 0)
  const contentSize = readContentSize(data)
  if (contentSize !== null && contentSize > sizeMax) {
    throw new DecodeError(`zstd: ${contentSize} bytes uncompressed, ${sizeMax} is the most`, 0)
  }
  const sizeLimit = Math.min(sizeMax, data.length * EXPANSION_MAX)
  if (contentSize !== null && contentSize > sizeLimit) {
    throw new DecodeError(`zstd: ${data.length} bytes cannot hold ${contentSize}`, 0)
  }
  // A size that the frame tells is exact, so one try decides; else the buffer grows until the content fits it or the limit is reached.
  for (let size = Math.min(sizeLimit, contentSize ?? UNKNOWN_SIZE_FIRST_TRY); ; size = Math.min(sizeLimit, size * 4)) {
    try {
      return decompress(data, { defaultHeapSize: size })
    } catch (error) {
      if (contentSize === null && size < sizeLimit && isTooSmall(error)) continue
      throw new DecodeError(`zstd: ${error instanceof Error ? error.message : String(error)}`, 0)
    }
  }
}

/** ZSTD_error_dstSize_tooSmall, which the library shows only as the negative number of its C function. */
function isTooSmall(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith(' -70')
}

/** The content size in a frame's header; null where the header does not tell. */
function readContentSize(data: Uint8Array): number | null {
  if (data.length < 6) throw new DecodeError('zstd: frame is cut off', 0)
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.readUInt32LE(0) !== FRAME_MAGIC) throw new DecodeError('zstd: not a frame', 0)
  const descriptor = bytes[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeCode = descriptor >>> 6
  if (sizeCode === 0 && !isSingleSegment) return null
  const dictionaryIdSize = [0, 1, 2, 4][descriptor & 0x03]!
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdSize
  const length = 1 << sizeCode
  if (at + length > bytes.length) throw new DecodeError('zstd: frame header is cut off', at)
  switch (sizeCode) {
    case 0:
      return bytes[at]!
    case 1:
      return bytes.readUInt16LE(at) + 256
    case 2:
      return bytes.readUInt32LE(at)
    default:
      return Number(bytes.readBigUInt64LE(at))
  }
}
