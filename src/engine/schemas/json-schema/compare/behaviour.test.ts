/** What goes beyond single rules: LENIENT, the trap of FULL, recursion, numbers, and what the registry overlooks. */
import { describe, expect, it } from 'vitest'
import { schemaOf } from '../testing'
import { compareShapes } from './compare'
import { closed, compared, integer, modern, number, object, type Schema, text } from './testing'

describe('the LENIENT policy', () => {
  const passes: readonly (readonly [string, Schema, Schema])[] = [
    ['an optional property comes to an open object', object({}), object({ properties: { a: text } })],
    [
      'a required property with a default comes to an open object',
      object({}),
      object({ properties: { a: { ...text, default: '' } }, required: ['a'] }),
    ],
    ['a property goes from a closed object', closed({ properties: { a: text } }), closed({})],
    ['an open object is closed', object({}), closed({})],
    ['an open object says what further properties are', object({}), object({ additionalProperties: text })],
    ['an unevaluated rest is closed', modern({ type: 'object' }), modern({ type: 'object', unevaluatedProperties: false })],
  ]
  for (const [what, from, to] of passes) {
    it(`lets pass what STRICT refuses: ${what}`, () => {
      expect(compared(from, to, 'STRICT').isCompatible).toBe(false)
      expect(compared(from, to, 'LENIENT').isCompatible).toBe(true)
    })
  }

  const refuses: readonly (readonly [string, Schema, Schema])[] = [
    ['a required property without a default', object({}), object({ properties: { a: text }, required: ['a'] })],
    ['further items that are no longer taken', { items: [text] }, { items: [text], additionalItems: false }],
    ['an item of a tuple that was open', { items: [text] }, { items: [text, text] }],
    ['another type', object({ properties: { a: text } }), object({ properties: { a: number } })],
  ]
  for (const [what, from, to] of refuses) {
    it(`refuses as STRICT does: ${what}`, () => {
      expect(compared(from, to, 'STRICT').isCompatible).toBe(false)
      expect(compared(from, to, 'LENIENT').isCompatible).toBe(false)
    })
  }
})

describe('the trap of FULL', () => {
  const both = (from: Schema, to: Schema) => compared(from, to).isCompatible && compared(to, from).isCompatible

  it('lets nothing be added to an open object or to a closed one', () => {
    expect(both(object({}), object({ properties: { a: text } }))).toBe(false)
    expect(both(closed({}), closed({ properties: { a: text } }))).toBe(false)
  })

  it('lets properties be added to a partially open object that covers them', () => {
    const partially = { patternProperties: { '^s_': text } }
    expect(both(closed(partially), closed({ ...partially, properties: { s_name: text } }))).toBe(true)
  })
})

