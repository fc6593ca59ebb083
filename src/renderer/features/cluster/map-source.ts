/** What the replica map draws: the cluster now, or as it was at the chosen moment. One shape for both, so that the map need not know. */
import { type ComputedRef, computed } from 'vue'
import type { PartitionView } from '../../../shared/model/cluster'
import { useNow } from '../frame/clock'
import { useTopicsStore } from '../topics/store'
import { useMomentStore } from './moment-store'
import type { MapBroker } from './replica-state'
import { useClusterStore } from './store'

export interface MapSource {
  readonly isPast: ComputedRef<boolean>
  /** The time that the map stands at. */
  readonly nowMs: ComputedRef<number>
  readonly brokers: ComputedRef<readonly MapBroker[]>
  readonly byId: ComputedRef<ReadonlyMap<number, MapBroker>>
  /** In topic and partition order. */
  readonly partitions: ComputedRef<readonly PartitionView[]>
}

export function useMapSource(): MapSource {
  const cluster = useClusterStore()
  const topics = useTopicsStore()
  const moments = useMomentStore()
  const now = useNow()
  const past = computed(() => (moments.isPast ? moments.moment : null))
  const brokers = computed<readonly MapBroker[]>(() => past.value?.brokers ?? cluster.brokers)
  return {
    isPast: computed(() => moments.isPast),
    nowMs: computed(() => (moments.isPast ? (moments.atMs ?? now.value) : now.value)),
    brokers,
    byId: computed(() => (past.value ? new Map(brokers.value.map((broker) => [broker.id, broker])) : cluster.byId)),
    partitions: computed(() => past.value?.partitions ?? topics.partitions),
  }
}
