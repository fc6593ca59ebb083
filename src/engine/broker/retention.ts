/**
 * Retention, every `log.retention.check.interval.ms`: each replica of a topic whose cleanup.policy says delete drops the segments that are too old
 * or too much, up to its own high watermark, as every broker of Kafka does for itself.
 */
import type { Logger } from '../platform'
import { DiskError } from '../platform'
import type { LogManager } from '../storage'
import { listOf } from './config-definition'
import type { ConfigStore } from './config-store'
import type { Replicas } from './services'

export interface RetentionOptions {
  readonly logManager: Pick<LogManager, 'get'>
  readonly replicas: Pick<Replicas, 'partitionStates'>
  readonly configs: Pick<ConfigStore, 'topicValue'>
  readonly logger: Logger
  /** Of a replica that leads: followers drop the same, each for itself. */
  readonly onDidDrop?: (topic: string, partition: number, segmentCount: number) => void
}

export function applyRetention({ logManager, replicas, configs, logger, onDidDrop }: RetentionOptions): void {
  for (const { topic, partition, role, highWatermark } of replicas.partitionStates()) {
    if (role === 'offline' || !listOf(configs.topicValue(topic, 'cleanup.policy')).includes('delete')) continue
    const limits = {
      retentionMs: Number(configs.topicValue(topic, 'retention.ms')),
      retentionBytes: Number(configs.topicValue(topic, 'retention.bytes')),
    }
    try {
      const segmentCount = logManager.get(topic, partition)?.applyRetention(limits, highWatermark) ?? 0
      if (segmentCount === 0) continue
      logger.info('Segments that retention no longer keeps were dropped', { topic, partition, segmentCount })
      if (role === 'leader') onDidDrop?.(topic, partition, segmentCount)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      logger.error('Retention could not be applied', { topic, partition, reason: error.message })
    }
  }
}
