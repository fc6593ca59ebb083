/** Topics, their configs, and what may be asked of them. */
import type { PartitionView } from './cluster'

export interface TopicView {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitionCount: number
  readonly replicationFactor: number
  /** High watermark minus log start, over all partitions. */
  readonly messageCount: number
  /** Over all replicas. */
  readonly logBytes: number
  readonly underReplicatedCount: number
  readonly offlineCount: number
  readonly cleanupPolicy: string
  readonly retentionMs: string
}

/** What changed since the revision before: new or changed views whole. Topics in `removed` go before the others come. */
export interface TopicsDelta {
  readonly revision: number
  readonly topics: readonly TopicView[]
  readonly partitions: readonly PartitionView[]
  readonly removed: readonly string[]
}

export interface ConfigEntryView {
  readonly name: string
  readonly value: string | null
  readonly isDefault: boolean
  readonly isReadOnly: boolean
  readonly source: string
  readonly type: string
  readonly documentation: string
}

/** One config that the create form offers: what it means, and what may be written. */
export interface ConfigDefinitionView {
  readonly name: string
  readonly type: 'boolean' | 'int' | 'long' | 'double' | 'string' | 'list'
  readonly default: string
  readonly documentation: string
  readonly validValues: readonly string[] | null
  readonly min: string | null
  readonly max: string | null
}

export interface CreateTopicSpec {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}
