/**
 * A JSON Schema (draft 7, which Confluent's serializers take where no other is named) of what was seen: every sample is valid. A property that was
 * in all objects is required, one that was missing is not, one that was null has null among its types. Pure.
 */
import { commonFormat, decideNumber, enumSymbols, kindsOf, mapValues, type SeenKind, whyMap } from './decide'
import { absences, fieldPath, numberWords, type PendingNote, type Suggest } from './notes'
import type { ObjectsSeen, Seen } from './observe'
import { type Part, printSchema, textPart } from './schema-text'
import type { TextFormat } from './text-formats'

const DRAFT = 'http://json-schema.org/draft-07/schema#'

/** Only those that mean the same: an Avro timestamp with seven digits is a date-time, too. */
const formatNames: Readonly<Partial<Record<TextFormat, string>>> = {
  ...{ uuid: 'uuid', date: 'date', email: 'email', uri: 'uri', ipv4: 'ipv4' },
  ...{ 'timestamp-millis': 'date-time', 'timestamp-micros': 'date-time', 'timestamp-nanos': 'date-time' },
}

export class JsonSchemaInference {
  readonly notes: PendingNote[] = []

  constructor(private readonly title: string) {}

  infer(root: Seen): ReturnType<typeof printSchema> {
    const part = this.place(root, root.count, '', true)
    const entries = part.kind === 'object' ? part.entries : []
    return printSchema({
      kind: 'object',
      entries: [['$schema', textPart(DRAFT)], ['title', textPart(this.title)], ...entries],
      ...(part.mark === undefined ? {} : { mark: part.mark }),
    })
  }

  private place(seen: Seen, ofCount: number, path: string, isRoot: boolean): Part {
    const typeMark = {}
    const kinds = kindsOf(seen)
    const types = kinds.map((kind) => (kind !== 'number' ? kind : isWhole(seen) ? 'integer' : 'number'))
    const names = [...types, ...(seen.nulls > 0 ? ['null'] : [])]
    const typePart: Part =
      names.length === 1
        ? textPart(names[0]!, typeMark)
        : { kind: 'list', items: names.map((name) => textPart(name)), mark: typeMark }
    const note = this.notes.length
    this.notes.push({ path, mark: typeMark, decision: '', sampleCount: seen.count - seen.nulls, ofCount, suggest: null })
    const below = kinds.flatMap((kind) => this.below(kind, seen, path, isRoot))
    const { words, suggest } = this.words(kinds, seen, types, isRoot)
    this.notes[note] = { ...this.notes[note]!, decision: words + absences(seen, ofCount), suggest }
    // Nothing was ever seen here: any type is allowed rather than none.
    if (names.length === 0) return { kind: 'object', entries: [], mark: typeMark }
    return { kind: 'object', entries: [['type', typePart], ...below] }
  }

  /** What a kind has beside its type: properties, items. */
  private below(kind: SeenKind, seen: Seen, path: string, isRoot: boolean): readonly (readonly [string, Part])[] {
    if (kind === 'array') {
      const { items } = seen.arrays!
      return items.count === 0 ? [] : [['items', this.place(items, items.count, `${path}[]`, false)]]
    }
    if (kind !== 'object') return []
    const objects = seen.objects!
    if (whyMap(objects, isRoot) === null) return this.properties(objects, path)
    const values = mapValues(objects)
    return values.count === 0 ? [] : [['additionalProperties', this.place(values, values.count, `${path}{}`, false)]]
  }

  private properties(objects: ObjectsSeen, path: string): readonly (readonly [string, Part])[] {
    const fields = [...objects.fields!]
    if (fields.length === 0) return []
    const properties = fields.map(
      ([name, seen]) => [name, this.place(seen, objects.count, fieldPath(path, name), false)] as const,
    )
    const required = fields.filter(([, seen]) => seen.count === objects.count).map(([name]) => textPart(name))
    return [
      ['properties', { kind: 'object', entries: properties }],
      ...(required.length === 0 ? [] : [['required', { kind: 'list', items: required }] as const]),
    ]
  }

  private words(
    kinds: readonly SeenKind[],
    seen: Seen,
    types: readonly string[],
    isRoot: boolean,
  ): { readonly words: string; readonly suggest: Suggest | null } {
    if (kinds.length === 0)
      return { words: seen.nulls > 0 ? 'null: no other value was seen' : 'any: nothing was seen', suggest: null }
    if (kinds.length > 1) return { words: `one of ${types.join(' | ')}`, suggest: null }
    switch (kinds[0]!) {
      case 'number':
        return { words: `${types[0]}: ${numberWords(decideNumber(seen.numbers!), seen.numbers!)}`, suggest: null }
      case 'array': {
        const { items, count } = seen.arrays!
        return {
          words: items.count === 0 ? 'array of anything: it was always empty' : `array, ${items.count} items in ${count}`,
          suggest: null,
        }
      }
      case 'object': {
        const why = whyMap(seen.objects!, isRoot)
        if (why !== null) return { words: `object with any names: ${why}`, suggest: null }
        return {
          words: `object of ${seen.objects!.fields!.size} properties`,
          suggest: insertAfterType('Close it: no other properties', '"additionalProperties": false'),
        }
      }
      case 'string':
        return this.text(seen)
      default:
        return { words: kinds[0]!, suggest: null }
    }
  }

  private text(seen: Seen): { readonly words: string; readonly suggest: Suggest | null } {
    const texts = seen.texts!
    const format = commonFormat(texts)
    const name = format === null ? undefined : formatNames[format]
    const all = texts.count === 1 ? 'the one text is' : `all ${texts.count} texts are`
    if (name !== undefined)
      return {
        words: `string; ${all} of the form ${name}`,
        suggest: insertAfterType(`Give it the format ${name}`, `"format": "${name}"`),
      }
    const symbols = enumSymbols(texts, false)
    if (symbols === null) return { words: 'string', suggest: null }
    const values = [...symbols.map((symbol) => JSON.stringify(symbol)), ...(seen.nulls > 0 ? ['null'] : [])]
    const shown = symbols.slice(0, 4).join(', ') + (symbols.length > 4 ? ', …' : '')
    return {
      words: `string; ${symbols.length} different in ${texts.count}`,
      suggest: insertAfterType(`Allow only ${shown}`, `"enum": [${values.join(', ')}]`),
    }
  }
}

/** 2^70 is an integer in JSON Schema; what is decided for Avro's sake counts only where there are fractions. */
const isWhole = (seen: Seen): boolean => seen.numbers!.wholeCount === seen.numbers!.count

/** A keyword on a line of its own behind the type. */
function insertAfterType(label: string, keyword: string): Suggest {
  return ({ to, indent }) => ({ label, edits: [{ from: to, to, insert: `,\n${indent}${keyword}` }] })
}
