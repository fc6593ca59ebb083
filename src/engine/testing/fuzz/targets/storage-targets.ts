/**
 * The files of a broker's data folder: segments with their indexes, and what says whose folder it is. Whatever stands in them, a log opens or gives
 * its documented error; and what opened takes appends, answers reads, keeps its bounds, and opens again.
 */
import { DiskError } from '../../../platform/disk'
import { CorruptRecordsError, checkFollowerRecords } from '../../../storage/follower-records'
import { DataDirectoryError, LogManager } from '../../../storage/log-manager'
import type { PartitionLog } from '../../../storage/partition-log'
import { initCompression } from '../../../wire/records'
import type { MemoryDisk } from '../../memory-disk'
import { DirectClock } from '../direct-network'
import { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused, silentLogger } from '../fuzz-target'
import {
  isNameInLog,
  LOG_DIRECTORY,
  logFiles,
  mutateLogFile,
  mutateSegment,
  newLogDisk,
  openSmallLog,
  smallLogConfig,
} from '../generate-log'
import { validBatch } from '../generate-records'
import { mutateText } from '../mutations'
import { mutateParts, packParts, unpackParts } from '../parts'
import { mutateBatch } from './record-targets'

const SEGMENT_SPAN = 2 ** 31

/** Reads from every kind of place that a client may ask for. Damage in the middle of a log that was closed cleanly shows here, as DiskError. */
function readAround(log: PartitionLog, random: FuzzRandom): void {
  const { logStartOffset, logEndOffset } = log
  const inside = logStartOffset + random.below(Math.min(logEndOffset - logStartOffset, SEGMENT_SPAN) + 1)
  for (const offset of [logStartOffset, logEndOffset, inside, logStartOffset - 1]) {
    const maxBytes = random.pick([0, 1, 300, 1_000_000])
    orRefused(() => {
      const slice = log.read(offset, { maxBytes, maxOffset: logEndOffset, minOneMessage: true })
      if (!slice.ok) return
      check(slice.value.sizeInBytes <= log.sizeInBytes, 'a read gives no more than the log has')
      slice.value.readInto(new Uint8Array(slice.value.sizeInBytes))
    }, DiskError)
    log.epochAt(offset)
  }
  log.endOffsetForEpoch(random.below(5))
  orRefused(() => log.offsetForTimestamp(1_700_000_000_000 + random.below(5)), DiskError)
  orRefused(() => log.maxTimestamp(), DiskError)
}

function checkBounds(log: PartitionLog): void {
  check(log.logStartOffset >= 0, 'logStartOffset is no negative number')
  check(log.logStartOffset <= log.logEndOffset, 'logStartOffset <= logEndOffset')
  check(Number.isSafeInteger(log.logEndOffset), 'logEndOffset is a whole number below 2^53')
  check(log.recoveryPoint <= log.logEndOffset, 'recoveryPoint <= logEndOffset')
  let last = { epoch: -1, startOffset: -1 }
  for (const entry of log.epochEntries) {
    check(entry.epoch > last.epoch && entry.startOffset > last.startOffset, 'epochs and their start offsets rise')
    check(entry.startOffset <= log.logEndOffset, 'no epoch starts behind the end')
    last = entry
  }
}

function putLogFiles(disk: MemoryDisk, parts: readonly Buffer[]): void {
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const name = parts[index]!.toString('latin1')
    if (isNameInLog(name)) disk.writeFileAtomic(`${LOG_DIRECTORY}/${name}`, parts[index + 1]!)
  }
}

const logDirectory: FuzzTarget = {
  name: 'storage/log-directory',
  share: 1,
  minimum: 40_000,
  prepare: initCompression,
  seed: logFiles,
  mutate: (input, random, other) => {
    const names = unpackParts(input).map((part) => part.toString('latin1'))
    return mutateParts(input, random, other, (part, index, partRandom, otherPart) => {
      const isName = index % 2 === 0
      return isName && partRandom.chance(0.9) ? part : mutateLogFile(part, names[index - 1] ?? '', partRandom, otherPart)
    })
  },
  run(input) {
    const random = FuzzRandom.of('log', input.length, input[input.length >>> 1] ?? 0)
    const disk = newLogDisk(random)
    putLogFiles(disk, unpackParts(input, 100))
    const logStartOffset = random.chance(0.8) ? 0 : random.below(30)
    const state = { isClean: random.chance(0.5), recoveryPoint: random.pick([0, 3, 1000]), logStartOffset }
    const log = orRefused(() => openSmallLog(disk, state), DiskError)
    if (log === undefined) return
    checkBounds(log)
    readAround(log, random)
    const wasCut = useLog(log, random)
    checkBounds(log)
    const isClosed = orRefused(() => log.close() === undefined, DiskError)
    if (isClosed !== true) return
    const again = orRefused(() => openSmallLog(disk, { isClean: true, logStartOffset: log.logStartOffset }), DiskError)
    if (again === undefined) return
    checkBounds(again)
    // Cut where no batch was, between two segments, it ends with the batch before when it is opened again.
    const endsAsBefore = wasCut ? again.logEndOffset <= log.logEndOffset : again.logEndOffset === log.logEndOffset
    check(endsAsBefore || again.recoveryReport !== null, 'a log that was closed ends where it ended')
    again.abandon()
  },
  allocationMax: (length) => 4 * 1024 * 1024 + length * 256,
}

