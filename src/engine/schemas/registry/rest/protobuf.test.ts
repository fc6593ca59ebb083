/** Protobuf through the registry's calls, as Confluent's serializers make them. */
import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'
import { protobufFormat, serializedProtobuf } from '../../protobuf'

const car = (year: string): string => `syntax = "proto3";\n\nmessage Car {\n  string make = 1;\n  ${year} year = 3;\n}\n`

function serialized(text: string): string {
  const parsed = protobufFormat.parse(text, new Map(), { isNew: true })
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  return serializedProtobuf(parsed.value)
}

describe('Protobuf in the registry', () => {
  const register = (registry: MemoryRegistry, schema: string, more: object = {}) =>
    registry.ask('POST', '/subjects/cars-value/versions', { schema, schemaType: 'PROTOBUF', ...more })

  it('takes a text and its descriptor for one schema, and gives either', async () => {
    const registry = new MemoryRegistry()
    const first = await register(registry, `// cars\n${car('int32')}`)
    expect(first.body).toMatchObject({ id: 1, version: 1, schemaType: 'PROTOBUF', schema: car('int32') })
    expect((await register(registry, serialized(car('int32')))).body).toMatchObject({ id: 1, version: 1 })
    const got = await registry.ask('GET', '/schemas/ids/1?format=serialized')
    expect(got.body).toMatchObject({ schema: serialized(car('int32')), schemaType: 'PROTOBUF' })
    expect((await registry.ask('GET', '/subjects/cars-value/versions/latest')).body).toMatchObject({ schema: car('int32') })
  })

  it('refuses a change of type in the registry’s words', async () => {
    const registry = new MemoryRegistry()
    await register(registry, car('int32'))
    const answer = await register(registry, car('string'))
    expect(answer.status).toBe(409)
    expect(JSON.stringify(answer.body)).toContain(
      JSON.stringify(
        `{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"The kind of a SCALAR field at path '#/Car/3' in the new schema does not match its kind in the old schema"}`,
      ).slice(1, -1),
    )
    expect((await register(registry, car('int64'))).body).toMatchObject({ id: 2, version: 2 })
  })

  it('resolves imports by the names of references, and says which is not there', async () => {
    const registry = new MemoryRegistry()
    await registry.ask('POST', '/subjects/money/versions', {
      schema: 'syntax = "proto3"; package m; message Money { int64 units = 1; }',
      schemaType: 'PROTOBUF',
    })
    const text = 'syntax = "proto3"; import "money.proto"; message Car { m.Money price = 1; }'
    const references = [{ name: 'money.proto', subject: 'money', version: 1 }]
    expect((await register(registry, text)).status).toBe(422)
    expect((await register(registry, text, { references })).body).toMatchObject({ id: 2, references })
  })
})
