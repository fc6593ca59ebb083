/** What is said of a group that has been judged, in the lines that `npm run compat` reads. Used by run.ts and migration.ts. */
import type { GroupJudge } from './judge'

/** A rebalance may take so long. */
export const limitMs = 3_000

/** Answers whether all was well. `name` stands before each line. */
export function report(
  judge: GroupJudge,
  ends: ReadonlyMap<number, number>,
  protocol: string,
  what: string,
  latestMs: number,
): boolean {
  const { found, excused } = judge.overlaps()
  const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const missing = judge.missing(ends)
  const rebalances = judge.rebalances().filter(({ isInterrupted }) => !isInterrupted)
  const late = rebalances.filter(({ tookMs, stalledMs }) => tookMs === null || tookMs - stalledMs > limitMs)
  const slowest = Math.max(0, ...rebalances.map(({ tookMs }) => tookMs ?? Number.POSITIVE_INFINITY))
  console.log(
    `${protocol}: ${what}; ${total} records, ${judge.processedTwice} of them processed more than once; this program woke up to ${latestMs} ms late`,
  )
  const say = (name: string, complaint: string | null) =>
    console.log(complaint === null ? `ok ${protocol}: ${name}` : `failed ${protocol}: ${name}: ${complaint}`)
  const [overlap] = found
  say(
    `no partition has two owners at once (${excused} times one had been put out and had not heard of it)`,
    overlap === undefined
      ? null
      : `${found.length} times, first partition ${overlap.partition} at ${overlap.atMs}: ${overlap.owner} and ${overlap.other}`,
  )
  say(`all ${total} records are processed`, missing === 0 && total > 0 ? null : `${missing} are not`)
  say(
    `each of ${rebalances.length} rebalances ends within ${limitMs} ms of its cause, the slowest in ${slowest} ms`,
    late.length === 0 && rebalances.length > 0
      ? null
      : late.map(({ what: cause, tookMs }) => `${cause}: ${tookMs === null ? 'never' : `${tookMs} ms`}`).join('; ') ||
          'there was none',
  )
  return found.length === 0 && missing === 0 && total > 0 && late.length === 0 && rebalances.length > 0
}
