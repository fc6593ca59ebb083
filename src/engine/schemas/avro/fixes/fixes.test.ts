/** Each fix is applied, and what it was offered for must be gone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroFormat, parseAvro } from '../index'
import { anySchema, recordSchema } from '../testing/arbitraries'
import { applyFix, enumOf, field, fixed, record, schemaOf } from '../testing/schemas'
import type { Direction } from './site'

const differences = (draft: string, registered: string, direction: Direction) => {
  const [reader, writer] = direction === 'BACKWARD' ? [draft, registered] : [registered, draft]
  return avroFormat.incompatibilities(schemaOf(reader), schemaOf(writer), 'STRICT')
}

const pretty = (schema: unknown): string => {
  const formatted = avroFormat.format(JSON.stringify(schema))
  if (!formatted.ok) throw new Error('does not format')
  return formatted.value
}

/** Labels of the fixes of every difference; each fix has taken its difference away, written out over lines or on one. */
function labelsOf(draft: unknown, registered: unknown, direction: Direction, others: readonly unknown[] = []): readonly string[] {
  const labels = [JSON.stringify, pretty].map((write) => {
    const [draftText, registeredText] = [write(draft), write(registered)]
    const found = differences(draftText, registeredText, direction)
    expect(found).not.toEqual([])
    return found.flatMap((difference) => {
      const fixes = avroFormat.fixes(
        draftText,
        difference,
        registeredText,
        direction,
        others.map((other) => write(other)),
      )
      for (const fix of fixes) {
        const left = differences(applyFix(draftText, fix), registeredText, direction)
        expect(left.length, `${fix.label} gives ${applyFix(draftText, fix)}`).toBeLessThan(found.length)
      }
      return fixes.map((fix) => fix.label)
    })
  })
  expect(labels[1]).toEqual(labels[0])
  return labels[0]!
}

const orders = (fields: readonly unknown[]) => record('Order', fields, { namespace: 'com.acme' })
const status = (...symbols: string[]) => orders([field('status', enumOf('Status', symbols))])

describe('when the draft reads', () => {
  it('keeps dropped symbols where they stood, or adds an enum default', () => {
    expect(labelsOf(status('PLACED', 'PAID'), status('PLACED', 'PAID', 'REFUNDED'), 'BACKWARD')).toEqual([
      'Keep REFUNDED',
      'Add enum default',
    ])
    expect(labelsOf(status('B'), status('A', 'B', 'C', 'D'), 'BACKWARD')).toEqual(['Keep A, C and D', 'Add enum default'])
    expect(labelsOf(status(), status('A'), 'BACKWARD')).toEqual(['Keep A'])
  })

  it('puts a kept symbol behind its old neighbour', () => {
    const draft = JSON.stringify(status('A', 'C'))
    const registered = JSON.stringify(status('A', 'B', 'C'))
    const [difference] = differences(draft, registered, 'BACKWARD')
    const [fix] = avroFormat.fixes(draft, difference!, registered, 'BACKWARD')
    expect(applyFix(draft, fix!)).toContain('["A","B", "C"]')
  })

  it('restores the default that a version gave', () => {
    const given = orders([field('currency', 'string', { default: 'EUR' })])
    const labels = labelsOf(orders([field('currency', 'string')]), orders([]), 'BACKWARD', [given])
    expect(labels).toEqual(['Restore default "EUR"', 'Allow null, default null', 'Add default ""'])
  })

  it('gives defaults by type', () => {
    const labels = (type: unknown) => labelsOf(orders([field('x', type)]), orders([]), 'BACKWARD')
    expect(labels(['null', 'string'])).toEqual(['Add default null'])
    expect(labels(['string', 'null'])).toEqual(['Add default null'])
    expect(labels(['string', 'int'])).toEqual(['Allow null, default null'])
    expect(labels('long')).toEqual(['Allow null, default null', 'Add default 0'])
    expect(labels({ type: 'array', items: 'int' })).toEqual(['Allow null, default null', 'Add default []'])
    expect(labels(enumOf('E', ['A', 'B']))).toEqual(['Allow null, default null', 'Add default "A"'])
    expect(labels(record('Inner', []))).toEqual(['Allow null, default null'])
    expect(labels({ type: 'bytes', logicalType: 'decimal', precision: 4 })).toEqual(['Allow null, default null'])
  })

  it('names the old name of a renamed field', () => {
    const labels = labelsOf(orders([field('customer', 'string')]), orders([field('custId', 'string')]), 'BACKWARD')
    expect(labels).toContain('Add alias "custId"')
    const again = labelsOf(
      orders([field('customer', 'long', { aliases: ['client'] })]),
      orders([field('custId', 'long')]),
      'BACKWARD',
    )
    expect(again).toContain('Add alias "custId"')
  })

  it('changes a type back or takes both', () => {
    expect(labelsOf(orders([field('total', 'long')]), orders([field('total', 'string')]), 'BACKWARD')).toEqual([
      'Change back to string',
      'Accept string too',
    ])
    expect(labelsOf('int', 'string', 'BACKWARD')).toEqual(['Change back to string', 'Accept string too'])
    expect(labelsOf({ type: 'array', items: 'int' }, { type: 'array', items: 'long' }, 'BACKWARD')).toEqual([
      'Change back to long',
      'Accept long too',
    ])
  })

  it('gives a renamed type its old name as an alias, or as its name', () => {
    const next = (name: string) => record(name, [field('next', ['null', name])], { namespace: 'a.b' })
    expect(labelsOf(next('New'), next('Old'), 'BACKWARD')).toEqual(['Add alias "a.b.Old"', 'Name it Old again'])
  })

  it('changes a size back', () => {
    expect(labelsOf(fixed('F', 8), fixed('F', 16), 'BACKWARD')).toEqual(['Change size back to 16'])
  })

  it('keeps a branch', () => {
    expect(labelsOf(['null', 'int'], ['null', 'string', 'int'], 'BACKWARD')).toEqual(['Keep string'])
    expect(labelsOf(orders([field('x', ['null', 'int'])]), orders([field('x', 'boolean')]), 'BACKWARD')).toEqual(['Keep boolean'])
  })

  it('mends what is inside of a branch rather than doubling it', () => {
    const money = (...fields: unknown[]) => orders([field('discount', ['null', record('Money', fields)])])
    expect(labelsOf(money(field('currency', 'string')), money(), 'BACKWARD')).toEqual([
      'Allow null, default null',
      'Add default ""',
    ])
  })

  it('takes an ambiguous alias out', () => {
    const draft = orders([field('a', 'int', { aliases: ['b'] })])
    expect(labelsOf(draft, orders([field('a', 'int'), field('b', 'int')]), 'BACKWARD')).toEqual(['Remove alias "b"'])
  })
})

