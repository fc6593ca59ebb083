/** What is generated compiles under strict, and says of each type what its values are. */
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { SchemaType } from '../format'
import { CodeError, typescriptOf } from '.'

const generated = (type: SchemaType, text: string | object, references: Readonly<Record<string, string>> = {}): string =>
  typescriptOf(type, typeof text === 'string' ? text : JSON.stringify(text), new Map(Object.entries(references)))

const options: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  types: [],
  // Without the DOM's, which takes longer than all the rest.
  lib: ['lib.es2022.d.ts'],
  skipLibCheck: true,
}
const libraries = new Map<string, ts.SourceFile | undefined>()
let last: ts.Program | undefined

/** Errors of the file as a compiler under strict tells them. `more` follows the generated text. */
function errorsOf(code: string, more = ''): readonly string[] {
  const host = ts.createCompilerHost(options)
  const original = host.getSourceFile.bind(host)
  host.getSourceFile = (name, version) => {
    if (name === 'generated.ts') return ts.createSourceFile(name, `${code}\n${more}`, version)
    if (!libraries.has(name)) libraries.set(name, original(name, version))
    return libraries.get(name)
  }
  host.fileExists = (name) => name === 'generated.ts' || ts.sys.fileExists(name)
  const program = ts.createProgram(['generated.ts'], options, host, last)
  last = program
  const found = [...program.getSyntacticDiagnostics(), ...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics()]
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('TypeScript of Avro', () => {
  const order = {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    doc: 'An order, */ as placed',
    fields: [
      { name: 'id', type: { type: 'string', logicalType: 'uuid' }, doc: 'Given by the shop' },
      { name: 'amount', type: 'long', default: 0 },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 } },
      { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['NEW', 'SENT'] } },
      { name: 'note', type: ['null', 'string'], default: null },
      { name: 'parent', type: ['null', 'Order'], default: null },
      {
        name: 'party',
        type: [
          { type: 'record', name: 'Person', fields: [{ name: 'name', type: 'string' }] },
          { type: 'record', name: 'Company', fields: [{ name: 'vat', type: 'string' }] },
        ],
      },
      { name: 'tags', type: { type: 'array', items: ['null', 'string'] } },
      { name: 'counts', type: { type: 'map', values: 'long' } },
      { name: 'hash', type: { type: 'fixed', name: 'string', size: 16 } },
    ],
  }

  it('compiles, with longs as bigint, enums as texts, recursion, and unions that a program can tell apart', () => {
    const code = generated('AVRO', order)
    const use = `
const status: Status = 'SENT'
export const order: Order = {
  id: 'a', amount: 9223372036854775807n, at: 1n, price: new Uint8Array(), status, note: null, parent: null,
  party: { 'shop.Company': { vat: 'x' } }, tags: [null, 'a'], counts: { a: 1n }, hash: new Uint8Array(16),
}`
    expect(errorsOf(code, `${use}\n// @ts-expect-error a number is no long\nexport const bad: Order['amount'] = 1`)).toEqual([])
    expect(code).toContain("export type Status = 'NEW' | 'SENT'")
    expect(code).toContain("readonly party: { readonly 'shop.Person': Person } | { readonly 'shop.Company': Company }")
    expect(code).toContain('Avro decimal(30, 2)')
  })

  it('writes out what is referred to, and tells two types of one name apart', () => {
    const other = JSON.stringify({ type: 'record', name: 'a.Money', fields: [{ name: 'cents', type: 'int' }] })
    const code = generated(
      'AVRO',
      {
        type: 'record',
        name: 'b.Money',
        fields: [
          { name: 'of', type: 'a.Money' },
          { name: 'f', type: 'float' },
        ],
      },
      { money: other },
    )
    expect(errorsOf(code)).toEqual([])
    expect(code).toContain('readonly of: AMoney')
  })

  it('of a schema without a name is one of a message', () => {
    expect(generated('AVRO', ['null', 'long', 'string'])).toBe('export type Message = null | bigint | string\n')
  })
})

