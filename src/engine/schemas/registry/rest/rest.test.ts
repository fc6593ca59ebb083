import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'

const int = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] }
const withField = (field: object) => ({ ...int, fields: [...int.fields, field] })
const withString = withField({ name: 'b', type: 'string' })
const withDefault = withField({ name: 'b', type: 'string', default: '' })

describe('registration', () => {
  it('gives ids from 1, the same id to the same schema anywhere in the context, and versions by subject', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.register('a', int)).toBe(1)
    expect(await registry.register('b', '"string"')).toBe(2)
    expect(await registry.register('b', '{"type":"string"}')).toBe(2)
    expect(await registry.register('c', int)).toBe(1)
    expect(await registry.register('a', withDefault)).toBe(3)
    expect(await registry.get('/subjects/a/versions')).toEqual([1, 2])
    expect(await registry.get('/schemas/ids/1/versions')).toEqual([
      { subject: 'a', version: 1 },
      { subject: 'c', version: 1 },
    ])
  })

  it('answers with everything that version 8 answers with', async () => {
    const registry = new MemoryRegistry()
    const answer = await registry.ask('POST', '/subjects/a/versions', { schema: ' "int" ' })
    expect(answer).toEqual({
      status: 200,
      contentType: 'application/vnd.schemaregistry.v1+json',
      body: {
        subject: 'a',
        version: 1,
        id: 1,
        guid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        schemaType: 'AVRO',
        schema: '"int"',
        ts: expect.any(Number),
        deleted: false,
      },
    })
    expect(registry.events).toEqual([{ type: 'schema-registered', subject: 'a', version: 1, id: 1 }])
  })

  it('refuses what is no schema, no type, an incompatible one, and says why', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '{"type":"nope"}' })).toBe(42201)
    expect(await registry.refusal('POST', '/subjects/new/versions', { schema: '' })).toBe(42201)
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"int"', schemaType: 'XML' })).toBe(42201)
    const answer = await registry.ask('POST', '/subjects/a/versions', { schema: JSON.stringify(withString) })
    expect(answer.status).toBe(409)
    expect(answer.body).toEqual({
      error_code: 40901,
      message: `Schema being registered is incompatible with an earlier schema for subject "a", details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}, {oldSchemaVersion: 1}, {oldSchema: '${JSON.stringify(int)}'}, {validateFields: 'false', compatibility: 'BACKWARD'}]`,
    })
  })

  it('refuses another type under any level but NONE', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    const json = { schema: '{"type":"object"}', schemaType: 'JSON' }
    expect(await registry.refusal('POST', '/subjects/a/versions', json)).toBe(40901)
    await registry.expect('PUT', '/config/a', { compatibility: 'none' })
    expect(await registry.expect('POST', '/subjects/a/versions', json)).toMatchObject({ version: 2, schemaType: 'JSON' })
  })

  it('keeps JSON Schema and Protobuf, with what each refers to, and compares them by their own rules', async () => {
    const registry = new MemoryRegistry()
    const json = (schema: object) => ({ schemaType: 'JSON', schema: JSON.stringify(schema) })
    const open = { type: 'object', properties: { a: { type: 'string' } } }
    expect(await registry.expect('POST', '/subjects/j/versions', json(open))).toMatchObject({ id: 1, schemaType: 'JSON' })
    const narrowed = await registry.ask(
      'POST',
      '/subjects/j/versions',
      json({ ...open, properties: { a: { type: 'string', maxLength: 3 } } }),
    )
    expect(narrowed).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('{errorType:"MAX_LENGTH_ADDED", description:"') },
    })
    const proto = (body: string, more: object = {}) => ({
      schemaType: 'PROTOBUF',
      schema: `syntax = "proto3";\n${body}`,
      ...more,
    })
    expect(await registry.expect('POST', '/subjects/inner/versions', proto('message Inner { int32 a = 1; }'))).toMatchObject({
      id: 2,
    })
    const references = [{ name: 'inner.proto', subject: 'inner', version: 1 }]
    const outer = proto('import "inner.proto";\nmessage Outer { Inner i = 1; }', { references })
    expect(await registry.expect('POST', '/subjects/outer/versions', outer)).toMatchObject({ id: 3, references })
    expect(await registry.expect('POST', '/subjects/outer', outer)).toMatchObject({ id: 3, version: 1 })
    const changed = await registry.ask('POST', '/subjects/inner/versions', proto('message Inner { string a = 1; }'))
    expect(changed).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('{errorType:"FIELD_SCALAR_KIND_CHANGED", description:"') },
    })
    expect(await registry.refusal('POST', '/subjects/p/versions', proto('message {'))).toBe(42201)
  })

  it('takes a body of octets and any of the registry’s media types, and no other', async () => {
    const registry = new MemoryRegistry()
    for (const type of ['application/octet-stream', 'application/json; charset=utf-8', 'application/vnd.schemaregistry+json'])
      expect((await registry.ask('POST', '/subjects/a/versions', { schema: '"int"' }, { 'content-type': type })).status).toBe(200)
    expect(
      (await registry.ask('POST', '/subjects/a/versions', { schema: '"int"' }, { 'content-type': 'text/plain' })).status,
    ).toBe(415)
    expect(await registry.refusal('POST', '/subjects/a/versions', '{')).toBe(400)
    expect(await registry.refusal('POST', '/subjects/a/versions', 'null')).toBe(422)
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: { type: 'int' } })).toBe(400)
  })

  it('refuses names that no subject may have', async () => {
    const registry = new MemoryRegistry()
    for (const name of ['__GLOBAL', '__EMPTY', 'a\u0001b', ':.ctx:'])
      expect(await registry.refusal('POST', `/subjects/${encodeURIComponent(name)}/versions`, { schema: '"int"' })).toBe(42208)
  })

  it('takes the version that it would give, and no other', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"int"', version: 2 })).toBe(42201)
    expect(await registry.expect('POST', '/subjects/a/versions', { schema: '"int"', version: 1 })).toMatchObject({ version: 1 })
  })

  it('normalizes where it is asked to, in the query or by the subject’s config', async () => {
    const registry = new MemoryRegistry()
    const loose = '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"int"}}]}'
    const first = await registry.expect('POST', '/subjects/a/versions?normalize=True', { schema: loose })
    await registry.expect('PUT', '/config/b', { normalize: true })
    const second = await registry.expect('POST', '/subjects/b/versions', { schema: loose })
    expect(second).toMatchObject({ id: (first as { id: number }).id })
  })

  it('inherits metadata and rules from the version before, with the defaults and overrides of the config around them', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/config/a', {
      defaultMetadata: { properties: { owner: 'nobody', team: 'x' } },
      overrideMetadata: { properties: { zone: 'eu' } },
    })
    await registry.register('a', int, { metadata: { properties: { owner: 'ann' } } })
    await registry.register('a', withDefault)
    expect(await registry.get('/subjects/a/versions/2')).toMatchObject({
      metadata: { properties: { owner: 'ann', team: 'x', zone: 'eu' } },
    })
    expect(await registry.get('/subjects/a/metadata?deleted=false&&key=owner&value=ann')).toMatchObject({ version: 2 })
    expect(await registry.refusal('GET', '/subjects/a/metadata?key=owner&value=bob')).toBe(40403)
  })

  it('keeps rule sets and gives them back', async () => {
    const registry = new MemoryRegistry()
    const ruleSet = { domainRules: [{ name: 'r', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'true' }] }
    await registry.register('a', int, { ruleSet })
    expect(await registry.get('/subjects/a/versions/1')).toMatchObject({ ruleSet })
    // Other rules are another schema.
    expect(await registry.register('a', int, { ruleSet: { domainRules: [{ ...ruleSet.domainRules[0], expr: 'false' }] } })).toBe(
      2,
    )
  })
})

