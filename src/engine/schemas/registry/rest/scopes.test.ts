import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'

describe('levels', () => {
  it('are BACKWARD until somebody says otherwise, of a subject, of its context, or globally', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' })
    expect(await registry.get('/config/a?defaultToGlobal=TRUE')).toEqual({ compatibilityLevel: 'BACKWARD' })
    expect(await registry.expect('PUT', '/config', { compatibility: 'full' })).toEqual({ compatibility: 'full' })
    expect(await registry.get('/config/a?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'FULL' })
    await registry.expect('PUT', '/config/a', { compatibility: 'NONE' })
    expect(await registry.get('/config/a')).toEqual({ compatibilityLevel: 'NONE' })
    await registry.expect('PUT', '/contexts/.c/config', { compatibility: 'FORWARD' })
    expect(await registry.get('/config/%3A.c%3Ax?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'FORWARD' })
    expect(await registry.get('/config')).toEqual({ compatibilityLevel: 'FULL' })
    expect(await registry.expect('DELETE', '/config/a')).toEqual({ compatibilityLevel: 'NONE' })
    expect(await registry.refusal('DELETE', '/config/a')).toBe(40401)
    expect(await registry.expect('DELETE', '/config')).toEqual({ compatibilityLevel: 'FULL' })
    expect(await registry.get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' })
  })

  it('takes fields as Jackson types them, and refuses what cannot be of their type instead of passing it over', async () => {
    const registry = new MemoryRegistry()
    const given = { normalize: 'true', alias: 7, compatibilityGroup: null, unheardOf: 1 }
    expect(await registry.expect('PUT', '/config/a', given)).toEqual({ normalize: true, alias: '7' })
    for (const wrong of [
      { normalize: 'yes' },
      { validateFields: 1 },
      { alias: ['b'] },
      { defaultMetadata: 'x' },
      { overrideRuleSet: [] },
    ])
      expect(await registry.refusal('PUT', '/config/b', wrong), JSON.stringify(wrong)).toBe(400)
    expect(await registry.refusal('PUT', '/config/b', { compatibility: 5 })).toBe(42203)
    expect(await registry.refusal('GET', '/config/b')).toBe(40408)
  })

  it('refuse what is none', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.refusal('PUT', '/config/a', { compatibility: 'SIDEWAYS' })).toBe(42203)
    expect(await registry.refusal('PUT', '/config', { compatibility: 7 })).toBe(42203)
  })

  it('keep what a change does not name, and give up what it names as null', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/config/a', { compatibility: 'FULL', normalize: true, compatibilityPolicy: 'lenient' })
    await registry.expect('PUT', '/config/a', { compatibilityGroup: 'g', normalize: null })
    expect(await registry.get('/config/a')).toEqual({
      compatibilityLevel: 'FULL',
      compatibilityPolicy: 'LENIENT',
      compatibilityGroup: 'g',
    })
    expect(await registry.get('/config/a?defaultToGlobal=true')).toMatchObject({ compatibilityLevel: 'FULL' })
  })

  it('of the global context hold where neither subject nor context says anything', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/config/%3A.__GLOBAL%3A', { compatibility: 'NONE' })
    expect(await registry.get('/config/x?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'NONE' })
    expect(await registry.get('/config/%3A.c%3Ax?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'NONE' })
  })

  it('of an alias lead to the subject that it stands for', async () => {
    const registry = new MemoryRegistry()
    await registry.register('real', '"int"')
    await registry.expect('PUT', '/config/other', { alias: 'real' })
    expect(await registry.get('/subjects/other/versions/latest')).toMatchObject({ subject: 'real', id: 1 })
  })
})

describe('modes', () => {
  it('refuse writes where they are read-only', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', '"int"')
    expect(await registry.expect('PUT', '/mode/a', { mode: 'READONLY' })).toEqual({ mode: 'READONLY' })
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"long"' })).toBe(42205)
    expect(await registry.refusal('DELETE', '/subjects/a')).toBe(42205)
    expect(await registry.refusal('PUT', '/config/a', { compatibility: 'NONE' })).toBe(42205)
    expect(await registry.register('b', '"int"')).toBe(1)
    expect(await registry.expect('DELETE', '/mode/a')).toEqual({ mode: 'READONLY' })
    expect(await registry.register('a', '"long"')).toBe(2)
    expect(await registry.refusal('DELETE', '/mode/a')).toBe(40401)
    expect(await registry.refusal('PUT', '/mode', { mode: 'NOPE' })).toBe(42204)
  })

  it('override those of subjects where the global one says so', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/mode/a', { mode: 'READWRITE' })
    await registry.expect('PUT', '/mode', { mode: 'READONLY' })
    expect(await registry.register('a', '"int"')).toBe(1)
    await registry.expect('PUT', '/mode', { mode: 'READONLY_OVERRIDE' })
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"long"' })).toBe(42205)
  })

  it('let an importer choose ids and versions, and nobody else', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"int"', id: 40 })).toBe(42205)
    await registry.register('live', '"boolean"')
    expect(await registry.refusal('PUT', '/mode', { mode: 'IMPORT' })).toBe(42205)
    await registry.expect('PUT', '/mode/a?force=False', { mode: 'IMPORT' })
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"int"' })).toBe(42205)
    expect(await registry.register('a', '"int"', { id: 40, version: 7 })).toBe(40)
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"long"', id: 40 })).toBe(42205)
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"long"', id: 41, version: 7 })).toBe(42205)
    // Not compatible, and not asked whether it is.
    expect(await registry.register('a', '"string"', { id: 20 })).toBe(20)
    expect(await registry.get('/subjects/a/versions')).toEqual([7, 8])
    await registry.expect('PUT', '/mode/a', { mode: 'READWRITE' })
    expect(await registry.register('b', '"long"')).toBe(41)
  })

  it('clear what is softly deleted when an import begins, and leave it under force', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', '"int"')
    await registry.expect('DELETE', '/subjects/a')
    await registry.expect('PUT', '/mode/a?force=true', { mode: 'IMPORT' })
    expect(await registry.get('/subjects/a/versions?deleted=true')).toEqual([1])
    // Back under its number and id: how a version is restored.
    expect(await registry.register('a', '"int"', { id: 1, version: 1 })).toBe(1)
    expect(await registry.get('/subjects/a/versions')).toEqual([1])
    await registry.expect('PUT', '/mode/a', { mode: 'READWRITE' })
    await registry.expect('DELETE', '/subjects/a')
    await registry.expect('PUT', '/mode/a', { mode: 'IMPORT' })
    expect(await registry.refusal('GET', '/subjects/a/versions?deleted=true')).toBe(40401)
    expect(registry.records().some(([key]) => key === '{"keytype":"CLEAR_SUBJECT","subject":"a","magic":0}')).toBe(true)
  })
})

