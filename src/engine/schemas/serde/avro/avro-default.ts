/**
 * Defaults of fields as bytes. They stand in the schema in Avro's own JSON: raw numbers for logical types, characters for bytes, and a union's
 * default as the plain value of whichever branch it fits first (Avro 1.12; before, of the first branch only).
 */
import { excerpt, isJsonArray, isJsonObject, type JsonValue, jsonDepthMax } from '../json-value'
import { SerdeError } from '../serde-error'
import { AvroReader } from './avro-reader'
import { type AvroType, describeType } from './avro-type'
import { AvroWriter } from './avro-writer'
import { parser, rawWriter, type ScalarType } from './scalar'

/** A reader over the default's encoding. Throws SerdeError where the default does not fit its type (stored schemas are not checked for it). */
export function encodeDefault(type: AvroType, json: JsonValue): AvroReader {
  const writer = new AvroWriter()
  writeDefault(writer, type, json)
  return new AvroReader(writer.finish())
}

export function writeDefault(writer: AvroWriter, type: AvroType, json: JsonValue, depth = 0): void {
  if (depth > jsonDepthMax) throw new SerdeError(`the default of ${describeType(type)} needs itself without end`)
  const below = (inner: AvroType, value: JsonValue): void => writeDefault(writer, inner, value, depth + 1)
  switch (type.kind) {
    case 'union': {
      const index = type.branches.findIndex((branch) => fits(branch, json))
      if (index < 0) throw unfit(type, json)
      writer.int(index)
      below(type.branches[index]!, json)
      return
    }
    case 'record':
      if (!isJsonObject(json)) throw unfit(type, json)
      for (const field of type.fields) {
        const value = json.has(field.name) ? json.get(field.name) : field.default
        if (value === undefined) throw unfit(type, json)
        below(field.type, value)
      }
      return
    case 'array':
      if (!isJsonArray(json)) throw unfit(type, json)
      if (json.length > 0) writer.int(json.length)
      for (const item of json) below(type.items, item)
      writer.int(0)
      return
    case 'map':
      if (!isJsonObject(json)) throw unfit(type, json)
      if (json.size > 0) writer.int(json.size)
      for (const [key, value] of json) {
        writer.string(key)
        below(type.values, value)
      }
      writer.int(0)
      return
    case 'enum':
      if (typeof json !== 'string' || !type.symbols.includes(json)) throw unfit(type, json)
      writer.int(type.symbols.indexOf(json))
      return
    default:
      rawWriter(type)(writer, rawParser(type)(json))
  }
}

/** Whether a default is of a branch: the shape, all the way down. */
function fits(type: AvroType, json: JsonValue): boolean {
  try {
    writeDefault(new AvroWriter(), type, json)
    return true
  } catch (error) {
    if (error instanceof SerdeError) return false
    throw error
  }
}

const rawParser = (type: ScalarType): ReturnType<typeof parser> => parser({ ...type, logical: null })

const unfit = (type: AvroType, json: JsonValue): SerdeError =>
  new SerdeError(`the default ${excerpt(json)} is no ${describeType(type)}`, excerpt(json))
