import { describe, expect, it } from 'vitest'
import type { SchemaProblem } from '../format'
import { jsonSchemaFormat } from './index'
import { applyFix } from './testing'

const parse = (text: string, references: Readonly<Record<string, string>> = {}, isNew = true) =>
  jsonSchemaFormat.parse(text, new Map(Object.entries(references)), { isNew })

function problemsOf(schema: unknown, references: Readonly<Record<string, string>> = {}): readonly SchemaProblem[] {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const parsed = parse(text, references)
  return parsed.ok ? jsonSchemaFormat.warnings(text, parsed.value) : parsed.error
}
const errorsOf = (schema: unknown) => problemsOf(schema).filter((problem) => problem.severity === 'error')

const uris: readonly (readonly [string, string])[] = [
  ['draft 4', 'http://json-schema.org/draft-04/schema#'],
  ['draft 6', 'http://json-schema.org/draft-06/schema#'],
  ['draft 7', 'http://json-schema.org/draft-07/schema#'],
  ['draft 2019-09', 'https://json-schema.org/draft/2019-09/schema'],
  ['draft 2020-12', 'https://json-schema.org/draft/2020-12/schema'],
]

describe('reading JSON Schema', () => {
  it('takes booleans and the empty schema', () => {
    for (const text of ['true', 'false', '{}']) expect(parse(text).ok).toBe(true)
  })

  it('refuses what is no schema and what is no JSON, each with its place', () => {
    for (const text of ['5', '"a"', '[]', 'null', '', '{', '{"type":"string",}']) {
      const parsed = parse(text)
      expect(parsed.ok).toBe(false)
      if (!parsed.ok) expect(parsed.error[0]!.to).toBeLessThanOrEqual(text.length)
    }
  })

  for (const [name, uri] of uris) {
    it(`knows ${name}, and refers to its meta-schema without fetching it`, () => {
      expect(problemsOf({ $schema: uri, properties: { a: { $ref: uri } } })).toEqual([])
    })
  }

  it('takes a schema of an unknown draft for draft 7, and says so', () => {
    const [problem] = problemsOf({ $schema: 'https://example.com/mine', const: 1 })
    expect(problem).toMatchObject({ severity: 'warning', path: '#/$schema' })
  })
})

describe('what the meta-schema refuses', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['a type that there is not', { type: 'int' }, '#/type'],
    ['a type twice', { type: ['string', 'string'] }, '#/type/1'],
    ['a list of types that is empty', { type: [] }, '#/type'],
    ['a negative length', { minLength: -1 }, '#/minLength'],
    ['a length that is no whole number', { properties: { a: { maxLength: 1.5 } } }, '#/properties/a/maxLength'],
    ['a number in quotes', { maximum: '5' }, '#/maximum'],
    ['a multiple of nothing', { multipleOf: 0 }, '#/multipleOf'],
    ['a broken expression', { pattern: '([' }, '#/pattern'],
    ['a broken expression for names', { patternProperties: { '([': {} } }, '#/patternProperties/(['],
    ['a schema that is none', { properties: { a: 5 } }, '#/properties/a'],
    ['a schema that is none under items', { items: 'string' }, '#/items'],
    ['no alternatives', { anyOf: [] }, '#/anyOf'],
    ['required as drafts before 4 wrote it', { properties: { a: { required: true } } }, '#/properties/a/required'],
    ['a required name twice', { required: ['a', 'a'] }, '#/required/1'],
    ['an exclusive bound as draft 4 wrote it', { maximum: 5, exclusiveMaximum: true }, '#/exclusiveMaximum'],
    ['a dependency that is nothing', { dependencies: { a: 5 } }, '#/dependencies/a'],
    ['a list under items in draft 2020-12', { $schema: uris[4]![1], items: [{}] }, '#/items'],
    ['a boolean schema in draft 4', { $schema: uris[0]![1], properties: { a: true } }, '#/properties/a'],
    ['a numeric exclusive bound in draft 4', { $schema: uris[0]![1], exclusiveMaximum: 5 }, '#/exclusiveMaximum'],
    ['names of properties that the registry keeps for itself', { properties: { $$a: {} } }, '#/properties/$$a'],
  ]
  for (const [what, schema, path] of cases) {
    it(`${what} is an error at its place`, () => {
      const errors = errorsOf(schema)
      expect(errors.map((problem) => problem.path)).toEqual([path])
      expect(errors[0]!.to).toBeGreaterThan(errors[0]!.from)
    })
  }

  it('tells of all of them at once, in the order of the text', () => {
    const errors = errorsOf({ type: 'objct', properties: { a: { type: 'str', minLength: -1 }, b: { $ref: '#/definitions/B' } } })
    expect(errors.map((problem) => problem.path)).toEqual([
      '#/type',
      '#/properties/a/type',
      '#/properties/a/minLength',
      '#/properties/b/$ref',
    ])
  })

  it('takes expressions that one of the engines knows, inline flags as well as look-around', () => {
    for (const pattern of ['(?i)abc', '^(?!x)a', '\\p{L}+']) expect(errorsOf({ pattern })).toEqual([])
  })

  it('does not hold stored schemas to it', () => {
    const parsed = parse('{"type":"int","minLength":-1}', {}, false)
    expect(parsed.ok).toBe(true)
  })

  it('offers the word that was meant', () => {
    const text = '{"type":"int"}'
    const [problem] = problemsOf(text)
    expect(applyFix(text, problem!.fixes[0]!)).toBe('{"type":"integer"}')
  })
})

