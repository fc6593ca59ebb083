/**
 * What every producer wrote and was told, and the judge of what is read back. A stream is what one producer writes to one partition: numbers
 * from 0 on. The rules, for records acknowledged with acks=all:
 *   lost        an acknowledged record is not in the partition, or not at the offset that was acknowledged
 *   duplicated  an idempotent producer's record stands there twice
 *   reordered   an idempotent producer's numbers do not ascend; or, for every producer, a record that was handed over after another one had been
 *               acknowledged was acknowledged below it
 *   hole        the offsets of a partition are not 0, 1, 2, …
 * A producer without idempotence may write twice when an answer is lost, and librdkafka's may pass a batch that waits at another broker: counted, not
 * forbidden.
 */

export interface Stream {
  readonly id: number
  readonly producer: string
  readonly isIdempotent: boolean
  readonly topic: string
  readonly partition: number
}

export type ViolationKind = 'lost' | 'duplicated' | 'reordered' | 'hole' | 'foreign'

export interface Violation {
  readonly kind: ViolationKind
  readonly topic: string
  readonly partition: number
  readonly stream: number | null
  readonly sequence: number | null
  readonly text: string
}

/** What stands in one partition, in the order of offsets: three columns of equal length. */
export interface PartitionContents {
  readonly offsets: number[]
  readonly streams: number[]
  readonly sequences: number[]
}

interface Entry extends Stream {
  /** By sequence: NaN while not acknowledged; -1 where the client was not told the offset. */
  offsets: Float64Array
  ackedAtMs: Float64Array
  highestSequence: number
  acknowledged: number
  highestAckedOffset: number
  /** By the last reading. */
  duplicates: number
  passed: number
}

const violationsKeptMax = 1_000

export class Ledger {
  readonly violations: Violation[] = []
  readonly counts = new Map<ViolationKind, number>()
  private readonly streams = new Map<number, Entry>()
  private readonly known = new Set<string>()

  open(producer: string, isIdempotent: boolean, topic: string, partition: number): Stream {
    const entry: Entry = {
      id: this.streams.size,
      producer,
      isIdempotent,
      topic,
      partition,
      offsets: new Float64Array(256).fill(Number.NaN),
      ackedAtMs: new Float64Array(256),
      highestSequence: -1,
      acknowledged: 0,
      highestAckedOffset: -1,
      duplicates: 0,
      passed: 0,
    }
    this.streams.set(entry.id, entry)
    return entry
  }

  /** The highest offset acknowledged so far: a record handed over now must come to stand behind it. */
  floorOf(streamId: number): number {
    return this.entry(streamId).highestAckedOffset
  }

  acknowledge(streamId: number, sequence: number, offset: number, floor: number, atMs: number): void {
    const entry = this.entry(streamId)
    while (sequence >= entry.offsets.length) grow(entry)
    if (!Number.isNaN(entry.offsets[sequence])) throw new Error(`${entry.producer} acknowledged ${streamId}/${sequence} twice`)
    entry.offsets[sequence] = offset
    entry.ackedAtMs[sequence] = atMs
    entry.highestSequence = Math.max(entry.highestSequence, sequence)
    entry.acknowledged++
    entry.highestAckedOffset = Math.max(entry.highestAckedOffset, offset)
    if (offset >= 0 && offset <= floor)
      this.violate(
        'reordered',
        entry,
        sequence,
        `was acknowledged at offset ${offset}, though it was handed over after offset ${floor} had been acknowledged`,
      )
  }

  get acknowledgedTotal(): number {
    let total = 0
    for (const { acknowledged } of this.streams.values()) total += acknowledged
    return total
  }

  /** Written twice by producers that may, by producer. */
  permittedDuplicates(): Map<string, number> {
    return this.sumBy((entry) => (entry.isIdempotent ? 0 : entry.duplicates))
  }

  /** Out of order as their producers, not the brokers, put them, by producer. */
  permittedPasses(): Map<string, number> {
    return this.sumBy((entry) => (entry.isIdempotent ? 0 : entry.passed))
  }

  acknowledgedBy(): Map<string, number> {
    return this.sumBy((entry) => entry.acknowledged)
  }

