import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkJson } from './json-check'
import { colorJson, prettyJson } from './json-colors'
import { nextToken } from './json-tokens'
import { childrenOf, JsonTree, rootOf } from './json-tree'

const isParsed = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('checkJson', () => {
  it('agrees with JSON.parse on whatever is JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => checkJson(text) === null))
  })

  it('agrees with JSON.parse on whatever is nearly JSON', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"',
      '0',
      '01',
      '-',
      '1.',
      '1e5',
      'true',
      'nul',
      ' ',
      '\n',
      '\\u00e',
      "'",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        return (checkJson(text) === null) === isParsed(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('says where and why', () => {
    expect(checkJson('{\n  "a": 1,\n  "b" 2\n}')).toMatchObject({ line: 3, column: 7, message: '“2” stands where : is expected' })
    expect(checkJson('{"a": 007}')?.message).toBe('A number does not begin with 0')
    expect(checkJson('')?.message).toBe('The text ends where a value is expected')
    expect(checkJson('{"a":1,}')?.message).toBe('“}” stands where a key in double quotes is expected')
    expect(checkJson('[1] 2')?.message).toBe('“2” stands where the end is expected')
  })
})

describe('the tree', () => {
  it('keeps every digit of numbers that a double cannot hold', () => {
    const text = '{"id":7205759403792793601,"total":1284.50,"tiny":1e-400,"deep":[-9223372036854775808]}'
    const nodes = childrenOf(text, rootOf(text))
    expect(nodes.map((node) => [node.key, text.slice(node.start, node.end)])).toEqual([
      ['id', '7205759403792793601'],
      ['total', '1284.50'],
      ['tiny', '1e-400'],
      ['deep', '[-9223372036854775808]'],
    ])
  })

  it('keeps the order and the repeats of keys', () => {
    const text = '{"b":1,"a":2,"b":3,"1":4}'
    expect(childrenOf(text, rootOf(text)).map((node) => node.key)).toEqual(['b', 'a', 'b', '1'])
  })

  it('shows of a cut text what is there', () => {
    const text = '{"a":[1,2,{"b":"xy'
    const tree = new JsonTree(text)
    expect(tree.root.isCut).toBe(true)
    expect(tree.rows().map((row) => row.node.kind)).toEqual(['object', 'array', 'number', 'number', 'object'])
    const last = tree.rows().at(-1)!.node
    tree.toggle(last)
    expect(tree.rows().at(-1)?.node).toMatchObject({ key: 'b', isCut: true })
  })

  it('passes strings with brackets and escaped quotes', () => {
    const text = String.raw`[{"a":"}\"]\\"},2]`
    expect(childrenOf(text, rootOf(text)).map((node) => text.slice(node.start, node.end))).toEqual([
      String.raw`{"a":"}\"]\\"}`,
      '2',
    ])
  })

  it('has a row for each value of any JSON when all is open', () => {
    const count = (value: unknown): number =>
      value !== null && typeof value === 'object'
        ? 1 + Object.values(value).reduce((sum: number, child) => sum + count(child), 0)
        : 1
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const tree = new JsonTree(JSON.stringify(value))
        tree.openAll(10_000)
        // JSON.stringify drops a key __proto__ of none, so what is counted is what was written.
        return tree.rows().length === count(JSON.parse(tree.text))
      }),
    )
  })

  it('opens ten megabytes within the time of a key press', () => {
    const text = `[${Array.from({ length: 100_000 }, (_, index) => `{"id":${index},"name":"${'x'.repeat(80)}"}`).join(',')}]`
    expect(text.length).toBeGreaterThan(10_000_000)
    expect(childrenOf(text, rootOf(text)).length).toBe(100_000)
  })
})

describe('colours and lines', () => {
  it('lose nothing of any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
        (text) =>
          colorJson(text)
            .map((part) => part.text)
            .join('') === text,
      ),
    )
  })

  it('tell a key from a string', () => {
    expect(colorJson('{"a":"b"}').map((part) => part.color)).toEqual(['punc', 'key', 'punc', 'str', 'punc'])
  })

  it('put lines in and change no token', () => {
    const tokens = (text: string): string[] => {
      const found: string[] = []
      for (let token = nextToken(text, 0); token.kind !== 'end'; token = nextToken(text, token.end))
        found.push(text.slice(token.start, token.end))
      return found
    }
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => JSON.stringify(tokens(prettyJson(text))) === JSON.stringify(tokens(text))),
    )
    expect(prettyJson('{"a":[1,{}],"b":{"c":7205759403792793601}}')).toBe(
      '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": 7205759403792793601\n  }\n}',
    )
  })
})
