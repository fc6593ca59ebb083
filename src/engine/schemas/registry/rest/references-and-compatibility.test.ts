import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'

const int = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] }
const withField = (field: object) => ({ ...int, fields: [...int.fields, field] })
const withString = withField({ name: 'b', type: 'string' })
const withDefault = withField({ name: 'b', type: 'string', default: '' })

describe('references', () => {
  const address = { type: 'record', name: 'Address', namespace: 'n', fields: [{ name: 'street', type: 'string' }] }
  const person = { type: 'record', name: 'Person', namespace: 'n', fields: [{ name: 'home', type: 'n.Address' }] }
  const references = [{ name: 'n.Address', subject: 'address', version: 1 }]

  it('are resolved, kept, given back, and written out where that is asked for', async () => {
    const registry = new MemoryRegistry()
    await registry.register('address', address)
    expect(await registry.register('person', person, { references })).toBe(2)
    expect(await registry.get('/subjects/person/versions/1')).toMatchObject({ references })
    expect(await registry.get('/subjects/address/versions/1/referencedby')).toEqual([2])
    const resolved = (await registry.get('/schemas/ids/2?format=resolved')) as { schema: string }
    expect(JSON.parse(resolved.schema)).toMatchObject({ fields: [{ name: 'home', type: { name: 'Address' } }] })
    expect(await registry.refusal('POST', '/subjects/x/versions', { schema: JSON.stringify(person) })).toBe(42201)
    const missing = [{ name: 'n.Address', subject: 'address', version: 7 }]
    expect(await registry.refusal('POST', '/subjects/x/versions', { schema: JSON.stringify(person), references: missing })).toBe(
      42201,
    )
  })

  it('hold what they refer to until they are gone', async () => {
    const registry = new MemoryRegistry()
    await registry.register('address', address)
    await registry.register('person', person, { references: [{ ...references[0], version: -1 }] })
    expect(await registry.refusal('DELETE', '/subjects/address/versions/1')).toBe(42206)
    expect(await registry.refusal('DELETE', '/subjects/address')).toBe(42206)
    await registry.expect('DELETE', '/subjects/person')
    await registry.expect('DELETE', '/subjects/address')
    // Softly deleted, it may come back, and would refer to nothing.
    expect(await registry.refusal('DELETE', '/subjects/address?permanent=true')).toBe(42206)
    await registry.expect('DELETE', '/subjects/person?permanent=true')
    await registry.expect('DELETE', '/subjects/address?permanent=true')
  })

  it('reach through several schemas', async () => {
    const registry = new MemoryRegistry()
    await registry.register('address', address)
    await registry.register('person', person, { references })
    const order = { type: 'record', name: 'Order', namespace: 'n', fields: [{ name: 'by', type: 'n.Person' }] }
    await registry.register('order', order, { references: [{ name: 'n.Person', subject: 'person', version: 1 }] })
    expect(await registry.get('/subjects/person/versions/1/referencedby')).toEqual([3])
  })
})

describe('compatibility checks', () => {
  it('compare with one version or with all that the level asks for', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register('a', withDefault)
    const ask = (target: string, schema: object) =>
      registry.expect('POST', `/compatibility/subjects/a/versions${target}`, { schema: JSON.stringify(schema) })
    expect(await ask('/latest', withString)).toEqual({ is_compatible: true })
    expect(await ask('/1', withString)).toEqual({ is_compatible: false })
    expect(await ask('/', withString)).toEqual({ is_compatible: true })
    await registry.expect('PUT', '/config', { compatibility: 'BACKWARD_TRANSITIVE' })
    expect(await ask('?normalize=False&verbose=True', withString)).toMatchObject({
      is_compatible: false,
      messages: [
        expect.stringContaining('READER_FIELD_MISSING_DEFAULT_VALUE'),
        '{oldSchemaVersion: 1}',
        expect.anything(),
        expect.anything(),
      ],
    })
    await registry.expect('PUT', '/config/a', { compatibility: 'FULL' })
    expect(await ask('/1?verbose=true', withString)).toMatchObject({ is_compatible: false })
    await registry.expect('PUT', '/config/a', { compatibility: 'FORWARD' })
    const forward = (await ask('/2?verbose=true', { type: 'record', name: 'R', fields: [] })) as { messages: string[] }
    expect(forward.messages[0]).toContain(
      "The field 'a' at path '/fields/0' in the old schema has no default value and is missing in the new schema",
    )
  })

  it('take a subject that is not there for compatible with its latest, and an error by number', async () => {
    const registry = new MemoryRegistry()
    const body = { schema: '"int"' }
    expect(await registry.expect('POST', '/compatibility/subjects/x/versions/latest', body)).toEqual({ is_compatible: true })
    expect(await registry.refusal('POST', '/compatibility/subjects/x/versions/1', body)).toBe(40402)
    expect(await registry.refusal('POST', '/compatibility/subjects/x/versions/0', body)).toBe(42202)
  })

  it('tell what is no schema as a message where messages are asked for', async () => {
    const registry = new MemoryRegistry()
    const body = { schema: '{"type":"nope"}' }
    expect(await registry.refusal('POST', '/compatibility/subjects/x/versions/latest', body)).toBe(42201)
    expect(await registry.expect('POST', '/compatibility/subjects/x/versions/latest?verbose=true', body)).toMatchObject({
      is_compatible: false,
      messages: [expect.stringContaining('nope')],
    })
  })

  it('compare only versions of one group where the config names one', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/config/a', { compatibilityGroup: 'major' })
    await registry.register('a', int, { metadata: { properties: { major: '1' } } })
    expect(await registry.register('a', withString, { metadata: { properties: { major: '2' } } })).toBe(2)
    const body = { schema: JSON.stringify(withField({ name: 'c', type: 'string' })), metadata: { properties: { major: '1' } } }
    expect(await registry.refusal('POST', '/subjects/a/versions', body)).toBe(40901)
  })
})