describe('contexts', () => {
  it('have ids of their own, and are part of a subject’s name', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', '"int"')
    expect(await registry.register(':.c:a', '"string"')).toBe(1)
    expect(await registry.expect('POST', '/contexts/.c/subjects/b/versions', { schema: '"long"' })).toMatchObject({
      subject: ':.c:b',
      id: 2,
    })
    expect(await registry.get('/contexts')).toEqual(['.', '.c'])
    expect(await registry.get('/subjects')).toEqual([':.c:a', ':.c:b', 'a'])
    expect(await registry.get('/subjects?subjectPrefix=:.c:')).toEqual([':.c:a', ':.c:b'])
    expect(await registry.get('/subjects?subjectPrefix=a')).toEqual(['a'])
    expect(await registry.get('/contexts/.c/subjects')).toEqual([':.c:a', ':.c:b'])
    expect(await registry.get('/contexts/:.c:/schemas/ids/1')).toMatchObject({ schema: '"string"' })
    expect(await registry.get('/schemas/ids/1')).toMatchObject({ schema: '"int"' })
    expect(await registry.get('/schemas/ids/1?subject=%3A.c%3A')).toMatchObject({ schema: '"string"' })
    expect(await registry.get('/contexts/./subjects')).toEqual(['a'])
  })

  it('are searched for a name that the default one does not have', async () => {
    const registry = new MemoryRegistry()
    await registry.register(':.c:only', '"int"')
    expect(await registry.get('/subjects/only/versions/1')).toMatchObject({ subject: ':.c:only' })
    expect(await registry.expect('POST', '/subjects/only', { schema: '"int"' })).toMatchObject({ subject: ':.c:only' })
    expect(await registry.get('/schemas/ids/1?subject=only')).toMatchObject({ subject: ':.c:only' })
    // What is written goes where it was said.
    expect(await registry.expect('POST', '/subjects/only/versions', { schema: '"int"' })).toMatchObject({
      subject: 'only',
      version: 1,
    })
  })

  it('hand themselves down to references', async () => {
    const registry = new MemoryRegistry()
    const inner = { type: 'record', name: 'I', fields: [] }
    await registry.register(':.c:inner', inner)
    const outer = { type: 'record', name: 'O', fields: [{ name: 'i', type: 'I' }] }
    expect(await registry.register(':.c:outer', outer, { references: [{ name: 'I', subject: 'inner', version: 1 }] })).toBe(2)
    expect(await registry.refusal('DELETE', '/subjects/:.c:inner')).toBe(42206)
  })

  it('are deleted when they are empty, and give no id twice all the same', async () => {
    const registry = new MemoryRegistry()
    await registry.register(':.c:a', '"int"')
    expect(await registry.refusal('DELETE', '/contexts/.c')).toBe(42211)
    await registry.expect('DELETE', '/subjects/:.c:a')
    await registry.expect('DELETE', '/subjects/:.c:a?permanent=true')
    expect((await registry.ask('DELETE', '/contexts/.c')).status).toBe(204)
    expect(await registry.get('/contexts')).toEqual(['.'])
    expect(await registry.register(':.c:b', '"long"')).toBe(2)
    expect(await registry.get('/contexts')).toEqual(['.', '.c'])
  })
})

