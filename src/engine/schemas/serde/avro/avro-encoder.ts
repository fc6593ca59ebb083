/**
 * Encoders of Avro, compiled to closures: from JSON (without loss, as json-value reads it) to bytes. Takes both forms of a union's value, the
 * plain and the tagged. A field that is not there gets its default; a name that is no field is an error, since it would be lost.
 */
import { excerpt, isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json-value'
import { rethrowWithin, SerdeError } from '../serde-error'
import { writeDefault } from './avro-default'
import {
  type AvroEnum,
  type AvroField,
  type AvroRecord,
  type AvroType,
  type AvroUnion,
  branchTag,
  describeType,
} from './avro-type'
import { AvroWriter } from './avro-writer'
import { parser, rawWriter } from './scalar'
import { isFloatWord, type JsonKind, jsonKinds, ownsText, tagsOf } from './union'

type Encode = (writer: AvroWriter, value: JsonValue) => void

/** A function from JSON to the payload. It throws SerdeError with path and value. */
export function avroEncoder(type: AvroType): (value: JsonValue) => Buffer {
  const encode = new EncoderCompiler().encoder(type)
  return (value) => {
    const writer = new AvroWriter()
    encode(writer, value)
    return writer.finish()
  }
}

class EncoderCompiler {
  private readonly records = new Map<AvroRecord, { run: Encode }>()

  encoder(type: AvroType): Encode {
    switch (type.kind) {
      case 'record':
        return this.record(type)
      case 'array':
        return this.array(type.items, describeType(type))
      case 'map':
        return this.map(type.values, describeType(type))
      case 'union':
        return this.union(type)
      case 'enum':
        return enumEncoder(type)
      default: {
        const parse = parser(type)
        const write = rawWriter(type)
        return (writer, value) => write(writer, parse(value))
      }
    }
  }

  private array(type: AvroType, what: string): Encode {
    const item = this.encoder(type)
    return (writer, value) => {
      if (!isJsonArray(value)) throw unexpected(what, value)
      let index = 0
      if (value.length > 0) writer.int(value.length)
      try {
        for (; index < value.length; index++) item(writer, value[index]!)
      } catch (error) {
        rethrowWithin(error, index)
      }
      writer.int(0)
    }
  }

  private map(type: AvroType, what: string): Encode {
    const item = this.encoder(type)
    const parseKey = parser({ kind: 'string', logical: null })
    return (writer, value) => {
      if (!isJsonObject(value)) throw unexpected(what, value)
      if (value.size > 0) writer.int(value.size)
      for (const [key, entry] of value) {
        try {
          writer.string(parseKey(key) as string)
          item(writer, entry)
        } catch (error) {
          rethrowWithin(error, key)
        }
      }
      writer.int(0)
    }
  }

  /** Through a cell, since a field may hold the record itself. */
  private record(type: AvroRecord): Encode {
    const known = this.records.get(type)
    if (known !== undefined) return (writer, value) => known.run(writer, value)
    const cell: { run: Encode } = { run: () => undefined }
    this.records.set(type, cell)
    const fields = type.fields.map((field) => ({
      name: field.name,
      write: this.encoder(field.type),
      writeDefault: defaultWriter(field),
    }))
    const names = new Set(type.fields.map(({ name }) => name))
    const what = describeType(type)
    cell.run = (writer, value) => {
      if (!isJsonObject(value)) throw unexpected(what, value)
      let found = 0
      for (const field of fields) {
        try {
          const json = value.get(field.name)
          if (json !== undefined) {
            found++
            field.write(writer, json)
          } else if (field.writeDefault !== null) field.writeDefault(writer)
          else throw new SerdeError(`the field is missing, and ${what} has no default for it`)
        } catch (error) {
          rethrowWithin(error, field.name)
        }
      }
      if (found < value.size) throw unknownField(type, value, names)
    }
    return cell.run
  }

  private union(union: AvroUnion): Encode {
    const branches = union.branches.map((branch) => this.encoder(branch))
    const choose = branchChooser(union)
    return (writer, value) => {
      const { index, inner } = choose(value)
      writer.int(index)
      branches[index]!(writer, inner)
    }
  }
}

/** Worked out once, when it is first needed: a stored schema may hold a default that is none. */
function defaultWriter(field: AvroField): ((writer: AvroWriter) => void) | null {
  const json = field.default
  if (json === undefined) return null
  let bytes: Buffer | null = null
  return (writer) => {
    if (bytes === null) {
      const own = new AvroWriter()
      writeDefault(own, field.type, json)
      bytes = own.finish()
    }
    writer.fixed(bytes)
  }
}

function enumEncoder(type: AvroEnum): Encode {
  const indexes = new Map(type.symbols.map((symbol, index) => [symbol, index]))
  return (writer, value) => {
    const index = typeof value === 'string' ? indexes.get(value) : undefined
    if (index === undefined) {
      const symbols = type.symbols.slice(0, 12).join(', ') + (type.symbols.length > 12 ? ', …' : '')
      throw new SerdeError(`${excerpt(value)} is no symbol of ${describeType(type)}: ${symbols}`, excerpt(value))
    }
    writer.int(index)
  }
}

/**
 * Which branch a value is of. Looks at the value itself and, for records, at the names of its fields, never deeper: trying each branch to
 * the end would take time without bound in recursive types.
 */
function branchChooser(union: AvroUnion): (value: JsonValue) => { index: number; inner: JsonValue } {
  const { branches } = union
  const tags = tagsOf(union)
  const accepts = branches.map(acceptor)
  const only =
    branches.length - (branches.some(({ kind }) => kind === 'null') ? 1 : 0) === 1
      ? branches.findIndex(({ kind }) => kind !== 'null')
      : -1
  return (value) => {
    if (isJsonObject(value) && value.size === 1) {
      const [[tag, inner]] = value as unknown as Iterable<[string, JsonValue]> as [[string, JsonValue]]
      const index = tags.get(tag)
      // Not taken for a tag where that gives no sense and the plain reading does: a map with the key "string".
      if (index !== undefined && (accepts[index]!(inner) || !accepts.some((accept) => accept(value)))) return { index, inner }
    }
    if (only >= 0 && value !== null) return { index: only, inner: value }
    const fitting = branches.flatMap((_, index) => (accepts[index]!(value) ? [index] : []))
    const text = typeof value === 'string' ? fitting.find((index) => ownsText(branches[index]!)) : undefined
    if (text !== undefined) return { index: text, inner: value }
    if (fitting.length === 1) return { index: fitting[0]!, inner: value }
    if (fitting.length > 1) return { index: preferred(branches, fitting, value), inner: value }
    // The one branch of this kind of JSON tells better what is wrong than the union can.
    const alike = branches.flatMap((branch, index) => (jsonKinds(branch).includes(kindOf(value)) ? [index] : []))
    if (alike.length === 1) return { index: alike[0]!, inner: value }
    throw unexpected(describeType(union), value)
  }
}

/** A whole number goes to the narrowest integer, another one to the widest float; else the branch has to be named. */
function preferred(branches: readonly AvroType[], fitting: readonly number[], value: JsonValue): number {
  if (value instanceof JsonNumber) {
    const order = /^-?\d+$/.test(value.text) ? ['int', 'long', 'double', 'float'] : ['double', 'float', 'int', 'long']
    const kinds = fitting
      .map((index) => branches[index]!)
      .map((branch) => ('logical' in branch && branch.logical !== null ? 'logical' : branch.kind))
    const best = order.find((kind) => kinds.includes(kind as 'int'))
    if (best !== undefined) return fitting[kinds.indexOf(best as 'int')]!
  }
  const tags = fitting.map((index) => JSON.stringify(branchTag(branches[index]!)))
  throw new SerdeError(`${excerpt(value)} may be ${tags.join(' or ')}: name the branch, {${tags[0]}: …}`, excerpt(value))
}

function acceptor(type: AvroType): (value: JsonValue) => boolean {
  switch (type.kind) {
    case 'array':
      return (value) => isJsonArray(value)
    case 'map':
      return isJsonObject
    case 'record': {
      const names = new Set(type.fields.map(({ name }) => name))
      const required = type.fields.filter((field) => field.default === undefined).map(({ name }) => name)
      return (value) =>
        isJsonObject(value) &&
        required.every((name) => value.has(name)) &&
        Array.from(value.keys()).every((name) => names.has(name))
    }
    case 'enum':
      return (value) => typeof value === 'string' && type.symbols.includes(value)
    case 'union':
      return () => false
    default: {
      const parse = parser(type)
      const kinds = jsonKinds(type)
      const isFloat = type.kind === 'float' || type.kind === 'double'
      return (value) => {
        if (!kinds.includes(kindOf(value)) && !(isFloat && typeof value === 'string' && isFloatWord(value))) return false
        try {
          parse(value)
          return true
        } catch {
          return false
        }
      }
    }
  }
}

function kindOf(value: JsonValue): JsonKind {
  if (value === null) return 'null'
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as JsonKind
  if (value instanceof JsonNumber) return 'number'
  return isJsonArray(value) ? 'array' : 'object'
}

const unexpected = (what: string, value: JsonValue): SerdeError =>
  new SerdeError(`expected ${what}, found ${excerpt(value)}`, excerpt(value))

function unknownField(type: AvroRecord, value: JsonObject, names: ReadonlySet<string>): SerdeError {
  const name = Array.from(value.keys()).find((key) => !names.has(key))!
  const near = type.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
  const hint =
    near === undefined
      ? `its fields are ${[...names].slice(0, 12).join(', ')}${names.size > 12 ? ', …' : ''}`
      : `did you mean '${near.name}'?`
  return new SerdeError(`${describeType(type)} has no such field: ${hint}`, excerpt(value.get(name)!)).within(name)
}
