import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type { ResetRow } from '../../../shared/model/groups'
import { type Bench, createBench, settle } from '../../testing/render'
import { setTimeZone } from '../../ui'
import { useTabsStore } from '../frame/tabs-store'
import DeleteGroupDialog from './DeleteGroupDialog.vue'
import GroupsView from './GroupsView.vue'
import GroupView from './GroupView.vue'
import { alignSeries, outcomeOf, parseMoment, skippedSentence } from './group-words'
import StartConsumersDialog from './StartConsumersDialog.vue'
import { useGroupsStore } from './store'

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
const texts = (selector: string) =>
  [...document.querySelectorAll(selector)].map((each) => each.textContent?.replace(/\s+/g, ' ').trim() ?? '')
async function fill(id: string, value: string): Promise<void> {
  const input = find<HTMLInputElement>(id)
  if (!input) throw new Error(`no ${id}`)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}
async function press(id: string): Promise<void> {
  const element = find(id)
  if (!element) throw new Error(`no ${id}`)
  element.click()
  await settle()
}
/** A plan is asked for when typing pauses. */
const planned = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 200))
  await settle()
}
// A whole group is drawn in each: half a second where nothing else runs.
vi.setConfig({ testTimeout: 60_000 })

const small = [
  {
    name: 'orders',
    partitionCount: 2,
    replicationFactor: 3,
    logEndOffset: 5_000,
    messagesPerSecond: 10,
    recordBytes: 100,
    configs: {},
  },
]
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

describe('the list of groups', () => {
  it('offers to start a consumer where there is no group, and says what is wrong where it cannot be read', async () => {
    const bench = await createBench({ scenario: 'empty' })
    mounted = bench.render(GroupsView, { isActive: true })
    await settle()
    expect(find('groups-empty')?.textContent).toContain('No consumer groups yet.')
    mounted.unmount()
    const failing = await createBench()
    failing.host.failOn('groups.list', new WorkbenchError('expected', 'CONNECTION', 'no broker answered.'))
    mounted = failing.render(GroupsView, { isActive: true })
    await settle()
    expect(find('groups-error')?.textContent).toContain('no broker answered.')
  })
  it('names a group whose coordinator is away and keeps what was known of it', async () => {
    const bench = await createBench({ scenario: 'degraded' })
    mounted = bench.render(GroupView, { group: 'connect-jdbc-sink', isActive: true })
    await settle()
    expect(find('group-problem')?.textContent).toContain('Broker 3 coordinates it and does not answer')
    expect(find('group-state')?.textContent).toContain('not known')
    expect(find('group-partitions')).not.toBeNull()
  })
})

describe('a group', () => {
  it('shows who reads what, and marks what the last rebalance moved', async () => {
    const bench = await createBench()
    mounted = bench.render(GroupView, { group: 'billing', isActive: true })
    await settle()
    const owned = [...document.querySelectorAll<HTMLElement>('[data-testid^="matrix-row-"]')].map((row) => row.dataset['owned'])
    expect(owned).toEqual(['4', '4', '4'])
    const states = [...document.querySelectorAll<HTMLElement>('[role=gridcell][data-state]')].map((cell) => cell.dataset['state'])
    expect(states.filter((state) => state === 'moved')).toHaveLength(4)
    expect(states.filter((state) => state === 'taken')).toHaveLength(4)
  })
  it('is told apart from one that is not there', async () => {
    const bench = await createBench()
    mounted = bench.render(GroupView, { group: 'nobody', isActive: true })
    await settle()
    expect(find('group-gone')?.textContent).toContain('There is no group nobody.')
  })
})

describe('own consumers', () => {
  it('are started in a new group, which opens, and one leaves and one is killed', async () => {
    const bench = await createBench()
    mounted = bench.render(StartConsumersDialog, { groupId: null })
    await settle()
    await fill('start-group', 'mine')
    await fill('start-count', '33')
    await press('start-submit')
    expect(find('start-consumers-dialog')?.textContent).toContain('A whole number from 1 to 32')
    await fill('start-count', '3')
    await press('start-submit')
    expect(useTabsStore().activeId).toBe('group:mine')
    mounted.unmount()
    mounted = bench.render(GroupView, { group: 'mine', isActive: true })
    await bench.pass(1_500)
    await press('group-section-own')
    const { consumers } = useGroupsStore()
    expect(consumers.map(({ state }) => state)).toEqual(['stable', 'stable', 'stable'])
    await press('own-1-stop')
    await press('own-2-kill')
    expect(find('own-1-state')?.textContent).toBe('stopped')
    expect(find('own-2-state')?.textContent).toBe('killed')
    await press('own-more')
    await bench.pass(1_500)
    expect(find('own-4-state')?.textContent).toBe('stable')
  })
})

