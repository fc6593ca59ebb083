// @confluentinc/schemaregistry: registers, evolves, fetches, checks, configures, deletes, serializes to a topic and reads back.
const { registry: url, requireClient, check, same, refusal, throughTopic } = require('./program.cjs')

const library = requireClient('@confluentinc/schemaregistry')
const { SchemaRegistryClient, SerdeType, AvroSerializer, AvroDeserializer, JsonSerializer, JsonDeserializer, Compatibility } = library
const clientOf = () => new SchemaRegistryClient({ baseURLs: [url] })
const client = clientOf()
const avro = (fields) => ({ schemaType: 'AVRO', schema: JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields }) })
const first = avro([{ name: 'id', type: 'int' }])
const second = avro([
  { name: 'id', type: 'int' },
  { name: 'note', type: 'string', default: '' },
])
const breaking = avro([
  { name: 'id', type: 'int' },
  { name: 'must', type: 'string' },
])
const subject = 'confluent-order-value'
/** Names with what clients encode, and what they do not. */
const odd = ['confluent/slash', 'confluent sp ace', 'confluent-ä:%41', ':.confluent:inner']

const statusOf = (error) => [error.status, error.errorCode]

async function main() {
  await check('registers, looks up, and lists', async () => {
    const id = await client.register(subject, first)
    same(await client.register(subject, first, true), id)
    same(await client.getId(subject, first), id)
    same(await client.getVersion(subject, first), 1)
    same(await client.getAllVersions(subject), [1])
    if (!(await client.getAllSubjects()).includes(subject)) throw new Error('the subject is not listed')
  })
  await check('evolves, and is refused what breaks readers', async () => {
    const metadata = await client.registerFullResponse(subject, second)
    same([metadata.version, metadata.subject ?? subject], [2, subject])
    same(statusOf(await refusal(() => client.register(subject, breaking))), [409, 40901])
    same((await client.getLatestSchemaMetadata(subject)).version, 2)
    same((await client.getSchemaMetadata(subject, 1)).version, 1)
  })
  await check('checks compatibility', async () => {
    same(await client.testSubjectCompatibility(subject, second), true)
    same(await client.testSubjectCompatibility(subject, breaking), false)
    same(await client.testCompatibility(subject, 1, breaking), false)
  })
  await check('configures subjects and the registry', async () => {
    same((await refusal(() => client.getConfig(subject))).errorCode, 40408)
    await client.updateConfig(subject, { compatibility: Compatibility.FULL, normalize: true })
    same(await client.getConfig(subject), { normalize: true, compatibilityLevel: 'FULL' })
    await client.updateDefaultConfig({ compatibility: Compatibility.BACKWARD })
    same((await client.getDefaultConfig()).compatibilityLevel, 'BACKWARD')
    await client.updateCompatibility(subject, Compatibility.BACKWARD)
    same(await client.getCompatibility(subject), 'BACKWARD')
  })
  await check('fetches by id and by GUID', async () => {
    const fresh = clientOf()
    const id = await fresh.getId(subject, first)
    same((await fresh.getBySubjectAndId(subject, id)).schema, first.schema)
    const { guid } = await fresh.getLatestSchemaMetadata(subject)
    if (guid !== undefined) same((await fresh.getByGuid(guid)).schema, second.schema)
    same(statusOf(await refusal(() => fresh.getBySubjectAndId(subject, 999_999))), [404, 40403])
  })
  await check('finds a version by its metadata', async () => {
    const tagged = { ...first, metadata: { properties: { owner: 'ann', zone: 'eu' } } }
    await client.register('confluent-metadata', tagged)
    same((await client.getLatestWithMetadata('confluent-metadata', { owner: 'ann', zone: 'eu' })).version, 1)
  })
  await check('takes subjects of any name', async () => {
    for (const name of odd) {
      await client.register(name, first)
      same((await client.getLatestSchemaMetadata(name)).version, 1)
      // This one call of the client puts the name into the path as it is, so that a slash in it makes another path.
      if (!/[/%]/.test(name)) same(await clientOf().getAllVersions(name), [1])
    }
  })
  await check('deletes versions and subjects, softly and for good', async () => {
    const name = 'confluent-deleted'
    await client.register(name, first)
    await client.register(name, second)
    same(await client.deleteSubjectVersion(name, 1), 1)
    same(await client.deleteSubjectVersion(name, 1, true), 1)
    same(await client.deleteSubject(name), [2])
    same(await client.deleteSubject(name, true), [2])
    same((await refusal(() => clientOf().getLatestSchemaMetadata(name))).errorCode, 40401)
  })
  const topicOf = (name) => `confluent-registry-${name}`
  await check('serializes Avro to a topic and reads it back, registering by itself', async () => {
    const topic = topicOf('avro')
    const serializer = new AvroSerializer(clientOf(), SerdeType.VALUE, { autoRegisterSchemas: true })
    const read = await throughTopic(topic, [await serializer.serialize(topic, { id: 7 })])
    same({ ...(await new AvroDeserializer(clientOf(), SerdeType.VALUE, {}).deserialize(topic, read[0])) }, { id: 7 })
    same(await client.getAllVersions(`${topic}-value`), [1])
  })
  await check('serializes with the latest version that is registered', async () => {
    const topic = topicOf('latest')
    await client.register(`${topic}-value`, second)
    const serializer = new AvroSerializer(clientOf(), SerdeType.VALUE, { autoRegisterSchemas: false, useLatestVersion: true })
    const [read] = await throughTopic(topic, [await serializer.serialize(topic, { id: 7, note: 'x' })])
    same({ ...(await new AvroDeserializer(clientOf(), SerdeType.VALUE, {}).deserialize(topic, read)) }, { id: 7, note: 'x' })
  })
  await check('serializes JSON Schema to a topic and reads it back', async () => {
    const topic = topicOf('json')
    const schema = JSON.stringify({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] })
    await client.register(`${topic}-value`, { schemaType: 'JSON', schema })
    const serializer = new JsonSerializer(clientOf(), SerdeType.VALUE, { useLatestVersion: true, autoRegisterSchemas: false, validate: true })
    const [read] = await throughTopic(topic, [await serializer.serialize(topic, { name: 'ann' })])
    same(await new JsonDeserializer(clientOf(), SerdeType.VALUE, {}).deserialize(topic, read), { name: 'ann' })
    await refusal(() => serializer.serialize(topic, { name: 7 }))
  })
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
