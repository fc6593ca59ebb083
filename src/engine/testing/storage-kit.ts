/** What the tests of storage share: a seeded memory disk with clock and log, and batches to append. Imported by tests only. */
import type { Clock } from '../platform/clock'
import type { LogFields, Logger } from '../platform/logger'
import type { Random } from '../platform/random'
import { batchSizeAt } from '../storage/batch-fields'
import { defaultLogConfig, type LogConfig } from '../storage/log-config'
import type { PartitionLogOptions } from '../storage/log-options'
import { PartitionLog } from '../storage/partition-log'
import { type BatchOptions, decodeRecords, encodeBatch } from '../wire/records'
import { MemoryDisk } from './memory-disk'

/** A small seeded generator (mulberry32): the same seed, the same losses. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    below: (bound) => Math.floor((next() / 0x1_0000_0000) * bound),
    bytes: (length) => Buffer.from(Array.from({ length }, () => next() & 0xff)),
  }
}

/** A clock that stands still until it is moved; its timers run when `advance` passes them. */
export class StillClock implements Clock {
  now = 1_700_000_000_000
  #timers = new Set<{ dueMs: number; intervalMs: number | null; callback: () => void }>()

  nowMs(): number {
    return this.now
  }
  monotonicMs(): number {
    return this.now
  }
  setTimer(delayMs: number, callback: () => void): { cancel(): void } {
    return this.#add({ dueMs: this.now + delayMs, intervalMs: null, callback })
  }
  setTicker(intervalMs: number, callback: () => void): { cancel(): void } {
    return this.#add({ dueMs: this.now + intervalMs, intervalMs, callback })
  }
  defer(callback: () => void): void {
    queueMicrotask(callback)
  }
  get timerCount(): number {
    return this.#timers.size
  }
  advance(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.dueMs <= end).sort((a, b) => a.dueMs - b.dueMs)
      if (!next) break
      this.now = next.dueMs
      if (next.intervalMs === null) this.#timers.delete(next)
      else next.dueMs += next.intervalMs
      next.callback()
    }
    this.now = end
  }
  #add(timer: { dueMs: number; intervalMs: number | null; callback: () => void }): { cancel(): void } {
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
}

/** Remembers warnings and errors, so that a test can ask for them. */
export class RecordingLogger implements Logger {
  readonly problems: { message: string; fields: LogFields | undefined }[] = []
  debug(): void {}
  info(): void {}
  warn(message: string, fields?: LogFields): void {
    this.problems.push({ message, fields })
  }
  error(message: string, fields?: LogFields): void {
    this.problems.push({ message, fields })
  }
}

export interface Kit {
  readonly disk: MemoryDisk
  readonly clock: StillClock
  readonly logger: RecordingLogger
  /** Opens the log `/data/orders-0`, as after a clean shutdown unless said otherwise. */
  open(options?: Partial<Omit<PartitionLogOptions, 'config'>> & { config?: Partial<LogConfig> }): PartitionLog
}

export const logDirectory = '/data/orders-0'

export function createKit(seed = 1): Kit {
  const disk = new MemoryDisk({ random: seededRandom(seed) })
  disk.makeDirectory('/data')
  disk.syncDirectory('/data')
  const clock = new StillClock()
  const logger = new RecordingLogger()
  return {
    disk,
    clock,
    logger,
    open: ({ config, ...options } = {}) =>
      PartitionLog.open({
        disk,
        clock,
        logger,
        directory: logDirectory,
        topic: 'orders',
        partition: 0,
        topicId: null,
        recoveryPoint: 0,
        wasCleanShutdown: true,
        logStartOffset: 0,
        config: { ...defaultLogConfig, ...config },
        ...options,
      }),
  }
}

/** A producer's batch with these values, stamped `timestampMs`, `timestampMs + 1`, … */
export function batchOf(
  values: readonly string[],
  timestampMs = 1_700_000_000_000,
  options: Partial<BatchOptions> = {},
): Uint8Array {
  return encodeBatch({
    records: values.map((value, index) => ({
      timestamp: BigInt(timestampMs + index),
      key: null,
      value: Buffer.from(value),
      headers: [],
    })),
    ...options,
  })
}

export function append(log: PartitionLog, values: readonly string[], leaderEpoch = 0, timestampMs?: number) {
  const result = log.appendAsLeader(batchOf(values, timestampMs), leaderEpoch)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** The bytes of a read, all of the log from `offset` on unless bounded. */
export function readBytes(
  log: PartitionLog,
  offset: number,
  maxBytes = Number.MAX_SAFE_INTEGER,
  maxOffset = log.logEndOffset,
): Uint8Array {
  const slice = log.read(offset, { maxBytes, maxOffset, minOneMessage: true })
  if (!slice.ok) throw new Error(slice.error)
  const bytes = new Uint8Array(slice.value.sizeInBytes)
  slice.value.readInto(bytes)
  return bytes
}

/** All records from `offset` on, over as many reads as it takes. */
export function readAll(log: PartitionLog, offset = log.logStartOffset, maxBytes?: number): { offset: number; value: string }[] {
  const records: { offset: number; value: string }[] = []
  for (let next = offset; next < log.logEndOffset; ) {
    const bytes = readBytes(log, next, maxBytes)
    if (bytes.byteLength === 0) break
    for (let at = 0; at < bytes.byteLength; at += batchSizeAt(bytes, at)) {
      for (const record of decodeRecords(bytes.subarray(at, at + batchSizeAt(bytes, at)))) {
        records.push({ offset: record.offset, value: Buffer.from(record.value ?? []).toString() })
        next = record.offset + 1
      }
    }
  }
  return records
}