describe('what is allowed and odd', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['a slip of the pen', { propertes: { a: {} } }, '#/propertes'],
    ['a slip in letter case', { type: 'string', minlength: 3 }, '#/minlength'],
    ["OpenAPI's nullable", { type: 'string', nullable: true }, '#/nullable'],
    ['a word of a later draft', { prefixItems: [{}] }, '#/prefixItems'],
    ['a word of an earlier draft', { $schema: uris[4]![1], prefixItems: [{}], additionalItems: false }, '#/additionalItems'],
    ['a bound of another type', { type: 'string', minimum: 3 }, '#/minimum'],
    ['bounds that leave nothing', { type: 'string', minLength: 3, maxLength: 2 }, '#/minLength'],
    ['then without if', Object.fromEntries([['then', { type: 'string' }]]), '#/then'],
    ['a default of another type', { type: 'string', default: 5 }, '#/default'],
    ['a value of another type', { type: 'string', enum: ['a', 1] }, '#/enum/1'],
    ['a value twice', { enum: ['a', 'a'] }, '#/enum/1'],
    ['a required name that a closed object has not', { additionalProperties: false, required: ['a'] }, '#/required/0'],
    ['a constraint beside a reference', { properties: { a: { $ref: '#', maxLength: 3 } } }, '#/properties/a/maxLength'],
    ['a format nearly right', { type: 'string', format: 'datetime' }, '#/format'],
  ]
  for (const [what, schema, path] of cases) {
    it(`${what} is a warning at its place`, () => {
      expect(problemsOf(schema).map((problem) => [problem.severity, problem.path])).toContainEqual(['warning', path])
    })
  }

  it('says nothing of words of other people that are like none of ours', () => {
    expect(problemsOf({ type: 'string', 'x-owner': 'me', javaType: 'a.B', 'connect.type': 'bytes', whatever: 1 })).toEqual([])
  })

  it('says nothing of properties that are named like keywords', () => {
    expect(
      problemsOf({
        type: 'object',
        properties: { minimum: { type: 'string' }, $ref: { type: 'string' }, required: { type: 'boolean' } },
      }),
    ).toEqual([])
  })

  it('tells of a key that stands twice, and takes the first one out', () => {
    const text = '{"properties":{"a":{"type":"string"},"a":{"type":"number"}}}'
    const [problem] = problemsOf(text)
    expect(applyFix(text, problem!.fixes[0]!)).toBe('{"properties":{"a":{"type":"number"}}}')
  })
})

describe('references', () => {
  it('lead by pointer, by anchor, by address, in every draft that has them', () => {
    const schemas = [
      { properties: { a: { $ref: '#/definitions/A' } }, definitions: { A: {} } },
      { $schema: uris[0]![1], properties: { a: { $ref: '#a' } }, definitions: { A: { id: '#a' } } },
      { properties: { a: { $ref: '#a' } }, definitions: { A: { $id: '#a' } } },
      { $schema: uris[4]![1], properties: { a: { $ref: '#a' } }, $defs: { A: { $anchor: 'a' } } },
      { $id: 'http://x.example/root.json', properties: { a: { $ref: 'item.json' } }, definitions: { A: { $id: 'item.json' } } },
      {
        $id: 'http://x.example/root.json',
        properties: { a: { $ref: 'http://x.example/root.json#/definitions/A' } },
        definitions: { A: {} },
      },
      { properties: { a: { $ref: '#/definitions/a~1b%20c' } }, definitions: { 'a/b c': {} } },
    ]
    for (const schema of schemas) expect(errorsOf(schema)).toEqual([])
  })

  it('lead to registered texts by their names, and from those to others', () => {
    const references = {
      'address.json': JSON.stringify({ properties: { country: { $ref: 'country.json#/definitions/Code' } } }),
      'country.json': JSON.stringify({ definitions: { Code: { type: 'string', maxLength: 2 } } }),
    }
    const schema = { $id: 'http://x.example/order.json', properties: { home: { $ref: 'address.json' } } }
    const parsed = parse(JSON.stringify(schema), references)
    expect(parsed.ok).toBe(true)
    const wider = parse(JSON.stringify(schema), { ...references, 'country.json': references['country.json'].replace('2', '3') })
    if (!parsed.ok || !wider.ok) return
    expect(jsonSchemaFormat.incompatibilities(wider.value, parsed.value, 'STRICT')).toEqual([])
    const [narrower] = jsonSchemaFormat.incompatibilities(parsed.value, wider.value, 'STRICT')
    expect(narrower).toMatchObject({ type: 'MAX_LENGTH_DECREASED', path: '#/properties/home/properties/country/maxLength' })
  })

  it('that lead nowhere are errors, with what there is', () => {
    const [local] = errorsOf({ properties: { a: { $ref: '#/definitions/Addres' } }, definitions: { Address: {} } })
    expect(local).toMatchObject({ path: '#/properties/a/$ref', fixes: [{ label: "Change to '#/definitions/Address'" }] })
    const [remote] = errorsOf({ $ref: 'https://schemas.example.com/a.json' })
    expect(remote!.hint).toContain('Nothing is fetched')
  })

  it('that lead nowhere keep stored schemas out too', () => {
    expect(parse('{"$ref":"other.json"}', {}, false).ok).toBe(false)
  })

  it('that lead round in a circle end', () => {
    const parsed = parse(
      '{"$ref":"#/definitions/A","definitions":{"A":{"$ref":"#/definitions/B"},"B":{"$ref":"#/definitions/A"}}}',
    )
    expect(parsed.ok).toBe(true)
    if (parsed.ok) expect(jsonSchemaFormat.incompatibilities(parsed.value, parsed.value, 'STRICT')).toEqual([])
  })
})
