/**
 * Whatever stands in a text, nothing here throws: an editor's draft is broken most of the time, and stored schemas are taken as they are.
 * Invariants: every fix leaves JSON; what breaks is told of among the changes; parsing answers a schema or problems whose places lie in the text; everything that takes a parsed schema, or a text, answers.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keywords } from './dialect'
import { jsonSchemaFormat } from './index'
import { applyFix } from './testing'

const names = [...keywords.map((keyword) => keyword.name), 'foo', '__proto__', 'constructor']

/** JSON that looks like a schema and is none most of the time: any value under any keyword. */
const nonsense: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      -1,
      0,
      3,
      1.5,
      '',
      'string',
      'object',
      'array',
      '#',
      '#/properties/foo',
      '#foo',
      'a.json',
      '([',
      'http://json-schema.org/draft-04/schema#',
    ),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value

const text = nonsense.map((value) => JSON.stringify(value))

describe('nonsense', () => {
  it('is read, compared and told of without an exception', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (one, other, isNew) => {
        const parsed = [one, other].map((each) =>
          jsonSchemaFormat.parse(each, new Map([['a.json', '{"type":"string"}']]), { isNew }),
        )
        for (const [index, each] of parsed.entries()) {
          const whole = index === 0 ? one : other
          const problems = each.ok ? jsonSchemaFormat.warnings(whole, each.value) : each.error
          if (!each.ok) expect(problems.length).toBeGreaterThan(0)
          for (const problem of problems) {
            expect(problem.from >= 0 && problem.from <= problem.to && problem.to <= whole.length).toBe(true)
            for (const edit of problem.fixes.flatMap((fix) => fix.edits))
              expect(edit.from <= edit.to && edit.to <= whole.length).toBe(true)
          }
        }
        const [a, b] = parsed
        if (!a?.ok || !b?.ok) return
        for (const policy of ['STRICT', 'LENIENT'] as const) {
          const refused = jsonSchemaFormat.incompatibilities(a.value, b.value, policy)
          for (const found of refused) {
            for (const [draft, registered, direction] of [
              [one, other, 'BACKWARD'],
              [other, one, 'FORWARD'],
            ] as const) {
              for (const fix of jsonSchemaFormat.fixes(draft, found, registered, direction)) JSON.parse(applyFix(draft, fix))
            }
            jsonSchemaFormat.locate(one, found.path)
          }
          if (policy === 'STRICT') {
            const told = jsonSchemaFormat.changes(b.value, a.value).some((change) => change.breaks.includes('BACKWARD'))
            expect(told).toBe(refused.length > 0)
          }
          expect(jsonSchemaFormat.incompatibilities(a.value, a.value, policy)).toEqual([])
        }
        expect(jsonSchemaFormat.changes(a.value, a.value)).toEqual([])
        jsonSchemaFormat.resolvedText(a.value)
        expect(JSON.parse(jsonSchemaFormat.normalizedText(a.value))).toEqual(JSON.parse(one))
      }),
      { numRuns: Number(process.env['JSON_SCHEMA_TRUTH_RUNS'] ?? 400) },
    )
  })

  it('that is no JSON is outlined, laid out and searched without an exception', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.string({ maxLength: 3 }), (whole, at, insert) => {
        const place = at % (whole.length + 1)
        const broken = `${whole.slice(0, place)}${insert}${whole.slice(place + 1)}`
        jsonSchemaFormat.outline(broken)
        jsonSchemaFormat.format(broken)
        jsonSchemaFormat.locate(broken, '#/properties/foo')
        jsonSchemaFormat.parse(broken, new Map(), { isNew: true })
      }),
      { numRuns: 300 },
    )
  })
})
