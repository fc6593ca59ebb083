import { describe, expect, it } from 'vitest'
import { formatOf } from '../../engine/schemas/formats'
import type { CompatibilityLevel } from '../../shared/model/schemas'
import { type ComparedDraft, type ComparedVersion, compare, nameAt, rulesOf } from './compatibility'

const avro = formatOf('AVRO')

function parsed(text: string): unknown {
  const result = avro.parse(text, new Map(), { isNew: true })
  if (!result.ok) throw new Error(result.error[0]?.message)
  return result.value
}

const order = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Order', fields })
const id = { name: 'id', type: 'long' }
const status = (...symbols: string[]) => ({ name: 'status', type: { type: 'enum', name: 'Status', symbols } })

const version = (number: number, text: string): ComparedVersion => ({ version: number, type: 'AVRO', text, schema: parsed(text) })
const draft = (text: string): ComparedDraft => ({
  type: 'AVRO',
  text,
  schema: parsed(text),
  fixesInEditor: (fixes) => fixes,
  locate: (path) => avro.locate(text, path),
  outline: () => avro.outline(text),
})
const verdict = (draftText: string, texts: readonly string[], level: CompatibilityLevel) =>
  compare(
    draft(draftText),
    texts.map((text, index) => version(index + 1, text)),
    { level, policy: 'STRICT' },
  )

describe('compare', () => {
  const currency = { name: 'currency', type: 'string' }
  const texts = [order(id), order(id, { ...currency, default: 'EUR' }), order(id, currency)]

  it('asks of the latest alone, or of all, but tells of all', () => {
    const only = verdict(order(id, currency), texts, 'BACKWARD')
    expect(only.isAllowed).toBe(true)
    expect(only.versions).toEqual([
      { version: 1, isCompatible: false, isCompared: false },
      { version: 2, isCompatible: true, isCompared: false },
      { version: 3, isCompatible: true, isCompared: true },
    ])
    const all = verdict(order(id, currency), texts, 'BACKWARD_TRANSITIVE')
    expect(all.isAllowed).toBe(false)
    expect(all.versions.map(({ isCompared }) => isCompared)).toEqual([true, true, true])
  })

  it('says once what several versions stand against, with all of them, and what breaks', () => {
    const { incompatibilities, isAllowed } = verdict(
      order(id, status('PLACED')),
      [order(id, status('PLACED')), order(id, status('PLACED', 'REFUNDED')), order(id, status('PLACED', 'REFUNDED'))],
      'BACKWARD_TRANSITIVE',
    )
    expect(isAllowed).toBe(false)
    expect(incompatibilities).toHaveLength(1)
    expect(incompatibilities[0]).toMatchObject({ type: 'MISSING_ENUM_SYMBOLS', direction: 'BACKWARD', versions: [2, 3] })
    expect(incompatibilities[0]?.explanation).toContain('REFUNDED')
  })

  it('turns round for FORWARD, and looks both ways for FULL', () => {
    const longer = order(id, currency)
    expect(verdict(longer, [order(id)], 'BACKWARD').incompatibilities).toMatchObject([{ direction: 'BACKWARD' }])
    expect(verdict(longer, [order(id)], 'FORWARD')).toMatchObject({ isAllowed: true, incompatibilities: [] })
    expect(verdict(order(id), [longer], 'FORWARD').incompatibilities).toMatchObject([
      { direction: 'FORWARD', type: 'READER_FIELD_MISSING_DEFAULT_VALUE' },
    ])
    expect(verdict(longer, [order(id)], 'FULL').isAllowed).toBe(false)
    expect(verdict(order(id), [longer], 'FULL').isAllowed).toBe(false)
  })

  it('asks nothing under NONE', () => {
    expect(verdict('"string"', texts, 'NONE')).toEqual({
      isAllowed: true,
      incompatibilities: [],
      versions: [1, 2, 3].map((number) => ({ version: number, isCompatible: true, isCompared: false })),
    })
  })

  it('lets two types into one subject only under NONE, and says that of versions that nobody can read', () => {
    const json: ComparedVersion = { version: 1, type: 'JSON', text: '{}', schema: {} }
    const config = { level: 'BACKWARD', policy: 'STRICT' } as const
    expect(compare(draft(order(id)), [json], config)).toMatchObject({
      isAllowed: false,
      incompatibilities: [{ type: 'SCHEMA_TYPE_CHANGED', versions: [1], explanation: expect.stringContaining('is AVRO') }],
    })
    const broken: ComparedVersion = { version: 1, type: 'AVRO', text: '{', schema: null }
    expect(compare(draft(order(id)), [broken], config)).toMatchObject({
      isAllowed: false,
      incompatibilities: [{ type: 'UNREADABLE_VERSION' }],
    })
  })
})

describe('rulesOf', () => {
  it.each([
    ['NONE', [], false],
    ['BACKWARD', ['BACKWARD'], false],
    ['FORWARD_TRANSITIVE', ['FORWARD'], true],
    ['FULL', ['BACKWARD', 'FORWARD'], false],
    ['FULL_TRANSITIVE', ['BACKWARD', 'FORWARD'], true],
  ] as const)('%s looks %j', (level, directions, isTransitive) => {
    expect(rulesOf(level)).toEqual({ directions, isTransitive })
  })
})

describe('nameAt', () => {
  const entry = (name: string, path: string, children: ReturnType<typeof leaf>[] = []) => ({ ...leaf(name, path), children })
  const leaf = (name: string, path: string) => ({ name, path, detail: '', from: 0, to: 0, children: [] })

  it('names the innermost entry that a path is in', () => {
    const outline = [entry('Order', '', [leaf('id', '/fields/0'), leaf('status', '/fields/1'), leaf('tenth', '/fields/10')])]
    expect(nameAt(outline, '/fields/1/type/symbols')).toBe('status')
    expect(nameAt(outline, '/fields/10')).toBe('tenth')
    expect(nameAt(outline, '/doc')).toBe('Order')
    expect(nameAt([leaf('Order', 'shop.Order')], 'shop.Order.id')).toBe('Order')
    expect(nameAt([leaf('Order', 'shop.Order')], 'shop.Orders')).toBeNull()
  })

  it('names a property of JSON Schema that is gone, required, or behind a reference', () => {
    const outline = [entry('Order', '#', [leaf('lines', '#/properties/lines')])]
    expect(nameAt(outline, '#/properties/gone')).toBe('gone')
    expect(nameAt(outline, '#/required/total')).toBe('total')
    expect(nameAt(outline, '#/properties/lines/items/properties/a~1b/maxLength')).toBe('a/b')
    expect(nameAt(outline, '#/additionalProperties')).toBe('Order')
  })
})
