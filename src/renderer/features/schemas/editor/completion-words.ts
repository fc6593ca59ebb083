/**
 * Which words fit at a place of a schema's text, and what a word there means. Pure: text and offset in, words out; the editor only draws
 * them. Places in JSON come from jsonc-parser, which goes on through unfinished text.
 */
import { findNodeAtLocation, getLocation, type Node, parseTree } from 'jsonc-parser'
import type { SchemaLanguage, SchemaReferenceView } from '../../../../shared/model/schemas'
import {
  avroComplex,
  avroFieldKeys,
  avroKeysOfType,
  avroLogicalKeys,
  avroLogicalTypes,
  avroOrders,
  avroPrimitives,
  idlWords,
  type Word,
} from './words-avro'
import { jsonSchemaDrafts, jsonSchemaFormats, jsonSchemaKeywords, jsonSchemaTypes, protobufWords } from './words-others'

export interface Suggestion extends Word {
  readonly kind: 'key' | 'value' | 'type'
}

export interface Suggestions {
  /** Where what is replaced begins. */
  readonly from: number
  readonly isQuoted: boolean
  readonly words: readonly Suggestion[]
}

export interface WordContext {
  readonly language: SchemaLanguage
  readonly references: readonly SchemaReferenceView[]
}

const as = (kind: Suggestion['kind'], words: readonly Word[]): Suggestion[] => words.map((word) => ({ ...word, kind }))

/** Types that the text defines, by the name they are used under. */
export function namedTypes(text: string, language: SchemaLanguage): readonly Word[] {
  const found = new Map<string, Word>()
  const put = (name: string | undefined, what: string, at: number): void => {
    if (name && !found.has(name))
      found.set(name, { name, info: `${what} of this schema, line ${text.slice(0, at).split('\n').length}.` })
  }
  if (language === 'protobuf')
    for (const match of text.matchAll(/\b(message|enum)\s+(\w+)/g)) put(match[2], match[1] ?? '', match.index ?? 0)
  else if (language === 'avro-idl')
    for (const match of text.matchAll(/\b(record|enum|fixed|error)\s+(\w+)/g)) put(match[2], match[1] ?? '', match.index ?? 0)
  else if (language === 'avro') visit(parseTree(text), put)
  return [...found.values()]
}

/** Named types of Avro, with the namespaces that they inherit. */
function visit(node: Node | undefined, put: (name: string, what: string, at: number) => void, namespace = ''): void {
  if (!node) return
  let inherited = namespace
  if (node.type === 'object') {
    const type = memberOf(node, 'type')
    const name = memberOf(node, 'name')
    const own = memberOf(node, 'namespace')
    if (typeof type === 'string' && ['record', 'enum', 'fixed', 'error'].includes(type) && typeof name === 'string') {
      inherited = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : typeof own === 'string' ? own : namespace
      const short = name.slice(name.lastIndexOf('.') + 1)
      put(inherited && inherited !== namespace ? `${inherited}.${short}` : short, type, node.offset)
      if (inherited) put(`${inherited}.${short}`, type, node.offset)
    }
  }
  for (const child of node.children ?? []) visit(child, put, inherited)
}

function memberOf(node: Node, key: string): unknown {
  return node.children?.find((property) => property.children?.[0]?.value === key)?.children?.[1]?.value
}

const referenceWords = (references: readonly SchemaReferenceView[]): Word[] =>
  references.map(({ name, subject, version }) => ({ name, info: `Reference to ${subject}, version ${version}.` }))

/** null: nothing to suggest here. */
export function suggestionsAt(text: string, offset: number, { language, references }: WordContext): Suggestions | null {
  if (language === 'protobuf' || language === 'avro-idl') {
    const typed = /[@\w.]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? ''
    const words = language === 'protobuf' ? protobufWords : idlWords
    return {
      from: offset - typed.length,
      isQuoted: false,
      words: [...as('type', [...namedTypes(text, language), ...referenceWords(references)]), ...as('key', words)],
    }
  }
  const location = getLocation(text, offset)
  const node = location.previousNode
  const isInside = node !== undefined && offset > node.offset && offset <= node.offset + node.length
  // Right behind a finished string there is nothing to complete.
  if (node && isInside && node.type === 'string' && offset === node.offset + node.length && node.length > 1) return null
  if (node && isInside && node.type !== 'string' && node.type !== 'property') return null
  const from = node && isInside && (node.type === 'string' || node.type === 'property') ? node.offset : offset
  const tree = parseTree(text)
  const parentPath = location.path.slice(0, -1)
  const parent = tree ? findNodeAtLocation(tree, parentPath) : undefined
  if (location.isAtPropertyKey) {
    const present = new Set(
      (parent?.children ?? [])
        .map((property) => property.children?.[0])
        .filter((key) => key !== undefined && key.offset !== from)
        .map((key) => key?.value as string),
    )
    const words = language === 'avro' ? avroKeys(parentPath, parent) : jsonSchemaKeys(parentPath)
    return {
      from,
      isQuoted: true,
      words: as(
        'key',
        words.filter((word) => !present.has(word.name)),
      ),
    }
  }
  const key = location.path.findLast((segment) => typeof segment === 'string')
  const words =
    language === 'avro' ? avroValues(key, text, references, parent) : jsonSchemaValues(key, location.path, text, references)
  return words.length === 0 ? null : { from, isQuoted: true, words: as(key === 'type' ? 'type' : 'value', words) }
}

