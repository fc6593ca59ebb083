import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakerExamples, parseTemplate, templateFunctions, withStandIns } from '../../../shared/lang/template'
import { loadFaker, noFaker } from './faker-source'
import { TemplateError } from './functions'
import { keyDraw } from './key-draw'
import { expressionCounts, PreparedTemplate } from './message-template'

const at = (index: number, keyNumber = index, key: string | null = null) => ({
  index,
  keyNumber,
  key,
  nowMs: Date.UTC(2026, 0, 2),
})
const value = (text: string, seed = 1, keyText = '', context: 'plain' | 'json' = 'plain') =>
  new PreparedTemplate(text, context, seed, noFaker, expressionCounts(keyText))
const key = (text: string, seed = 1) => new PreparedTemplate(text, 'plain', seed, noFaker, null)

describe('a template', () => {
  it('makes the same of the same seed, and other things of each message', () => {
    const fill = (seed: number) =>
      [0, 1, 2].map((index) => value('{{uuid}} {{random 1 1000000}} {{pick a b c d}}', seed).fill(at(index)))
    expect(fill(5)).toEqual(fill(5))
    expect(fill(5)).not.toEqual(fill(6))
    expect(new Set(fill(5)).size).toBe(3)
    expect(value('{{uuid}} {{uuid}}').fill(at(0)).split(' ')).toSatisfy(([a, b]: string[]) => a !== b)
  })

  it('gives the value what the key has, whatever stands between', () => {
    const text = '{{hex 4}} {{uuid}} {{uuid}}'
    const [first] = key('{{uuid}}').fill(at(9)).split(' ')
    expect(value(text, 1, '{{uuid}}').fill(at(9)).split(' ')[1]).toBe(first)
  })

  it('keeps what belongs to a drawn key with that key, and counts messages all the same', () => {
    const of = (index: number) => value('{{hex 8}} {{index}} {{string 8}}', 1, '{{hex 8}}').fill(at(index, 3, 'k'))
    const [one, two] = [of(10).split(' '), of(11).split(' ')]
    expect([one[0], one[1], two[1]]).toEqual([two[0], '10', '11'])
    expect(one[2]).not.toBe(two[2])
    expect(key('{{index}}').fill(at(10, 3))).toBe('3')
  })

  it('is exact beyond 2^53, and within its bounds', () => {
    expect(value('{{seq 9223372036854775800 2}}').fill(at(3))).toBe('9223372036854775806')
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        fc.nat(),
        (min, span, index) => {
          const made = BigInt(value(`{{random ${min} ${min + span}}}`).fill(at(index)))
          return made >= min && made <= min + span
        },
      ),
    )
  })

  it('moves times, and writes text into JSON so that it stays JSON', async () => {
    expect(value('{{now -1d}} {{timestamp +500ms}}').fill(at(0))).toBe(`2026-01-01T00:00:00.000Z ${Date.UTC(2026, 0, 2) + 500}`)
    expect(JSON.parse(value('{"k":"{{key}}"}', 1, '', 'json').fill(at(0, 0, 'a"b\n')))).toEqual({ k: 'a"b\n' })
    const faker = await loadFaker()
    const words = new PreparedTemplate('{"t":"{{faker.lorem.paragraphs 2}}"}', 'json', 1, faker, new Map()).fill(at(0))
    expect(JSON.parse(words)).toHaveProperty('t')
  })

  it('knows every function that the window lists', async () => {
    const faker = await loadFaker()
    for (const text of [...templateFunctions.map(({ example }) => example), ...fakerExamples.map((name) => `{{${name}}}`)])
      expect([text, new PreparedTemplate(text, 'plain', 1, faker, new Map()).fill(at(1, 1, 'k'))]).toSatisfy(
        ([, made]: string[]) => made !== '' && made !== 'undefined',
      )
  })

  it('says what is wrong', async () => {
    const faker = await loadFaker()
    const refuse = (text: string) => () => new PreparedTemplate(text, 'plain', 1, faker, new Map()).fill(at(0))
    expect(refuse('{{uid}}')).toThrow(TemplateError)
    expect(refuse('{{indx}}')).toThrow('Is index meant?')
    expect(refuse('{{random 5 1}}')).toThrow('less than')
    expect(refuse('{{uuid')).toThrow('no }}')
    for (const text of [
      '{{faker.person.nobody}}',
      '{{faker.helpers.fake x}}',
      '{{faker.person.constructor}}',
      '{{faker.person.__proto__}}',
      '{{constructor}}',
    ])
      expect(refuse(text)).toThrow(TemplateError)
  })

  it('leaves any text without braces as it is, and stands in for others at their length', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('{{')),
        (text) => value(text).fill(at(0)) === text,
      ),
    )
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('{', '}', '{{', '}}', 'a', "'", ' ', '\n')),
        (parts) => withStandIns(parts.join('')).length === parts.join('').length,
      ),
    )
    expect(parseTemplate("{{pick 'on hold' b}}").expressions[0]?.args).toEqual(['on hold', 'b'])
    expect(parseTemplate('{{faker.number.int {"max":5}}}x').parts[1]).toBe('x')
  })
})

describe('a set of keys', () => {
  it('is drawn from evenly, or with the first most often', () => {
    const counts = (skew: 'even' | 'zipf') => {
      const draw = keyDraw({ count: 10, skew }, 3)
      const seen = new Array<number>(10).fill(0)
      for (let index = 0; index < 10_000; index++) seen[draw(index)]!++
      return seen
    }
    expect(Math.min(...counts('even'))).toBeGreaterThan(850)
    const zipf = counts('zipf')
    expect(zipf[0]! / zipf[9]!).toBeGreaterThan(7)
    expect(zipf[0]! / zipf[9]!).toBeLessThan(14)
  })
})
