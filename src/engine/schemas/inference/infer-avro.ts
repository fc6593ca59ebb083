/**
 * An Avro schema of what was seen: every sample can be written with it and reads back the same, but for names that Avro does not allow (they are
 * told) and for fields that were missing, which come back as null: Avro cannot tell the two apart. Suggestions are not taken. Pure.
 */
import {
  commonFormat,
  decideNumber,
  decimalOf,
  enumSymbols,
  epochUnit,
  kindsOf,
  mapValues,
  type SeenKind,
  whyMap,
} from './decide'
import { fieldNames, isAvroName, isPrimitiveTag, TypeNames, typeName } from './names'
import { absences, fieldPath, numberWords, type PendingNote, type Suggest } from './notes'
import type { NumbersSeen, ObjectsSeen, Seen, TextsSeen } from './observe'
import { type Part, printSchema, textPart } from './schema-text'

/** A field that is called otherwise in the schema; `path` leads to its record by names of the samples, '[]' for items and '{}' for values of maps. */
export interface NameChange {
  readonly path: readonly string[]
  readonly from: string
  readonly to: string
}

/** A type with what is said of it. */
interface Typed {
  readonly part: Part
  readonly words: string
  readonly suggest: Suggest | null
}

export class AvroInference {
  readonly notes: PendingNote[] = []
  readonly nameChanges: NameChange[] = []
  private readonly names = new TypeNames()

  constructor(
    private readonly namespace: string,
    private readonly rootName: string,
  ) {}

  infer(root: Seen): ReturnType<typeof printSchema> {
    return printSchema(this.place(root, root.count, { path: '', steps: [], wished: this.rootName, parent: null, isRoot: true }))
  }

  /** The type of a place, with null where that was seen or the place was missing; leaves a note. */
  private place(seen: Seen, ofCount: number, at: At): Part {
    const mark = {}
    const isNullable = seen.nulls > 0 || seen.count < ofCount
    const kinds = kindsOf(seen)
    const isUnion = isNullable || kinds.length > 1
    const types = kinds.map((kind) => this.type(kind, seen, kinds.length === 1 ? mark : {}, at, isUnion))
    if (types.length === 0)
      types.push({ part: textPart('string', mark), words: 'string, a guess: no value but null was seen', suggest: null })
    const single = types.length === 1 ? types[0]! : null
    const branches = types.map(({ part }) => part)
    this.notes.push({
      path: at.path,
      mark: single === null ? branches[0]!.mark! : mark,
      decision:
        (single === null ? `one of ${types.map(({ words }) => words).join(' | ')}` : single.words) + absences(seen, ofCount),
      sampleCount: seen.count - seen.nulls,
      ofCount,
      suggest: single?.suggest ?? null,
    })
    if (!isNullable && branches.length === 1) return branches[0]!
    return { kind: 'list', items: isNullable ? [textPart('null'), ...branches] : branches }
  }

  private type(kind: SeenKind, seen: Seen, mark: object, at: At, isInUnion: boolean): Typed {
    switch (kind) {
      case 'boolean':
        return { part: textPart('boolean', mark), words: 'boolean', suggest: null }
      case 'number':
        return numberType(seen.numbers!, mark)
      case 'string':
        return this.text(seen.texts!, mark, at)
      case 'array':
        return this.array(seen.arrays!, mark, at)
      case 'object':
        return this.object(seen.objects!, mark, at, isInUnion)
    }
  }

  private array(arrays: { readonly count: number; readonly items: Seen }, mark: object, at: At): Typed {
    const { items } = arrays
    const below = { ...at, path: `${at.path}[]`, steps: [...at.steps, '[]'], wished: typeName(at.wished, true), isRoot: false }
    const words =
      items.count === 0 ? 'array of string, a guess: it was always empty' : `array, ${items.count} items in ${arrays.count}`
    const type = items.count === 0 ? textPart('string') : this.place(items, items.count, below)
    return {
      part: {
        kind: 'object',
        entries: [
          ['type', textPart('array')],
          ['items', type],
        ],
        mark,
      },
      words,
      suggest: null,
    }
  }

  private object(objects: ObjectsSeen, mark: object, at: At, isInUnion: boolean): Typed {
    const why = whyMap(objects, at.isRoot)
    if (why === null) return this.record(objects, mark, at, isInUnion)
    const values = mapValues(objects)
    const below = { ...at, path: `${at.path}{}`, steps: [...at.steps, '{}'], wished: typeName(at.wished, true), isRoot: false }
    const type = values.count === 0 ? textPart('string') : this.place(values, values.count, below)
    return {
      part: {
        kind: 'object',
        entries: [
          ['type', textPart('map')],
          ['values', type],
        ],
        mark,
      },
      words: `map: ${why}`,
      suggest: null,
    }
  }

