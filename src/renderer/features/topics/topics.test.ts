import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import ConfigPane from './ConfigPane.vue'
import CreateTopicDialog from './CreateTopicDialog.vue'
import DeleteTopicDialog from './DeleteTopicDialog.vue'
import PartitionsPane from './PartitionsPane.vue'
import { useTopicsStore } from './store'
import TopicsView from './TopicsView.vue'

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
async function fill(id: string, value: string): Promise<void> {
  const input = find<HTMLInputElement>(id)
  if (!input) throw new Error(`no ${id}`)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

async function openForm(bench: Bench): Promise<void> {
  useTabsStore().createTopic()
  mounted = bench.render(CreateTopicDialog)
  await settle()
}

describe('creating a topic', () => {
  it('creates it and opens its page', async () => {
    const bench = await createBench({ scenario: 'empty' })
    await openForm(bench)
    await fill('create-topic-name', 'orders')
    await fill('create-topic-partitions', '4')
    await fill('create-topic-config-retention.ms', '60000')
    find('create-topic-submit')?.click()
    await settle()
    expect(useTopicsStore().byName.get('orders')).toMatchObject({ partitionCount: 4, replicationFactor: 3, retentionMs: '60000' })
    expect(useTabsStore().activeId).toBe('topic:orders')
    expect(useTabsStore().isCreatingTopic).toBe(false)
  })
  it('asks nothing of the cluster that Kafka would refuse', async () => {
    const bench = await createBench({ scenario: 'empty' })
    await openForm(bench)
    await fill('create-topic-name', 'my topic')
    await fill('create-topic-replication', '5')
    find('create-topic-submit')?.click()
    await settle()
    expect(bench.host.cluster.topics.size).toBe(0)
    const text = find('create-topic-dialog')?.textContent
    expect(text).toContain('A space cannot stand in a topic name')
    expect(text).toContain('Only 3 brokers are up')
  })
  it('shows what the cluster refused at the field it is about, until that changes', async () => {
    const bench = await createBench({ scenario: 'empty' })
    bench.host.failOn('topics.create', new WorkbenchError('protocol', 'TOPIC_ALREADY_EXISTS', "Topic 'orders' already exists."))
    await openForm(bench)
    await fill('create-topic-name', 'orders')
    find('create-topic-submit')?.click()
    await settle()
    expect(find('create-topic-name')?.getAttribute('aria-invalid')).toBe('true')
    expect(find('create-topic-dialog')?.textContent).toContain('already exists')
    await fill('create-topic-name', 'orders2')
    expect(find('create-topic-name')?.getAttribute('aria-invalid')).toBeNull()
  })
  it('shows a refusal that fits no field below the form', async () => {
    const bench = await createBench({ scenario: 'empty' })
    bench.host.failOn('topics.create', new WorkbenchError('protocol', 'POLICY_VIOLATION', 'Not on a Friday.'))
    await openForm(bench)
    await fill('create-topic-name', 'orders')
    find('create-topic-submit')?.click()
    await settle()
    expect(find('create-topic-error')?.textContent).toContain('Not on a Friday.')
  })
})

describe('deleting a topic', () => {
  it('wants the name typed only when records are lost', async () => {
    const bench = await createBench()
    mounted = bench.render(DeleteTopicDialog, { topic: 'orders' })
    await settle()
    find('delete-topic-submit')?.click()
    await settle()
    expect(useTopicsStore().byName.has('orders')).toBe(true)
    await fill('delete-topic-name', 'orders')
    find('delete-topic-submit')?.click()
    await settle()
    expect(useTopicsStore().byName.has('orders')).toBe(false)
    mounted.unmount()
    mounted = bench.render(DeleteTopicDialog, { topic: 'carts.abandoned' })
    await settle()
    expect(find('delete-topic-name')).toBeNull()
    find('delete-topic-submit')?.click()
    await settle()
    expect(useTopicsStore().byName.has('carts.abandoned')).toBe(false)
  })
})

describe('the pages', () => {
  it('list every topic and open one', async () => {
    const bench = await createBench()
    mounted = bench.render(TopicsView)
    await nextTick()
    expect(find('topics-facts')?.textContent).toBe('7 topics, 25 partitions')
    find('topic-link-payments')?.click()
    expect(useTabsStore().activeId).toBe('topic:payments')
  })
  it('show partitions as they change', async () => {
    const bench = await createBench()
    const leader = useTopicsStore().partitionsOf('orders')[0]?.leader ?? 0
    mounted = bench.render(PartitionsPane, { topic: 'orders' })
    await nextTick()
    expect(find('partition-leader-orders-0')?.dataset['leader']).toBe(String(leader))
    bench.host.cluster.kill(leader)
    await bench.pass(1600)
    expect(find('partition-leader-orders-0')?.dataset['leader']).not.toBe(String(leader))
    expect(find(`partition-replica-orders-0-${leader}`)?.dataset['state']).toBe('was-leader')
    expect(find('partition-isr-orders-0')?.dataset['isr']?.split(',')).toHaveLength(2)
  })
  it('tell where acks=all is refused', async () => {
    const bench = await createBench()
    mounted = bench.render(PartitionsPane, { topic: 'payments' })
    bench.host.cluster.kill(1)
    bench.host.cluster.kill(2)
    await bench.pass(1600)
    expect(document.body.textContent).toContain('below min.insync.replicas')
  })
  it('show a config with its source, and why it could not be read', async () => {
    const bench = await createBench()
    mounted = bench.render(ConfigPane, { topic: 'payments' })
    await settle()
    expect(find('config-value-retention.ms')?.textContent).toContain('1209600000')
    mounted.unmount()
    bench.host.failOn('topics.configs', new WorkbenchError('protocol', 'NOT_CONTROLLER', 'No broker answers.'))
    mounted = bench.render(ConfigPane, { topic: 'payments' })
    await settle()
    expect(document.body.textContent).toContain('No broker answers.')
  })
})
