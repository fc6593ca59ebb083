/** The value of a record: `stream sequence filler`. The same in clients/rdkafka.py. */

/** Sizes change, so that batches, index entries and segments end anywhere. */
export function recordValue(stream: number, sequence: number): Buffer {
  const filler = sequence % 500 === 499 ? 20_000 : 40 + ((sequence * 37) % 200)
  return Buffer.from(`${stream} ${sequence} ${'x'.repeat(filler)}`)
}

/** [-1, -1] for what no producer of ours wrote. */
export function parseValue(value: Uint8Array | null): readonly [stream: number, sequence: number] {
  const text =
    value === null ? '' : Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 40)).toString('latin1')
  const match = /^(\d+) (\d+) x/.exec(text)
  return match === null ? [-1, -1] : [Number(match[1]), Number(match[2])]
}
