/** Each difference type of the registry, both ways round: which of them break, for whom, and where. */
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '..'
import { parsed, proto2, proto3 } from '../testing/schemas'
import { differences } from '.'

interface Rule {
  readonly name: string
  readonly older: string
  readonly newer: string
  /** All differences of newer as reader, then of older as reader. */
  readonly forth: readonly string[]
  readonly back: readonly string[]
  /** Whether the newer reads the older, and the older the newer. */
  readonly verdict: readonly [boolean, boolean]
}

const message = (body: string): string => proto3(`message A { ${body} }`)
const rule = (
  name: string,
  older: string,
  newer: string,
  forth: readonly string[],
  back: readonly string[],
  ...verdict: [boolean, boolean]
): Rule => ({
  name,
  older,
  newer,
  forth,
  back,
  verdict,
})

const rules: readonly Rule[] = [
  rule(
    'another package',
    proto3('package a; message A {}'),
    proto3('package b; message A {}'),
    ['PACKAGE_CHANGED #/'],
    ['PACKAGE_CHANGED #/'],
    false,
    false,
  ),
  rule(
    'a message more',
    message(''),
    proto3('message A {} message B {}'),
    ['MESSAGE_ADDED #/B'],
    ['MESSAGE_REMOVED #/B'],
    true,
    false,
  ),
  rule(
    'a nested message more',
    message(''),
    message('message N {}'),
    ['MESSAGE_ADDED #/A/N'],
    ['MESSAGE_REMOVED #/A/N'],
    true,
    false,
  ),
  rule(
    'messages in another order',
    proto3('message A {} message B {}'),
    proto3('message B {} message A {}'),
    ['MESSAGE_MOVED #/A', 'MESSAGE_MOVED #/B'],
    ['MESSAGE_MOVED #/B', 'MESSAGE_MOVED #/A'],
    true,
    true,
  ),
  rule('an enum more', message(''), message('enum E { Z = 0; }'), ['ENUM_ADDED #/A/E'], ['ENUM_REMOVED #/A/E'], true, true),
  rule(
    'a value more',
    proto3('enum E { Z = 0; }'),
    proto3('enum E { Z = 0; Y = 1; }'),
    ['ENUM_CONST_ADDED #/E/1'],
    ['ENUM_CONST_REMOVED #/E/1'],
    true,
    true,
  ),
  rule(
    'another name of a value',
    proto3('enum E { Z = 0; }'),
    proto3('enum E { Y = 0; }'),
    ['ENUM_CONST_CHANGED #/E/0'],
    ['ENUM_CONST_CHANGED #/E/0'],
    true,
    true,
  ),
  rule('a field more', message(''), message('string a = 1;'), ['FIELD_ADDED #/A/1'], ['FIELD_REMOVED #/A/1'], true, true),
  rule(
    'another name of a field',
    message('string a = 1;'),
    message('string b = 1;'),
    ['FIELD_NAME_CHANGED #/A/1'],
    ['FIELD_NAME_CHANGED #/A/1'],
    true,
    true,
  ),
  rule(
    'a scalar that becomes a message',
    message('string a = 1;'),
    message('A a = 1;'),
    ['FIELD_KIND_CHANGED #/A/1'],
    ['FIELD_KIND_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'a message that becomes a map',
    message('repeated A a = 1;'),
    message('map<string, A> a = 1;'),
    ['FIELD_KIND_CHANGED #/A/1'],
    ['FIELD_KIND_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'a scalar of another kind',
    message('int32 a = 1;'),
    message('sint32 a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    false,
    false,
  ),
  rule('a scalar of the same kind', message('int32 a = 1;'), message('bool a = 1;'), [], [], true, true),
  rule('a text that becomes bytes', message('string a = 1;'), message('bytes a = 1;'), [], [], true, true),
  rule(
    'a number that becomes an enum',
    message('int64 a = 1; enum E { Z = 0; }'),
    message('E a = 1; enum E { Z = 0; }'),
    [],
    [],
    true,
    true,
  ),
  rule(
    'values of a map of another kind',
    message('map<string, int32> a = 1;'),
    message('map<string, string> a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'keys of a map of another kind',
    message('map<int32, string> a = 1;'),
    message('map<string, string> a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'another message',
    message('B a = 1; message B {} message C {}'),
    message('C a = 1; message B {} message C {}'),
    ['FIELD_NAMED_TYPE_CHANGED #/A/1'],
    ['FIELD_NAMED_TYPE_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'numbers from optional to repeated',
    message('optional int32 a = 1;'),
    message('repeated int32 a = 1;'),
    ['FIELD_NUMERIC_LABEL_CHANGED #/A/1'],
    ['FIELD_NUMERIC_LABEL_CHANGED #/A/1'],
    false,
    false,
  ),
  rule(
    'texts from optional to repeated',
    message('optional string a = 1;'),
    message('repeated string a = 1;'),
    ['FIELD_STRING_OR_BYTES_LABEL_CHANGED #/A/1'],
    ['FIELD_STRING_OR_BYTES_LABEL_CHANGED #/A/1'],
    true,
    true,
  ),
  rule('a label where none was', message('int32 a = 1;'), message('repeated int32 a = 1;'), [], [], true, true),
  rule(
    'a required field more',
    proto2('message A {}'),
    proto2('message A { required string a = 1; }'),
    ['REQUIRED_FIELD_ADDED #/A/1'],
    ['REQUIRED_FIELD_REMOVED #/A/1'],
    false,
    false,
  ),
  rule(
    'a oneof more',
    message(''),
    message('oneof o { string a = 1; }'),
    ['ONEOF_ADDED #/A/o', 'ONEOF_FIELD_ADDED #/A/o/1'],
    ['ONEOF_REMOVED #/A/o'],
    true,
    true,
  ),
  rule(
    'a field of a oneof more',
    message('oneof o { string a = 1; }'),
    message('oneof o { string a = 1; string b = 2; }'),
    ['ONEOF_FIELD_ADDED #/A/o/2'],
    ['ONEOF_FIELD_REMOVED #/A/o/2'],
    true,
    false,
  ),
  rule(
    'a field of a oneof less',
    message('oneof o { string a = 1; string b = 2; }'),
    message('oneof o { string a = 1; }'),
    ['ONEOF_FIELD_REMOVED #/A/o/2'],
    ['ONEOF_FIELD_ADDED #/A/o/2'],
    false,
    true,
  ),
  rule(
    'a field out of a oneof',
    message('oneof o { string a = 1; string b = 2; }'),
    message('string b = 2; oneof o { string a = 1; }'),
    ['ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/2'],
    ['FIELD_MOVED_TO_EXISTING_ONEOF #/A/o'],
    true,
    false,
  ),
  rule(
    'two fields into a oneof',
    message('string a = 1; string b = 2;'),
    message('oneof o { string a = 1; string b = 2; }'),
    ['MULTIPLE_FIELDS_MOVED_TO_ONEOF #/A/o', 'ONEOF_ADDED #/A/o'],
    ['ONEOF_REMOVED #/A/o', 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/1', 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/2'],
    false,
    true,
  ),
  rule(
    'one field into a new oneof',
    message('string a = 1;'),
    message('oneof o { string a = 1; }'),
    ['ONEOF_ADDED #/A/o'],
    ['ONEOF_REMOVED #/A/o', 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/1'],
    true,
    true,
  ),
  rule(
    'a change of type behind a new name and a oneof',
    message('string a = 1;'),
    message('oneof o { int32 b = 1; }'),
    ['ONEOF_ADDED #/A/o', 'FIELD_NAME_CHANGED #/A/o/1', 'FIELD_SCALAR_KIND_CHANGED #/A/o/1'],
    [
      'ONEOF_REMOVED #/A/o',
      'ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/1',
      'FIELD_NAME_CHANGED #/A/1',
      'FIELD_SCALAR_KIND_CHANGED #/A/1',
    ],
    false,
    false,
  ),
  rule(
    'two oneofs that become one',
    message('oneof o { string a = 1; } oneof p { string b = 2; }'),
    message('oneof o { string a = 1; string b = 2; }'),
    ['FIELD_MOVED_TO_EXISTING_ONEOF #/A/o', 'ONEOF_REMOVED #/A/p'],
    ['ONEOF_ADDED #/A/p'],
    false,
    true,
  ),
]

describe('differences of Protobuf schemas', () => {
  for (const { name, older, newer, forth, back, verdict } of rules)
    it(`${name}: ${verdict.map((isGood) => (isGood ? 'goes' : 'breaks')).join(' forth, ')} back`, () => {
      const told = (reader: string, writer: string) =>
        differences(parsed(writer), parsed(reader)).map(({ type, registryPath }) => `${type} ${registryPath}`)
      expect(told(newer, older)).toEqual(forth)
      expect(told(older, newer)).toEqual(back)
      const goes = (reader: string, writer: string) =>
        protobufFormat.incompatibilities(parsed(reader), parsed(writer), 'STRICT').length === 0
      expect([goes(newer, older), goes(older, newer)]).toEqual(verdict)
    })

  it('sees into imported messages, and says it at the field that uses them', () => {
    const text = proto3('import "m.proto"; message A { M m = 1; }')
    const older = parsed(text, { 'm.proto': proto3('message M { string a = 1; M self = 2; }') })
    const newer = parsed(text, { 'm.proto': proto3('message M { int32 a = 1; M self = 2; }') })
    expect(protobufFormat.incompatibilities(newer, older, 'STRICT').map(({ type, path }) => `${type} ${path}`)).toEqual([
      'FIELD_SCALAR_KIND_CHANGED M.a',
      'FIELD_NAMED_TYPE_CHANGED A.m',
    ])
  })

  it('says in the registry’s words and in ours what breaks, where, and what mends it', () => {
    const [only] = protobufFormat.incompatibilities(
      parsed(proto3('message Car { string make = 1; string year = 3; }')),
      parsed(proto3('message Car { string make = 1; int32 year = 3; }')),
      'STRICT',
    )
    expect(only).toEqual({
      type: 'FIELD_SCALAR_KIND_CHANGED',
      path: 'Car.year',
      writerPath: 'Car.year',
      description: "The kind of a SCALAR field at path '#/Car/3' in the %s schema does not match its kind in the %s schema",
      additionalInfo: null,
      explanation:
        "Field 'year' (number 3) was int32 and is string, which are written differently: readers get wrong values or none.",
      mend: "Keep int32, or take int64, uint32, uint64, bool, enums, which read it. Or give 'year' a number of its own and reserve 3.",
    })
  })
})

describe('changes and fixes of Protobuf schemas', () => {
  it('tells every change with whom it breaks', () => {
    const older = parsed(proto3('message A { string a = 1; int32 b = 2; string c = 3; oneof o { string d = 4; string e = 5; } }'))
    const newer = parsed(
      proto3('message A { string a2 = 1; string b = 2; oneof o { string d = 4; } string f = 6; } message B {}'),
    )
    expect(
      protobufFormat.changes(older, newer).map(({ kind, type, breaks, description }) => [kind, type, breaks.join(), description]),
    ).toEqual([
      ['changed', 'FIELD_NAME_CHANGED', '', "Field 'A.a' (number 1) is called 'a2': its bytes are the same, its JSON is not."],
      ['changed', 'FIELD_SCALAR_KIND_CHANGED', 'BACKWARD,FORWARD', "Field 'A.b' (number 2) was int32 and is string."],
      ['removed', 'FIELD_REMOVED', '', "Field 'A.c' (string, number 3) is removed."],
      ['removed', 'ONEOF_FIELD_REMOVED', 'BACKWARD', "Field 'A.e' (string, number 5) is removed from the oneof 'o'."],
      ['added', 'FIELD_ADDED', '', "Field 'A.f' (string, number 6) is added."],
      ['added', 'MESSAGE_ADDED', 'FORWARD', "Message 'B' is added."],
    ])
  })

  it('mends each break that an edit can mend, in both directions', () => {
    const mendable = new Set<string>()
    for (const { older, newer } of rules)
      for (const direction of ['BACKWARD', 'FORWARD'] as const) {
        const found = (draft: string) =>
          direction === 'BACKWARD'
            ? protobufFormat.incompatibilities(parsed(draft), parsed(older), 'STRICT')
            : protobufFormat.incompatibilities(parsed(older), parsed(draft), 'STRICT')
        for (const one of found(newer))
          for (const { label, edits } of protobufFormat.fixes(newer, one, older, direction)) {
            const sorted = [...edits].sort((a, b) => b.from - a.from)
            const draft = sorted.reduce((text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to), newer)
            mendable.add(one.type)
            const left = found(draft).map(({ type, path }) => `${type} ${path}`)
            expect([label, direction, left]).toEqual([
              label,
              direction,
              left.filter((other) => other !== `${one.type} ${one.path}`),
            ])
          }
      }
    expect([...mendable].sort()).toEqual([
      'FIELD_KIND_CHANGED',
      'FIELD_NAMED_TYPE_CHANGED',
      'FIELD_NUMERIC_LABEL_CHANGED',
      'FIELD_SCALAR_KIND_CHANGED',
      'MESSAGE_REMOVED',
      'ONEOF_FIELD_REMOVED',
      'PACKAGE_CHANGED',
      'REQUIRED_FIELD_ADDED',
      'REQUIRED_FIELD_REMOVED',
    ])
  })
})

describe('a large file', () => {
  it('is compared in time that grows with it and not with its square', () => {
    const constants = Array.from({ length: 20_000 }, (_, number) => `S${number} = ${number};`).join('\n')
    const messages = Array.from({ length: 3_000 }, (_, number) => `message M${number} {}`)
    const older = parsed(proto3(`enum E { ${constants} }\n${messages.join('\n')}`))
    const newer = parsed(proto3(`enum E { ${constants} NEW = 20000; }\n${[...messages].reverse().join('\n')}`))
    const beganMs = performance.now()
    const found = differences(older, newer).map(({ type }) => type)
    // Far less; where every constant was looked for among all it took many seconds.
    expect(performance.now() - beganMs).toBeLessThan(3_000)
    expect(found.filter((type) => type === 'ENUM_CONST_ADDED')).toHaveLength(1)
    expect(found.filter((type) => type === 'MESSAGE_MOVED')).toHaveLength(3_000)
  })
})
