/** Reasons, edits and changes: what people are told of an incompatibility, and whether what is offered mends it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemaPairs } from './compare/schema-pairs'
import { jsonSchemaFormat } from './index'
import { applyFix, schemaOf } from './testing'

const { incompatibilities, fixes, changes } = jsonSchemaFormat

const registered = `{
  "type": "object",
  "properties": {
    "id": { "type": "string" },
    "total": { "type": "number", "maximum": 9223372036854775807 },
    "state": { "type": "string", "enum": ["NEW", "PAID", "REFUNDED"] },
    "note": { "type": "string", "maxLength": 20 },
    "lines": { "type": "array", "items": { "$ref": "#/definitions/Line" } },
    "tags": { "type": "array", "items": { "type": "string" } }
  },
  "required": ["id", "state"],
  "additionalProperties": false,
  "definitions": {
    "Line": { "type": "object", "properties": { "sku": { "type": ["string", "null"] } } }
  }
}`

const draft = `{
  "type": "object",
  "properties": {
    "id": { "type": "string", "pattern": "^o-" },
    "total": { "type": "integer", "maximum": 50 },
    "state": { "type": "string", "enum": ["NEW", "PAID", "LOST"] },
    "note": { "type": "string" },
    "coupon": { "type": "string" },
    "lines": { "type": "array", "items": { "$ref": "#/definitions/Line" }, "uniqueItems": true }
  },
  "required": ["id", "total", "coupon"],
  "additionalProperties": false,
  "definitions": {
    "Line": { "type": "object", "properties": { "sku": { "type": "string" }, "count": { "type": "integer" } } }
  }
}`

/** Each incompatibility of the draft with the labels of what is offered. */
const offers = {
  BACKWARD: [
    "REQUIRED_ATTRIBUTE_ADDED #/required/total Make 'total' optional | Give 'total' the default 0",
    "PATTERN_ADDED #/properties/id/pattern Remove 'pattern'",
    "MAXIMUM_DECREASED #/properties/total/maximum Set 'maximum' to 9223372036854775807 | Remove 'maximum'",
    "TYPE_NARROWED #/properties/total Change 'total' back to number",
    'COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/state/enum Keep "REFUNDED"',
    "TYPE_CHANGED #/properties/lines/items/properties/sku Change 'lines[].sku' back to string or null",
    "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/lines/items/properties/count Remove 'count' | Let 'count' be anything",
    "UNIQUE_ITEMS_ADDED #/properties/lines/uniqueItems Remove 'uniqueItems'",
    "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/tags Keep 'tags'",
    `REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/coupon Make 'coupon' optional | Give 'coupon' the default "" | Remove 'coupon'`,
  ],
  FORWARD: [
    "REQUIRED_ATTRIBUTE_ADDED #/required/state Require 'state'",
    'COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/state/enum Remove "LOST"',
    "MAX_LENGTH_ADDED #/properties/note/maxLength Set 'maxLength' to 20",
    "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/coupon Remove 'coupon'",
  ],
}

describe('fixes', () => {
  for (const direction of ['BACKWARD', 'FORWARD'] as const) {
    const between = (text: string) => {
      const [mine, theirs] = [schemaOf(text), schemaOf(registered)]
      return direction === 'BACKWARD' ? incompatibilities(mine, theirs, 'STRICT') : incompatibilities(theirs, mine, 'STRICT')
    }

    it(`each mend what they are offered for, ${direction}`, () => {
      const found = between(draft)
      const mended = found.map((incompatibility) => {
        const offered = fixes(draft, incompatibility, registered, direction)
        for (const fix of offered) {
          const left = between(applyFix(draft, fix)).map((each) => `${each.type} ${each.path}`)
          expect(left, `${fix.label}: ${applyFix(draft, fix)}`).not.toContain(`${incompatibility.type} ${incompatibility.path}`)
        }
        return `${incompatibility.type} ${incompatibility.path} ${offered.map((fix) => fix.label).join(' | ')}`
      })
      expect(mended).toEqual(offers[direction])
    })

    it(`taken one after the other lead to a schema that goes, ${direction}`, () => {
      let text = draft
      for (let step = 0; step < 30; step++) {
        const [next] = between(text)
        if (next === undefined) break
        const [fix] = fixes(text, next, registered, direction)
        expect(fix, `${next.type} ${next.path}`).toBeDefined()
        text = applyFix(text, fix!)
      }
      expect(between(text)).toEqual([])
    })
  }
})

describe('explanations', () => {
  const told = (writer: unknown, reader: unknown) => incompatibilities(schemaOf(reader), schemaOf(writer), 'STRICT')

  it('name the property, what stands there and the trap of open objects', () => {
    const [only] = told({ type: 'object' }, { type: 'object', properties: { coupon: { type: 'string' } } })
    expect(only).toMatchObject({
      type: 'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
      path: '#/properties/coupon',
      writerPath: null,
    })
    expect(only!.explanation).toContain("does not name 'coupon' but is open")
    expect(only!.mend).toContain('Under FULL nothing can be added to an open object')
    expect(only!.mend).toContain('LENIENT')
  })

  it('give both values of a bound', () => {
    const [only] = told({ type: 'string', maxLength: 10 }, { type: 'string', maxLength: 5 })
    expect(only!.explanation).toContain('at most 5 for the reader; the writer allows at most 10')
  })

  it('point to the property inside of branches that do not match, where the registry says only that they do not', () => {
    const order = (maxLength: number) => ({
      anyOf: [{ type: 'null' }, { type: 'object', properties: { a: { type: 'string', maxLength } } }],
    })
    const [only] = told(order(10), order(5))
    expect(only).toMatchObject({ type: 'COMBINED_TYPE_SUBSCHEMAS_CHANGED', path: '#/anyOf/1/properties/a/maxLength' })
    expect(only!.description).toContain("path '#/'")
    expect(only!.explanation).toContain("length of 'a'")
  })

  it('name the values of an enum that are gone', () => {
    const [only] = told({ type: 'string', enum: ['A', 'B', 'C'] }, { type: 'string', enum: ['A'] })
    expect(only!.explanation).toBe('The writer may send "B", "C"; the reader does not take them.')
  })

  it('leave both places of the registry open for new and old', () => {
    const reader = {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 5, enum: [5] } },
      required: ['a', 'b'],
      additionalProperties: false,
    }
    const found = told({ type: 'object', properties: { a: { type: 'number' }, c: {} } }, reader)
    expect(found.length).toBeGreaterThan(3)
    for (const { description } of found) expect(description.match(/%s/g)).toHaveLength(2)
  })
})

