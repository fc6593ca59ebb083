/**
 * Counts the bytes of buffers that code under test asks for, whether it touches them or not: a declared length that is believed shows here on the
 * first input, where the memory of the process would show it after thousands. Wraps Buffer's own functions while a fuzzer runs; for tests only.
 */
export interface AllocationMeter {
  /** Since the last call. */
  take(): number
  stop(): void
}

export function startAllocationMeter(): AllocationMeter {
  let bytes = 0
  const { alloc, allocUnsafe, allocUnsafeSlow, concat } = Buffer
  Buffer.alloc = ((size: number, ...rest: [string?, BufferEncoding?]) => {
    bytes += size
    return alloc(size, ...rest)
  }) as typeof Buffer.alloc
  Buffer.allocUnsafe = ((size: number) => {
    bytes += size
    return allocUnsafe(size)
  }) as typeof Buffer.allocUnsafe
  Buffer.allocUnsafeSlow = ((size: number) => {
    bytes += size
    return allocUnsafeSlow(size)
  }) as typeof Buffer.allocUnsafeSlow
  Buffer.concat = ((list: readonly Uint8Array[], size?: number) => {
    const joined = concat(list, size)
    bytes += joined.length
    return joined
  }) as typeof Buffer.concat
  return {
    take() {
      const taken = bytes
      bytes = 0
      return taken
    },
    stop() {
      Object.assign(Buffer, { alloc, allocUnsafe, allocUnsafeSlow, concat })
    },
  }
}
