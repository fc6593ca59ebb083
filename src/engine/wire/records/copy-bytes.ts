/** The two copies of the LZ codecs. Most are a few bytes long, where a loop beats every call into the engine's own copying. */

const LOOP_LENGTH_MAX = 48

/** Copies `length` bytes of `source` from `from` to `target` at `to`. */
export function copyLiteral(source: Uint8Array, from: number, length: number, target: Uint8Array, to: number): void {
  if (length <= LOOP_LENGTH_MAX) {
    for (let index = 0; index < length; index++) target[to + index] = source[from + index]!
  } else {
    target.set(source.subarray(from, from + length), to)
  }
}

/** Copies `length` bytes from `offset` bytes back. They may reach into what is being written, which is how runs are encoded. */
export function copyMatch(bytes: Uint8Array, to: number, offset: number, length: number): void {
  const from = to - offset
  if (offset >= length && length > LOOP_LENGTH_MAX) {
    bytes.copyWithin(to, from, from + length)
  } else if (offset === 1) {
    bytes.fill(bytes[from]!, to, to + length)
  } else {
    for (let index = 0; index < length; index++) bytes[to + index] = bytes[from + index]!
  }
}