describe('changes', () => {
  const told = (older: unknown, newer: unknown) => changes(schemaOf(older), schemaOf(newer))

  it('are told as people would, with whom they break', () => {
    const lines = told(registered, draft).map((each) => `${each.description} ${each.breaks.join(', ')}`.trim())
    expect(lines).toEqual([
      `'pattern' of 'id' is added: "^o-". BACKWARD`,
      "'total' changes from number to integer. BACKWARD",
      "'maximum' of 'total' changes from 9223372036854775807 to 50. BACKWARD",
      `Value "LOST" of 'state' is added. FORWARD`,
      `Value "REFUNDED" of 'state' is removed. BACKWARD`,
      "'maxLength' of 'note' is removed; it was 20. FORWARD",
      "Property 'coupon' (string) is added, required. BACKWARD, FORWARD",
      "'lines[].sku' changes from string or null to string. BACKWARD",
      "Property 'lines[].count' (integer) is added, optional. BACKWARD",
      "'uniqueItems' of 'lines' is added: true. BACKWARD",
      "Property 'tags' (array of string) is removed. BACKWARD",
      "Property 'total' becomes required. BACKWARD",
      "Property 'state' becomes optional. FORWARD",
    ])
  })

  it('are none between a schema and itself, whatever its layout', () => {
    expect(told(registered, JSON.stringify(JSON.parse(draft)))).not.toEqual([])
    expect(told(draft, JSON.stringify(JSON.parse(draft)))).toEqual([])
  })

  it('of texts break nobody', () => {
    const found = told(
      { title: 'a', description: 'x', type: 'string' },
      { title: 'b', description: 'y', type: 'string', default: '' },
    )
    expect(found.map((each) => [each.kind, each.type, each.breaks])).toEqual([
      ['changed', 'TITLE_CHANGED', []],
      ['changed', 'DESCRIPTION_CHANGED', []],
      ['added', 'DEFAULT_ADDED', []],
    ])
  })

  it('account for everything that breaks', () => {
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [{ type: 'string' }, { type: 'number' }],
      [{}, { type: 'string' }],
      [true, false],
      [{ not: { type: 'integer' } }, { not: { type: 'number' } }],
      [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, { allOf: [{ type: 'string' }, { maxLength: 3 }] }],
      [{ items: [{ type: 'string' }] }, { items: [{ type: 'string' }, { type: 'number' }], additionalItems: false }],
      [
        { $ref: '#/definitions/A', definitions: { A: { minimum: 1 } } },
        { $ref: '#/definitions/A', definitions: { A: { minimum: 2 } } },
      ],
    ]
    for (const [older, newer] of pairs) {
      const found = told(older, newer)
      const breaks = (direction: 'BACKWARD' | 'FORWARD') => found.some((each) => each.breaks.includes(direction))
      expect(breaks('BACKWARD'), JSON.stringify([older, newer])).toBe(
        incompatibilities(schemaOf(newer), schemaOf(older), 'STRICT').length > 0,
      )
      expect(breaks('FORWARD'), JSON.stringify([older, newer])).toBe(
        incompatibilities(schemaOf(older), schemaOf(newer), 'STRICT').length > 0,
      )
    }
  })
})

describe('of generated pairs', () => {
  it('every fix leaves a schema without the difference that it is for, and changes tell of everything that breaks', () => {
    fc.assert(
      fc.property(schemaPairs(false), ([older, newer]) => {
        const [registeredText, draftText] = [JSON.stringify(older), JSON.stringify(newer)]
        const [was, is] = [schemaOf(registeredText), schemaOf(draftText)]
        const told = changes(was, is)
        for (const direction of ['BACKWARD', 'FORWARD'] as const) {
          const against = (text: string) =>
            direction === 'BACKWARD'
              ? incompatibilities(schemaOf(text), was, 'STRICT')
              : incompatibilities(was, schemaOf(text), 'STRICT')
          const refused = against(draftText)
          expect(told.some((change) => change.breaks.includes(direction))).toBe(refused.length > 0)
          for (const found of refused) {
            for (const fix of fixes(draftText, found, registeredText, direction)) {
              const left = against(applyFix(draftText, fix)).map((each) => `${each.type} ${each.path}`)
              expect(left, `${direction} ${found.type} ${found.path} ${fix.label}: ${applyFix(draftText, fix)}`).not.toContain(
                `${found.type} ${found.path}`,
              )
            }
          }
        }
      }),
      { numRuns: Number(process.env['JSON_SCHEMA_TRUTH_RUNS'] ?? 30) },
    )
  })
})
