/**
 * The records of the codec matrix: what compresses well and what does not at all, each kind of null and empty, bytes of all values, a large one. Made
 * anew for each run from a seed, the same for every writer. Header values are text without commas, because kcat prints nothing else faithfully.
 */
import type { CodecRecord } from '../run/suite'

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('base64')

export function codecRecords(seed: string): readonly CodecRecord[] {
  const random = bytesFrom(seed)
  const repeated = (index: number) => `record ${index} of ${seed}: ${'all work and no play '.repeat(1 + (index % 7))}`
  const ordinary = Array.from(
    { length: 40 },
    (_, index): CodecRecord => ({ key: base64(`key ${index}`), value: base64(repeated(index)), headers: [] }),
  )
  const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  return [
    ...ordinary,
    { key: null, value: base64('without a key'), headers: [] },
    { key: base64('empty'), value: '', headers: [] },
    { key: base64(allBytes), value: base64(allBytes), headers: [] },
    { key: base64('random'), value: base64(random(3_000)), headers: [] },
    { key: base64('large'), value: base64('x'.repeat(150_000)), headers: [] },
    // In several of xerial's blocks of 32 KiB, and not to be compressed.
    { key: base64('large and random'), value: base64(random(70_000)), headers: [] },
    { key: base64('deleted'), value: null, headers: [] },
    {
      key: base64('headers'),
      value: base64('with headers'),
      headers: [
        ['trace', base64('0123456789abcdef')],
        ['kind', base64('order placed')],
      ],
    },
  ]
}

/** Numbers that look random, the same for the same seed. */
function bytesFrom(seed: string): (count: number) => Uint8Array {
  let state = [...seed].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7) || 1
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      state >>>= 0
      return state & 0xff
    })
}