describe('TypeScript of JSON Schema', () => {
  it('compiles, with what is required, closed values, combinations, tuples, maps and recursion', () => {
    const code = generated('JSON', {
      title: 'order line',
      type: 'object',
      required: ['sku', 'extra key'],
      properties: {
        sku: { type: 'string', pattern: '^[a-z]*/$', description: 'What is sold' },
        count: { type: 'integer', minimum: 1, default: 1 },
        kind: { enum: ["it's", 2, null, { a: [true] }] },
        either: { oneOf: [{ type: 'string' }, { $ref: '#/definitions/price' }] },
        both: { allOf: [{ $ref: '#/definitions/price' }, { type: 'object', properties: { at: { type: 'string' } } }] },
        many: { type: 'array', items: { type: ['string', 'null'] } },
        pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 1, additionalItems: false },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        children: { type: 'array', items: { $ref: '#' } },
      },
      definitions: { price: { type: 'object', properties: { cents: { type: 'integer' } }, required: ['cents'] } },
    })
    const use = `
export const line: OrderLine = { sku: 'a', 'extra key': 1, either: { cents: 1 }, both: { cents: 1, at: 'x' }, many: ['a', null], pair: ['a'], labels: { a: 'b' }, children: [], kind: "it's" }
export const many: OrderLine['pair'] = ['a', 2]`
    expect(errorsOf(code, `${use}\n// @ts-expect-error required, and a text\nexport const bad: OrderLine = { sku: 1 }`)).toEqual(
      [],
    )
    expect(code).toContain('readonly children?: readonly OrderLine[]')
    expect(code).toContain('integer, minimum: 1')
  })

  it('follows registered references, and survives a schema that is its own and named properties beside a map', () => {
    const code = generated(
      'JSON',
      {
        type: 'object',
        properties: { who: { $ref: 'person.json' }, n: { type: 'number' } },
        additionalProperties: { type: 'string' },
      },
      { 'person.json': JSON.stringify({ type: 'object', properties: { boss: { $ref: '#' } } }) },
    )
    expect(errorsOf(code, "export const m: Message = { who: { boss: {} }, n: 1, other: 'x' }")).toEqual([])
    expect(code).toContain('readonly boss?: Person')
  })
})

describe('TypeScript of Protobuf', () => {
  it('compiles, with names of JSON, oneofs that say which is set, enums, maps, nested and imported types', () => {
    const code = generated(
      'PROTOBUF',
      `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "money.proto";
// An order
message Order {
  int64 order_id = 1; // its number
  optional string note = 2;
  repeated Line lines = 3;
  map<int32, Status> by_line = 4;
  oneof payment { string card = 5; common.Money cash = 6; }
  google.protobuf.Timestamp placed_at = 7;
  bytes raw = 8 [json_name = "RAW", deprecated = true];
  message Line { string sku = 1; Order of = 2; }
}
enum Status { UNKNOWN = 0; SENT = 1; }`,
      { 'money.proto': 'syntax = "proto3"; package common; message Money { string currency = 1; int64 units = 2; }' },
    )
    const use = `
export const order: Order = {
  orderId: 1n, lines: [{ sku: 'a' }], byLine: { 1: Status.SENT }, payment: { case: 'cash', value: { currency: 'EUR', units: 2n } },
  placedAt: { seconds: 1n, nanos: 0 }, RAW: new Uint8Array(),
}
if (order.payment.case === 'card') order.payment.value.toUpperCase()
export const none: Order['payment'] = { case: undefined }`
    const bad = "// @ts-expect-error of the card's type\nexport const bad: Order['payment'] = { case: 'card', value: 1n }"
    expect(errorsOf(code, `${use}\n${bad}`)).toEqual([])
    expect(code).toContain('export interface Order_Line {')
  })
})

it('refuses a text that is no schema with what is wrong', () => {
  expect(() => generated('PROTOBUF', 'message {')).toThrow(CodeError)
  expect(() => generated('AVRO', '{')).toThrow(CodeError)
})
