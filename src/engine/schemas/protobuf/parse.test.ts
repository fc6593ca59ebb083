/** Every problem of a .proto text is told at its place, all at once, with what mends it. */
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '.'
import { checkProto } from './check'
import { readProto } from './syntax/parser'
import { proto2, proto3 } from './testing/schemas'
import { linkProto } from './types'
import { wellKnownFile, wellKnownPaths } from './well-known'

function problemsOf(text: string, references: Readonly<Record<string, string>> = {}) {
  const result = protobufFormat.parse(text, new Map(Object.entries(references)), { isNew: true })
  return result.ok ? [] : result.error
}
/** The marked part of the text and the message of each. */
const told = (text: string, references: Readonly<Record<string, string>> = {}): readonly (readonly [string, string])[] =>
  problemsOf(text, references).map(({ from, to, message }) => [text.slice(from, to), message])

/** The text with the first fix of its first problem. */
function mended(text: string, references: Readonly<Record<string, string>> = {}): string {
  const edits = [...(problemsOf(text, references)[0]?.fixes[0]?.edits ?? [])].sort((a, b) => b.from - a.from)
  return edits.reduce((out, { from, to, insert }) => out.slice(0, from) + insert + out.slice(to), text)
}

const rules: readonly (readonly [string, string, string, string])[] = [
  ['a number twice', proto3('message A { string a = 1; string b = 1; }'), '1', "'b' has the number 1, and so has 'a'."],
  ['a name twice', proto3('message A { string a = 1; string a = 2; }'), 'a', "'a' stands twice in 'A'."],
  [
    'one JSON name for two',
    proto3('message A { string a_b = 1; string aB = 2; }'),
    'aB',
    "'aB' and 'a_b' have the same name in JSON, 'aB'.",
  ],
  ['the number 0', proto3('message A { string a = 0; }'), '0', "The number of 'a', 0, is below 1."],
  [
    'a number of Protobuf itself',
    proto3('message A { string a = 19500; }'),
    '19500',
    "The number of 'a', 19500, is one of 19000 to 19999, which belong to Protobuf itself.",
  ],
  [
    'a number beyond the last',
    proto3('message A { string a = 536870912; }'),
    '536870912',
    "The number of 'a', 536870912, is above 536870911, the last one.",
  ],
  ['a reserved number', proto3('message A { reserved 2 to 4; string a = 3; }'), '3', "The number 3 of 'a' is reserved."],
  ['a reserved name', proto3('message A { reserved "a"; string a = 3; }'), 'a', "The name 'a' is reserved."],
  [
    'a number of extensions',
    proto2('message A { extensions 5 to 9; optional string a = 7; }'),
    '7',
    "The number 7 of 'a' is left to extensions.",
  ],
  ['ranges that overlap', proto3('message A { reserved 1 to 5, 4; }'), '4', '4 stands in 1 to 5 as well.'],
  ['a range that holds nothing', proto3('message A { reserved 5 to 1; }'), '5 to 1', '5 to 1 holds nothing.'],
  ['required in proto3', proto3('message A { required string a = 1; }'), 'required', "'a' cannot be required in proto3."],
  ['no label in proto2', proto2('message A { string a = 1; }'), 'string', "'a' has no label, and proto2 asks for one."],
  [
    'a label in a oneof',
    proto3('message A { oneof o { optional string a = 1; } }'),
    'optional',
    "A field of a oneof, 'a', has no label.",
  ],
  ['a label of a map', proto3('message A { repeated map<string, string> a = 1; }'), 'repeated', "A map, 'a', has no label."],
  [
    'a map in a oneof',
    proto3('message A { oneof o { map<string, string> a = 1; } }'),
    'string',
    "A map, 'a', cannot stand in a oneof.",
  ],
  ['keys of a map', proto3('message A { map<float, string> a = 1; }'), 'float', "A map cannot have keys of the type 'float'."],
  [
    'a default in proto3',
    proto3('message A { string a = 1 [default = "x"]; }'),
    'default = "x"',
    "'a' cannot have a default in proto3.",
  ],
  ['a group in proto3', proto3('message A { repeated group G = 1 {} }'), 'G', 'There are no groups in proto3.'],
  ['an empty oneof', proto3('message A { oneof o {} }'), 'o', "The oneof 'o' has no field."],
  ['a first value that is not 0', proto3('enum E { A = 1; }'), '1', "The first value of an enum is 0 in proto3, and 'A' is 1."],
  ['an empty enum', proto3('enum E {}'), 'E', "The enum 'E' has no value."],
  ['a value twice', proto3('enum E { A = 0; B = 0; }'), '0', "'B' is 0, and so is 'A'."],
  [
    'one value name in two enums',
    proto3('enum E { A = 0; } enum F { A = 0; }'),
    'A',
    "'A' is a value of the enum 'E' as well, and values of enums stand beside their enum.",
  ],
  ['a type twice', proto3('message A {} enum A { Z = 0; }'), 'A', "'A' is defined twice."],
  ['a type that is not there', proto3('message Item {} message A { Itme a = 1; }'), 'Itme', "There is no type 'Itme'."],
  ['a scalar misspelt', proto3('message A { strnig a = 1; }'), 'strnig', "There is no type 'strnig'."],
  [
    'a type that is not imported',
    proto3('message A { google.protobuf.Timestamp a = 1; }'),
    'google.protobuf.Timestamp',
    "The type 'google.protobuf.Timestamp' is not imported.",
  ],
  [
    'an enum as the type of a method',
    proto3('enum E { Z = 0; } message A {} service S { rpc M (E) returns (A); }'),
    'E',
    "'E' is an enum; a message belongs here.",
  ],
  [
    'an import that nothing gives',
    proto3('import "oder.proto"; message A {}'),
    '"oder.proto"',
    'Nothing is known under "oder.proto": it is no reference of this schema and no well-known file.',
  ],
  ['an unknown syntax', 'syntax = "proto4"; message A {}', '"proto4"', 'There is no syntax "proto4".'],
  ['an edition', 'edition = "2023"; message A {}', 'edition = "2023";', 'Editions of Protobuf ("2023") are not supported yet.'],
  ['an empty text', ' ', ' ', 'The schema is empty.'],
]

