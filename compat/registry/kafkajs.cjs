// @kafkajs/confluent-schema-registry: registers, evolves, fetches, is refused, serializes to a topic and reads back.
const { registry: host, requireClient, check, same, refusal, throughTopic } = require('./program.cjs')

const { SchemaRegistry, SchemaType, COMPATIBILITY } = requireClient('@kafkajs/confluent-schema-registry')
const registry = new SchemaRegistry({ host })
const avro = (fields) => ({ type: SchemaType.AVRO, schema: JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields }) })
const first = avro([{ name: 'id', type: 'long' }])
const second = avro([
  { name: 'id', type: 'long' },
  { name: 'note', type: ['null', 'string'], default: null },
])
const breaking = avro([
  { name: 'id', type: 'long' },
  { name: 'must', type: 'string' },
])
const subject = 'kafkajs-order-value'

async function main() {
  await check('registers, and registers the same again under the same id', async () => {
    const { id } = await registry.register(first, { subject })
    same((await registry.register(first, { subject })).id, id)
    same(await registry.getRegistryIdBySchema(subject, first), id)
    same(await registry.getLatestSchemaId(subject), id)
    same(await registry.getRegistryId(subject, 1), id)
  })
  await check('evolves, and is refused what breaks readers', async () => {
    const { id } = await registry.register(second, { subject })
    same(await registry.getRegistryId(subject, 2), id)
    const error = await refusal(() => registry.register(breaking, { subject }))
    if (!/incompatible with an earlier schema/.test(error.message)) throw error
  })
  await check('sets the level of a subject that has none, and is told of another one', async () => {
    const schema = avro([{ name: 'n', type: 'int' }])
    await registry.register(schema, { subject: 'kafkajs-level', compatibility: COMPATIBILITY.FULL })
    const error = await refusal(() => registry.register(schema, { subject: 'kafkajs-level', compatibility: COMPATIBILITY.NONE }))
    if (!/Compatibility does not match/i.test(error.message)) throw error
  })
  await check('fetches by id, and is told of one that is not there', async () => {
    const id = await registry.getRegistryId(subject, 1)
    const fresh = new SchemaRegistry({ host })
    const schema = await fresh.getSchema(id)
    if (!schema.isValid({ id: 1 })) throw new Error('the schema is another one')
    const error = await refusal(() => fresh.getSchema(999_999))
    if (!/999999 not found/.test(error.message)) throw error
  })
  await check('serializes Avro to a topic and reads both versions back', async () => {
    const ids = [await registry.getRegistryId(subject, 1), await registry.getRegistryId(subject, 2)]
    const values = [await registry.encode(ids[0], { id: 1 }), await registry.encode(ids[1], { id: 2, note: 'two' })]
    const read = await throughTopic('kafkajs-registry-avro', values)
    const reader = new SchemaRegistry({ host })
    same(await reader.decode(read[0]), { id: 1 })
    same(await reader.decode(read[1]), { id: 2, note: 'two' })
  })
  await check('serializes JSON Schema to a topic and reads it back', async () => {
    const schema = JSON.stringify({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] })
    const { id } = await registry.register({ type: SchemaType.JSON, schema }, { subject: 'kafkajs-json-value' })
    const read = await throughTopic('kafkajs-registry-json', [await registry.encode(id, { name: 'ann' })])
    same(await new SchemaRegistry({ host }).decode(read[0]), { name: 'ann' })
    await refusal(() => registry.encode(id, { name: 7 }))
  })
  await check('resolves references between Avro schemas', async () => {
    const address = avro([{ name: 'street', type: 'string' }])
    await registry.register(address, { subject: 'kafkajs-address' })
    const schema = JSON.stringify({ type: 'record', name: 'Person', namespace: 'shop', fields: [{ name: 'home', type: 'shop.Order' }] })
    const references = [{ name: 'shop.Order', subject: 'kafkajs-address', version: 1 }]
    const { id } = await registry.register({ type: SchemaType.AVRO, schema, references }, { subject: 'kafkajs-person' })
    const value = { home: { street: 'long' } }
    same(await new SchemaRegistry({ host }).decode(await registry.encode(id, value)), value)
  })
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