describe('when the draft writes', () => {
  it('removes symbols that readers do not know', () => {
    expect(labelsOf(status('A', 'B'), status('A'), 'FORWARD')).toEqual(['Remove B'])
  })

  it('keeps a field that readers need', () => {
    expect(labelsOf(orders([field('b', 'int')]), orders([field('a', 'string'), field('b', 'int')]), 'FORWARD')).toEqual([
      'Keep a',
    ])
    expect(labelsOf(orders([]), orders([field('a', 'string')]), 'FORWARD')).toEqual(['Keep a'])
  })

  it('changes a type back', () => {
    expect(labelsOf(orders([field('total', 'string')]), orders([field('total', 'long')]), 'FORWARD')).toEqual([
      'Change back to long',
    ])
  })

  it('removes a branch that readers have not', () => {
    expect(labelsOf(['null', 'int', 'string'], ['null', 'int'], 'FORWARD')).toEqual(['Remove string'])
    expect(labelsOf(orders([field('x', 'string')]), orders([field('x', ['null', 'int'])]), 'FORWARD')).toEqual([
      'Change back to int?',
    ])
  })

  it('names a type as before', () => {
    expect(labelsOf(record('New', []), record('Old', []), 'FORWARD')).toEqual(['Name it Old again'])
  })
})

it('offers nothing for a text that is broken, and nothing that would break one', () => {
  const registered = JSON.stringify(status('A', 'B'))
  const draft = JSON.stringify(status('A'))
  const [difference] = differences(draft, registered, 'BACKWARD')
  expect(avroFormat.fixes(`${draft},`, difference!, registered, 'BACKWARD')).toEqual([])
  expect(avroFormat.fixes('', difference!, registered, 'BACKWARD')).toEqual([])
})

/** Whatever is compared: edits never overlap, and what they leave is Avro. */
it('never breaks a text', () => {
  const pair = fc.oneof(fc.tuple(anySchema, anySchema), fc.tuple(recordSchema, recordSchema))
  fc.assert(
    fc.property(pair, fc.constantFrom('BACKWARD', 'FORWARD'), ([draft, registered], direction) => {
      const [draftText, registeredText] = [pretty(draft), JSON.stringify(registered)]
      for (const difference of differences(draftText, registeredText, direction))
        for (const fix of avroFormat.fixes(draftText, difference, registeredText, direction)) {
          const result = applyFix(draftText, fix)
          expect(parseAvro(result, new Map(), { isNew: true }).ok, result).toBe(true)
          expect(result).not.toBe(draftText)
        }
    }),
    { numRuns: 60 },
  )
})
