/** JSON Schema's codec: a payload is the JSON text itself, held to the schema both ways. Only codec.ts and tests come here. */
import type { ReferencedTexts } from '../../format'
import { excerpt, isJsonArray, isJsonObject, JsonSyntaxError, type JsonValue, parseJson } from '../json-value'
import { SerdeError } from '../serde-error'
import { compileValidator } from './compile-validator'

export interface JsonSchemaCodec {
  /** The text as it was sent, spaces and all. */
  decode(payload: Uint8Array): string
  encode(json: string): Buffer
}

/** Throws JsonSchemaError where the schema cannot be compiled. */
export function jsonSchemaCodec(schema: { readonly text: string; readonly references: ReferencedTexts }): JsonSchemaCodec {
  const violationOf = compileValidator(schema.text, schema.references)
  const check = (json: string): void => {
    const value = parseJson(json)
    const violation = violationOf(value)
    if (violation === null) return
    const found = valueAt(value, violation.segments)
    throw new SerdeError(`${excerpt(found)} ${violation.message}`, excerpt(found)).at(violation.segments)
  }
  return {
    decode(payload) {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
      const json = bytes.toString('utf8')
      if (json.includes('\ufffd') && !Buffer.from(json, 'utf8').equals(bytes)) throw new SerdeError('the payload is no UTF-8')
      try {
        check(json)
      } catch (error) {
        if (error instanceof JsonSyntaxError)
          throw new SerdeError(`the payload is no JSON: ${error.message}, at character ${error.offset}`)
        throw error
      }
      return json
    },
    encode(json) {
      check(json)
      return Buffer.from(json, 'utf8')
    },
  }
}

function valueAt(value: JsonValue, segments: readonly (string | number)[]): JsonValue {
  let current: JsonValue = value
  for (const segment of segments) {
    if (isJsonArray(current)) current = current[Number(segment)] ?? null
    else if (isJsonObject(current)) current = current.get(String(segment)) ?? null
  }
  return current
}