function avroKeys(parentPath: readonly (string | number)[], parent: Node | undefined): readonly Word[] {
  if (parentPath.length >= 2 && parentPath.at(-2) === 'fields' && typeof parentPath.at(-1) === 'number') return avroFieldKeys
  const type = parent ? memberOf(parent, 'type') : undefined
  if (typeof type === 'string') return avroKeysOfType[type] ?? avroLogicalKeys
  const all = new Map(
    [...(avroKeysOfType['record'] ?? []), ...Object.values(avroKeysOfType).flat(), ...avroLogicalKeys].map((each) => [
      each.name,
      each,
    ]),
  )
  return [...all.values()]
}

function avroValues(
  key: string | number | undefined,
  text: string,
  references: readonly SchemaReferenceView[],
  parent: Node | undefined,
): readonly Word[] {
  if (key === undefined || key === 'type' || key === 'items' || key === 'values')
    return [...avroPrimitives, ...namedTypes(text, 'avro'), ...referenceWords(references), ...avroComplex]
  if (key === 'logicalType') {
    const type = parent ? memberOf(parent, 'type') : undefined
    const fitting = avroLogicalTypes.filter(
      (word) => typeof type === 'string' && new RegExp(`\\b${type}\\b`).test(word.info.split(':')[0] ?? ''),
    )
    return fitting.length > 0 ? fitting : avroLogicalTypes
  }
  return key === 'order' ? avroOrders : []
}

/** Below `properties` and the like, keys are names that a person chooses. */
const naming = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
])

function jsonSchemaKeys(parentPath: readonly (string | number)[]): readonly Word[] {
  let isNames = false
  for (const segment of parentPath) isNames = !isNames && typeof segment === 'string' && naming.has(segment)
  return isNames ? [] : jsonSchemaKeywords
}

function jsonSchemaValues(
  key: string | number | undefined,
  path: readonly (string | number)[],
  text: string,
  references: readonly SchemaReferenceView[],
): readonly Word[] {
  if (key === 'type') return jsonSchemaTypes
  if (key === 'format') return jsonSchemaFormats
  if (key === '$schema') return jsonSchemaDrafts
  const tree = parseTree(text)
  const under = (at: readonly (string | number)[]): Node[] => {
    const node = tree ? findNodeAtLocation(tree, [...at]) : undefined
    return node?.children?.flatMap((property) => property.children?.[0] ?? []) ?? []
  }
  if (key === '$ref')
    return [
      ...['$defs', 'definitions'].flatMap((place) =>
        under([place]).map((name) => ({ name: `#/${place}/${name.value}`, info: 'Of this schema.' })),
      ),
      ...referenceWords(references),
    ]
  if (key === 'required')
    return under([...path.slice(0, path.lastIndexOf('required')), 'properties']).map((name) => ({
      name: String(name.value),
      info: 'A member of this object.',
    }))
  return []
}

export interface Meaning {
  readonly from: number
  readonly to: number
  readonly name: string
  readonly info: string
  /** A subject that can be opened. */
  readonly reference: SchemaReferenceView | null
}

/** What the word at a place means; null: the editor knows nothing of it. */
export function meaningAt(text: string, offset: number, { language, references }: WordContext): Meaning | null {
  const before = /[@$\w./#-]*$/.exec(text.slice(Math.max(0, offset - 300), offset))?.[0] ?? ''
  const after = /^[$\w./#-]*/.exec(text.slice(offset, offset + 300))?.[0] ?? ''
  const name = before + after
  if (name === '') return null
  const place = { from: offset - before.length, to: offset + after.length, name }
  const reference = references.find((each) => each.name === name || each.name.endsWith(`.${name}`)) ?? null
  if (reference) return { ...place, info: `Reference to ${reference.subject}, version ${reference.version}.`, reference }
  const named = namedTypes(text, language).find((each) => each.name === name)
  if (named) return { ...place, info: named.info, reference: null }
  const isKey = /^"?\s*:/.test(text.slice(place.to, place.to + 40))
  const known = knownWords(language, isKey).find((each) => each.name === name)
  return known ? { ...place, info: known.info, reference: null } : null
}

function knownWords(language: SchemaLanguage, isKey: boolean): readonly Word[] {
  if (language === 'protobuf') return protobufWords
  if (language === 'avro-idl') return idlWords
  if (language === 'json-schema')
    return isKey ? jsonSchemaKeywords : [...jsonSchemaTypes, ...jsonSchemaFormats, ...jsonSchemaDrafts]
  if (!isKey) return [...avroLogicalTypes, ...avroPrimitives, ...avroComplex, ...avroOrders]
  return [...avroLogicalKeys, ...avroFieldKeys, ...Object.values(avroKeysOfType).flat()]
}
