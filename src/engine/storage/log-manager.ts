/**
 * All logs of one broker, in its data folder, with the checkpoints beside them (LogManager.scala).
 *
 *     meta.properties                       whose folder this is
 *     .kafka_cleanshutdown                  there only between a clean shutdown and the next start
 *     recovery-point-offset-checkpoint      every 60 s and on close: flushed up to here
 *     log-start-offset-checkpoint           every 60 s and on close
 *     replication-offset-checkpoint         high watermarks; the replica manager says when
 *     <topic>-<partition>/                  one log
 *     <topic>-<partition>.<hex>-delete/     a deletion that a crash interrupted; finished at start
 *
 * The broker opens one at start, before anything else, and closes it last. Locking the folder against a second process is the host's business.
 */
import { assert } from '../../shared/lang/assert'
import type { Platform, Timer } from '../platform'
import { takeCleanShutdownMarker, writeCleanShutdownMarker } from './clean-shutdown'
import { deletedDirectorySuffix, parsePartitionDirectoryName, partitionDirectoryName } from './file-names'
import type { LogConfig } from './log-config'
import { readMetaProperties, writeMetaProperties } from './meta-properties'
import { OffsetCheckpoint, type PartitionOffset } from './offset-checkpoint'
import { OpenSegments } from './open-segments'
import { PartitionLog } from './partition-log'

export interface LogManagerOptions {
  readonly platform: Pick<Platform, 'disk' | 'clock' | 'logger'>
  readonly dataDirectory: string
  readonly defaultConfig: LogConfig
  /** What a topic's configuration sets differently. Asked when a log is opened; later changes come through updateTopicConfig. */
  readonly configFor: (topic: string) => Partial<LogConfig>
  readonly brokerId: number
  /** Null while it is not known: the folder's own is taken, and a new folder gets one with `setClusterId`. */
  readonly clusterId: string | null
  /** producer.id.expiration.ms, asked for each time: how long a producer may be idle before its state is forgotten. */
  readonly producerIdExpirationMs?: () => number
  /** The most segment files open at a time. */
  readonly openSegmentsMax?: number
  /** A log has begun a new segment. */
  readonly onDidRoll?: (topic: string, partition: number, baseOffset: number) => void
}

/** A data folder that this broker must not use: another broker's or another cluster's. The message is for a person. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError'
}

export interface LogRecoveryReport {
  readonly topic: string
  readonly partition: number
  readonly truncatedBytes: number
  readonly message: string
}

const checkpointIntervalMs = 60_000
const flushCheckIntervalMs = 1_000
/** producer.id.expiration.check.interval.ms */
const producerExpirationCheckIntervalMs = 600_000
const defaultProducerIdExpirationMs = 86_400_000

export class LogManager {
  /** What recovery had to cut at start. */
  readonly recoveryReports: readonly LogRecoveryReport[]
  readonly wasCleanShutdown: boolean
  readonly #options: LogManagerOptions
  readonly #logs = new Map<string, Map<number, PartitionLog>>()
  readonly #openSegments: OpenSegments
  readonly #recoveryPoints: OffsetCheckpoint
  readonly #logStartOffsets: OffsetCheckpoint
  readonly #highWatermarkFile: OffsetCheckpoint
  readonly #highWatermarks: Map<string, number>
  #clusterId: string | null
  #tickers: Timer[] = []
  #isClosed = false
  #isCheckpointDue = false
  /** A log was deleted whose entries a checkpoint may still have. */
  #hasDeletedEntries = false

  static open(options: LogManagerOptions): LogManager {
    return new LogManager(options)
  }

