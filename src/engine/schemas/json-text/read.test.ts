import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendMember,
  insertItem,
  type JsonArray,
  type JsonObject,
  nodeAt,
  nodeOf,
  plainOf,
  pointerAt,
  readJson,
  removeItem,
  removeMembers,
  sameValue,
  tokensOf,
  writeJson,
} from './index'
import { applyFix } from './testing'

const messages = (text: string, comments = false): readonly string[] =>
  readJson(text, { comments }).problems.map(({ from, to, message }) => `${text.slice(from, to)}: ${message}`)
/** Fixed by the first fix of each problem in turn, until none is left. */
const mended = (text: string): string => {
  let result = text
  for (let round = 0; round < 10; round++) {
    const fix = readJson(result).problems[0]?.fixes[0]
    if (!fix) return result
    result = applyFix(result, fix)
  }
  return result
}

describe('reading JSON', () => {
  it('keeps numbers as written, and places', () => {
    const text = '{"a": [9223372036854775807, -0.50, 1E400], "b/~": "\\ud83d\\ude00é"}'
    const { root, problems } = readJson(text)
    expect(problems).toEqual([])
    expect(writeJson(root!)).toBe('{"a":[9223372036854775807,-0.50,1E400],"b/~":"😀é"}')
    const { node, member } = nodeAt(root!, '/b~1~0')!
    expect([text.slice(node.from, node.to), text.slice(member!.from, member!.to)]).toEqual([
      '"\\ud83d\\ude00é"',
      '"b/~": "\\ud83d\\ude00é"',
    ])
    expect(pointerAt(root!, text.indexOf('-0.50') + 1)).toBe('/a/1')
    expect(pointerAt(root!, text.indexOf('"b/'))).toBe('/b~1~0')
    expect(nodeAt(root!, '/a/01')).toBeUndefined()
    expect(tokensOf('/')).toEqual([])
  })

  it('says of each fault where it is, and mends it', () => {
    expect(messages('{"a":1 "b":2}')).toEqual(['": A comma is missing before this.'])
    expect(mended('{"a":1 "b":2}')).toBe('{"a":1, "b":2}')
    expect(mended("{a:'x',}")).toBe('{"a":"x"}')
    expect(mended('[True, 1,, None]')).toBe('[true, 1, "None"]')
    expect(mended('{"a":[1')).toBe('{"a":[1]}')
    expect(mended('{"a" 1}')).toBe('{"a": 1}')
    expect(mended('"open')).toBe('"open"')
    expect(mended('{} x')).toBe('{} ')
    expect(messages('[01, +1, 1.]')).toHaveLength(3)
    expect(messages('"\\x\\u12"')).toHaveLength(2)
    expect(messages('{"a":}')).toEqual(['"a": The value of "a" is missing.'])
    expect(messages('[1}')[0]).toBe('[: This array is not closed: its ] is missing.')
  })

  it('takes comments where they are allowed', () => {
    expect(messages('/* a */ [1] // b', true)).toEqual([])
    expect(messages('[1] // b')).toEqual(['// b: JSON has no comments.'])
  })

  it('refuses depths that would end the stack, and says so once', () => {
    expect(messages('['.repeat(100_000)).filter((message) => message.includes('nested'))).toHaveLength(1)
  })

  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const { root, problems } = readJson(text)
        expect(problems).toEqual([])
        expect(JSON.parse(writeJson(root!))).toEqual(JSON.parse(text))
        expect(sameValue(root!, readJson(JSON.stringify(value)).root!)).toBe(true)
      }),
    )
  })

  it('finds a problem in exactly what JSON.parse refuses', () => {
    const noise = fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '1',
        '-',
        '.',
        'e',
        't',
        'true',
        'null',
        ' ',
        '\\',
        'a',
        '\n',
        '/',
      ),
    })
    fc.assert(
      fc.property(noise, (text) => {
        const parses = (() => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        })()
        expect(readJson(text).problems.length === 0).toBe(parses)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('values', () => {
  it('go to nodes and back, large integers as bigint', () => {
    const value = { a: [1, 2n ** 63n - 1n, null, true, 'x'], __proto: 1 }
    expect(plainOf(nodeOf(value))).toEqual(value)
    const { root } = readJson('{"__proto__": 9007199254740993}')
    expect(Object.entries(plainOf(root!) as object)).toEqual([['__proto__', 9007199254740993n]])
  })

  it('are equal whatever the order of keys', () => {
    const same = (left: string, right: string): boolean => sameValue(readJson(left).root!, readJson(right).root!)
    expect(same('{"a":1,"b":[2]}', '{"b":[2],"a":1}')).toBe(true)
    expect(same('{"a":1}', '{"a":1,"b":2}')).toBe(false)
    expect(same('[1]', '[1.0]')).toBe(false)
  })
})

describe('edits', () => {
  const objectIn = (text: string) => readJson(text).root as JsonObject
  const arrayIn = (text: string) => readJson(text).root as JsonArray
  const edited = (text: string, ...edits: readonly { readonly from: number; readonly to: number; readonly insert: string }[]) =>
    applyFix(text, { label: '', edits })

  it('put members and items in, in the manner of their neighbours', () => {
    for (const [text, expected] of [
      ['{}', '{"k": 1}'],
      ['{ "a": 1 }', '{ "a": 1, "k": 1 }'],
      ['{\n  "a": 1\n}', '{\n  "a": 1,\n  "k": 1\n}'],
    ] as const)
      expect(edited(text, appendMember(text, objectIn(text), 'k', '1'))).toBe(expected)
    for (const [text, index, expected] of [
      ['[]', 0, '[9]'],
      ['[1]', 0, '[9, 1]'],
      ['[1, 2]', 1, '[1, 9, 2]'],
      ['[\n  1,\n  2\n]', 2, '[\n  1,\n  2,\n  9\n]'],
    ] as const)
      expect(edited(text, insertItem(text, arrayIn(text), index, '9'))).toBe(expected)
  })

  it('take any set of members out and leave JSON', () => {
    const text = '{ "a": 1, "b": 2, "c": 3, "d": 4 }'
    const object = objectIn(text)
    for (let mask = 0; mask < 16; mask++) {
      const removed = object.members.filter((_, index) => mask & (1 << index))
      const left = edited(text, ...removeMembers(object, removed))
      expect(Object.keys(JSON.parse(left) as object)).toEqual(
        object.members.filter((member) => !removed.includes(member)).map((member) => member.key.value),
      )
    }
    const list = arrayIn('[1, 2]')
    expect(edited('[1, 2]', removeItem(list, list.items[0]!))).toBe('[2]')
  })
})
