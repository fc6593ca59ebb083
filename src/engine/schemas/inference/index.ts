/**
 * Schemas from data: JSON samples in, an Avro schema or a JSON Schema out, with what each decision rests on and what else would fit. Called by the
 * service behind the window, for messages of a topic and for pasted text. Pure; time and memory grow with the text, not with its square.
 */

import { parseDecimal } from '../serde/decimal-text'
import { isJsonArray, isJsonObject, JsonNumber, JsonSyntaxError, type JsonValue, parseJson } from '../serde/json-value'
import { AvroInference, type NameChange } from './infer-avro'
import { JsonSchemaInference } from './infer-json-schema'
import { isAvroName, typeName } from './names'
import { finishNotes, type InferenceNote } from './notes'
import { newSeen, observe } from './observe'

export type { NameChange } from './infer-avro'
export type { InferenceNote } from './notes'
export { splitSamples } from './split-samples'

export type InferenceLanguage = 'avro' | 'json-schema'

export interface InferenceOptions {
  readonly language: InferenceLanguage
  /** What the message is called: "Order", "shop.Order", or a topic's name; made into a name of Avro where it is none. */
  readonly name: string
}

export interface InferredSchema {
  readonly language: InferenceLanguage
  readonly text: string
  /** How many samples it rests on, without the skipped. */
  readonly sampleCount: number
  readonly skipped: readonly { readonly index: number; readonly reason: string }[]
  /** In the order of the schema, the message itself first. */
  readonly notes: readonly InferenceNote[]
  /** Avro: fields whose names in JSON Avro does not allow. */
  readonly nameChanges: readonly NameChange[]
}

/** Each of `samples` is one message as JSON text. Throws where none of them can be read: there is nothing to infer from. */
export function inferSchema(samples: readonly string[], options: InferenceOptions): InferredSchema {
  const { values, skipped } = readable(samples)
  if (values.length === 0) {
    const why = skipped[0] === undefined ? 'there are none' : `the first: ${skipped[0].reason}`
    throw new Error(`No schema can be inferred: none of ${samples.length} samples is JSON that can be used (${why})`)
  }
  const seen = newSeen()
  for (const value of values) observe(seen, value)
  const base = { language: options.language, sampleCount: values.length, skipped } as const
  if (options.language === 'json-schema') {
    const inference = new JsonSchemaInference(options.name === '' ? 'Message' : options.name)
    const { text, places } = inference.infer(seen)
    return { ...base, text, notes: finishNotes(inference.notes, places), nameChanges: [] }
  }
  const { namespace, name } = recordName(options.name)
  const inference = new AvroInference(namespace, name)
  const { text, places } = inference.infer(seen)
  return { ...base, text, notes: finishNotes(inference.notes, places), nameChanges: inference.nameChanges }
}

/** A sample as the schema's fields are called; for trying it against the schema, and for whoever wants to send it. */
export function renameFields(value: JsonValue, changes: readonly NameChange[], steps: readonly string[] = []): JsonValue {
  if (changes.length === 0) return value
  if (isJsonArray(value)) return value.map((item) => renameFields(item, changes, [...steps, '[]']))
  if (!isJsonObject(value)) return value
  const own = changes.filter(({ path }) => path.length === steps.length && path.every((step, index) => step === steps[index]))
  const isMap = changes.some(
    ({ path }) => path.length > steps.length && path[steps.length] === '{}' && steps.every((step, index) => step === path[index]),
  )
  return new Map(
    Array.from(value, ([name, item]) => [
      own.find(({ from }) => from === name)?.to ?? name,
      renameFields(item, changes, [...steps, isMap ? '{}' : name]),
    ]),
  )
}

/** Those that parse, and of them those of the kind that most are: a heartbeat's text among a thousand objects is no branch of their union. */
function readable(samples: readonly string[]): { values: readonly JsonValue[]; skipped: InferredSchema['skipped'] } {
  const skipped: { index: number; reason: string }[] = []
  const parsed: { index: number; value: JsonValue }[] = []
  for (const [index, text] of samples.entries()) {
    try {
      const value = parseJson(text)
      const odd = unusable(value)
      if (odd === null) parsed.push({ index, value })
      else skipped.push({ index, reason: odd })
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      skipped.push({ index, reason: `no JSON: ${error.message}, at character ${error.offset}` })
    }
  }
  const objects = parsed.filter(({ value }) => isJsonObject(value))
  if (objects.length * 2 < parsed.length || objects.length === 0) return { values: parsed.map(({ value }) => value), skipped }
  for (const { index, value } of parsed) {
    if (!isJsonObject(value)) skipped.push({ index, reason: `${kindWords(value)}, where most samples are objects` })
  }
  return { values: objects.map(({ value }) => value), skipped: skipped.sort((a, b) => a.index - b.index) }
}

/** Numbers with exponents beyond all sense, which no type holds. */
function unusable(value: JsonValue): string | null {
  if (value instanceof JsonNumber)
    return parseDecimal(value.text) === null ? `the number ${value.text.slice(0, 40)} is beyond every type` : null
  const items = isJsonArray(value) ? value : isJsonObject(value) ? value.values() : []
  for (const item of items) {
    const reason = unusable(item)
    if (reason !== null) return reason
  }
  return null
}

function kindWords(value: JsonValue): string {
  if (value === null) return 'null'
  if (isJsonArray(value)) return 'an array'
  return value instanceof JsonNumber ? 'a number' : `a ${typeof value}`
}

/** "com.shop.order-placed" is OrderPlaced in com.shop; steps that are no names of Avro are left out of the namespace. */
function recordName(wished: string): { namespace: string; name: string } {
  const steps = wished.split('.').filter((step) => step !== '')
  const last = steps.pop() ?? 'Message'
  const isNamespace = steps.every(isAvroName)
  if (!isNamespace) return { namespace: '', name: typeName(wished, false) }
  const name = isAvroName(last) ? last[0]!.toUpperCase() + last.slice(1) : typeName(last, false)
  return { namespace: steps.join('.'), name }
}
