import { describe, expect, it } from 'vitest'
import type { RegisteredSchema, RegistryClient } from './registry-client'
import { CatalogSnapshot, SchemaCatalog } from './schema-catalog'

const schema = (subject: string, version: number, fields: Partial<RegisteredSchema> = {}): RegisteredSchema => ({
  subject,
  version,
  id: version,
  guid: '',
  type: 'AVRO',
  text: '"long"',
  references: [],
  isDeleted: false,
  registeredAtMs: null,
  metadata: null,
  ruleSet: null,
  ...fields,
})

/** A registry whose readings end when the test lets them. */
function scripted() {
  const readings: { resolve: (schemas: RegisteredSchema[]) => void; reject: (error: Error) => void }[] = []
  let ofSubject: RegisteredSchema[] = []
  const client = {
    schemas: () => new Promise((resolve, reject) => readings.push({ resolve, reject })),
    versions: async () => ofSubject,
  } as unknown as RegistryClient
  return {
    catalog: new SchemaCatalog(client),
    readings,
    has: (schemas: RegisteredSchema[]) => {
      ofSubject = schemas
    },
  }
}

const names = (snapshot: CatalogSnapshot) => [...snapshot.subjects.keys()]

describe('CatalogSnapshot', () => {
  it('orders subjects and versions, and takes one once that two pages had', () => {
    const snapshot = CatalogSnapshot.of([schema('b', 2), schema('a', 1), schema('b', 1), schema('b', 2)])
    expect(names(snapshot)).toEqual(['a', 'b'])
    expect(snapshot.versions('b').map(({ version }) => version)).toEqual([1, 2])
  })

  it('sums up a subject by its newest live version, and one without by its last', () => {
    const snapshot = CatalogSnapshot.of([
      schema('live', 1),
      schema('live', 2),
      schema('live', 3, { isDeleted: true }),
      schema('gone', 1, { isDeleted: true }),
    ])
    expect(snapshot.summaries).toEqual([
      { subject: 'gone', type: 'AVRO', latestVersion: 1, latestId: 1, versionCount: 1, isDeleted: true },
      { subject: 'live', type: 'AVRO', latestVersion: 2, latestId: 2, versionCount: 2, isDeleted: false },
    ])
  })

  it('knows who refers to a version', () => {
    const references = [{ name: 'n', subject: 'money', version: 1 }]
    const snapshot = CatalogSnapshot.of([schema('money', 1), schema('price', 1, { references })])
    expect(snapshot.referringTo({ subject: 'money', version: 1 }).map(({ subject }) => subject)).toEqual(['price'])
    expect(snapshot.references()).toEqual([
      { from: { subject: 'price', version: 1 }, to: { subject: 'money', version: 1 }, name: 'n' },
    ])
  })
})

describe('SchemaCatalog', () => {
  it('shares the first reading, and is asked again after one that failed', async () => {
    const { catalog, readings } = scripted()
    const [one, two] = [catalog.current(), catalog.current()]
    expect(readings).toHaveLength(1)
    readings[0]?.reject(new Error('down'))
    await expect(one).rejects.toThrow('down')
    await expect(two).rejects.toThrow('down')
    const again = catalog.current()
    readings[1]?.resolve([schema('a', 1)])
    expect(names(await again)).toEqual(['a'])
  })

  it('answers what is known while it reads anew', async () => {
    const { catalog, readings } = scripted()
    const first = catalog.current()
    readings[0]?.resolve([schema('a', 1)])
    await first
    const refreshed = catalog.refresh()
    expect(names(await catalog.current())).toEqual(['a'])
    readings[1]?.resolve([schema('a', 1), schema('b', 1)])
    await refreshed
    expect(names(await catalog.current())).toEqual(['a', 'b'])
  })

  it('begins another reading for a write that one under way may have missed', async () => {
    const { catalog, readings } = scripted()
    const first = catalog.refresh()
    const [second, third] = [catalog.refresh(), catalog.refresh()]
    expect(readings).toHaveLength(1)
    readings[0]?.resolve([])
    await first
    await Promise.resolve()
    expect(readings).toHaveLength(2)
    readings[1]?.resolve([schema('late', 1)])
    expect(names(await second)).toEqual(['late'])
    expect(await third).toBe(await second)
  })

  it('keeps what we wrote over a reading that began before it', async () => {
    const { catalog, readings, has } = scripted()
    const first = catalog.current()
    readings[0]?.resolve([schema('a', 1), schema('c', 1)])
    await first
    const refreshed = catalog.refresh()
    has([schema('b', 1)])
    await catalog.refreshSubject('b')
    expect(names(await catalog.current())).toEqual(['a', 'b', 'c'])
    has([])
    await catalog.refreshSubject('c')
    readings[1]?.resolve([schema('a', 1), schema('c', 1)])
    await refreshed
    expect(names(await catalog.current())).toEqual(['a', 'b'])
  })

  it('takes nothing of a registry that it left', async () => {
    const { catalog, readings } = scripted()
    const old = catalog.current()
    catalog.clear()
    const current = catalog.current()
    readings[1]?.resolve([schema('new', 1)])
    expect(names(await current)).toEqual(['new'])
    readings[0]?.resolve([schema('old', 1)])
    await old
    expect(names(await catalog.current())).toEqual(['new'])
  })
})