describe('reading', () => {
  it('says what is not there in the registry’s words', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    const message = async (target: string) => ((await registry.ask('GET', target)).body as { message: string }).message
    expect(await message('/subjects/x/versions')).toBe("Subject 'x' not found.")
    expect(await message('/subjects/a/versions/9')).toBe('Version 9 not found.')
    expect(await message('/schemas/ids/9')).toBe('Schema 9 not found')
    expect(await message('/config/x')).toBe("Subject 'x' does not have subject-level compatibility configured")
    expect(await registry.refusal('GET', '/subjects/a/versions/9')).toBe(40402)
    expect(await registry.refusal('GET', '/subjects/x/versions/1')).toBe(40401)
    expect(await registry.refusal('GET', '/mode/x')).toBe(40409)
    expect(await registry.refusal('GET', '/config/x')).toBe(40408)
    expect(await registry.refusal('POST', '/subjects/x', { schema: '"int"' })).toBe(40401)
    expect(await registry.refusal('POST', '/subjects/a', { schema: '"int"' })).toBe(40403)
  })

  it('takes latest and -1, and no version that is none', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    for (const version of ['latest', 'LATEST', '-1', '1', '%20latest%20'])
      expect(await registry.get(`/subjects/a/versions/${version}`)).toMatchObject({ version: 1 })
    for (const version of ['0', '-2', 'x', '2147483648', '1.0'])
      expect(await registry.refusal('GET', `/subjects/a/versions/${version}`)).toBe(42202)
  })

  it('tells subject and version of an id only to who asked about a subject', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register('b', int)
    expect(await registry.get('/schemas/ids/1')).not.toHaveProperty('subject')
    expect(await registry.get('/schemas/ids/1?subject=b&fetchMaxId=TRUE')).toMatchObject({ subject: 'b', version: 1, maxId: 1 })
    expect(await registry.get('/schemas/ids/1/subjects')).toEqual(['a', 'b'])
    expect(await registry.get('/schemas/ids/1/schema')).toEqual(int)
    expect(await registry.get('/subjects/a/versions/1/schema')).toEqual(int)
    expect(await registry.refusal('GET', '/schemas/ids/nope')).toBe(404)
  })

  it('finds a schema by its GUID', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register(':.other:a', int)
    const { guid } = (await registry.get('/subjects/a/versions/1')) as { guid: string }
    expect(await registry.get(`/schemas/guids/${guid}`)).toMatchObject({ schema: JSON.stringify(int) })
    expect(await registry.get(`/schemas/guids/${guid}/ids`)).toEqual([
      { context: '.', id: 1 },
      { context: '.other', id: 1 },
    ])
    expect(await registry.refusal('GET', '/schemas/guids/00000000-0000-0000-0000-000000000000')).toBe(40403)
  })

  it('pages lists, and takes a negative limit for all', async () => {
    const registry = new MemoryRegistry()
    for (const subject of ['c', 'a', 'b']) await registry.register(subject, int)
    expect(await registry.get('/subjects')).toEqual(['a', 'b', 'c'])
    expect(await registry.get('/subjects?offset=1&limit=1')).toEqual(['b'])
    expect(await registry.get('/subjects?deleted=False&deleted_only=False&offset=0&limit=-1')).toEqual(['a', 'b', 'c'])
    expect(await registry.get('/schemas?latestOnly=true&offset=2')).toMatchObject([{ subject: 'c', version: 1, id: 1 }])
  })

  it('answers unknown paths and methods with the error body', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.ask('GET', '/nope')).toMatchObject({
      status: 404,
      body: { error_code: 404, message: 'HTTP 404 Not Found' },
    })
    expect(await registry.ask('PATCH', '/subjects')).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } })
    expect(await registry.ask('PATCH', '/config/a')).toMatchObject({ status: 405, headers: { Allow: 'DELETE, GET, HEAD, PUT' } })
    expect(await registry.get('/')).toEqual({})
    expect(await registry.get('/schemas/types')).toEqual(['JSON', 'PROTOBUF', 'AVRO'])
  })

  it('chooses the type of its answers by what is accepted', async () => {
    const registry = new MemoryRegistry()
    const type = async (accept: string) => (await registry.ask('GET', '/subjects', null, { accept })).contentType
    expect(await type('application/json')).toBe('application/json')
    expect(await type('application/json, text/plain, */*')).toBe('application/vnd.schemaregistry.v1+json')
    expect(await type('application/vnd.schemaregistry.v1+json;q=0.1, application/json;q=0.9')).toBe('application/json')
    expect(await type('text/html')).toBe('application/vnd.schemaregistry.v1+json')
  })

  it('takes slashes, dots, percent signs and colons in names, encoded or raw where that is possible', async () => {
    const registry = new MemoryRegistry()
    for (const subject of ['a/b', '..', '100%', 'a b', 'ä:ö', 'a+b'])
      expect(await registry.register(subject, int), subject).toBe(1)
    expect(await registry.get('/subjects')).toEqual(['..', '100%', 'a b', 'a+b', 'a/b', 'ä:ö'])
    expect(await registry.get('/subjects/ä:ö/versions/')).toEqual([1])
    expect(await registry.get('/subjects/100%/versions')).toEqual([1])
    expect(await registry.get('/subjects/a+b/versions')).toEqual([1])
  })

  it('answers no page of the web, and pages of this machine', async () => {
    const registry = new MemoryRegistry()
    expect((await registry.ask('GET', '/subjects', null, { origin: 'https://example.org' })).status).toBe(403)
    expect((await registry.ask('GET', '/subjects', null, { origin: 'http://localhost.example.org' })).status).toBe(403)
    expect((await registry.ask('GET', '/subjects', null, { origin: 'http://localhost:3000' })).status).toBe(200)
  })

  it('goes on after a fault of its own, and says so in the log', async () => {
    const registry = new MemoryRegistry()
    registry.read = () => Promise.reject(new TypeError('planted'))
    expect(await registry.ask('GET', '/subjects')).toMatchObject({ status: 500, body: { error_code: 500 } })
    expect(registry.faults).toHaveLength(1)
  })
})