  private record(objects: ObjectsSeen, mark: object, at: At, isInUnion: boolean): Typed {
    const name = this.names.unique(at.wished, at.parent)
    const fullName = this.namespace === '' ? name : `${this.namespace}.${name}`
    const fields = objects.fields!
    // In a union, an object of just one name that is a branch's would be read as the tagged form.
    const isTag = (field: string): boolean =>
      isInUnion && objects.loneNames.has(field) && (isPrimitiveTag(field) || field === name || field === fullName)
    const names = fieldNames([...fields.keys()], isTag)
    const parts = Array.from(fields, ([from, seen]): Part => {
      const to = names.get(from)!
      if (to !== from) this.nameChanges.push({ path: at.steps, from, to })
      const wished = typeName(from, false)
      const below = { path: fieldPath(at.path, from), steps: [...at.steps, from], wished, parent: name, isRoot: false }
      const first = this.notes.length
      const type = this.place(seen, objects.count, below)
      const own = this.notes.findIndex((note, index) => index >= first && note.path === below.path)
      if (to !== from) {
        const why = isAvroName(from)
          ? `${to} here: in a union '${from}' would name a branch`
          : `${to} here: Avro's names have letters, digits and _ only`
        this.notes[own] = { ...this.notes[own]!, decision: `${this.notes[own]!.decision}; called ${why}` }
      }
      const isNullable = type.kind === 'list' && type.items[0]!.kind === 'text' && type.items[0]!.json === '"null"'
      const entries: (readonly [string, Part])[] = [
        ['name', textPart(to)],
        ...(to === from ? [] : [['doc', textPart(`${JSON.stringify(from)} in JSON`)] as const]),
        ['type', type],
        ...(isNullable ? [['default', textPart(null)] as const] : []),
      ]
      return { kind: 'object', entries }
    })
    const head: (readonly [string, Part])[] = [
      ['type', textPart('record')],
      ['name', textPart(name)],
      ...(at.isRoot && this.namespace !== '' ? [['namespace', textPart(this.namespace)] as const] : []),
      ['fields', { kind: 'list', items: parts }],
    ]
    return { part: { kind: 'object', entries: head, mark }, words: `record ${name} of ${fields.size} fields`, suggest: null }
  }

  private text(texts: TextsSeen, mark: object, at: At): Typed {
    const part = textPart('string', mark)
    const format = commonFormat(texts)
    const all = texts.count === 1 ? 'the one text is' : `all ${texts.count} texts are`
    if (format === 'decimal') return { part, words: `string; ${all} decimal numbers`, suggest: null }
    if (format !== null && format !== 'email' && format !== 'uri' && format !== 'ipv4') {
      const type = format === 'uuid' ? 'string' : format === 'date' || format === 'time-millis' ? 'int' : 'long'
      return {
        part,
        words: `string; ${all} of the form ${format}`,
        suggest: replaceBy(`Make it ${format}`, { type, logicalType: format }),
      }
    }
    const symbols = enumSymbols(texts, true)
    if (symbols === null)
      return { part, words: format === null ? 'string' : `string; ${all} of the form ${format}`, suggest: null }
    // Not taken from the names that are: a suggestion that is not followed must not change others.
    const name = `${typeName(at.wished, false)}Symbol`
    const shown = symbols.slice(0, 4).join(', ') + (symbols.length > 4 ? ', …' : '')
    const suggest = replaceBy(`Make it an enum of ${shown}`, {
      type: 'enum',
      name: at.parent === null ? name : at.parent + name,
      symbols,
    })
    return { part, words: `string; ${symbols.length} different in ${texts.count}`, suggest }
  }
}

interface At {
  readonly path: string
  readonly steps: readonly string[]
  /** The name that a record here should have. */
  readonly wished: string
  /** Name of the record around it. */
  readonly parent: string | null
  readonly isRoot: boolean
}

function numberType(numbers: NumbersSeen, mark: object): Typed {
  const decision = decideNumber(numbers)
  const words = `${decision.kind}: ${numberWords(decision, numbers)}`
  if (decision.kind === 'decimal') {
    const entries = [
      ['type', textPart('bytes')],
      ['logicalType', textPart('decimal')],
      ['precision', textPart(decision.precision)],
      ['scale', textPart(decision.scale)],
    ] as const
    return { part: { kind: 'object', entries, mark }, words, suggest: null }
  }
  const part = textPart(decision.kind, mark)
  const unit = decision.kind === 'long' ? epochUnit(numbers) : null
  if (unit !== null)
    return { part, words, suggest: replaceBy(`Make it timestamp-${unit}`, { type: 'long', logicalType: `timestamp-${unit}` }) }
  if (decision.kind === 'int') return { part, words, suggest: replaceBy('Make it long, for larger ones to come', 'long') }
  const { precision, scale } = decimalOf(numbers)
  if (decision.kind !== 'double' || scale > 6 || numbers.scaleMin !== scale) return { part, words, suggest: null }
  const label = `Make it a decimal with ${scale} ${scale === 1 ? 'digit' : 'digits'} behind the point`
  return {
    part,
    words,
    suggest: replaceBy(label, { type: 'bytes', logicalType: 'decimal', precision: Math.max(precision, 12), scale }),
  }
}

/** On one line: `{ "type": "int", "logicalType": "date" }`. */
function replaceBy(label: string, type: unknown): Suggest {
  const insert = typeof type === 'string' ? JSON.stringify(type) : spaced(type as Record<string, unknown>)
  return ({ from, to }) => ({ label, edits: [{ from, to, insert }] })
}

const spaced = (object: Record<string, unknown>): string =>
  `{ ${Object.entries(object)
    .map(
      ([name, value]) =>
        `${JSON.stringify(name)}: ${Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value)}`,
    )
    .join(', ')} }`
