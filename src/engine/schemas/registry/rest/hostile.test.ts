import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'
import { encodeRecord } from '../records'

const idMax = 0x7fffffff

describe('the last id', () => {
  it('is followed by a refusal, and by no record that nobody can read', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/mode', { mode: 'IMPORT' })
    await registry.register('a', '"int"', { id: idMax, version: idMax })
    await registry.expect('PUT', '/mode', { mode: 'READWRITE' })
    const recordCount = registry.topic.length
    expect(await registry.refusal('POST', '/subjects/b/versions', { schema: '"long"' })).toBe(42205)
    await registry.expect('PUT', '/config', { compatibility: 'NONE' })
    await registry.register(':.other:a', '"long"')
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"string"' })).toBe(42205)
    // The level, and context and schema of the other context.
    expect(registry.topic.length).toBe(recordCount + 3)
    expect(await registry.register('c', '"int"')).toBe(idMax)
    expect(registry.faults).toEqual([])
  })
})

describe('a body with values of other types', () => {
  it('is refused as a schema type that there is not, whatever stands there', async () => {
    const registry = new MemoryRegistry()
    for (const schemaType of [{ toString: 1, valueOf: 1 }, [], [{ toString: null }], 7, true, '__proto__', 'constructor'])
      expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"int"', schemaType }), typeof schemaType).toBe(
        42201,
      )
    expect(registry.faults).toEqual([])
  })

  it('keeps numbers and booleans of metadata as their text, as Jackson reads them, and refuses what has none', async () => {
    const registry = new MemoryRegistry()
    const schema = '"int"'
    await registry.register('a', schema, { metadata: { properties: { owner: 'x', tier: 1, pii: true, none: null } } })
    expect(await registry.get('/subjects/a/versions/1')).toMatchObject({
      metadata: { properties: { owner: 'x', tier: '1', pii: 'true' } },
    })
    for (const properties of [[], 'x', { a: {} }, { a: [] }])
      expect(await registry.refusal('POST', '/subjects/b/versions', { schema, metadata: { properties } })).toBe(400)
  })
})

describe('a body nested without end', () => {
  it('is refused before it is taken apart: what is stored has to be written, and to be given back', async () => {
    const registry = new MemoryRegistry()
    for (const depth of [1_000, 100_000]) {
      const deep = '['.repeat(depth) + ']'.repeat(depth)
      const rules = `{"domainRules":[{"name":"r","params":${deep}}]}`
      expect((await registry.ask('PUT', '/config', `{"defaultRuleSet":${rules}}`)).status).toBe(400)
      expect((await registry.ask('POST', '/subjects/a/versions', `{"schema":"\\"int\\"","ruleSet":${rules}}`)).status).toBe(400)
      expect((await registry.ask('POST', '/subjects/a/versions', `{"schemaType":${deep}}`)).status).toBe(400)
    }
    const text = JSON.stringify({ type: 'enum', name: 'E', symbols: ['A'], doc: `${'['.repeat(5_000)}\\" ${'{'.repeat(5_000)}` })
    expect(await registry.register('a', text)).toBe(1)
    expect(registry.faults).toEqual([])
  })
})

describe('a page of a stranger', () => {
  it('is not answered where its own name leads to this machine: such requests bear no origin', async () => {
    const registry = new MemoryRegistry()
    const status = async (host: string) => (await registry.ask('GET', '/subjects', null, { host })).status
    for (const host of [
      'evil.example.org:8081',
      'evil.example.org',
      'localhost.example.org',
      '127.0.0.1.example.org:8081',
      'a.b.',
    ])
      expect(await status(host), host).toBe(403)
    for (const host of [
      '127.0.0.1:8081',
      'localhost:8081',
      'LOCALHOST',
      'x.localhost:1',
      '[::1]:8081',
      '10.0.2.2:8081',
      'schema-registry:8081',
      'host.docker.internal:8081',
      'laptop.local',
      '',
    ])
      expect(await status(host), host).toBe(200)
  })
})

describe('contexts', () => {
  it('are not listed by a fresh registry only because ids were given in them once', async () => {
    const mark = encodeRecord({ kind: 'noop', value: { maxIds: { '.': 3, '.gone': 5 } } })
    const registry = new MemoryRegistry([mark])
    expect(await registry.get('/contexts')).toEqual(['.'])
    expect(await registry.register(':.gone:a', '"int"')).toBe(6)
    expect(await registry.get('/contexts')).toEqual(['.', '.gone'])
  })
})
