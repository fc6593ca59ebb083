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
import { AddPartitionsToTxn } from './24-add-partitions-to-txn'
import { AddOffsetsToTxn } from './25-add-offsets-to-txn'
import { EndTxn } from './26-end-txn'
import { WriteTxnMarkers } from './27-write-txn-markers'
import { TxnOffsetCommit } from './28-txn-offset-commit'
import { DescribeConfigs } from './32-describe-configs'
import { AlterConfigs } from './33-alter-configs'
import { CreatePartitions } from './37-create-partitions'
import { ElectLeaders } from './43-elect-leaders'
import { IncrementalAlterConfigs } from './44-incremental-alter-configs'
import { AlterPartition } from './56-alter-partition'
import { DescribeCluster } from './60-describe-cluster'
import { DescribeProducers } from './61-describe-producers'
import { DescribeTransactions } from './65-describe-transactions'
import { ListTransactions } from './66-list-transactions'
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
  AddPartitionsToTxn,
  AddOffsetsToTxn,
  EndTxn,
  WriteTxnMarkers,
  TxnOffsetCommit,
  DescribeConfigs,
  AlterConfigs,
  CreatePartitions,
  ElectLeaders,
  IncrementalAlterConfigs,
  AlterPartition,
  DescribeCluster,
  DescribeProducers,
  DescribeTransactions,
  ListTransactions,
  DescribeTopicPartitions,
]

const BY_KEY: ReadonlyMap<number, AnyApi> = new Map(ALL_APIS.map((api) => [api.key, api]))

export function findApi(key: number): AnyApi | undefined {
  return BY_KEY.get(key)
}

export {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
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
  DescribeProducers,
  DescribeTopicPartitions,
  DescribeTransactions,
  ElectLeaders,
  EndTxn,
  Fetch,
  FindCoordinator,
  IncrementalAlterConfigs,
  InitProducerId,
  LeaderAndIsr,
  ListOffsets,
  ListTransactions,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
  StopReplica,
  TxnOffsetCommit,
  UpdateMetadata,
  WriteTxnMarkers,
}
