/**
 * Several pieces in one input: the files of a folder, the packets of a session. Each piece is its length (int32) and its bytes. Any bytes can be
 * unpacked: what is left when a length makes no sense is the last piece. So a target's input stays one run of bytes, which can be cut down and kept.
 */
import type { FuzzRandom } from './fuzz-random'
import { mutateBytes } from './mutations'

export function packParts(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(part.length)
      return [size, part]
    }),
  )
}

export function unpackParts(input: Uint8Array, countMax = 1000): Buffer[] {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length && parts.length < countMax; ) {
    const size = bytes.length - at >= 4 ? bytes.readInt32BE(at) : -1
    const isSane = size >= 0 && size <= bytes.length - at - 4
    parts.push(isSane ? bytes.subarray(at + 4, at + 4 + size) : bytes.subarray(at))
    at = isSane ? at + 4 + size : bytes.length
  }
  return parts
}

type MutatePart = (part: Buffer, index: number, random: FuzzRandom, other: () => Uint8Array) => Buffer

/** Changes one piece or more, or leaves one out, doubles one, or exchanges two. */
export function mutateParts(
  input: Uint8Array,
  random: FuzzRandom,
  other: () => Uint8Array,
  mutatePart: MutatePart = (part, _index, partRandom, otherPart) => mutateBytes(part, partRandom, otherPart),
): Buffer {
  const parts = unpackParts(input)
  const otherPart = () => {
    const others = unpackParts(other())
    return others.length === 0 ? Buffer.alloc(0) : random.pick(others)
  }
  do {
    if (parts.length === 0) break
    const index = random.below(parts.length)
    const kind = random.below(12)
    if (kind === 0) parts.splice(index, 1)
    else if (kind === 1) parts.splice(index, 0, parts[index]!)
    else if (kind === 2) [parts[index], parts[0]] = [parts[0]!, parts[index]!]
    else parts[index] = mutatePart(parts[index]!, index, random, otherPart)
  } while (random.chance(0.4))
  return packParts(parts)
}
