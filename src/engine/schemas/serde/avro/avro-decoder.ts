/**
 * Decoders of Avro, compiled to closures: from a payload of the writer's schema to JSON text in the shape of the reader's (the same where none
 * is given), by the resolution rules of Avro's specification ("Schema Resolution"; names of types are compared without their namespace).
 * What a reader cannot read is an error when such data comes by, not before, as in Avro's Java: a writer's branch that no message uses hurts
 * nobody. Numbers go into the text digit for digit.
 */
import { jsonCharactersMax } from '../json-value'
import { rethrowWithin, SerdeError } from '../serde-error'
import { encodeDefault } from './avro-default'
import type { AvroReader } from './avro-reader'
import { type AvroEnum, type AvroRecord, type AvroType, type AvroUnion, describeType, minimumBytes } from './avro-type'
import { matchBranch, matchWriterField, namesMatch, promotion } from './resolution'
import { type Raw, rawReader, renderer, type ScalarType } from './scalar'
import { skipper } from './skipper'
import { unionText } from './union'

type Decode = (reader: AvroReader) => string

/** A function from payload to JSON text. It throws SerdeError, and leaves no bytes unread unless `end` is not asked. */
export function avroDecoder(writer: AvroType, reader: AvroType): Decode {
  return new DecoderCompiler().decoder(writer, reader)
}

class DecoderCompiler {
  private readonly records = new Map<AvroRecord, Map<AvroRecord, { run: Decode }>>()

  decoder(writer: AvroType, reader: AvroType): Decode {
    if (writer === reader) return this.same(writer)
    if (writer.kind === 'union') return this.writerUnion(writer, reader)
    if (reader.kind === 'union') return this.readerUnion(writer, reader)
    if (writer.kind === 'record' && reader.kind === 'record' && namesMatch(writer, reader)) return this.record(writer, reader)
    if (writer.kind === 'enum' && reader.kind === 'enum' && namesMatch(writer, reader)) return enumDecoder(writer, reader)
    if (writer.kind === 'array' && reader.kind === 'array') return this.array(writer.items, reader.items)
    if (writer.kind === 'map' && reader.kind === 'map') return this.map(writer.values, reader.values)
    const promote = promotion(writer, reader)
    if (promote === null) return mismatch(writer, reader)
    return scalarDecoder(rawReader(writer as ScalarType), promote, renderer(reader as ScalarType))
  }

  private same(type: AvroType): Decode {
    switch (type.kind) {
      case 'record':
        return this.record(type, type)
      case 'enum':
        return enumDecoder(type, type)
      case 'array':
        return this.array(type.items, type.items)
      case 'map':
        return this.map(type.values, type.values)
      case 'union':
        return unionDecoder(type.branches.map((branch, index) => tagging(this.decoder(branch, branch), type, index)))
      default:
        return scalarDecoder(rawReader(type), null, renderer(type))
    }
  }

  private writerUnion(writer: AvroUnion, reader: AvroType): Decode {
    return unionDecoder(writer.branches.map((branch) => this.decoder(branch, reader)))
  }

  private readerUnion(writer: AvroType, reader: AvroUnion): Decode {
    const index = matchBranch(writer, reader)
    if (index < 0) return mismatch(writer, reader)
    return tagging(this.decoder(writer, reader.branches[index]!), reader, index)
  }

  private array(writer: AvroType, reader: AvroType): Decode {
    const item = this.decoder(writer, reader)
    const minimum = minimumBytes(writer)
    return (source) => {
      let json = ''
      let begun = 0
      let done = 0
      source.enter()
      try {
        source.blocks(minimum, 'array items', () => {
          begun++
          json += done === 0 ? item(source) : `,${item(source)}`
          done++
          if (json.length > jsonCharactersMax) throw source.fail(`more than ${jsonCharactersMax} characters of JSON`)
        })
      } catch (error) {
        if (begun === done) throw error
        rethrowWithin(error, done)
      }
      source.leave()
      return `[${json}]`
    }
  }

