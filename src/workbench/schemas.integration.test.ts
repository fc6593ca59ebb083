/** The schema services behind the window over a real cluster with a real registry: what the studio asks, and messages by their schemas. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordJson } from '../renderer/features/messages/record-json'
import { exactRequest } from '../renderer/features/messages/resend'
import type { PayloadInput } from '../shared/model/producing'
import type { SchemaDraft } from '../shared/model/schemas'
import { WorkbenchKit } from './testing/workbench-kit'

const kit = new WorkbenchKit()
const services = () => kit.services

beforeAll(async () => {
  await kit.open()
  await kit.untilWhole()
  await kit.untilRegistry()
})
afterAll(async () => {
  await kit.dispose()
  expect(kit.problems).toEqual([])
})

const draftOf = (subject: string, schema: unknown, fields: Partial<SchemaDraft> = {}) => ({
  subject,
  language: 'avro' as const,
  text: typeof schema === 'string' ? schema : JSON.stringify(schema),
  references: [],
  ...(fields as object),
})
const register = (subject: string, schema: unknown, fields: Partial<SchemaDraft> = {}) =>
  services()['schemas.register']({ draft: draftOf(subject, schema, fields), normalize: false })
const record = (name: string, ...fields: object[]) => ({ type: 'record', name, namespace: 'shop', fields })
const id = { name: 'id', type: 'long' }

describe('the registry', () => {
  it('is told with its address, and every write is', async () => {
    const before = await services()['schemas.registry'](undefined)
    expect(before).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), problem: null, level: 'BACKWARD' })
    const told = kit.until('the write is told', () =>
      kit.registryViews.find(({ revision, subjectCount }) => revision > before.revision && subjectCount > before.subjectCount),
    )
    await register('told-value', '"long"')
    await told
  })

  it('lists subjects in one call, finds texts, and follows references', async () => {
    expect(await register('money', record('Money', { name: 'units', type: 'long' }))).toMatchObject({
      version: 1,
      wasRegistered: true,
    })
    const references = [{ name: 'shop.Money', subject: 'money', version: 1 }]
    await register('price-value', record('Price', { name: 'amount', type: 'shop.Money' }), { references })
    await register('listed-value', record('Listed', id))
    await register('listed-value', record('Listed', id, { name: 'zebra', type: 'string', default: '' }))
    const subjects = await services()['schemas.subjects']({ deleted: false })
    expect(subjects.map(({ subject }) => subject)).toEqual(subjects.map(({ subject }) => subject).sort())
    expect(subjects.find(({ subject }) => subject === 'listed-value')).toMatchObject({
      type: 'AVRO',
      latestVersion: 2,
      versionCount: 2,
      isDeleted: false,
    })
    expect(await services()['schemas.searchTexts']({ text: 'ZEBRA' })).toEqual(['listed-value'])
    expect(await services()['schemas.references'](undefined)).toEqual([
      { from: { subject: 'price-value', version: 1 }, to: { subject: 'money', version: 1 }, name: 'shop.Money' },
    ])
    const money = await services()['schemas.subject']({ subject: 'money' })
    expect(money).toMatchObject({ level: null, effectiveLevel: 'BACKWARD', mode: null, effectiveMode: 'READWRITE' })
    expect(money.versions).toMatchObject([
      { version: 1, isDeleted: false, references: [], referencedBy: [{ subject: 'price-value', version: 1 }] },
    ])
    expect(money.versions[0]?.guid).toMatch(/^[0-9a-f-]{36}$/)
    const { id: moneyId } = money.versions[0] ?? { id: -1 }
    expect(await services()['schemas.byId']({ id: moneyId })).toMatchObject([{ subject: 'money', version: 1 }])
  })

  it('says the id again for what is registered already, and writes nothing', async () => {
    const first = await register('again-value', record('Again', id))
    expect(first.wasRegistered).toBe(true)
    const again = await register('again-value', JSON.stringify(record('Again', id), null, 4))
    expect(again).toEqual({ ...first, wasRegistered: false })
  })

  it("refuses with the registry's name and words", async () => {
    await register('strict-value', record('Strict', id))
    await expect(register('strict-value', record('Strict', { name: 'id', type: 'string' }))).rejects.toMatchObject({
      kind: 'protocol',
      code: 'INCOMPATIBLE_SCHEMA',
    })
    await expect(register('strict-value', '{"type":"recrod"}')).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
    await expect(
      services()['schemas.deleteVersion']({ subject: 'strict-value', version: 9, permanent: false }),
    ).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
  })

  it('keeps levels and modes per subject and globally, and takes them away again', async () => {
    await register('level-value', record('Level', id))
    const subject = 'level-value'
    await services()['schemas.setLevel']({ subject, level: 'FULL_TRANSITIVE' })
    await services()['schemas.setMode']({ subject, mode: 'READONLY' })
    expect(await services()['schemas.subject']({ subject })).toMatchObject({
      level: 'FULL_TRANSITIVE',
      effectiveLevel: 'FULL_TRANSITIVE',
      mode: 'READONLY',
    })
    await expect(register(subject, record('Level', id, { name: 'b', type: 'long', default: 0 }))).rejects.toMatchObject({
      code: 'OPERATION_NOT_PERMITTED',
    })
    // A read-only subject keeps its level, too.
    await expect(services()['schemas.setLevel']({ subject, level: null })).rejects.toMatchObject({
      code: 'OPERATION_NOT_PERMITTED',
    })
    await services()['schemas.setMode']({ subject, mode: null })
    await services()['schemas.setLevel']({ subject, level: null })
    await services()['schemas.setLevel']({ subject: null, level: 'NONE' })
    expect(await services()['schemas.subject']({ subject })).toMatchObject({ level: null, effectiveLevel: 'NONE', mode: null })
    expect(await services()['schemas.registry'](undefined)).toMatchObject({ level: 'NONE' })
    await services()['schemas.setLevel']({ subject: null, level: 'BACKWARD' })
  })

  it('brings a softly deleted version back under its number and id, and one of the middle too', async () => {
    const subject = 'restored-value'
    const texts = [
      record('R', id),
      record('R', id, { name: 'a', type: 'int', default: 0 }),
      record('R', id, { name: 'b', type: 'int', default: 0 }),
    ]
    const ids = []
    for (const text of texts) ids.push((await register(subject, text)).id)
    for (const version of [2, 3]) await services()['schemas.deleteVersion']({ subject, version, permanent: false })
    const states = async () =>
      (await services()['schemas.subject']({ subject })).versions.map((each) => [each.version, each.id, each.isDeleted])
    expect(await states()).toEqual([
      [1, ids[0], false],
      [2, ids[1], true],
      [3, ids[2], true],
    ])
    await services()['schemas.restoreVersion']({ subject, version: 2 })
    expect(await states()).toEqual([
      [1, ids[0], false],
      [2, ids[1], false],
      [3, ids[2], true],
    ])
    expect((await services()['schemas.subject']({ subject })).mode).toBeNull()
    await services()['schemas.deleteVersion']({ subject, version: 3, permanent: true })
    await expect(services()['schemas.restoreVersion']({ subject, version: 3 })).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
    })
    // The whole subject: gone from the list, there when deleted ones are asked for, and back.
    await services()['schemas.deleteSubject']({ subject, permanent: false })
    const names = async (deleted: boolean) => (await services()['schemas.subjects']({ deleted })).map((each) => each.subject)
    expect(await names(false)).not.toContain(subject)
    expect(await names(true)).toContain(subject)
    await services()['schemas.restoreVersion']({ subject, version: 1 })
    expect(await names(false)).toContain(subject)
  })

  it('carries subjects over with versions, ids, levels and references, twice without a change', async () => {
    await register('carried.money', record('CarriedMoney', id))
    const references = [{ name: 'shop.CarriedMoney', subject: 'carried.money', version: 1 }]
    await register('carried', record('Carried', { name: 'm', type: 'shop.CarriedMoney' }), { references })
    await register(
      'carried',
      record('Carried', { name: 'm', type: 'shop.CarriedMoney' }, { name: 'n', type: 'int', default: 1 }),
      {
        references,
      },
    )
    await services()['schemas.setLevel']({ subject: 'carried', level: 'FULL' })
    const subjects = ['carried', 'carried.money']
    const before = await Promise.all(subjects.map((subject) => services()['schemas.subject']({ subject })))
    const { text } = await services()['schemas.exportSubjects']({ subjects })
    expect(await services()['schemas.importSubjects']({ text })).toEqual({ imported: 0, unchanged: 3, refused: [] })
    for (const permanent of [false, true])
      for (const subject of subjects) await services()['schemas.deleteSubject']({ subject, permanent })
    expect(await services()['schemas.importSubjects']({ text })).toEqual({ imported: 3, unchanged: 0, refused: [] })
    const after = await Promise.all(subjects.map((subject) => services()['schemas.subject']({ subject })))
    const facts = (views: typeof after) =>
      views.map(({ level, mode, versions }) => [
        level,
        mode,
        versions.map((each) => [each.version, each.id, each.guid, each.text]),
      ])
    expect(facts(after)).toEqual(facts(before))
    await expect(services()['schemas.importSubjects']({ text: '{"subjects":[]}' })).rejects.toMatchObject({
      code: 'INVALID_EXPORT',
      message: 'This is no export of subjects: it has no format.',
    })
  })
})

describe('a draft', () => {
  it('is judged against all versions, with what breaks, where, and what would mend it', async () => {
    const subject = 'judged-value'
    await services()['schemas.setLevel']({ subject, level: 'BACKWARD_TRANSITIVE' })
    const currency = { name: 'currency', type: 'string' }
    await register(subject, record('Judged', id))
    await register(subject, record('Judged', id, { ...currency, default: 'EUR' }))
    const analyse = (schema: unknown) => services()['schemas.analyse']({ draft: draftOf(subject, schema), sampleSeed: 1 })
    const broken = await analyse(record('Judged', id, currency))
    expect(broken.problems).toEqual([])
    expect(broken.verdict).toMatchObject({
      isAllowed: false,
      level: 'BACKWARD_TRANSITIVE',
      unchangedVersion: null,
      nextVersion: 3,
      versions: [
        { version: 1, isCompatible: false, isCompared: true },
        { version: 2, isCompatible: true, isCompared: true },
      ],
      incompatibilities: [
        { type: 'READER_FIELD_MISSING_DEFAULT_VALUE', direction: 'BACKWARD', versions: [1], subjectName: 'currency' },
      ],
    })
    const text = JSON.stringify(record('Judged', id, currency))
    const [incompatibility] = broken.verdict?.incompatibilities ?? []
    expect(text.slice(incompatibility?.range?.from, incompatibility?.range?.to)).toContain('currency')
    // One of the fixes makes it good.
    const [fix] = incompatibility?.fixes ?? []
    let mended = text
    for (const edit of [...(fix?.edits ?? [])].sort((a, b) => b.from - a.from))
      mended = mended.slice(0, edit.from) + edit.insert + mended.slice(edit.to)
    expect((await analyse(mended)).verdict).toMatchObject({ isAllowed: true, incompatibilities: [] })
    expect((await analyse(record('Judged', id))).verdict).toMatchObject({ unchangedVersion: 1 })
    expect(broken.verdict?.elapsedMs).toBeLessThan(1_000)
    const invalid = await analyse('{"type":"record","name":"Judged","fields":[{"name":"id","type":"lnog"}]}')
    expect(invalid).toMatchObject({
      verdict: null,
      sample: null,
      problems: [{ severity: 'error', message: expect.stringContaining('lnog') }],
    })
    expect((await services()['schemas.analyse']({ draft: draftOf('', record('New', id)), sampleSeed: 1 })).verdict).toMatchObject(
      {
        isAllowed: true,
        nextVersion: 1,
        versions: [],
      },
    )
  })

  it('may be IDL, which is judged in its own places and registered as the JSON it stands for', async () => {
    const subject = 'idl-value'
    await register(subject, record('Idl', id))
    const idl = (body: string) => `namespace shop;\nschema Idl;\nrecord Idl {\n  long id;\n${body}}\n`
    const draft = (body: string) => draftOf(subject, idl(body), { language: 'avro-idl' })
    const broken = await services()['schemas.analyse']({ draft: draft('  string name;\n'), sampleSeed: 1 })
    const [incompatibility] = broken.verdict?.incompatibilities ?? []
    expect(incompatibility).toMatchObject({ type: 'READER_FIELD_MISSING_DEFAULT_VALUE', subjectName: 'name' })
    expect(idl('  string name;\n').slice(incompatibility?.range?.from, incompatibility?.range?.to)).toContain('name')
    const invalid = await services()['schemas.analyse']({ draft: draft('  strnig name;\n'), sampleSeed: 1 })
    const [problem] = invalid.problems
    expect(invalid.verdict).toBeNull()
    expect(idl('  strnig name;\n').slice(problem?.from, problem?.to)).toBe('strnig')
    const good = draft('  string name = "";\n')
    expect(await services()['schemas.register']({ draft: good, normalize: false })).toMatchObject({
      version: 2,
      wasRegistered: true,
    })
    const { versions } = await services()['schemas.subject']({ subject })
    expect(JSON.parse(versions[1]?.text ?? '')).toMatchObject({ name: 'Idl', fields: [id, { name: 'name', default: '' }] })
    const { text } = await services()['schemas.convert']({ draft: draftOf(subject, versions[1]?.text ?? ''), to: 'avro-idl' })
    expect(text).toMatch(/record Idl \{[^}]*string name = "";/)
    const back = await services()['schemas.convert']({ draft: draftOf(subject, text, { language: 'avro-idl' }), to: 'avro' })
    expect(
      (await services()['schemas.analyse']({ draft: draftOf(subject, back.text), sampleSeed: 1 })).verdict?.unchangedVersion,
    ).toBe(2)
    const remarked = `// mine\n${text}`
    expect((await services()['schemas.format']({ language: 'avro-idl', text: remarked.replace(/\n {2}/g, '\n') })).text).toBe(
      remarked,
    )
  })

  it('has messages that repeat by seed and can be written with it', async () => {
    const draft = draftOf('sampled-value', record('Sampled', id, { name: 'email', type: 'string' }))
    const sample = async (seed: number) => (await services()['schemas.sample']({ draft, seed, count: 3 })).samples
    expect(await sample(7)).toEqual(await sample(7))
    expect(await sample(7)).not.toEqual(await sample(8))
    await services()['schemas.register']({ draft, normalize: false })
    for (const json of await sample(7))
      expect(await services()['schemas.validate']({ subject: 'sampled-value', version: null, json })).toEqual({ problem: null })
    expect((await services()['schemas.analyse']({ draft, sampleSeed: 7 })).sample).toEqual((await sample(7))[0])
    expect((await services()['schemas.code']({ draft })).text).toMatch(/id: bigint[\s\S]*email: string/)
  })

  it('is compared by meaning, with what of it the level forbids', async () => {
    const subject = 'changed-value'
    await register(subject, record('Changed', id, { name: 'a', type: 'int' }))
    const changes = await services()['schemas.changes']({
      older: { kind: 'version', version: { subject, version: 1 } },
      newer: { kind: 'draft', draft: draftOf(subject, record('Changed', id, { name: 'b', type: 'int' })) },
    })
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'added', name: 'b', breaks: ['BACKWARD'], isForbidden: true }),
        expect.objectContaining({ kind: 'removed', name: 'a', breaks: ['FORWARD'], isForbidden: false }),
      ]),
    )
  })
})

describe('messages', () => {
  const plain = (text: string): PayloadInput => ({ format: 'text', text })
  const schema = (subject: string, text: string, version: number | null = null): PayloadInput => ({
    format: 'schema',
    subject,
    text,
    version,
  })

  it('are written with a version and seen with what they were written with, in rows and whole', async () => {
    await kit.createTopic('orders', 1)
    const first = await register('orders-value', record('Order', id))
    await register('orders-value', record('Order', id, { name: 'note', type: ['null', 'string'], default: null }))
    await kit.produce({ topic: 'orders', value: schema('orders-value', '{"id":1}', 1) })
    await kit.produce({ topic: 'orders', value: schema('orders-value', '{"id":{{index}},"note":"n{{index}}"}'), count: 3 })
    await kit.produce({ topic: 'orders', key: { format: 'hex', text: '0000000000000005' }, value: plain('plain') })
    await kit.produce({ topic: 'orders', value: { format: 'hex', text: '00 00 0f 42 3f 02 04' } })
    const { rows, readId } = await kit.read({ topic: 'orders', start: { kind: 'oldest' } })
    expect(rows.map(({ decodedValue }) => decodedValue && [decodedValue.text, decodedValue.version])).toEqual([
      ['{"id":1}', 1],
      ['{"id":0,"note":"n0"}', 2],
      ['{"id":1,"note":"n1"}', 2],
      ['{"id":2,"note":"n2"}', 2],
      null,
      ['', null],
    ])
    expect(rows[0]?.decodedValue?.id).toBe(first.id)
    // Eight bytes of a LongSerializer are no schema's.
    expect(rows[4]?.decodedKey).toBeNull()
    expect(rows[5]?.decodedValue?.problem).toContain('no schema with id 999999')
    expect(await services()['schemas.decode']({ readId, index: 0 })).toEqual({
      key: { kind: 'plain' },
      value: {
        kind: 'decoded',
        json: '{"id":1}',
        type: 'AVRO',
        id: first.id,
        subject: 'orders-value',
        version: 1,
        recordName: 'shop.Order',
      },
    })
    expect((await services()['schemas.decode']({ readId, index: 5 })).value).toMatchObject({
      kind: 'failed',
      decoder: expect.stringContaining('schema id 999999'),
      id: 999_999,
    })
  })

  it('say what of them cannot be read, and by which decoder', async () => {
    await kit.createTopic('broken', 1)
    const { id: schemaId } = await register('broken-value', record('Broken', id, { name: 'name', type: 'string' }))
    const head = `00${schemaId.toString(16).padStart(8, '0')}`
    await kit.produce({ topic: 'broken', value: { format: 'hex', text: `${head} 02 7e 41` } })
    const { rows, readId } = await kit.read({ topic: 'broken', start: { kind: 'oldest' } })
    expect(rows[0]?.decodedValue).toMatchObject({ text: '', id: schemaId, version: 1, problem: expect.stringContaining('name') })
    expect((await services()['schemas.decode']({ readId, index: 0 })).value).toMatchObject({
      kind: 'failed',
      decoder: `Avro by schema id ${schemaId} (broken-value v1)`,
      reason: expect.stringContaining('name'),
      id: schemaId,
    })
  })

  it('are refused before anything is sent, with path and value', async () => {
    await kit.createTopic('refused', 1)
    await register('refused-value', record('Refused', id, { name: 'lines', type: { type: 'array', items: 'int' } }))
    const start = (value: PayloadInput) => kit.startProduce({ topic: 'refused', value })
    await expect(start(schema('refused-value', '{"id":1,"lines":[1,"two"]}'))).rejects.toMatchObject({
      kind: 'expected',
      code: 'INVALID_PAYLOAD',
      message: expect.stringMatching(/lines\[1\].*two/),
    })
    await expect(start(schema('nowhere-value', '{}'))).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
    await expect(start(schema('refused-value', '{}', 7))).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
    const validate = (json: string) => services()['schemas.validate']({ subject: 'refused-value', version: null, json })
    expect(await validate('{"id":1,"lines":[]}')).toEqual({ problem: null })
    expect(await validate('{"id":1,"lines":[1,"two"]}')).toMatchObject({ problem: { path: 'lines[1]' } })
    const { rows } = await kit.read({ topic: 'refused', start: { kind: 'oldest' } })
    expect(rows).toEqual([])
  })

  it('may be JSON by a JSON Schema, and any message of a Protobuf file', async () => {
    await kit.createTopic('kinds', 1)
    const schemaText = JSON.stringify({ type: 'object', title: 'Kind', properties: { n: { type: 'integer' } }, required: ['n'] })
    await register('kinds-value', schemaText, { language: 'json-schema' })
    const proto =
      'syntax = "proto3";\npackage shop;\nmessage Order { int64 id = 1; message Line { string sku = 1; } }\nmessage Other { bool ok = 1; }\n'
    const { id: protoId } = await register('proto-value', proto, { language: 'protobuf' })
    await kit.produce({ topic: 'kinds', value: schema('kinds-value', '{"n":12345678901234567890}') })
    await kit.produce({ topic: 'kinds', value: schema('proto-value', '{"id":"9223372036854775807"}') })
    // The message Line in Order: indexes [0, 0], then field 1 "a1".
    const head = `00${protoId.toString(16).padStart(8, '0')}`
    await kit.produce({ topic: 'kinds', value: { format: 'hex', text: `${head} 04 00 00 0a 02 61 31` } })
    await expect(kit.startProduce({ topic: 'kinds', value: schema('kinds-value', '{"n":"one"}') })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringContaining('n'),
    })
    const { readId } = await kit.read({ topic: 'kinds', start: { kind: 'oldest' } })
    const seen = await Promise.all([0, 1, 2].map((index) => services()['schemas.decode']({ readId, index })))
    expect(seen.map(({ value }) => value)).toMatchObject([
      { kind: 'decoded', type: 'JSON', json: '{"n":12345678901234567890}', recordName: 'Kind', subject: 'kinds-value' },
      {
        kind: 'decoded',
        type: 'PROTOBUF',
        json: '{"id":"9223372036854775807"}',
        recordName: 'shop.Order',
        subject: 'proto-value',
      },
      // One that is not the first message of its file says which it is, so that it can be resent as that one.
      {
        kind: 'decoded',
        type: 'PROTOBUF',
        json: '{"@type":"shop.Order.Line","sku":"a1"}',
        recordName: 'shop.Order.Line',
      },
    ])
  })

  it('are checked with a draft as reader, with the first that fail', async () => {
    await kit.createTopic('evolving', 1)
    const subject = 'evolving-value'
    const status = (...symbols: string[]) => ({ name: 'status', type: { type: 'enum', name: 'Status', symbols } })
    await register(subject, record('E', status('PLACED', 'REFUNDED')))
    await kit.produce({ topic: 'evolving', value: schema(subject, '{"status":"PLACED"}'), count: 40 })
    await kit.produce({ topic: 'evolving', value: schema(subject, '{"status":"REFUNDED"}'), count: 2 })
    await kit.produce({ topic: 'evolving', key: plain('k'), value: { format: 'null', text: '' } })
    const check = (schemaOfDraft: unknown) =>
      services()['schemas.evolution']({ draft: draftOf(subject, schemaOfDraft), topic: 'evolving', count: 100 })
    const failing = await check(record('E', status('PLACED')))
    expect(failing).toMatchObject({ checkedCount: 42, okCount: 40, failedCount: 2 })
    expect(failing.verdicts).toHaveLength(42)
    expect(failing.firstFailures[0]).toMatchObject({
      partition: 0,
      offset: 40,
      writtenWith: { subject, version: 1 },
      field: 'status',
      reason: expect.stringContaining('REFUNDED'),
    })
    expect(await check(record('E', status('PLACED', 'REFUNDED', 'NEW')))).toMatchObject({ failedCount: 0 })
    await expect(check('{')).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
  })
})

describe('what rounds, folds or reorders elsewhere', () => {
  const card = { type: 'record', name: 'Card', fields: [{ name: 'number', type: 'string' }] }
  const transfer = { type: 'record', name: 'Transfer', fields: [{ name: 'iban', type: 'string' }] }
  const hard = record(
    'Hard',
    { name: 'largest', type: 'long' },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 10 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } },
    { name: 'payment', type: ['null', card, transfer], default: null },
    { name: 'next', type: ['null', 'shop.Hard'], default: null },
  )
  const text =
    '{"largest":9223372036854775807,"amount":12345678901234567890.0123456789,"at":"2026-11-23T14:15:16.123456789Z",' +
    '"payment":{"shop.Transfer":{"iban":"DE00"}},"next":{"largest":-9223372036854775808,"amount":-0.0000000001,' +
    '"at":"1969-12-31T23:59:59.999999999Z","payment":null,"next":null}}'

  it('survives produce, view, export and resend unchanged', async () => {
    await kit.createTopic('hard', 1)
    await register('hard-value', hard)
    const produced = await kit.produce({
      topic: 'hard',
      key: { format: 'null', text: '' },
      value: { format: 'schema', subject: 'hard-value', version: null, text },
      headers: [
        { key: 'no-utf-8', value: { format: 'hex', text: 'c3 28 00 ff' } },
        { key: 'no-utf-8', value: { format: 'null', text: '' } },
      ],
    })
    expect(produced).toMatchObject({ state: 'finished', error: null })
    const first = await kit.read({ topic: 'hard', start: { kind: 'oldest' } })
    const shown = await services()['messages.detail']({ readId: first.readId, index: 0 })
    // Seen: digit for digit, in the row and whole.
    expect(shown.decodedValue).toMatchObject({ text, isCut: false, problem: null, version: 1 })
    expect(await services()['schemas.decode']({ readId: first.readId, index: 0 })).toMatchObject({
      key: { kind: 'plain' },
      value: { kind: 'decoded', json: text, recordName: 'shop.Hard' },
    })
    // Exported: the bytes, and nothing else for them.
    const exported = JSON.parse(recordJson(shown)) as { key: unknown; value: { base64: string }; headers: unknown[] }
    expect(exported.key).toBeNull()
    expect(exported.value).toEqual({ base64: Buffer.from(shown.valueBytes ?? []).toString('base64') })
    expect(exported.headers).toEqual([
      { key: 'no-utf-8', value: { base64: 'wygA/w==' } },
      { key: 'no-utf-8', value: null },
    ])
    // Sent again as the window does it, and what was seen written anew: the same bytes both times.
    await kit.produce(exactRequest(shown))
    await kit.produce({
      topic: 'hard',
      value: { format: 'schema', subject: 'hard-value', version: 1, text: shown.decodedValue?.text ?? '' },
    })
    const { readId } = await kit.read({ topic: 'hard', start: { kind: 'oldest' } })
    const [, resent, rewritten] = await Promise.all([0, 1, 2].map((index) => services()['messages.detail']({ readId, index })))
    for (const part of ['keyBytes', 'valueBytes', 'headers'] as const) expect(resent?.[part]).toEqual(shown[part])
    expect(resent?.decodedValue).toEqual(shown.decodedValue)
    expect(rewritten?.valueBytes).toEqual(shown.valueBytes)
  })
})

describe('inference', () => {
  it('makes a schema from messages, plain and by other schemas, that they can be written with', async () => {
    await kit.createTopic('inferred', 2)
    const json = (text: string): PayloadInput => ({ format: 'json', text })
    await kit.produce({ topic: 'inferred', value: json('{"id":9223372036854775807,"name":"a","price":1.5}') })
    await kit.produce({ topic: 'inferred', value: json('{"id":1,"name":null,"price":2}') })
    await kit.produce({ topic: 'inferred', value: { format: 'hex', text: 'ff fe' } })
    await kit.produce({ topic: 'inferred', value: { format: 'null', text: '' } })
    const infer = (language: 'avro' | 'json-schema') =>
      services()['schemas.inferFromTopic']({ topic: 'inferred', part: 'value', count: 100, language })
    const avro = await infer('avro')
    expect(avro).toMatchObject({ language: 'avro', sampleCount: 2, skipped: [{ reason: expect.any(String) }] })
    expect(JSON.parse(avro.text)).toMatchObject({
      type: 'record',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'name', type: ['null', 'string'] },
        { name: 'price', type: 'double' },
      ],
    })
    await register('inferred-value', avro.text)
    await kit.produce({
      topic: 'inferred',
      value: { format: 'schema', subject: 'inferred-value', version: null, text: '{"id":2,"name":"b","price":3.5}' },
    })
    expect((await infer('json-schema')).sampleCount).toBe(3)
    await expect(
      services()['schemas.inferFromTopic']({ topic: 'inferred', part: 'key', count: 100, language: 'avro' }),
    ).rejects.toMatchObject({ code: 'NOTHING_TO_INFER' })
    const pasted = await services()['schemas.inferFromJson']({
      text: '[{"a":1},{"a":2,"b":"x"}]',
      name: 'com.acme.Pasted',
      language: 'avro',
    })
    expect(JSON.parse(pasted.text)).toMatchObject({ name: 'Pasted', namespace: 'com.acme' })
    expect(pasted.sampleCount).toBe(2)
  })
})
