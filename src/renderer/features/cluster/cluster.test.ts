import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { fakeTopics } from '../../host/fake/fake-data'
import { type Bench, createBench, settle } from '../../testing/render'
import { useFrameStore } from '../frame/frame-store'
import { useTopicsStore } from '../topics/store'
import AddBrokerDialog from './AddBrokerDialog.vue'
import BrokerCell from './BrokerCell.vue'
import ClusterView from './ClusterView.vue'
import RemoveBrokerDialog from './RemoveBrokerDialog.vue'
import { useClusterStore } from './store'
import { useTimelineStore } from './timeline-store'

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

describe('the cluster store', () => {
  it('follows what the host tells and sums it up in a word', async () => {
    const bench = await createBench()
    const cluster = useClusterStore()
    expect(cluster.health).toBe('healthy')
    bench.host.cluster.kill(2)
    await bench.pass(100)
    expect(cluster.byId.get(2)).toMatchObject({ state: 'killed', isRegistered: true })
    await bench.pass(1500)
    expect(cluster.byId.get(2)).toMatchObject({ isRegistered: false, leaderCount: 0 })
    expect(cluster.health).toBe('degraded')
    expect(useTopicsStore().partitions.every((partition) => partition.leader !== 2)).toBe(true)
  })
  it('keeps why an action failed beside its broker until it is tried again', async () => {
    const bench = await createBench()
    const cluster = useClusterStore()
    bench.host.failOn('cluster.killBroker', new WorkbenchError('expected', 'BROKER_NOT_RUNNING', 'Broker 2 does not run.'))
    expect(await cluster.act(2, 'kill')).toBe(false)
    expect(cluster.actionErrors.get(2)).toBe('Broker 2 does not run.')
    bench.host.failOn('cluster.killBroker', null)
    expect(await cluster.act(2, 'kill')).toBe(true)
    expect(cluster.actionErrors.has(2)).toBe(false)
  })
  it('says that the cluster does not answer, and recovers when asked again', async () => {
    const bench = await createBench({ scenario: 'unreachable' })
    const cluster = useClusterStore()
    expect(cluster.loadError).toContain('did not answer')
    bench.host.failOn('cluster.view', null)
    await cluster.load()
    expect([cluster.loadError, cluster.view?.state]).toEqual([null, 'running'])
  })
})

describe('the timeline store', () => {
  it('replaces an event that is told again, since like effects are folded while they come', async () => {
    const bench = await createBench()
    const timeline = useTimelineStore()
    const event = {
      id: 900,
      atMs: 1,
      kind: 'effect',
      causeId: null,
      severity: 'warn',
      type: 'isr-shrunk',
      actor: 'auto',
      title: 'ISR shrank on 1 partition',
      detail: null,
      brokerId: 2,
      topic: null,
      partition: null,
    } as const
    bench.host.emit('timeline.appended', [event])
    bench.host.emit('timeline.appended', [{ ...event, title: 'ISR shrank on 5 partitions' }])
    expect(timeline.events.filter((each) => each.id === 900).map((each) => each.title)).toEqual(['ISR shrank on 5 partitions'])
  })
  it('pausing stops the list and counts what came since', async () => {
    const bench = await createBench()
    const timeline = useTimelineStore()
    timeline.togglePause()
    bench.host.cluster.kill(3)
    await bench.pass(1600)
    expect(timeline.groups).toEqual([])
    expect(timeline.unseenCount).toBeGreaterThan(2)
    timeline.togglePause()
    expect(timeline.groups[0]?.cause?.type).toBe('broker-killed')
    expect(timeline.groups[0]?.leaderlessMs).toBeGreaterThanOrEqual(1500)
  })
})

