/**
 * How a topic's records spread over time, without reading them: each bound of a stretch is looked up in the brokers' index of times, and what
 * lies between two is counted by offsets. Records whose times go backwards, and offsets that compaction or transactions took, make it an estimate.
 */
import { earliestOffset, type KafkaClient, latestOffset, listOffsets } from '../../engine/client'
import type { MessageHistogram } from '../../shared/model/messages'
import { partitionsOf } from './read-ranges'

/** Bounds are looked for to within this share of the whole. */
const searchSteps = 26
const lookupsAtOnce = 8

/** null: there are no records. `range` null: from the first to the last. Throws a ClientError where a leader is away. */
export async function countOverTime(
  client: KafkaClient,
  topics: readonly string[],
  bucketCount: number,
  range: { readonly fromMs: number; readonly toMs: number } | null,
): Promise<MessageHistogram | null> {
  const places = await Promise.all(
    topics.map(async (topic) => {
      const partitions = await partitionsOf(client, topic, null)
      const [first, end] = await Promise.all([
        listOffsets(client, topic, partitions, earliestOffset),
        listOffsets(client, topic, partitions, latestOffset),
      ])
      return { topic, partitions, first, end }
    }),
  )
  const sum = (offsets: ReadonlyMap<number, number>): number => [...offsets.values()].reduce((total, offset) => total + offset, 0)
  const firstTotal = places.reduce((total, { first }) => total + sum(first), 0)
  const endTotal = places.reduce((total, { end }) => total + sum(end), 0)
  if (endTotal === firstTotal) return null

  /** How many offsets there are before records of that time or later. */
  const before = async (timeMs: number): Promise<number> => {
    const found = await Promise.all(places.map(({ topic, partitions }) => listOffsets(client, topic, partitions, timeMs)))
    let total = 0
    for (const [at, { partitions, end }] of places.entries())
      for (const partition of partitions) {
        const offset = found[at]?.get(partition) ?? -1
        total += offset === -1 ? (end.get(partition) ?? 0) : Math.min(offset, end.get(partition) ?? 0)
      }
    return total
  }

  const nowMs = client.platform.clock.nowMs()
  // One minute on: producers' clocks may be ahead of ours.
  const ends = range ?? (await findEnds(before, firstTotal, endTotal, nowMs + 60_000))
  const stepMs = (ends.toMs - ends.fromMs) / bucketCount
  const bounds = Array.from({ length: bucketCount + 1 }, (_, at) => Math.round(ends.fromMs + at * stepMs))
  const totals: number[] = []
  for (let at = 0; at < bounds.length; at += lookupsAtOnce)
    totals.push(...(await Promise.all(bounds.slice(at, at + lookupsAtOnce).map(before))))
  const counts = totals.slice(1).map((total, at) => Math.max(0, total - (totals[at] ?? 0)))
  return { ...ends, counts }
}

/** The time of the first record and, past it, of the last, by halving. */
async function findEnds(
  before: (timeMs: number) => Promise<number>,
  firstTotal: number,
  endTotal: number,
  untilMs: number,
): Promise<{ fromMs: number; toMs: number }> {
  const search = async (isBelow: (total: number) => boolean, fromMs: number): Promise<{ low: number; high: number }> => {
    let low = fromMs
    let high = untilMs
    for (let step = 0; step < searchSteps * 2 && high - low > Math.max(1, (untilMs - low) / 2 ** searchSteps); step++) {
      const middle = Math.floor((low + high) / 2)
      if (isBelow(await before(middle))) low = middle
      else high = middle
    }
    return { low, high }
  }
  // The last time at which nothing is before …
  const { low: fromMs } = await search((total) => total <= firstTotal, 0)
  // … and the first at which nothing comes after.
  const { high: toMs } = await search((total) => total < endTotal, fromMs)
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) }
}