/** Appends, and sometimes truncates. Answers whether it did. */
function useLog(log: PartitionLog, random: FuzzRandom): boolean {
  let wasCut = false
  orRefused(() => {
    const before = log.logEndOffset
    const appended = log.appendAsLeader(validBatch(random, 0, ['none']), Math.max(0, log.latestEpoch))
    const isDuplicate = appended.ok && log.logEndOffset === before
    check(!appended.ok || isDuplicate || appended.value.firstOffset === before, 'an append goes to the end')
    if (random.chance(0.7)) return
    wasCut = true
    log.truncateTo(log.logStartOffset + random.below(Math.min(SEGMENT_SPAN, log.logEndOffset - log.logStartOffset) + 1))
  }, DiskError)
  return wasCut
}

const POLICIES = [
  {},
  { cleanupPolicy: 'compact' },
  { messageTimestampBeforeMaxMs: 3_600_000 },
  { messageTimestampType: 'LogAppendTime' },
] as const

/** What producers and leaders send: each piece is appended, as a leader's or a follower's. */
const appends: FuzzTarget = {
  name: 'storage/appends',
  share: 1,
  minimum: 40_000,
  prepare: initCompression,
  seed(random) {
    let offset = 0
    const batches = Array.from({ length: random.between(1, 5) }, () => {
      const batch = validBatch(random, random.chance(0.5) ? 0 : offset)
      offset += batch.readInt32BE(57)
      return batch
    })
    return packParts(batches)
  },
  mutate: (input, random, other) =>
    mutateParts(input, random, other, (part, _index, partRandom, otherPart) => mutateBatch(part, partRandom, otherPart)),
  run(input) {
    const random = FuzzRandom.of('appends', input.length, input[input.length >>> 1] ?? 0)
    const disk = newLogDisk(random)
    const log = openSmallLog(disk, { isClean: true, config: random.pick(POLICIES) })
    for (const part of unpackParts(input, 8)) {
      appendPart(log, Buffer.from(part), random)
      checkBounds(log)
    }
    readAround(log, random)
    const { logEndOffset } = log
    log.close()
    const again = openSmallLog(disk, { isClean: true })
    check(again.logEndOffset === logEndOffset, 'what was appended is there after a restart')
    checkBounds(again)
    again.abandon()
    const recovered = openSmallLog(disk, { isClean: false })
    // A leader's gap that no segment can span is taken for a lost tail by a recovery that knows of nothing flushed.
    const isWhole = recovered.logEndOffset === logEndOffset || logEndOffset >= SEGMENT_SPAN
    check(isWhole, 'what was appended passes recovery')
    recovered.abandon()
  },
  allocationMax: (length) => 16 * 1024 * 1024 + length * 256,
}

function appendPart(log: PartitionLog, records: Buffer, random: FuzzRandom): void {
  const before = log.logEndOffset
  if (random.chance(0.5)) {
    const origin = random.chance(0.9) ? 'client' : 'coordinator'
    const appended = log.appendAsLeader(records, random.below(3) + Math.max(0, log.latestEpoch), origin)
    // An idempotent producer's batch that came before is answered as it was then.
    const isRight = appended.ok ? log.logEndOffset >= before : log.logEndOffset === before
    check(isRight, 'what is refused changes nothing')
  } else {
    orRefused(() => checkFollowerRecords(records, before, before === 0), CorruptRecordsError)
    const appended = orRefused(() => log.appendAsFollower(records), CorruptRecordsError)
    const isTaken = appended !== undefined && appended !== null
    check(isTaken ? log.logEndOffset > 0 : log.logEndOffset === before, 'what is refused changes nothing')
  }
}

const FOLDER_FILES = [
  'meta.properties',
  '.kafka_cleanshutdown',
  'recovery-point-offset-checkpoint',
  'log-start-offset-checkpoint',
  'replication-offset-checkpoint',
] as const

/** A piece for each file beside the partition folders, then name and contents of each file in the partition's. */
const dataFolder: FuzzTarget = {
  name: 'storage/data-folder',
  share: 1,
  minimum: 30_000,
  prepare: initCompression,
  seed(random) {
    const offsets = Buffer.from(`0\n1\norders 0 ${random.below(12)}\n`)
    const properties = Buffer.from('version=0\nbroker.id=1\ncluster.id=c\n')
    const files = [properties, Buffer.from('{"version":0,"brokerEpoch":1}'), offsets, offsets, offsets]
    return Buffer.concat([packParts(files), logFiles(random)])
  },
  mutate: (input, random, other) =>
    mutateParts(input, random, other, (part, index, partRandom, otherPart) => {
      if (index < FOLDER_FILES.length) return mutateText(part, partRandom, otherPart)
      return mutateSegment(part, partRandom, otherPart)
    }),
  run(input) {
    const random = FuzzRandom.of('folder', input.length)
    const disk = newLogDisk(random)
    const parts = unpackParts(input, 100)
    for (const [index, name] of FOLDER_FILES.entries()) {
      const contents = parts[index]
      if (contents !== undefined && contents.length > 0) disk.writeFileAtomic(`/data/${name}`, contents)
    }
    putLogFiles(disk, parts.slice(FOLDER_FILES.length))
    const options = {
      ...{ platform: { disk, clock: new DirectClock(), logger: silentLogger }, dataDirectory: '/data' },
      ...{ defaultConfig: smallLogConfig, configFor: () => ({}), brokerId: 1, clusterId: null },
    }
    const manager = orRefused(() => LogManager.open(options), DataDirectoryError, DiskError)
    if (manager === undefined) return
    for (const log of manager.logs) {
      checkBounds(log)
      readAround(log, random)
      check(manager.highWatermarkCheckpoint(log.topic, log.partition) >= 0, 'a high watermark is no negative number')
    }
    manager.close(3)
    const again = LogManager.open(options)
    for (const log of again.logs) checkBounds(log)
    again.abandon()
  },
  allocationMax: (length) => 4 * 1024 * 1024 + length * 256,
}

export const storageTargets: readonly FuzzTarget[] = [appends, logDirectory, dataFolder]