describe('a broker in the strip', () => {
  it('is killed by one press, without a question, and can then be started', async () => {
    const bench = await createBench()
    const cluster = useClusterStore()
    mounted = bench.render({
      components: { BrokerCell },
      setup: () => ({ cluster }),
      template: '<BrokerCell :broker="cluster.byId.get(2)" />',
    })
    find('broker-2-kill')?.click()
    await settle()
    expect(find('broker-2')?.dataset['state']).toBe('killed')
    expect(find('broker-2-state')?.textContent).toContain('session open')
    expect(find('broker-2-kill')).toBeNull()
    await bench.pass(3000)
    expect(find('broker-2-state')?.textContent).toMatch(/killed .* ago/)
    find('broker-2-start')?.click()
    await settle()
    expect(find('broker-2')?.dataset['state']).toBe('starting')
    await bench.pass(700)
    expect(find('broker-2')?.dataset['state']).toBe('running')
  })
  it('says why it crashed', async () => {
    const bench = await createBench()
    bench.host.cluster.crash(3, 'Its worker ran out of memory.')
    await bench.pass(0)
    const cluster = useClusterStore()
    mounted = bench.render({
      components: { BrokerCell },
      setup: () => ({ cluster }),
      template: '<BrokerCell :broker="cluster.byId.get(3)" />',
    })
    expect(find('broker-3-reason')?.textContent).toBe('Its worker ran out of memory.')
  })
})

describe('the cluster view', () => {
  it('shows addresses, brokers and every replica with its state', { timeout: 20_000 }, async () => {
    const bench = await createBench({ topics: fakeTopics.filter((topic) => topic.name === 'orders') })
    mounted = bench.render(ClusterView, { isActive: true })
    await nextTick()
    expect(find('bootstrap-address')?.textContent).toBe('127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094')
    expect(find('cluster-health')?.dataset['health']).toBe('healthy')
    const leader = useTopicsStore().partitionsOf('orders')[0]?.leader
    expect(find(`replica-cell-orders-0-${leader}`)?.dataset['state']).toBe('leader')
    bench.host.cluster.kill(leader ?? 0)
    await bench.pass(100)
    expect(find(`replica-cell-orders-0-${leader}`)?.dataset['state']).toBe('electing')
    await bench.pass(1500)
    expect(find(`replica-cell-orders-0-${leader}`)?.dataset['state']).toBe('was-leader')
    const next = useTopicsStore().partitionsOf('orders')[0]?.leader
    expect(next).not.toBe(leader)
    expect(find(`replica-cell-orders-0-${next}`)?.dataset).toMatchObject({ state: 'leader', new: 'true' })
    expect(find('map-isr-orders-0')?.dataset['isr']?.split(',')).not.toContain(String(leader))
    expect(find('timeline-event-broker-killed')).not.toBeNull()
  })
  it('offers the first topic where there is none, and says so while brokers start', { timeout: 20_000 }, async () => {
    const empty = await createBench({ scenario: 'empty' })
    mounted = empty.render(ClusterView, { isActive: true })
    expect(find('map-create-topic')).not.toBeNull()
    mounted.unmount()
    const starting = await createBench({ scenario: 'starting' })
    mounted = starting.render(ClusterView, { isActive: true })
    expect(find('cluster-health')?.dataset['health']).toBe('starting')
    expect(document.body.textContent).toContain('3 brokers are starting')
  })
  it('says why the cluster did not start', async () => {
    const bench = await createBench({ scenario: 'failed' })
    mounted = bench.render(ClusterView, { isActive: true })
    expect(find('cluster-failed')?.textContent).toContain('in use by another process')
    expect(find('bootstrap-address')).toBeNull()
  })
})

describe('adding and removing brokers', () => {
  it('adds one and closes', async () => {
    const bench = await createBench()
    useFrameStore().isAddingBroker = true
    mounted = bench.render(AddBrokerDialog)
    await settle()
    find('add-broker-submit')?.click()
    await settle()
    expect(bench.host.cluster.brokers.map((broker) => broker.id)).toEqual([1, 2, 3, 4])
    expect(useFrameStore().isAddingBroker).toBe(false)
  })
  it('names the records that would be lost and removes nothing while there are some', async () => {
    const bench = await createBench()
    const only = useTopicsStore().partitionsOf('audit.events.v2')[0]
    const broker = useClusterStore().byId.get(only?.leader ?? 0)
    mounted = bench.render(RemoveBrokerDialog, { broker })
    await settle()
    expect(find('remove-broker-dialog')?.textContent).toContain('audit.events.v2-0')
    find('remove-broker-submit')?.click()
    await settle()
    expect(bench.host.cluster.brokers).toHaveLength(3)
    expect(find('remove-broker-submit')?.getAttribute('aria-disabled')).toBe('true')
  })
})