describe('associations', () => {
  it('are none for most topics, and that is no error', async () => {
    const registry = new MemoryRegistry()
    expect(await registry.get('/associations/resources/-/t?resourceType=topic&associationType=value')).toEqual([])
  })

  it('are kept, found by name, id and subject, and given up', async () => {
    const registry = new MemoryRegistry()
    await registry.register('s', '"int"')
    const body = {
      resourceName: 't',
      resourceNamespace: 'lkc-1',
      resourceId: 'id-1',
      resourceType: 'topic',
      associations: [{ subject: 's', associationType: 'value', lifecycle: 'STRONG' }],
    }
    expect(await registry.expect('POST', '/associations', body)).toMatchObject({
      associations: [{ subject: 's', lifecycle: 'STRONG', frozen: false }],
    })
    for (const target of ['resources/-/t?associationType=value', 'resources/lkc-1/t', 'resources/id-1', 'subjects/s'])
      expect(await registry.get(`/associations/${target}`)).toMatchObject([{ subject: 's', resourceName: 't' }])
    expect(await registry.get('/associations/resources/-/t?associationType=key')).toEqual([])
    expect(await registry.refusal('POST', '/associations', { ...body, associations: [{ subject: 'missing' }] })).toBe(42212)
    expect((await registry.ask('DELETE', '/associations/resources/id-1?cascadeLifecycle=true')).status).toBe(204)
    expect(await registry.refusal('DELETE', '/associations/resources/id-1')).toBe(40410)
    expect(await registry.refusal('GET', '/subjects/s/versions')).toBe(40401)
  })
})

describe('tags', () => {
  it('make a new version with the same text and the tags in its metadata', async () => {
    const registry = new MemoryRegistry()
    await registry.register('a', { type: 'record', name: 'R', fields: [{ name: 'x', type: 'int' }] })
    const tagsToAdd = [{ schemaEntity: { entityPath: 'R.x', entityType: 'sr_field' }, tags: ['PII'] }]
    expect(await registry.expect('POST', '/subjects/a/versions/1/tags', { newVersion: 2, tagsToAdd })).toMatchObject({
      version: 2,
      metadata: { tags: { 'R.x': ['PII'] } },
    })
  })
})
