/** The sample data on a real cluster: there within seconds, once, going on at its rate, and gone again without what is somebody else's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkbenchKit } from './testing/workbench-kit'

const kit = new WorkbenchKit()
beforeAll(async () => {
  await kit.open(3)
  await kit.untilWhole()
  await kit.untilRegistry()
})
afterAll(() => kit.dispose())

async function counts(): Promise<Record<string, number>> {
  const read = async (topic: string) => (await kit.read({ topic, start: { kind: 'oldest' } })).progress.rowCount
  return {
    customers: await read('customers'),
    orders: await read('orders'),
    shipments: await read('shipments'),
    log: await read('shop.log'),
  }
}

describe('the sample data', () => {
  it('is there once however often it is asked for, and leaves a topic of the same name alone', async () => {
    await kit.createTopic('payments', 1)
    await kit.produce({ topic: 'payments', count: 3 })
    await kit.services['schemas.setLevel']({ subject: 'orders-value', level: 'NONE' })
    const draft = { subject: 'orders-value', language: 'avro' as const, text: '"string"', references: [] }
    await kit.services['schemas.register']({ draft, normalize: false })
    const startedAtMs = Date.now()
    const view = await kit.services['sampleData.install']({ generatorPerSecond: null })
    expect(Date.now() - startedAtMs).toBeLessThan(30_000)
    expect(view).toMatchObject({ state: 'installed', problem: null, groups: ['billing', 'warehouse'] })
    const stateOf = (name: string) => view.topics.find((topic) => topic.name === name)?.state
    expect([stateOf('orders'), stateOf('payments')]).toEqual(['filled', 'foreign'])
    const first = await counts()
    for (const { name, recordCount } of view.topics) {
      const count = first[name === 'shop.log' ? 'log' : name]
      if (count === undefined) continue
      expect([name, Math.abs(count - recordCount) / recordCount < 0.15, count]).toEqual([name, true, count])
    }
    await kit.services['sampleData.install']({ generatorPerSecond: null })
    expect(await counts()).toEqual(first)
    expect((await kit.read({ topic: 'payments', start: { kind: 'oldest' } })).rows).toHaveLength(3)
  })

  it('decodes with the schemas that were registered, in the order of an order', async () => {
    const { readId, rows } = await kit.read({ topic: 'orders', partitions: [0], start: { kind: 'oldest' }, limit: 20 })
    const { value } = await kit.services['schemas.decode']({ readId, index: rows[0]!.index })
    expect(value).toMatchObject({ kind: 'decoded', subject: 'orders-value' })
    const order = JSON.parse((value as { json: string }).json) as { status: string }
    expect(order.status).toBe('PLACED')
    expect(rows.every((row, at) => at === 0 || Number(row.timestamp) >= Number(rows[at - 1]!.timestamp))).toBe(true)
  })

  it('goes on until it is stopped', async () => {
    await kit.services['sampleData.setGenerator']({ perSecond: 200 })
    const view = await kit.until('some are sent', async () => {
      const now = await kit.services['sampleData.view'](undefined)
      return now.generator.sentCount > 100 ? now : undefined
    })
    expect(view.generator).toMatchObject({ isRunning: true, perSecond: 200, problem: null })
    const stopped = await kit.services['sampleData.setGenerator']({ perSecond: null })
    expect(stopped.generator.isRunning).toBe(false)
  })

  it('takes away what it has made and nothing else', async () => {
    const view = await kit.services['sampleData.remove'](undefined)
    expect(view).toMatchObject({ state: 'absent', problem: null })
    const topics = await kit.until('they are gone', async () => {
      const names = (await kit.services['topics.list'](undefined)).map(({ name }) => name)
      return names.includes('orders') || names.includes('clickstream') ? undefined : names
    })
    expect(topics).toContain('payments')
    // The subject was there before: only the version that was added to it is gone.
    expect(await kit.services['schemas.subjects']({ deleted: true })).toMatchObject([
      { subject: 'orders-value', latestVersion: 1, versionCount: 1, isDeleted: false },
    ])
  })
})
