/**
 * What was acknowledged against what is read back. A producer writes ascending numbers to each partition; every acknowledged number must be
 * there, and the numbers must first appear in ascending order. A number that appears again is a retry whose first answer was lost: a
 * producer without idempotence may write it twice, and it is counted; an idempotent one may not.
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
  /** Records that are there again; `duplicated` names them. */
  readonly duplicates: number
  readonly duplicated: readonly string[]
}

/** `read`: the sequences of each partition in the order of offsets. */
export function verify(acknowledged: readonly Acknowledged[], read: ReadonlyMap<number, readonly number[]>): Verdict {
  const lost: string[] = []
  const reordered: string[] = []
  let readCount = 0
  const duplicated: string[] = []
  const present = new Map<number, Set<number>>()
  for (const [partition, sequences] of read) {
    const seen = new Set<number>()
    let highest = -1
    for (const sequence of sequences) {
      readCount++
      if (seen.has(sequence)) {
        duplicated.push(`partition ${partition}: ${sequence} again`)
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
  return { acknowledged: acknowledged.length, read: readCount, lost, reordered, duplicates: duplicated.length, duplicated }
}

/** What a kind of producer promises beside that nothing acknowledged is lost. */
export interface Promises {
  /** Nothing is written twice. */
  readonly isIdempotent: boolean
  /** The client itself sends in order, also what it sends again. */
  readonly keepsOrder: boolean
}

/** What was promised and not kept, a line each. */
export function broken(verdict: Verdict, promises: Promises): readonly string[] {
  return [
    ...verdict.lost.map((record) => `lost: ${record}`),
    ...(promises.keepsOrder ? verdict.reordered.map((record) => `reordered: ${record}`) : []),
    ...(promises.isIdempotent ? verdict.duplicated.map((record) => `duplicated: ${record}`) : []),
  ]
}

/** The verdicts of many rounds, added up by kind of client. */
export class Tally {
  private readonly sums = new Map<string, { acknowledged: number; lost: number; duplicated: number; reordered: number }>()

  add(kind: string, { acknowledged, lost, duplicated, reordered }: Verdict): void {
    const sum = this.sums.get(kind) ?? { acknowledged: 0, lost: 0, duplicated: 0, reordered: 0 }
    sum.acknowledged += acknowledged
    sum.lost += lost.length
    sum.duplicated += duplicated.length
    sum.reordered += reordered.length
    this.sums.set(kind, sum)
  }

  lines(): readonly string[] {
    return [...this.sums].map(
      ([kind, { acknowledged, lost, duplicated, reordered }]) =>
        `${kind}: ${acknowledged} acknowledged, ${lost} lost, ${duplicated} duplicated, ${reordered} reordered`,
    )
  }
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}