describe('a reset', () => {
  it('shows old and new first, is refused while members are connected, and is done when our own were stopped', async () => {
    const bench = await createBench({ topics: small })
    await bench.host.call('groups.startConsumers', {
      count: 2,
      spec: {
        groupId: 'mine',
        topics: ['orders'],
        protocol: 'classic',
        assignor: 'range',
        instanceId: null,
        offsetReset: 'earliest',
        autoCommitIntervalMs: 1_000,
        sessionTimeoutMs: 10_000,
        processingMs: 0,
      },
    })
    mounted = bench.render(GroupView, { group: 'mine', isActive: true })
    await bench.pass(1_500)
    await press('group-reset')
    await press('reset-to-shift')
    await fill('reset-shift', '-10')
    await planned()
    expect(find('reset-refusal')?.textContent).toContain('2 members are connected')
    expect(find('reset-row-orders-0')?.textContent).toContain('−10')
    expect(find('reset-outcome')?.textContent).toContain('20 records will be read again.')
    expect(find('reset-submit')?.getAttribute('aria-disabled')).toBe('true')
    await press('reset-stop')
    await planned()
    expect(find('reset-refusal')).toBeNull()
    const before = (await bench.host.call('groups.view', { groupId: 'mine' }))?.partitions[0]?.committed
    await press('reset-submit')
    const after = (await bench.host.call('groups.view', { groupId: 'mine' }))?.partitions[0]?.committed
    expect(find('reset-dialog')).toBeNull()
    expect(Number(before) - Number(after)).toBeGreaterThan(0)
  })
  it('asks nothing of the cluster for what is no offset, time or number', async () => {
    const bench = await createBench({ topics: small })
    mounted = bench.render(GroupView, { group: 'orders-projection', isActive: true })
    await settle()
    await press('group-reset')
    await press('reset-to-time')
    await fill('reset-time', 'yesterday')
    await planned()
    expect(find('reset-time')?.getAttribute('aria-invalid')).toBe('true')
    expect(find('reset-submit')?.getAttribute('aria-disabled')).toBe('true')
  })
})

describe('deleting a group', () => {
  it('says what is lost and closes its tab', async () => {
    const bench = await createBench()
    useTabsStore().openGroup('search-indexer')
    mounted = bench.render(DeleteGroupDialog, { groupId: 'search-indexer' })
    await settle()
    expect(find('delete-group-loss')?.textContent).toContain('3 committed offsets of search-indexer are lost.')
    await press('delete-group-submit')
    expect(texts('[data-testid="delete-group-error"]')).toEqual([])
    expect(await bench.host.call('groups.view', { groupId: 'search-indexer' })).toBeNull()
    expect(useTabsStore().tabs.some(({ group }) => group === 'search-indexer')).toBe(false)
  })
})

describe('words and figures', () => {
  const row = (change: number | null, next: string | null = '5'): ResetRow => ({
    topic: 't',
    partition: 0,
    committed: change === null ? null : '5'.repeat(2),
    next,
    leaderEpoch: 1,
    change,
    recordAtMs: null,
    note: '',
  })
  it('count what is read again and what is skipped apart', () => {
    const outcome = outcomeOf([row(-7), row(-2), row(255), row(null), row(null, null)])
    expect(outcome).toMatchObject({ readAgain: 9, skipped: 255, skippedOn: ['t-0'] })
    expect(outcome.changes).toHaveLength(4)
    expect(skippedSentence(outcome)).toBe('255 records on t-0 will be skipped.')
  })
  it('put topics that began later into one row of times, with gaps', () => {
    const aligned = alignSeries([
      { topic: 'a', times: Float64Array.of(1, 2, 3), values: Float64Array.of(10, 20, 30) },
      { topic: 'b', times: Float64Array.of(2, 4), values: Float64Array.of(5, 6) },
    ])
    expect([...aligned.times]).toEqual([1, 2, 3, 4])
    expect(aligned.values.map((values) => [...values])).toEqual([
      [10, 20, 30, Number.NaN],
      [Number.NaN, 5, Number.NaN, 6],
    ])
  })
  it('read a time as it is written, and nothing that is none', () => {
    expect(parseMoment('2026-11-23 14:30:00.25')).toBe(new Date(2026, 10, 23, 14, 30, 0, 250).getTime())
    expect(parseMoment('1700000000000')).toBe(1_700_000_000_000)
    expect(parseMoment('2026-02-31')).toBeNull()
    expect(parseMoment('soon')).toBeNull()
    expect(parseMoment('1969-12-31T23:59:59.999Z')).toBeNull()
  })
  it('read a time in the zone that the window writes times in', () => {
    setTimeZone('Asia/Tokyo')
    try {
      expect(parseMoment('2026-11-23 14:30:00.25')).toBe(Date.UTC(2026, 10, 23, 5, 30, 0, 250))
      expect(parseMoment('2026-11-23')).toBe(Date.UTC(2026, 10, 22, 15))
    } finally {
      setTimeZone(null)
    }
  })
})
