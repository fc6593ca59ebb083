/** Avro's duration: three little-endian unsigned 32-bit numbers, months, days and milliseconds, which do not turn into one another. */

const UINT32_MAX = 0xffff_ffffn

/** "P1M2DT3.004S"; all three always stand there, so that nothing has to be guessed when it is read. */
export function durationText(bytes: Buffer): string {
  const millis = bytes.readUInt32LE(8)
  const fraction = String(millis % 1000).padStart(3, '0')
  return `P${bytes.readUInt32LE(0)}M${bytes.readUInt32LE(4)}DT${Math.floor(millis / 1000)}.${fraction}S`
}

/** Takes any ISO 8601 duration of whole years to minutes and seconds to the millisecond; null otherwise, or beyond 32 bits. */
export function parseDuration(text: string): Buffer | null {
  const match =
    /^P(?:(\d{1,10})Y)?(?:(\d{1,10})M)?(?:(\d{1,10})W)?(?:(\d{1,10})D)?(?:T(?:(\d{1,10})H)?(?:(\d{1,10})M)?(?:(\d{1,10})(?:\.(\d{1,3}))?S)?)?$/.exec(
      text,
    )
  if (match === null || text === 'P' || text.endsWith('T')) return null
  const part = (index: number): bigint => BigInt(match[index] ?? '0')
  const months = part(1) * 12n + part(2)
  const days = part(3) * 7n + part(4)
  const millis = ((part(5) * 60n + part(6)) * 60n + part(7)) * 1000n + BigInt((match[8] ?? '').padEnd(3, '0'))
  if (months > UINT32_MAX || days > UINT32_MAX || millis > UINT32_MAX) return null
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32LE(Number(months), 0)
  bytes.writeUInt32LE(Number(days), 4)
  bytes.writeUInt32LE(Number(millis), 8)
  return bytes
}
