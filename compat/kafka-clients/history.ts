/**
 * What was acknowledged against what is read back. A producer writes ascending numbers to each partition; every acknowledged number must be
 * there, and the numbers must first appear in ascending order. A number that appears again is a retry whose first answer was lost, which a
 * producer without idempotence may write twice; it is counted, not forbidden.
 */

export interface Acknowledged {
  readonly partition: number
  readonly sequence: number
  /** When the acknowledgement came, ms since the epoch. */
  readonly atMs: number
}

export interface Verdict {
  readonly acknowledged: number
  readonly read: number
  readonly lost: readonly string[]
  readonly reordered: readonly string[]
  readonly duplicates: number
}

/** `read`: the sequences of each partition in the order of offsets. */
export function verify(acknowledged: readonly Acknowledged[], read: ReadonlyMap<number, readonly number[]>): Verdict {
  const lost: string[] = []
  const reordered: string[] = []
  let readCount = 0
  let duplicates = 0
  const present = new Map<number, Set<number>>()
  for (const [partition, sequences] of read) {
    const seen = new Set<number>()
    let highest = -1
    for (const sequence of sequences) {
      readCount++
      if (seen.has(sequence)) {
        duplicates++
        continue
      }
      seen.add(sequence)
      if (sequence < highest) reordered.push(`partition ${partition}: ${sequence} after ${highest}`)
      highest = Math.max(highest, sequence)
    }
    present.set(partition, seen)
  }
  for (const { partition, sequence } of acknowledged) {
    if (present.get(partition)?.has(sequence) !== true) lost.push(`partition ${partition}: ${sequence}`)
  }
  return { acknowledged: acknowledged.length, read: readCount, lost, reordered, duplicates }
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}