describe('recursion', () => {
  const tree = (value: Schema): Schema => ({
    $ref: '#/definitions/Tree',
    definitions: {
      Tree: closed({
        properties: {
          value,
          left: { $ref: '#/definitions/Tree' },
          right: { anyOf: [{ type: 'null' }, { $ref: '#/definitions/Tree' }] },
        },
      }),
    },
  })

  it('ends, and finds equal trees equal', () => {
    expect(compared(tree(text), tree(text)).types).toEqual([])
  })

  it('finds a difference at the bottom of a cycle', () => {
    expect(compared(tree(integer), tree(number)).isCompatible).toBe(true)
    const back = compared(tree(number), tree(integer))
    expect(back.isCompatible).toBe(false)
    expect(back.shown).toContain('TYPE_NARROWED #/properties/value')
  })

  it('does not let a pair that was assumed compatible hide what another branch finds', () => {
    // A and B refer to one another; B's difference shows only after A's branch was taken for compatible.
    const graph = (leaf: Schema): Schema => ({
      anyOf: [{ $ref: '#/definitions/A' }, { $ref: '#/definitions/B' }],
      definitions: {
        A: closed({ properties: { b: { $ref: '#/definitions/B' } }, required: ['b'] }),
        B: closed({ properties: { a: { $ref: '#/definitions/A' }, leaf }, required: ['leaf'] }),
      },
    })
    expect(compared(graph(text), graph(text)).isCompatible).toBe(true)
    expect(compared(graph(text), graph(number)).isCompatible).toBe(false)
  })

  it('stays quick where many definitions refer to many', () => {
    const names = Array.from({ length: 30 }, (_, index) => `D${index}`)
    const definitions = Object.fromEntries(
      names.map((name, index) => [
        name,
        closed({
          properties: {
            kind: { const: name },
            next: { oneOf: names.map((other) => ({ $ref: `#/definitions/${other}` })) },
            at: { const: index },
          },
        }),
      ]),
    )
    const schema = { oneOf: names.map((name) => ({ $ref: `#/definitions/${name}` })), definitions }
    const startedAt = performance.now()
    expect(compared(schema, { ...schema, description: 'again' }).isCompatible).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe("bytes of Kafka Connect's converter", () => {
  it('may change their type', () => {
    const [from, to] = [
      { type: 'string', 'connect.type': 'bytes' },
      { type: 'number', 'connect.type': 'bytes' },
    ]
    expect(compared(from, to).isCompatible).toBe(true)
    expect(compared(from, { type: 'number' }).isCompatible).toBe(false)
  })
})

/** From entries: an object with a `then` of its own looks like a promise to the linter. */
const conditional = (condition: Schema, consequence: Schema): Schema =>
  Object.fromEntries([
    ['if', condition],
    ['then', consequence],
  ])

describe("what the registry's own rules overlook is told of", () => {
  const overlooked: readonly (readonly [string, Schema, Schema])[] = [
    [
      'a required name that is no property',
      object({ properties: { a: text } }),
      object({ properties: { a: text }, required: ['b'] }),
    ],
    ['a pattern that comes to an open object', object({}), object({ patternProperties: { '^a': text } })],
    [
      'a pattern that holds another type',
      object({ patternProperties: { '^a': text } }),
      object({ patternProperties: { '^a': number } }),
    ],
    ['a type that comes to keywords without one', { minLength: 1 }, { type: 'string', minLength: 1 }],
    [
      'a tuple that says more than the schema of all items did',
      { type: 'array', items: text },
      { type: 'array', items: [text], additionalItems: false },
    ],
    ['the end of minContains 0', modern({ contains: text, minContains: 0 }), modern({ contains: text })],
    ['contains with another schema', { type: 'array', contains: text }, { type: 'array', contains: number }],
    ['names of properties', object({ propertyNames: { maxLength: 5 } }), object({ propertyNames: { maxLength: 4 } })],
    ['a condition that asks more', conditional(text, { maxLength: 5 }), conditional(text, { maxLength: 4 })],
    ['another condition', conditional(text, { maxLength: 5 }), conditional(number, { maxLength: 5 })],
  ]
  for (const [what, from, to] of overlooked) {
    it(what, () => expect(compared(from, to).isCompatible).toBe(false))
  }
})

describe('a name that no pattern matches, where the rest is open', () => {
  const patterns = { patternProperties: { '^x_': text } }
  const [without, withName] = [object(patterns), object({ ...patterns, properties: { a: text } })]

  it('may hold anything before it is a property, and after', () => {
    expect(compared(without, withName).types).toContain('OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL')
    expect(compared(without, withName).isCompatible).toBe(false)
    expect(compared(withName, without).types).toEqual(['PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL'])
    expect(compared(withName, without).isCompatible).toBe(true)
  })
})

describe('numbers', () => {
  const bounded = (maximum: string) => schemaOf(`{"type":"integer","maximum":${maximum}}`).shapes.root()
  const types = (from: string, to: string) => compareShapes(bounded(from), bounded(to), 'STRICT').map((each) => each.type)

  it('are compared beyond what a double holds', () => {
    expect(types('9223372036854775807', '9223372036854775806')).toEqual(['MAXIMUM_DECREASED'])
    expect(types('9223372036854775806', '9223372036854775807')).toEqual(['MAXIMUM_INCREASED'])
  })

  it('are equal however they are written', () => {
    expect(types('100', '1e2')).toEqual([])
    expect(types('0.50', '5e-1')).toEqual([])
  })
})
