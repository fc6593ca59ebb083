/**
 * The cluster as main last described it, a minute of each broker's rates, and what can be done to brokers. One failure text a broker,
 * shown beside it. Everything comes through the host; nothing here guesses a state that has not been reported.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import type { BrokerState, BrokerView, ClusterView } from '../../../shared/model/cluster'
import { useHost } from '../../host/host'

export type BrokerAction = 'start' | 'stop' | 'kill' | 'freeze' | 'resume' | 'remove'

export interface RateHistory {
  readonly bytesIn: readonly number[]
  readonly bytesOut: readonly number[]
}

const calls = {
  start: 'cluster.startBroker',
  stop: 'cluster.stopBroker',
  kill: 'cluster.killBroker',
  freeze: 'cluster.freezeBroker',
  resume: 'cluster.resumeBroker',
  remove: 'cluster.removeBroker',
} as const satisfies Record<BrokerAction, string>

/** What can be done to a broker in each state; the first is offered most loudly. */
export const actionsIn: Readonly<Record<BrokerState, readonly BrokerAction[]>> = {
  starting: ['kill'],
  running: ['freeze', 'stop', 'kill'],
  stopping: ['kill'],
  stopped: ['start'],
  killed: ['start'],
  crashed: ['start'],
  frozen: ['resume', 'kill'],
}

/** A sample a second, sixty of them. */
const samplesMax = 60

export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

export const useClusterStore = defineStore('cluster', () => {
  const host = useHost()
  const view = shallowRef<ClusterView | null>(null)
  /** Why the first view could not be had. */
  const loadError = ref<string | null>(null)
  const rates = shallowRef<ReadonlyMap<number, RateHistory>>(new Map())
  const busy = reactive(new Map<number, BrokerAction>())
  const actionErrors = reactive(new Map<number, string>())
  const isAdding = ref(false)
  const addError = ref<string | null>(null)
  const dismissedNotices = reactive(new Set<string>())
  let sampledAtMs = 0
  let isSubscribed = false

  function accept(next: ClusterView): void {
    view.value = next
    loadError.value = null
    const now = Date.now()
    if (now - sampledAtMs < 950) return
    sampledAtMs = now
    const sampled = new Map<number, RateHistory>()
    for (const broker of next.brokers) {
      const before = rates.value.get(broker.id)
      sampled.set(broker.id, {
        bytesIn: [...(before?.bytesIn ?? []), broker.bytesInPerSecond].slice(-samplesMax),
        bytesOut: [...(before?.bytesOut ?? []), broker.bytesOutPerSecond].slice(-samplesMax),
      })
    }
    rates.value = sampled
  }

  async function load(): Promise<void> {
    if (!isSubscribed) host.on('cluster.changed', accept)
    isSubscribed = true
    try {
      const first = await host.call('cluster.view')
      view.value ?? accept(first)
    } catch (error) {
      loadError.value = messageOf(error)
    }
  }

  async function act(brokerId: number, action: BrokerAction): Promise<boolean> {
    if (busy.has(brokerId)) return false
    busy.set(brokerId, action)
    actionErrors.delete(brokerId)
    try {
      await host.call(calls[action], { brokerId })
      return true
    } catch (error) {
      actionErrors.set(brokerId, messageOf(error))
      return false
    } finally {
      busy.delete(brokerId)
    }
  }

  async function addBroker(): Promise<number | null> {
    if (isAdding.value) return null
    isAdding.value = true
    addError.value = null
    try {
      return (await host.call('cluster.addBroker')).brokerId
    } catch (error) {
      addError.value = messageOf(error)
      return null
    } finally {
      isAdding.value = false
    }
  }

  const brokers = computed<readonly BrokerView[]>(() => view.value?.brokers ?? [])
  const upCount = computed(() => brokers.value.filter((broker) => broker.state === 'running').length)
  const byId = computed(() => new Map(brokers.value.map((broker) => [broker.id, broker])))
  const notices = computed(() => (view.value?.notices ?? []).filter((notice) => !dismissedNotices.has(notice)))
  const totals = computed(() => ({
    bytesIn: brokers.value.reduce((sum, broker) => sum + broker.bytesInPerSecond, 0),
    bytesOut: brokers.value.reduce((sum, broker) => sum + broker.bytesOutPerSecond, 0),
    messagesIn: brokers.value.reduce((sum, broker) => sum + broker.messagesInPerSecond, 0),
    logBytes: brokers.value.reduce((sum, broker) => sum + broker.logBytes, 0),
  }))
  /** One word on the whole, as the view bar's badge says it. */
  const health = computed<'starting' | 'healthy' | 'degraded' | 'offline' | 'stopped' | 'failed'>(() => {
    const cluster = view.value
    if (!cluster || cluster.state === 'starting') return 'starting'
    if (cluster.state === 'failed') return 'failed'
    if (cluster.state !== 'running') return 'stopped'
    if (cluster.offlineCount > 0 || upCount.value === 0) return 'offline'
    return upCount.value < cluster.brokers.length || cluster.underReplicatedCount > 0 ? 'degraded' : 'healthy'
  })

  return {
    view,
    loadError,
    rates,
    busy,
    actionErrors,
    isAdding,
    addError,
    brokers,
    byId,
    upCount,
    notices,
    totals,
    health,
    load,
    act,
    addBroker,
    dismissNotice: (notice: string) => dismissedNotices.add(notice),
  }
})
