/** Going back in time, and being told beforehand, in the view itself. */
import { afterEach, describe, expect, it } from 'vitest'
import { fakeTopics } from '../../host/fake/fake-data'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTopicsStore } from '../topics/store'
import ClusterView from './ClusterView.vue'
import HealthLines from './HealthLines.vue'
import { useMomentStore } from './moment-store'
import { useReplicasStore } from './replicas-store'
import { useClusterStore } from './store'
import { useTimelineStore } from './timeline-store'

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
const press = (key: string, shiftKey = false) =>
  document.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }))
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

describe('the map at another moment', () => {
  it('shows what was, keeps actions off, and comes back', { timeout: 30_000 }, async () => {
    const bench = await createBench({ topics: fakeTopics.filter((topic) => topic.name === 'carts.abandoned') })
    mounted = bench.render(ClusterView, { isActive: true })
    await bench.pass(0)
    const leader = useTopicsStore().partitionsOf('carts.abandoned')[0]?.leader ?? 0
    bench.host.cluster.kill(leader)
    await bench.pass(100)
    await bench.pass(3_000)
    const stateOf = () => find(`replica-cell-carts.abandoned-0-${leader}`)?.dataset['state']
    expect(stateOf()).toBe('was-leader')
    const timeline = useTimelineStore()
    const kill = timeline.events.find((event) => event.type === 'broker-killed')
    useMomentStore().goTo((kill?.atMs ?? 0) - 1)
    await settle()
    expect(find('scrub-bar')?.dataset['past']).toBe('true')
    expect(stateOf()).toBe('leader')
    expect(find(`broker-${leader}-start`)?.getAttribute('aria-disabled')).toBe('true')
    press('End')
    await settle()
    expect(stateOf()).toBe('was-leader')
  })

  it('goes from event to event, and past the newest to now', async () => {
    // A minute ago by the window's clock, so that none of it lies in its future.
    let offsetMs = -60_000
    const bench = await createBench({ now: () => Date.now() + offsetMs })
    const moments = useMomentStore()
    await bench.pass(0)
    bench.host.cluster.kill(3)
    offsetMs += 2_000
    await bench.pass(0)
    const { events } = useTimelineStore()
    moments.step(-1)
    expect(moments.selectedId).toBe(events[events.length - 1]?.id)
    moments.step(-1)
    expect(moments.selectedId).toBe(events[events.length - 2]?.id)
    moments.step(1)
    moments.step(1)
    expect([moments.isPast, moments.selectedId]).toEqual([false, null])
  })
})

describe('what is not well', () => {
  it('is named with its remedy, which mends it', async () => {
    const bench = await createBench({ topics: fakeTopics.filter((topic) => topic.name === 'orders') })
    mounted = bench.render(HealthLines)
    expect(find('health-lines')).toBeNull()
    bench.host.cluster.kill(2)
    await bench.pass(3_000)
    expect(find('finding-under-replicated')?.textContent).toContain('6 partitions are under-replicated. Broker 2 is killed.')
    find('remedy-under-replicated-broker')?.click()
    await settle()
    expect(useClusterStore().byId.get(2)?.state).toBe('starting')
    for (let second = 0; second < 4; second++) await bench.pass(1_000)
    expect(find('finding-under-replicated')).toBeNull()
    find('remedy-leader-skew-elect')?.click()
    await settle()
    expect(find('finding-leader-skew')).toBeNull()
    expect(useTopicsStore().partitions.every((partition) => partition.leader === partition.preferredLeader)).toBe(true)
  })
})

describe('emptying a broker', () => {
  it('moves its replicas, says how far it is, and removes it when the last has gone', async () => {
    const bench = await createBench({ topics: fakeTopics.filter((topic) => topic.name === 'shipments') })
    const replicas = useReplicasStore()
    await replicas.load()
    mounted = bench.render(HealthLines)
    const moves = useTopicsStore()
      .partitions.filter((partition) => partition.replicas.some((replica) => replica.brokerId === 3))
      .map(({ topic, partition, replicas: now }) => {
        const from = now.map((replica) => replica.brokerId)
        const free = [1, 2].find((id) => !from.includes(id)) ?? 0
        return { topic, partition, from, replicas: from.map((id) => (id === 3 ? free : id)), bytes: 0 }
      })
    await replicas.drain(3, moves)
    await settle()
    expect(find('reassigning')?.textContent).toContain('Broker 3 is being emptied and is then removed')
    for (let second = 0; second < 120 && bench.host.cluster.brokers.length > 2; second++) await bench.pass(1_000)
    expect(bench.host.cluster.brokers.map((broker) => broker.id)).toEqual([1, 2])
    expect(find('reassigning')).toBeNull()
  })
})
