/**
 * Every API that we declare, by key. The broker's registry of handlers, the request decoder and the tests start here; a new message file
 * is added to the list and nowhere else.
 */

import type { AnyApi } from '../schema'
import { Produce } from './00-produce'
import { Fetch } from './01-fetch'
import { ListOffsets } from './02-list-offsets'
import { Metadata } from './03-metadata'
import { LeaderAndIsr } from './04-leader-and-isr'
import { StopReplica } from './05-stop-replica'
import { UpdateMetadata } from './06-update-metadata'
import { ControlledShutdown } from './07-controlled-shutdown'
import { FindCoordinator } from './10-find-coordinator'
import { ApiVersions } from './18-api-versions'
import { CreateTopics } from './19-create-topics'
import { DeleteTopics } from './20-delete-topics'
import { DeleteRecords } from './21-delete-records'
import { InitProducerId } from './22-init-producer-id'
import { OffsetForLeaderEpoch } from './23-offset-for-leader-epoch'
import { DescribeConfigs } from './32-describe-configs'
import { AlterConfigs } from './33-alter-configs'
import { CreatePartitions } from './37-create-partitions'
import { ElectLeaders } from './43-elect-leaders'
import { IncrementalAlterConfigs } from './44-incremental-alter-configs'
import { AlterPartition } from './56-alter-partition'
import { DescribeCluster } from './60-describe-cluster'
import { DescribeTopicPartitions } from './75-describe-topic-partitions'

export const ALL_APIS: readonly AnyApi[] = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  LeaderAndIsr,
  StopReplica,
  UpdateMetadata,
  ControlledShutdown,
  FindCoordinator,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  DeleteRecords,
  InitProducerId,
  OffsetForLeaderEpoch,
  DescribeConfigs,
  AlterConfigs,
  CreatePartitions,
  ElectLeaders,
  IncrementalAlterConfigs,
  AlterPartition,
  DescribeCluster,
  DescribeTopicPartitions,
]

const BY_KEY: ReadonlyMap<number, AnyApi> = new Map(ALL_APIS.map((api) => [api.key, api]))

export function findApi(key: number): AnyApi | undefined {
  return BY_KEY.get(key)
}

export {
  AlterConfigs,
  AlterPartition,
  ApiVersions,
  ControlledShutdown,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  DescribeCluster,
  DescribeConfigs,
  DescribeTopicPartitions,
  ElectLeaders,
  Fetch,
  FindCoordinator,
  IncrementalAlterConfigs,
  InitProducerId,
  LeaderAndIsr,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
  StopReplica,
  UpdateMetadata,
}