  /** Compares one partition's contents, read from its beginning to its end while nobody writes. */
  verify(topic: string, partition: number, contents: PartitionContents, reader: string): void {
    const own = [...this.streams.values()].filter((entry) => entry.topic === topic && entry.partition === partition)
    const states = new Map(
      own.map((entry) => [
        entry.id,
        { entry, highest: -1, seen: new Map<number, number>(), isAtAckedOffset: new Set<number>(), duplicates: 0, passed: 0 },
      ]),
    )
    for (let index = 0; index < contents.offsets.length; index++) {
      const offset = contents.offsets[index] as number
      const sequence = contents.sequences[index] as number
      if (offset !== index) {
        this.report('hole', topic, partition, null, null, `${reader} read offset ${offset} where ${index} follows`)
        break
      }
      const state = states.get(contents.streams[index] as number)
      if (state === undefined) {
        this.report(
          'foreign',
          topic,
          partition,
          null,
          null,
          `${reader} read at offset ${offset} a record that nobody wrote to this partition`,
        )
        continue
      }
      const { entry, seen } = state
      if (entry.offsets[sequence] === offset) state.isAtAckedOffset.add(sequence)
      const before = seen.get(sequence)
      if (before !== undefined) {
        state.duplicates++
        if (entry.isIdempotent)
          this.violate('duplicated', entry, sequence, `${reader} read it at offsets ${before} and ${offset}`)
        continue
      }
      seen.set(sequence, offset)
      if (sequence < state.highest) {
        state.passed++
        if (entry.isIdempotent)
          this.violate('reordered', entry, sequence, `${reader} read it at offset ${offset}, behind ${state.highest}`)
      }
      state.highest = Math.max(state.highest, sequence)
    }
    for (const { entry, seen, isAtAckedOffset, duplicates, passed } of states.values()) {
      entry.duplicates = duplicates
      entry.passed = passed
      for (let sequence = 0; sequence <= entry.highestSequence; sequence++) {
        const offset = entry.offsets[sequence] as number
        if (Number.isNaN(offset)) continue
        const found = seen.get(sequence)
        if (found === undefined) this.violate('lost', entry, sequence, `${reader} did not find it; ${told(entry, sequence)}`)
        else if (offset >= 0 && !isAtAckedOffset.has(sequence))
          this.violate('lost', entry, sequence, `${reader} found it at offset ${found} only; ${told(entry, sequence)}`)
      }
    }
  }

  private violate(kind: ViolationKind, entry: Entry, sequence: number, text: string): void {
    const who = `${entry.topic}-${entry.partition}, record ${sequence} of ${entry.producer} (stream ${entry.id})`
    this.report(kind, entry.topic, entry.partition, entry.id, sequence, `${who}: ${text}`)
  }

  private report(
    kind: ViolationKind,
    topic: string,
    partition: number,
    stream: number | null,
    sequence: number | null,
    text: string,
  ): void {
    // Read again a round later, or by another reader, it is the same one.
    const key = `${kind} ${topic} ${partition} ${stream} ${sequence}`
    if (this.known.has(key)) return
    this.known.add(key)
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    if (this.violations.length < violationsKeptMax) this.violations.push({ kind, topic, partition, stream, sequence, text })
  }

  private entry(id: number): Entry {
    const entry = this.streams.get(id)
    if (entry === undefined) throw new Error(`there is no stream ${id}`)
    return entry
  }

  private sumBy(of: (entry: Entry) => number): Map<string, number> {
    const by = new Map<string, number>()
    for (const entry of this.streams.values()) {
      const count = of(entry)
      if (count > 0) by.set(entry.producer, (by.get(entry.producer) ?? 0) + count)
    }
    return by
  }
}

function told(entry: Entry, sequence: number): string {
  const offset = entry.offsets[sequence] as number
  const when = new Date(entry.ackedAtMs[sequence] as number).toISOString()
  return `it was acknowledged ${offset < 0 ? 'without an offset' : `at offset ${offset}`}, ${when}`
}

function grow(entry: Entry): void {
  const offsets = new Float64Array(entry.offsets.length * 2).fill(Number.NaN)
  offsets.set(entry.offsets)
  const ackedAtMs = new Float64Array(offsets.length)
  ackedAtMs.set(entry.ackedAtMs)
  entry.offsets = offsets
  entry.ackedAtMs = ackedAtMs
}