  private map(writer: AvroType, reader: AvroType): Decode {
    const item = this.decoder(writer, reader)
    const minimum = 1 + minimumBytes(writer)
    return (source) => {
      const entries = new Map<string, string>()
      let key: string | null = null
      source.enter()
      try {
        source.blocks(minimum, 'map entries', () => {
          key = source.string()
          entries.set(key, item(source))
          key = null
        })
      } catch (error) {
        if (key === null) throw error
        rethrowWithin(error, key)
      }
      source.leave()
      let json = ''
      for (const [name, value] of entries) {
        json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${value}`
        if (json.length > jsonCharactersMax) throw source.fail(`more than ${jsonCharactersMax} characters of JSON`)
      }
      return `{${json}}`
    }
  }

  /** Through a cell, since a field may hold the record itself. */
  private record(writer: AvroRecord, reader: AvroRecord): Decode {
    const known = this.records.get(writer)?.get(reader)
    if (known !== undefined) return (source) => known.run(source)
    const cell = { run: (): string => '' } as { run: Decode }
    if (!this.records.has(writer)) this.records.set(writer, new Map())
    this.records.get(writer)!.set(reader, cell)
    cell.run = writer === reader ? this.sameRecord(writer) : this.resolvedRecord(writer, reader)
    return cell.run
  }

  private sameRecord(type: AvroRecord): Decode {
    const fields = type.fields.map((field, index) => ({
      name: field.name,
      label: `${index === 0 ? '' : ','}${JSON.stringify(field.name)}:`,
      read: this.decoder(field.type, field.type),
    }))
    return (source) => {
      let json = '{'
      let index = 0
      source.enter()
      try {
        for (; index < fields.length; index++) {
          const field = fields[index]!
          json += field.label + field.read(source)
        }
      } catch (error) {
        rethrowWithin(error, fields[index]!.name)
      }
      source.leave()
      return `${json}}`
    }
  }

  private resolvedRecord(writer: AvroRecord, reader: AvroRecord): Decode {
    const sources = reader.fields.map((field) => matchWriterField(writer, field))
    const steps = writer.fields.map((field, index) => {
      const slot = sources.indexOf(index)
      if (slot < 0) return { name: field.name, slot, read: skipping(skipper(field.type)) }
      const target = reader.fields[slot]!
      return { name: target.name, slot, read: this.decoder(field.type, target.type) }
    })
    const labels = reader.fields.map((field) => `${JSON.stringify(field.name)}:`)
    const defaults = reader.fields.map((field, slot) => {
      if (sources[slot]! >= 0) return null
      return field.default === undefined
        ? this.missing(field.name, writer)
        : this.fieldDefault(field.type, field.name, field.default)
    })
    return (source) => {
      const slots: string[] = new Array(labels.length)
      let index = 0
      source.enter()
      try {
        for (; index < steps.length; index++) {
          const step = steps[index]!
          const json = step.read(source)
          if (step.slot >= 0) slots[step.slot] = json
        }
      } catch (error) {
        rethrowWithin(error, steps[index]!.name)
      }
      source.leave()
      let json = ''
      for (let slot = 0; slot < labels.length; slot++) {
        json += (slot === 0 ? '' : ',') + labels[slot] + (defaults[slot]?.() ?? slots[slot])
      }
      return `{${json}}`
    }
  }

  private missing(field: string, writer: AvroRecord): () => never {
    return () => {
      throw new SerdeError(`the reader asks for this field without a default, and ${writer.name} was written without it`).within(
        field,
      )
    }
  }

  /** The default as the decoder would show it, worked out once and only when it is needed. */
  private fieldDefault(type: AvroType, name: string, json: Parameters<typeof encodeDefault>[1]): () => string {
    const decode = this.decoder(type, type)
    let text: string | null = null
    return () => {
      try {
        text ??= decode(encodeDefault(type, json))
      } catch (error) {
        rethrowWithin(error, name)
      }
      return text
    }
  }
}

function scalarDecoder(
  read: (source: AvroReader) => Raw,
  promote: ((raw: Raw) => Raw) | null,
  render: (raw: Raw) => string,
): Decode {
  if (promote === null) return (source) => render(read(source))
  return (source) => render(promote(read(source)))
}

function skipping(skip: (source: AvroReader) => void): Decode {
  return (source) => {
    skip(source)
    return ''
  }
}

function unionDecoder(branches: readonly Decode[]): Decode {
  return (source) => branches[source.index(branches.length, 'a union')]!(source)
}

function tagging(decode: Decode, union: AvroUnion, index: number): Decode {
  const text = unionText(union, index)
  return (source) => text(decode(source))
}

/** A symbol that the reader has not becomes its default, where it has one. */
function enumDecoder(writer: AvroEnum, reader: AvroEnum): Decode {
  const symbols = new Set(reader.symbols)
  const fallback = reader.default !== null && symbols.has(reader.default) ? reader.default : null
  const texts = writer.symbols.map((symbol) => {
    if (symbols.has(symbol)) return JSON.stringify(symbol)
    return fallback === null ? null : JSON.stringify(fallback)
  })
  return (source) => {
    const index = source.index(texts.length, `enum ${writer.name}`)
    const text = texts[index]
    if (typeof text === 'string') return text
    const symbol = writer.symbols[index]!
    throw new SerdeError(`the reader's enum ${reader.name} has no symbol '${symbol}' and no default`, JSON.stringify(symbol))
  }
}

function mismatch(writer: AvroType, reader: AvroType): Decode {
  return () => {
    throw new SerdeError(`written as ${describeType(writer)}, which a reader of ${describeType(reader)} cannot read`)
  }
}