  private constructor(options: LogManagerOptions) {
    const { disk, logger } = options.platform
    const { dataDirectory } = options
    this.#options = options
    this.#openSegments = new OpenSegments(logger, options.openSegmentsMax)
    disk.makeDirectory(dataDirectory)
    this.#clusterId = checkOwner(options)
    this.#recoveryPoints = new OffsetCheckpoint(disk, logger, `${dataDirectory}/recovery-point-offset-checkpoint`)
    this.#logStartOffsets = new OffsetCheckpoint(disk, logger, `${dataDirectory}/log-start-offset-checkpoint`)
    this.#highWatermarkFile = new OffsetCheckpoint(disk, logger, `${dataDirectory}/replication-offset-checkpoint`)
    this.#highWatermarks = byPartition(this.#highWatermarkFile.read())
    this.wasCleanShutdown = takeCleanShutdownMarker(disk, dataDirectory)
    if (this.#loadAll()) this.#checkpointAll()
    this.recoveryReports = [...this.logs].flatMap((log) =>
      log.recoveryReport ? [{ topic: log.topic, partition: log.partition, ...log.recoveryReport }] : [],
    )
  }

  get clusterId(): string | null {
    return this.#clusterId
  }

  get logs(): Iterable<PartitionLog> {
    return this.#iterate()
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(topic)?.get(partition)
  }

  /** The cluster is known only once coordination answers: a new folder is marked as its then. Refuses a folder of another cluster. */
  setClusterId(clusterId: string): void {
    if (this.#clusterId === clusterId) return
    if (this.#clusterId !== null) throw otherCluster(this.#options.dataDirectory, this.#clusterId, clusterId)
    const { platform, dataDirectory, brokerId } = this.#options
    writeMetaProperties(platform.disk, dataDirectory, { brokerId, clusterId }, platform.clock.nowMs())
    this.#clusterId = clusterId
  }

  /** Throws DiskError where the folder cannot be made, or where the checkpoints cannot forget a log of that name before. */
  getOrCreate(topic: string, partition: number, topicId: string | null): PartitionLog {
    const existing = this.get(topic, partition)
    if (existing) {
      if (existing.topicId === null && topicId !== null) existing.setTopicId(topicId)
      return existing
    }
    if (this.#hasDeletedEntries) this.#checkpointAll()
    return this.#openLog(topic, partition, topicId, { recoveryPoint: 0, logStartOffset: 0, wasCleanShutdown: true })
  }

  /** Removes a log with its folder; none there is no error. */
  delete(topic: string, partition: number): void {
    const log = this.get(topic, partition)
    if (!log) return
    const partitions = this.#logs.get(topic)!
    partitions.delete(partition)
    if (partitions.size === 0) this.#logs.delete(topic)
    this.#highWatermarks.delete(partitionDirectoryName(topic, partition))
    log.delete()
    this.#hasDeletedEntries = true
    this.#checkpointSoon()
  }

  /**
   * The entries of a deleted log must not greet a later one of the same name; a topic's logs go together, and share the three writes. Where the
   * disk refuses them, they are written before a log is made.
   */
  #checkpointSoon(): void {
    if (this.#isCheckpointDue) return
    this.#isCheckpointDue = true
    this.#options.platform.clock.defer(() => {
      this.#isCheckpointDue = false
      if (this.#isClosed) return
      this.#attempt('write the checkpoints', () => this.#checkpointAll())
    })
  }

  #checkpointAll(): void {
    this.checkpointRecoveryPoints()
    this.checkpointLogStartOffsets()
    this.#highWatermarkFile.write(this.#knownHighWatermarks())
    this.#hasDeletedEntries = false
  }

  updateTopicConfig(topic: string): void {
    for (const log of this.#logs.get(topic)?.values() ?? []) log.updateConfig(this.#configOf(topic))
  }

  /** As the last start or write left it; 0 if there is none. */
  highWatermarkCheckpoint(topic: string, partition: number): number {
    return this.#highWatermarks.get(partitionDirectoryName(topic, partition)) ?? 0
  }

  /** Replaces the whole checkpoint. */
  writeHighWatermarks(entries: Iterable<PartitionOffset>): void {
    const all = [...entries]
    this.#highWatermarkFile.write(all)
    this.#highWatermarks.clear()
    for (const [name, offset] of byPartition(all)) this.#highWatermarks.set(name, offset)
  }

  checkpointRecoveryPoints(): void {
    this.#recoveryPoints.write(this.#offsets((log) => log.recoveryPoint))
  }

  checkpointLogStartOffsets(): void {
    const moved = (log: PartitionLog): boolean => log.logStartOffset > log.firstSegmentOffset
    this.#logStartOffsets.write(this.#offsets((log) => log.logStartOffset, moved))
  }

  /** Checkpoints, due flushes and the expiry of idle producers from now on, until close. */
  startTickers(): void {
    assert(this.#tickers.length === 0, 'the tickers are started once')
    const { clock } = this.#options.platform
    this.#tickers = [
      clock.setTicker(checkpointIntervalMs, () => {
        this.#attempt('checkpoint recovery points', () => this.checkpointRecoveryPoints())
        this.#attempt('checkpoint log start offsets', () => this.checkpointLogStartOffsets())
      }),
      clock.setTicker(flushCheckIntervalMs, () => {
        for (const log of this.logs) if (log.isFlushDue()) this.#attempt('flush', () => log.flush())
      }),
      clock.setTicker(producerExpirationCheckIntervalMs, () => {
        const expirationMs = this.#options.producerIdExpirationMs?.() ?? defaultProducerIdExpirationMs
        for (const log of this.logs) log.removeExpiredProducers(expirationMs)
      }),
    ]
  }

  /**
   * Clean shutdown: every log durable, checkpoints and marker written. `brokerEpoch` goes into the marker, -1 for unknown. Never throws: what the
   * disk refuses is logged, and the marker left out, for whoever closes has more to end.
   */
  close(brokerEpoch = -1): void {
    if (this.#isClosed) return
    this.#stop()
    let isClean = true
    for (const log of this.logs) {
      if (this.#attempt('close', () => log.close())) continue
      isClean = false
      log.abandon()
    }
    if (!this.#attempt('checkpoint recovery points', () => this.checkpointRecoveryPoints())) isClean = false
    if (!this.#attempt('checkpoint log start offsets', () => this.checkpointLogStartOffsets())) isClean = false
    const { platform, dataDirectory } = this.#options
    // A log that could not be closed needs its recovery at the next start.
    if (isClean) this.#attempt('mark the shutdown', () => writeCleanShutdownMarker(platform.disk, dataDirectory, brokerEpoch))
  }

  /** Lets go of all files without writing anything, as a killed process would. */
  abandon(): void {
    if (this.#isClosed) return
    this.#stop()
    for (const log of this.logs) log.abandon()
  }

  #stop(): void {
    this.#isClosed = true
    for (const ticker of this.#tickers) ticker.cancel()
  }

  /**
   * Answers whether the checkpoints must be written anew: where a log ends before its recovery point, or its high watermark, after a recovery
   * that lost flushed records, lest they promise that what is appended now is flushed, or committed; and where a log that they name is gone, deleted just before a crash.
   */
  #loadAll(): boolean {
    let isCheckpointAhead = false
    const { platform, dataDirectory } = this.#options
    const recoveryPoints = byPartition(this.#recoveryPoints.read())
    const logStartOffsets = byPartition(this.#logStartOffsets.read())
    for (const { name, isDirectory } of platform.disk.list(dataDirectory)) {
      if (!isDirectory) continue
      if (name.endsWith(deletedDirectorySuffix)) {
        platform.disk.removeTree(`${dataDirectory}/${name}`)
        continue
      }
      const parsed = parsePartitionDirectoryName(name)
      if (parsed === null) {
        platform.logger.warn('A folder that is no partition lies among the data and is left alone', { name })
        continue
      }
      const recoveryPoint = recoveryPoints.get(name) ?? 0
      const log = this.#openLog(parsed.topic, parsed.partition, null, {
        recoveryPoint,
        logStartOffset: logStartOffsets.get(name) ?? 0,
        wasCleanShutdown: this.wasCleanShutdown,
      })
      isCheckpointAhead ||= log.recoveryPoint < recoveryPoint
      if ((this.#highWatermarks.get(name) ?? 0) > log.logEndOffset) {
        this.#highWatermarks.set(name, log.logEndOffset)
        isCheckpointAhead = true
      }
    }
    const present = new Set(Array.from(this.logs, ({ topic, partition }) => partitionDirectoryName(topic, partition)))
    const isGone = (name: string): boolean => !present.has(name)
    const isAnyGone = [recoveryPoints, logStartOffsets, this.#highWatermarks].some((offsets) => [...offsets.keys()].some(isGone))
    for (const name of [...this.#highWatermarks.keys()].filter(isGone)) this.#highWatermarks.delete(name)
    return isCheckpointAhead || isAnyGone
  }

  #openLog(
    topic: string,
    partition: number,
    topicId: string | null,
    state: { recoveryPoint: number; logStartOffset: number; wasCleanShutdown: boolean },
  ): PartitionLog {
    const { platform, dataDirectory } = this.#options
    const log = PartitionLog.open({
      disk: platform.disk,
      clock: platform.clock,
      logger: platform.logger,
      directory: `${dataDirectory}/${partitionDirectoryName(topic, partition)}`,
      topic,
      partition,
      topicId,
      config: this.#configOf(topic),
      openSegments: this.#openSegments,
      onDidLowerRecoveryPoint: () => this.checkpointRecoveryPoints(),
      onDidRoll: (baseOffset) => this.#options.onDidRoll?.(topic, partition, baseOffset),
      ...state,
    })
    const partitions = this.#logs.get(topic)
    if (partitions) partitions.set(partition, log)
    else this.#logs.set(topic, new Map([[partition, log]]))
    return log
  }

  #configOf(topic: string): LogConfig {
    return { ...this.#options.defaultConfig, ...this.#options.configFor(topic) }
  }

  *#iterate(): IterableIterator<PartitionLog> {
    for (const partitions of this.#logs.values()) yield* partitions.values()
  }

  /** As last written, of the logs that are still there. */
  *#knownHighWatermarks(): IterableIterator<PartitionOffset> {
    for (const { topic, partition } of this.logs) {
      const offset = this.#highWatermarks.get(partitionDirectoryName(topic, partition))
      if (offset !== undefined) yield { topic, partition, offset }
    }
  }

  *#offsets(
    offsetOf: (log: PartitionLog) => number,
    isWanted?: (log: PartitionLog) => boolean,
  ): IterableIterator<PartitionOffset> {
    for (const log of this.logs) {
      if (!isWanted || isWanted(log)) yield { topic: log.topic, partition: log.partition, offset: offsetOf(log) }
    }
  }

  /** For work that nobody waits for: its failure is logged, and the next round tries again. */
  #attempt(what: string, action: () => void): boolean {
    try {
      action()
      return true
    } catch (cause) {
      this.#options.platform.logger.error(`Could not ${what}`, { dataDirectory: this.#options.dataDirectory, cause })
      return false
    }
  }
}

/** The cluster that the folder belongs to, once it is certain that the folder is this broker's. */
function checkOwner(options: LogManagerOptions): string | null {
  const { platform, dataDirectory, brokerId, clusterId } = options
  const found = readMetaProperties(platform.disk, dataDirectory)
  if (found === 'corrupt') throw new DataDirectoryError(`${dataDirectory}/meta.properties cannot be understood`)
  if (found !== null && found.brokerId !== brokerId) {
    throw new DataDirectoryError(`${dataDirectory} holds the data of broker ${found.brokerId}, not of broker ${brokerId}`)
  }
  const known = found?.clusterId ?? null
  if (known !== null && clusterId !== null && known !== clusterId) throw otherCluster(dataDirectory, known, clusterId)
  if (clusterId !== null && known === null) {
    writeMetaProperties(platform.disk, dataDirectory, { brokerId, clusterId }, platform.clock.nowMs())
  }
  return known ?? clusterId
}

function otherCluster(dataDirectory: string, known: string, wanted: string): DataDirectoryError {
  return new DataDirectoryError(`${dataDirectory} holds data of the cluster ${known}, not of ${wanted}`)
}

function byPartition(entries: Iterable<PartitionOffset>): Map<string, number> {
  const offsets = new Map<string, number>()
  for (const { topic, partition, offset } of entries) offsets.set(partitionDirectoryName(topic, partition), offset)
  return offsets
}
