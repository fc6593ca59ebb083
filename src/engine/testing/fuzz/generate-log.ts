/** The files of a partition's folder as a log that ran would leave them, and what damage does to each kind of them. */

import { batchOverhead, batchSizeAt } from '../../storage/batch-fields'
import { parseSegmentFileName } from '../../storage/file-names'
import { defaultLogConfig, type LogConfig } from '../../storage/log-config'
import { PartitionLog } from '../../storage/partition-log'
import { encodeBatch, encodeEndTxnMarker } from '../../wire/records'
import { MemoryDisk } from '../memory-disk'
import { DirectClock } from './direct-network'
import type { FuzzRandom } from './fuzz-random'
import { silentLogger } from './fuzz-target'
import { mendBatch, validBatch } from './generate-records'
import { mutateBytes, mutateText } from './mutations'
import { packParts } from './parts'
import { mutateBatch } from './targets/record-targets'

export const LOG_DIRECTORY = '/data/orders-0'
/** Segments and index intervals small enough that a dozen batches fill several. */
export const smallLogConfig = { ...defaultLogConfig, segmentBytes: 2000, indexIntervalBytes: 100, segmentIndexBytes: 200 }

export function newLogDisk(random: FuzzRandom): MemoryDisk {
  const disk = new MemoryDisk({ random })
  disk.makeDirectory(LOG_DIRECTORY)
  return disk
}

export interface LogState {
  readonly isClean: boolean
  readonly recoveryPoint?: number
  readonly logStartOffset?: number
  readonly config?: Partial<LogConfig>
}

export function openSmallLog(disk: MemoryDisk, state: LogState): PartitionLog {
  const { isClean, recoveryPoint = 0, logStartOffset = 0, config } = state
  return PartitionLog.open({
    ...{ disk, clock: new DirectClock(), logger: silentLogger, directory: LOG_DIRECTORY, topic: 'orders', partition: 0 },
    ...{ topicId: null, config: { ...smallLogConfig, ...config }, recoveryPoint, wasCleanShutdown: isClean, logStartOffset },
  })
}

/** Name and contents of each file, a piece each. */
export function logFiles(random: FuzzRandom): Buffer {
  const disk = newLogDisk(random)
  const log = openSmallLog(disk, { isClean: true })
  let epoch = 0
  for (let count = random.between(1, 14); count > 0; count--) {
    if (random.chance(0.2)) epoch++
    log.appendAsLeader(validBatch(random), epoch)
    if (random.chance(0.2)) appendAborted(log, 1000 + count, epoch)
  }
  if (random.chance(0.8)) log.close()
  else log.abandon()
  return packParts(disk.paths.flatMap((path) => [Buffer.from(path.slice(LOG_DIRECTORY.length + 1)), disk.readFile(path)!]))
}

/** A transaction of one batch, which leaves an index of aborted ones behind. */
function appendAborted(log: PartitionLog, producerId: number, leaderEpoch: number): void {
  const producer = { producerId: BigInt(producerId), producerEpoch: 0 }
  const records = [{ timestamp: 1_700_000_000_000n, key: null, value: Buffer.from('never mind'), headers: [] }]
  log.appendAsLeader(encodeBatch({ records, ...producer, baseSequence: 0, isTransactional: true }), leaderEpoch)
  const marker = encodeEndTxnMarker({ ...producer, coordinatorEpoch: 0, isCommit: false, timestampMs: 1_700_000_000_000 })
  log.appendAsLeader(marker, leaderEpoch, 'coordinator')
}

/** A name that a file of a partition's folder may have; anything else is another program's, and no business of ours. */
export function isNameInLog(name: string): boolean {
  if (!/^[\w.-]{1,60}$/.test(name) || name.startsWith('.')) return false
  return parseSegmentFileName(name) !== null || /^[a-z.-]+$/.test(name)
}

export function mutateLogFile(part: Buffer, name: string, random: FuzzRandom, other: () => Uint8Array): Buffer {
  if (name.endsWith('.log')) return mutateSegment(part, random, other)
  return name.endsWith('index') || name.endsWith('.snapshot') ? mutateBytes(part, random, other) : mutateText(part, random, other)
}

/** The header's own fields lie before the checksum's range, or in it; each is worth a lie. */
const HEADER_FIELDS = [0, 4, 8, 12, 16, 21, 23, 27, 31, 35, 39, 43, 51, 53, 57] as const

/** One batch of the segment is changed, in front of its checksum or behind it; or bytes anywhere. */
export function mutateSegment(segment: Buffer, random: FuzzRandom, other: () => Uint8Array): Buffer {
  const starts = batchStarts(segment)
  if (starts.length === 0 || random.chance(0.3)) return mutateBytes(segment, random, other)
  const start = random.pick(starts)
  const end = start + batchSizeAt(segment, start)
  const batch = Buffer.from(segment.subarray(start, end))
  const changed = random.chance(0.4) ? withLie(batch, random) : mutateBatch(batch, random, () => batch)
  return Buffer.concat([segment.subarray(0, start), changed, segment.subarray(end)])
}

function withLie(batch: Buffer, random: FuzzRandom): Buffer {
  const at = random.pick(HEADER_FIELDS)
  if (random.chance(0.5) || at === 16) batch[at] = random.next()
  else batch.writeInt32BE(random.int32(), Math.min(at, batch.length - 4))
  return mendBatch(batch, random.chance(0.5))
}

function batchStarts(segment: Buffer): number[] {
  const starts: number[] = []
  for (let at = 0; at + batchOverhead <= segment.length; ) {
    const size = batchSizeAt(segment, at)
    if (size < batchOverhead || at + size > segment.length) break
    starts.push(at)
    at += size
  }
  return starts
}