describe('problems of a .proto text', () => {
  for (const [name, text, marked, message] of rules)
    it(`tells ${name}`, () => {
      expect(told(text)).toEqual([[marked, message]])
    })

  it('offers fixes that mend', () => {
    const mendable = rules.filter(([, text]) => (problemsOf(text)[0]?.fixes.length ?? 0) > 0)
    expect(mendable.length).toBeGreaterThan(14)
    for (const [name, text] of mendable) expect([name, told(mended(text))]).toEqual([name, []])
  })

  it('tells all at once, and goes on behind what it cannot read', () => {
    const text = `syntax = "proto3"
message A {
  string a = ;
  Nope b = 2;
  int32 c = 2;
}
massage B {}
message C { string x = 1 }`
    expect(told(text).map(([marked]) => marked)).toEqual(['"', ';', 'Nope', '2', 'massage', '1'])
  })

  it('says what is missing at the end of a text', () => {
    expect(told(proto3('message A {'))).toEqual([['{', "Expected '}' at the end of the message, and the text ends."]])
    expect(told(proto3('message A { string a = 1; /* x')).at(-1)).toEqual(['/* x', 'A comment that does not end.'])
  })

  it('resolves names as the language does: from the innermost scope outwards, through public imports and references', () => {
    const references = {
      'a.proto': proto3('package x.y; import public "b.proto"; message A { message In {} }'),
      'b.proto': proto3('package z; message B {}'),
    }
    const text = proto3(
      'package x.y.w; import "a.proto"; message M { A a = 1; A.In b = 2; y.A c = 3; z.B d = 4; .x.y.A e = 5; N f = 6; message N {} }',
    )
    expect(told(text, references)).toEqual([])
    expect(told(proto3('import "a.proto"; message M { A a = 1; }'), references)).toEqual([['A', "There is no type 'A'."]])
    const hidden = { ...references, 'a.proto': references['a.proto'].replace('public ', '') }
    expect(told(proto3('import "a.proto"; message M { z.B a = 1; }'), hidden)).toEqual([
      ['z.B', "The type 'z.B' is not imported."],
    ])
  })

  it('takes stored schemas as they are, but for types that are not there', () => {
    const parse = (text: string) => protobufFormat.parse(text, new Map(), { isNew: false }).ok
    expect(parse(proto3('message A { string a = 1; string b = 1; }'))).toBe(true)
    expect(parse(proto3('message A { B a = 1; }'))).toBe(false)
  })

  it('warns of what is odd but allowed', () => {
    const text = 'message A { optional string aName = 1; }'
    const result = protobufFormat.parse(text, new Map(), { isNew: true })
    const warnings = result.ok ? protobufFormat.warnings(text, result.value) : []
    expect(warnings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: No syntax is stated, which means proto2.',
      "warning: 'aName' is not in lower_snake_case.",
    ])
  })

  it('knows the files that need no reference, and what they are made of', () => {
    for (const path of wellKnownPaths) {
      const { file, problems } = readProto(wellKnownFile(path)!.text)
      const wrong = checkProto(linkProto(file, new Map()), new Map(), true).filter(({ severity }) => severity === 'error')
      expect([path, problems, wrong]).toEqual([path, [], []])
    }
  })

  it('reads every word of the language as a name where one may stand', () => {
    const body = [
      'message',
      'enum',
      'oneof',
      'option',
      'reserved',
      'extensions',
      'package',
      'import',
      'service',
      'rpc',
      'stream',
      'returns',
      'to',
      'max',
      'map',
      'group',
      'required',
      'syntax',
    ]
    const text = proto3(`message A { ${body.map((name, index) => `string ${name} = ${index + 1};`).join(' ')} }`)
    expect(told(text)).toEqual([])
  })
})
