import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../testing/memory-registry'
import { decodeRecord, encodeRecord } from './records'

const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))

describe('records of the topic', () => {
  it('have the shapes of Confluent’s registry', async () => {
    const registry = new MemoryRegistry()
    await registry.register('s', '"int"')
    await registry.register('j', '{"type":"object"}', { schemaType: 'JSON' })
    await registry.expect('PUT', '/config', { compatibility: 'FULL' })
    await registry.expect('PUT', '/config/s', { compatibility: 'NONE' })
    await registry.expect('PUT', '/mode/s', { mode: 'READWRITE' })
    await registry.expect('DELETE', '/subjects/s')
    await registry.register(':.ctx:s', '"long"')
    expect(registry.records()).toEqual([
      [
        '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
        '{"subject":"s","version":1,"id":1,"schema":"\\"int\\"","deleted":false}',
      ],
      [
        '{"keytype":"SCHEMA","subject":"j","version":1,"magic":1}',
        '{"subject":"j","version":1,"id":2,"schemaType":"JSON","schema":"{\\"type\\":\\"object\\"}","deleted":false}',
      ],
      ['{"keytype":"CONFIG","magic":0}', '{"compatibilityLevel":"FULL"}'],
      ['{"keytype":"CONFIG","subject":"s","magic":0}', '{"subject":"s","compatibilityLevel":"NONE"}'],
      ['{"keytype":"MODE","subject":"s","magic":0}', '{"subject":"s","mode":"READWRITE"}'],
      ['{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}', '{"subject":"s","version":1}'],
      ['{"keytype":"CONTEXT","tenant":"default","context":".ctx","magic":0}', '{"tenant":"default","context":".ctx"}'],
      [
        '{"keytype":"SCHEMA","subject":":.ctx:s","version":1,"magic":1}',
        '{"subject":":.ctx:s","version":1,"id":1,"schema":"\\"long\\"","deleted":false}',
      ],
    ])
  })

  it('tell a fresh registry the same', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', '"int"')
    await registry.register('a', '"long"')
    await registry.register('b', '"int"', { metadata: { properties: { k: 'v' } }, ruleSet: { domainRules: [{ name: 'r' }] } })
    await registry.expect('DELETE', '/subjects/a/versions/1')
    await registry.expect('PUT', '/config/b', { compatibility: 'FULL', alias: '' })
    await registry.expect('PUT', '/mode', { mode: 'READONLY' })
    const fresh = new MemoryRegistry(registry.topic)
    for (const target of [
      '/schemas?deleted=true',
      '/subjects',
      '/config/b',
      '/mode',
      '/contexts',
      '/schemas/ids/1/versions?deleted=true',
    ])
      expect(await fresh.get(target), target).toEqual(await registry.get(target))
  })

  it('of other writers are read: absent fields, older magic, fields that are not known', () => {
    const read = (key: string, value: string | null) => decodeRecord(bytes(key), bytes(value))
    expect(
      read(
        '{"keytype":"SCHEMA","subject":"s","version":2,"magic":0}',
        '{"subject":"s","version":2,"id":5,"md5":"x","schema":"\\"int\\"","deleted":false,"offset":3,"ts":9}',
      ),
    ).toMatchObject({ kind: 'schema', subject: 's', version: 2, value: { id: 5, schemaType: 'AVRO', deleted: false } })
    expect(read('{"keytype":"CONFIG","subject":null,"magic":0}', '{"compatibilityLevel":"FULL"}')).toEqual({
      kind: 'config',
      subject: null,
      value: { compatibilityLevel: 'FULL' },
    })
    expect(read('{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}', null)).toMatchObject({ value: null })
    expect(read('{"keytype":"NOOP","magic":0}', null)).toEqual({ kind: 'noop', value: null })
  })

  it('that nobody can read are passed over', () => {
    for (const [key, value] of [
      [null, '{}'],
      ['x', '{}'],
      ['[]', '{}'],
      ['{"keytype":"SCHEMA","subject":"s","version":1}', 'x'],
      ['{"keytype":"SCHEMA","subject":"s","version":1}', '{"id":-1,"schema":"1"}'],
      ['{"keytype":"SCHEMA","subject":"s","version":1}', '{"id":1,"schema":{}}'],
      ['{"keytype":"SCHEMA","version":1}', '{"id":1,"schema":"1"}'],
      ['{"keytype":"MODE"}', '{"mode":"SLEEPING"}'],
      ['{"keytype":"DEK"}', '{}'],
    ] as const)
      expect(decodeRecord(bytes(key), bytes(value)), `${key} ${value}`).toBeNull()
  })

  it('keep a property of any name', () => {
    const metadata = { properties: JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string> }
    const value = {
      subject: 's',
      version: 1,
      id: 1,
      schemaType: 'AVRO' as const,
      references: [],
      metadata,
      ruleSet: null,
      schema: '"int"',
      deleted: false,
    }
    const { key, value: encoded } = encodeRecord({ kind: 'schema', subject: 's', version: 1, value })
    const read = decodeRecord(key, encoded)
    expect(read?.kind === 'schema' && JSON.stringify(read.value?.metadata)).toBe(
      '{"properties":{"__proto__":"x","constructor":"y"}}',
    )
  })
})

describe('the rule of ids', () => {
  const schema = (subject: string, version: number, id: number, text: string) =>
    encodeRecord({
      kind: 'schema',
      subject,
      version,
      value: {
        subject,
        version,
        id,
        schemaType: 'AVRO',
        references: [],
        metadata: null,
        ruleSet: null,
        schema: text,
        deleted: false,
      },
    })

  it('holds that the first record binds an id, and another schema under it is ignored', async () => {
    const registry = new MemoryRegistry([schema('a', 1, 5, '"int"'), schema('b', 1, 5, '"long"'), schema('c', 1, 5, '"int"')])
    expect(await registry.get('/schemas/ids/5/subjects')).toEqual(['a', 'c'])
    expect(await registry.refusal('GET', '/subjects/b/versions')).toBe(40401)
    expect(await registry.register('d', '"long"')).toBe(6)
  })
})
