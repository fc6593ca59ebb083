/**
 * The four compressions of record batches, synchronous, each both ways. Decompression is the one place where few bytes become many, so
 * every codec stops at a limit, and whatever is wrong with its input comes out as DecodeError.
 *
 * snappy and lz4 are our own TypeScript: the WebAssembly build that we tried traps on damaged input and stays broken for the rest of its
 * worker's life. zstd is WebAssembly and must be loaded with `initCompression` first.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { DecodeError } from '../wire-error'
import type { Compression } from './batch-header'
import { lz4Compress, lz4Decompress } from './lz4'
import { snappyCompress, snappyDecompress } from './snappy'
import { initZstd, zstdCompress, zstdDecompress } from './zstd'

/** What one batch may decompress to. Batches are limited in their compressed form only (max.message.bytes). */
export const DECOMPRESSED_SIZE_MAX = 128 * 1024 * 1024

/** Call once in each worker that produces or reads records. What is compressed with zstd fails clearly until it has succeeded. */
export function initCompression(): Promise<void> {
  return initZstd()
}

export function compress(compression: Compression, data: Uint8Array): Uint8Array {
  switch (compression) {
    case 'none':
      return data
    case 'gzip':
      return gzipSync(data)
    case 'snappy':
      return snappyCompress(data)
    case 'lz4':
      return lz4Compress(data)
    case 'zstd':
      return zstdCompress(data)
  }
}

/** Throws DecodeError, and nothing else. */
export function decompress(compression: Compression, data: Uint8Array, sizeMax = DECOMPRESSED_SIZE_MAX): Uint8Array {
  switch (compression) {
    case 'none':
      return data
    case 'gzip':
      return gunzip(data, sizeMax)
    case 'snappy':
      return snappyDecompress(data, sizeMax)
    case 'lz4':
      return lz4Decompress(data, sizeMax)
    case 'zstd':
      return zstdDecompress(data, sizeMax)
  }
}

function gunzip(data: Uint8Array, sizeMax: number): Uint8Array {
  try {
    return gunzipSync(data, { maxOutputLength: sizeMax })
  } catch (error) {
    throw new DecodeError(`gzip: ${error instanceof Error ? error.message : String(error)}`, 0)
  }
}
