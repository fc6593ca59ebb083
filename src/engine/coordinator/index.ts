/** What a broker takes from here. */
export { coordinatorError } from './coordinator-errors'
export type { AppendAnswer, CoordinatorLog, EndTransactionMarker, LedPartition } from './coordinator-log'
export { GroupShard } from './group/group-shard'
export { partitionFor } from './partition-for'
export { CoordinatorRuntime, type Outcome } from './runtime'
export type { OperationContext, ReplayedRecord, Shard, ShardTimers, Slot, Step, TransactionResult } from './shard'
