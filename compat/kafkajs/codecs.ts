/**
 * kafkajs brings gzip; its users plug the other codecs in. These are packages as they take them, in a folder of their own in the cache: registered
 * with the kafkajs of our dependencies, which keeps codecs for the whole process. None needs a compiler; what @kafkajs/zstd and kafkajs-lz4 wrap does.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
// The whole module, because a named import of CommonJS is a copy of what the codecs are registered in.
import kafkajs from 'kafkajs'
import type { Codec, SuiteContext } from '../run/suite'
import { npmFolder } from '../run/toolchains'

const packages = ['kafkajs-snappy@1.1.0', 'lz4-napi@2.10.0', '@mongodb-js/zstd@1.2.2']

interface KafkaJsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

type Change = (data: Buffer) => Promise<Buffer>

const { CompressionCodecs, CompressionTypes } = kafkajs

export const compressionTypes: Readonly<Record<Codec, number>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

/** Why they cannot be had; null where they are registered. Asked by the suite and by the codec matrix. */
export async function registerCodecs(tools: Pick<SuiteContext, 'cacheDirectory' | 'run'>): Promise<string | null> {
  const folder = await npmFolder(tools, 'kafkajs-codecs', packages)
  if (!folder.isFound) return folder.why
  const load = createRequire(join(folder.directory, 'package.json'))
  const snappy = load('kafkajs-snappy') as () => KafkaJsCodec
  const lz4 = load('lz4-napi') as { compressFrame: Change; decompressFrame: Change }
  const zstd = load('@mongodb-js/zstd') as { compress: Change; decompress: Change }
  const codecOf = (compress: Change, decompress: Change) => (): KafkaJsCodec => ({
    compress: ({ buffer }) => compress(buffer),
    decompress,
  })
  CompressionCodecs[CompressionTypes.Snappy] = snappy
  CompressionCodecs[CompressionTypes.LZ4] = codecOf(lz4.compressFrame, lz4.decompressFrame)
  CompressionCodecs[CompressionTypes.ZSTD] = codecOf(zstd.compress, zstd.decompress)
  return null
}
