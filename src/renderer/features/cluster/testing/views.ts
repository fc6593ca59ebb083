/** Brokers and partitions as tests of this folder want them, short. Imported by tests only. */
import type { BrokerState, BrokerView, PartitionView } from '../../../../shared/model/cluster'

export function brokerOf(id: number, state: BrokerState = 'running'): BrokerView {
  return {
    id,
    state,
    stateSinceMs: 0,
    reason: null,
    host: '127.0.0.1',
    port: 9091 + id,
    isController: false,
    isRegistered: true,
    leaderCount: 0,
    replicaCount: 0,
    logBytes: 0,
    bytesInPerSecond: 0,
    bytesOutPerSecond: 0,
    messagesInPerSecond: 0,
    connectionCount: 0,
  }
}

/** Broker 1 in the first state, and so on. */
export const brokersOf = (...states: BrokerState[]): ReadonlyMap<number, BrokerView> =>
  new Map(states.map((state, index) => [index + 1, brokerOf(index + 1, state)]))

type Fields = Partial<Omit<PartitionView, 'replicas'>> & { readonly replicas?: readonly number[] }

/** Led by its first replica and all in sync, unless told otherwise; 100 records each. */
export function partitionOf({ replicas = [1, 2, 3], ...fields }: Fields = {}): PartitionView {
  const leader = fields.leader === undefined ? (replicas[0] ?? null) : fields.leader
  const isr = fields.isr ?? replicas
  return {
    topic: 'orders',
    partition: 0,
    preferredLeader: replicas[0] ?? -1,
    leaderEpoch: 5,
    partitionEpoch: 5,
    logStartOffset: 0,
    highWatermark: 100,
    logEndOffset: 100,
    minInSyncReplicas: 1,
    leaderChangedAtMs: null,
    previousLeader: null,
    ...fields,
    leader,
    isr,
    replicas: replicas.map((brokerId) => ({
      brokerId,
      isLeader: brokerId === leader,
      isInSync: isr.includes(brokerId),
      isOnline: true,
      logStartOffset: 0,
      logEndOffset: 100,
      highWatermark: 100,
      logBytes: 1_000,
      grewAtMs: null,
    })),
  }
}
