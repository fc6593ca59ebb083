import { describe, expect, it } from 'vitest'
import { silentLogger } from '../testing/controller-kit'
import { FakeCoordination } from '../testing/fake-coordination'
import { ensureClusterPaths } from './cluster-identity'
import { ConfigWatcher } from './config-watcher'
import { applyConfigChange } from './topic-configs'
import { encodeConfigChange, encodeConfigs, type TopicConfigs } from './znodes'

async function start() {
  const service = new FakeCoordination()
  const writer = service.openSession()
  await ensureClusterPaths(writer)
  await writer.create('/config/topics/old', encodeConfigs({ a: '1' }))
  await writer.create('/config/changes/config_change_', encodeConfigChange('topics/old'), { sequential: true })
  const watcher = new ConfigWatcher(service.openSession(), silentLogger)
  await watcher.start()
  const heard: [string, TopicConfigs][] = []
  const waiting: (() => void)[] = []
  watcher.onDidChange((topic, configs) => {
    heard.push([topic, configs])
    for (const resolve of waiting.splice(0)) resolve()
  })
  const nextChange = () => new Promise<void>((resolve) => waiting.push(resolve))
  const notify = (topic: string) =>
    writer.create('/config/changes/config_change_', encodeConfigChange(`topics/${topic}`), { sequential: true })
  return { service, writer, watcher, heard, nextChange, notify }
}

describe('the config watcher', () => {
  it('knows at the start what is written, and says nothing of it', async () => {
    const { watcher, heard } = await start()
    expect(watcher.get('old')).toEqual({ a: '1' })
    expect(watcher.get('none')).toEqual({})
    expect(heard).toEqual([])
  })

  it('tells of changes, one after the other, and of a configuration that goes', async () => {
    const { writer, watcher, heard, nextChange, notify } = await start()
    await writer.create('/config/topics/new', encodeConfigs({ b: '2' }))
    const changed = nextChange()
    await notify('new')
    await changed
    await writer.delete('/config/topics/old')
    const removed = nextChange()
    await notify('old')
    await removed
    expect(heard).toEqual([
      ['new', { b: '2' }],
      ['old', {}],
    ])
    expect(watcher.get('old')).toEqual({})
  })

  it('says nothing once it is stopped', async () => {
    const { watcher, heard, notify } = await start()
    watcher.stop()
    await notify('old')
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual([])
  })
})

describe('a change of a configuration', () => {
  const current = { 'retention.ms': '1', 'cleanup.policy': 'delete' }
  const defaultOf = (name: string) => (name === 'listed' ? 'x,y' : null)
  const change = (kind: 'set' | 'delete' | 'append' | 'subtract', name: string, value = '') =>
    applyConfigChange(current, { kind: 'incremental', ops: [{ name, kind, value }] }, defaultOf)

  it('sets, deletes, appends and takes away what is named and keeps the rest', () => {
    expect(change('set', 'retention.ms', '2')).toEqual({ ...current, 'retention.ms': '2' })
    expect(change('delete', 'retention.ms')).toEqual({ 'cleanup.policy': 'delete' })
    expect(change('append', 'cleanup.policy', 'compact')).toEqual({ ...current, 'cleanup.policy': 'delete,compact' })
    expect(change('append', 'cleanup.policy', 'delete')).toEqual(current)
    expect(change('subtract', 'cleanup.policy', 'delete')).toEqual({ ...current, 'cleanup.policy': '' })
  })

  it('appends to the default where the topic does not say', () => {
    expect(change('append', 'listed', 'z')).toEqual({ ...current, listed: 'x,y,z' })
  })

  it('replaces all of it where it is asked to', () => {
    expect(applyConfigChange(current, { kind: 'replace', configs: { a: 'b' } }, defaultOf)).toEqual({ a: 'b' })
  })
})
