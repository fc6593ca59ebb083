/** A broker as the window shows it, from its process and from what the cluster's partitions say of it. Pure. */
import type { BrokerView, PartitionView } from '../shared/model/cluster'
import type { BrokerProcess } from './broker-process'
import type { RateMeter } from './rate-meter'

export interface BrokerCircumstances {
  readonly rates: ReturnType<RateMeter['perSecond']> | null
  readonly isController: boolean
  readonly isRegistered: boolean
  readonly partitions: readonly PartitionView[]
}

export function brokerView(
  broker: Pick<BrokerProcess, 'id' | 'state' | 'stateSinceMs' | 'reason' | 'host' | 'port' | 'report'>,
  { rates, isController, isRegistered, partitions }: BrokerCircumstances,
): BrokerView {
  let leaderCount = 0
  let replicaCount = 0
  let logBytes = 0
  for (const partition of partitions) {
    if (partition.leader === broker.id) leaderCount++
    const replica = partition.replicas.find((candidate) => candidate.brokerId === broker.id)
    if (replica === undefined) continue
    replicaCount++
    logBytes += replica.logBytes
  }
  const { id, state, stateSinceMs, reason, host, port } = broker
  return {
    id,
    state,
    stateSinceMs,
    reason,
    host,
    port,
    isController,
    isRegistered,
    leaderCount,
    replicaCount,
    logBytes,
    bytesInPerSecond: rates?.bytesIn ?? 0,
    bytesOutPerSecond: rates?.bytesOut ?? 0,
    messagesInPerSecond: rates?.messagesIn ?? 0,
    connectionCount: state === 'running' ? (broker.report?.connectionCount ?? 0) : 0,
  }
}
