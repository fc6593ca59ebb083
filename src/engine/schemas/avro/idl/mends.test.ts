/** Fixes of a draft in IDL: each is applied, and what it was offered for must be gone. */
import { describe, expect, it } from 'vitest'
import { avroFormat } from '../index'
import { applyFix, enumOf, field, fixed, record, schemaOf } from '../testing/schemas'
import { fixesOfIdl, parseAvroIdl } from '.'

type Direction = 'BACKWARD' | 'FORWARD'

function jsonOf(idl: string): string {
  const read = parseAvroIdl(idl, new Map(), { isNew: true })
  if (!read.ok) throw new Error(read.error.map(({ message }) => message).join())
  return read.value.schemaText
}

function differences(draft: string, registered: string, direction: Direction) {
  const [reader, writer] = direction === 'BACKWARD' ? [draft, registered] : [registered, draft]
  return avroFormat.incompatibilities(schemaOf(reader), schemaOf(writer), 'STRICT')
}

/** By label, the IDL with the fix. */
function mended(idl: string, registered: unknown, direction: Direction = 'BACKWARD'): Record<string, string> {
  const [draftText, registeredText] = [jsonOf(idl), JSON.stringify(registered)]
  const found = differences(draftText, registeredText, direction)
  expect(found).not.toEqual([])
  return Object.fromEntries(
    found.flatMap((difference) => {
      const fixes = avroFormat.fixes(draftText, difference, registeredText, direction, [])
      return fixesOfIdl(idl, draftText, new Map(), fixes).map((fix) => {
        const text = applyFix(idl, fix)
        expect(differences(jsonOf(text), registeredText, direction).length, text).toBeLessThan(found.length)
        return [fix.label, text]
      })
    }),
  )
}

const orders = (...fields: unknown[]) => record('Order', fields, { namespace: 'com.acme' })

describe('fixes in IDL', () => {
  it('give a field a default where it stands, and leave everything around it', () => {
    const idl = `namespace com.acme;
schema Order;

/** What was bought. */
record Order {
  string id; // the shop's own
  /** Added last. */
  int  amount ;
}
`
    const fixes = mended(idl, orders(field('id', 'string')))
    expect(Object.keys(fixes)).toEqual(['Allow null, default null', 'Add default 0'])
    expect(fixes['Add default 0']).toBe(idl.replace('int  amount ;', 'int amount = 0 ;'))
    expect(fixes['Allow null, default null']).toBe(idl.replace('int  amount ;', 'int? amount = null ;'))
  })

  it('keep a field that readers with the old version need, with its comment, in its place', () => {
    const idl = 'namespace com.acme;\nrecord Order {\n    string id;\n    long at;\n}\n'
    const registered = orders(field('id', 'string'), { name: 'total', type: 'int', doc: 'In cents.' }, field('at', 'long'))
    expect(mended(idl, registered, 'FORWARD')['Keep total']).toBe(
      'namespace com.acme;\nrecord Order {\n    string id;\n    /** In cents. */\n    int total;\n    long at;\n}\n',
    )
  })

  it('keep a field with the type that only it uses', () => {
    const idl = 'namespace com.acme;\nrecord Order {\n  string id;\n}\n'
    const registered = orders(field('id', 'string'), field('money', record('Money', [field('cents', 'long')])))
    expect(mended(idl, registered, 'FORWARD')['Keep money']).toBe(
      'namespace com.acme;\nrecord Order {\n  string id;\n  Money money;\n}\n\nrecord Money {\n  long cents;\n}\n',
    )
  })

  it('put symbols of an enum back, on one line or on several, or give it a default', () => {
    const registered = orders(field('status', enumOf('Status', ['PLACED', 'PAID'])))
    const flat = 'namespace com.acme;\nrecord Order { Status status; }\nenum Status { PLACED }\n'
    const fixes = mended(flat, registered)
    expect(fixes['Keep PAID']).toBe(flat.replace('{ PLACED }', '{ PLACED, PAID }'))
    expect(fixes['Add enum default']).toBe(flat.replace('{ PLACED }', '{ PLACED } = PLACED;'))
    const tall = 'namespace com.acme;\nrecord Order {\n  Status status;\n}\nenum Status {\n  PLACED\n}\n'
    expect(mended(tall, registered)['Keep PAID']).toBe(tall.replace('  PLACED\n', '  PLACED,\n  PAID\n'))
  })

  it('change types and sizes back', () => {
    const idl = 'namespace com.acme;\nrecord Order { string id; Hash hash; }\nfixed Hash(4);\n'
    const fixes = mended(idl, orders(field('id', 'int'), field('hash', fixed('Hash', 8))))
    expect(fixes['Change back to int']).toContain('int id;')
    expect(fixes['Change size back to 8']).toContain('fixed Hash(8);')
  })

  it('name a type as it was, wherever it is named, or give it the old name as an alias', () => {
    const idl = 'namespace com.acme;\nschema Purchase;\n@version(2)\nrecord Purchase {\n  Purchase? parent;\n}\n'
    const fixes = mended(idl, orders(field('parent', ['null', 'Order'])))
    expect(fixes['Name it Order again']).toBe(idl.replaceAll('Purchase', 'Order'))
    const aliased = Object.entries(fixes).find(([label]) => label.startsWith('Add alias'))?.[1]
    expect(aliased).toBe(idl.replace('record Purchase', '@aliases(["Order"])\nrecord Purchase'))
  })

  it('stand inside of a protocol', () => {
    const idl = '@namespace("com.acme")\nprotocol Shop {\n  record Order {\n    string id;\n  }\n}\n'
    const registered = orders(field('id', 'string'), field('money', record('Money', [field('cents', 'long')])))
    const text = mended(idl, registered, 'FORWARD')['Keep money'] ?? ''
    expect(text).toContain('    string id;\n    Money money;\n')
    expect(text.trimEnd().endsWith('}')).toBe(true)
  })

  it('are not offered where one statement declares several fields', () => {
    const idl = 'namespace com.acme;\nrecord Order {\n  string id;\n  int a, b;\n}\n'
    expect(mended(idl, orders(field('id', 'string'), field('a', 'int')))).toEqual({})
  })
})