describe('deletion', () => {
  it('hides what is softly deleted, keeps its id readable, and restores by registering again', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register('a', withDefault)
    expect(await registry.expect('DELETE', '/subjects/a/versions/latest')).toBe(2)
    expect(await registry.get('/subjects/a/versions')).toEqual([1])
    expect(await registry.get('/subjects/a/versions?deleted=true')).toEqual([1, 2])
    expect(await registry.get('/subjects/a/versions?deletedOnly=true')).toEqual([2])
    expect(await registry.get('/subjects/a/versions?deletedAsNegative=true')).toEqual([1, -2])
    expect(await registry.get('/schemas/ids/2')).toMatchObject({ deleted: true })
    expect(await registry.refusal('DELETE', '/subjects/a/versions/2')).toBe(40406)
    expect(await registry.refusal('DELETE', '/subjects/a/versions/1?permanent=true')).toBe(40407)
    expect(await registry.register('a', withDefault)).toBe(2)
    expect(await registry.get('/subjects/a/versions?deleted=true')).toEqual([1, 3])
  })

  it('deletes a subject in two steps, with its level and mode, and begins at version 1 again, but with new ids', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register('a', withDefault)
    await registry.expect('PUT', '/config/a', { compatibility: 'FULL' })
    expect(await registry.refusal('DELETE', '/subjects/a?permanent=true')).toBe(40405)
    expect(await registry.expect('DELETE', '/subjects/a')).toEqual([1, 2])
    expect(await registry.refusal('DELETE', '/subjects/a')).toBe(40404)
    expect(await registry.refusal('GET', '/subjects/a/versions')).toBe(40401)
    expect(await registry.get('/subjects?deleted=true')).toEqual(['a'])
    expect(await registry.get('/subjects?deletedOnly=true')).toEqual(['a'])
    expect(await registry.get('/subjects')).toEqual([])
    expect(await registry.expect('DELETE', '/subjects/a?permanent=true')).toEqual([1, 2])
    expect(await registry.get('/subjects?deleted=true')).toEqual([])
    expect(await registry.refusal('GET', '/schemas/ids/1')).toBe(40403)
    expect(await registry.refusal('GET', '/config/a')).toBe(40408)
    expect(await registry.refusal('DELETE', '/subjects/a')).toBe(40401)
    expect(await registry.register('a', int)).toBe(3)
    expect(await registry.get('/subjects/a/versions')).toEqual([1])
  })

  it('gives no id again after tombstones and their records have been compacted away', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', int)
    await registry.register('b', '"string"')
    await registry.expect('DELETE', '/subjects/b')
    await registry.expect('DELETE', '/subjects/b?permanent=true')
    // What a compacted topic is left with: the newest of each key, without tombstones.
    const newest = new Map(registry.topic.map((record) => [record.key.toString(), record]))
    const compacted = new MemoryRegistry([...newest.values()].filter(({ value }) => value !== null))
    expect(await compacted.register('c', '"long"')).toBe(3)
  })
})
