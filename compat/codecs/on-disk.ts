/**
 * What a writer has really written, from the broker's log: a client that cannot compress, or believes that the broker takes nothing compressed, sends
 * its batches as they are and says nothing, and everybody could read them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Codec, codecs } from '../run/suite'

export interface WrittenBatches {
  readonly codecs: readonly Codec[]
  /** Of the batches of snappy: in Java's framing (xerial) or in one raw block. */
  readonly framings: readonly ('raw' | 'xerial')[]
}

const batchOverheadBytes = 12
const headerBytes = 61
const attributesAt = 21
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])

export function writtenBatches(dataDirectory: string, topic: string): WrittenBatches {
  const [directory] = readdirSync(dataDirectory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(`${topic}-0`),
  )
  if (directory === undefined) throw new Error(`no broker has a log of ${topic}`)
  const logs = readdirSync(join(dataDirectory, directory)).filter((file) => file.endsWith('.log'))
  const found = { codecs: new Set<Codec>(), framings: new Set<'raw' | 'xerial'>() }
  for (const file of logs) {
    const bytes = readFileSync(join(dataDirectory, directory, file))
    for (let at = 0; at + headerBytes <= bytes.length; at += batchOverheadBytes + bytes.readInt32BE(at + 8)) {
      const codec = codecs[bytes.readInt16BE(at + attributesAt) & 7] ?? 'none'
      found.codecs.add(codec)
      const isXerial = bytes.subarray(at + headerBytes, at + headerBytes + xerialMagic.length).equals(xerialMagic)
      if (codec === 'snappy') found.framings.add(isXerial ? 'xerial' : 'raw')
    }
  }
  return { codecs: [...found.codecs], framings: [...found.framings] }
}
