/**
 * TypeScript of a JSON Schema: what JSON.parse gives of a valid message. What types cannot say (bounds, patterns, formats) stands in the comments;
 * what a definition refers to has a declaration of its own, so recursion is no matter.
 */
import type { JsonSchema } from '../json-schema'
import { type JsonNode, member, membersOf, stringMember, stringsOf } from '../json-schema/json'
import { writeJson } from '../json-text'
import {
  aliasOf,
  arrayOf,
  comment,
  interfaceOf,
  intersectionOf,
  lines,
  literal,
  objectOf,
  type Property,
  unionOf,
} from './layout'
import { pascalCase, TypeNames } from './names'

export const typescriptOfJsonSchema = (schema: JsonSchema): string => new JsonSchemaWriter(schema).file()

/** Schemas in each other deeper than this are made by no person. */
const depthMax = 100

class JsonSchemaWriter {
  private readonly names = new TypeNames<JsonNode>()
  private readonly waiting: { readonly node: JsonNode; readonly name: string }[] = []

  constructor(private readonly schema: JsonSchema) {}

  file(): string {
    const { root } = this.schema
    this.nameOf(root, stringMember(root, 'title') ?? 'Message')
    const declared: string[] = []
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      declared.push(this.declaration(next.node, next.name))
    return declared.join('\n')
  }

  private nameOf(node: JsonNode, wanted: string): string {
    const isNew = !this.names.has(node)
    const name = this.names.of(node, [pascalCase(wanted) || 'Message'])
    if (isNew) this.waiting.push({ node, name })
    return name
  }

  private declaration(node: JsonNode, name: string): string {
    const doc = docOf(node)
    if (isPlainObject(node)) {
      const { properties, index } = this.members(node, 0)
      if (index === null) return interfaceOf(name, properties, doc)
      if (properties.length === 0) return aliasOf(name, index, doc)
      return `${comment(doc)}export type ${name} = ${objectOf(properties, '')} & ${index}\n`
    }
    return aliasOf(name, this.typeOf(node, 0), doc)
  }

  private typeOf(node: JsonNode, depth: number): string {
    if (node.kind === 'boolean') return node.value ? 'unknown' : 'never'
    if (node.kind !== 'object' || depth > depthMax) return 'unknown'
    const reference = stringMember(node, '$ref') ?? stringMember(node, '$dynamicRef')
    const referred = reference === null ? null : this.referred(reference, node)
    // Beside a $ref nothing counts in drafts 4 to 7.
    if (referred !== null && this.schema.graph.scopeOf(node).draft <= 7) return referred
    return intersectionOf([...(referred === null ? [] : [referred]), this.ownType(node, depth), ...this.combined(node, depth)])
  }

  private referred(reference: string, from: JsonNode): string {
    const found = this.schema.graph.resolve(reference, from)
    if (found.kind !== 'node') return 'unknown'
    const last = reference.split(/[/#]/).filter(Boolean).at(-1) ?? 'Message'
    const fromPath = last.replace(/\.(?:schema\.)?json$/i, '')
    return this.nameOf(found.node, stringMember(found.node, 'title') ?? decodeURIComponent(safe(fromPath)))
  }

  private ownType(node: JsonNode, depth: number): string {
    const constant = member(node, 'const')
    if (constant !== undefined) return valueType(constant)
    const values = member(node, 'enum')
    if (values?.kind === 'array') return unionOf(values.items.map(valueType))
    const type = member(node, 'type')
    if (type?.kind === 'string') return this.typeNamed(type.value, node, depth)
    if (type?.kind === 'array') return unionOf(stringsOf(type).map((name) => this.typeNamed(name, node, depth)))
    // Without a type, keywords of objects or arrays mean them in practice.
    if (['properties', 'patternProperties', 'required', 'additionalProperties'].some((key) => member(node, key) !== undefined))
      return this.objectType(node, depth)
    if (member(node, 'items') !== undefined || member(node, 'prefixItems') !== undefined) return this.arrayType(node, depth)
    return 'unknown'
  }

  private combined(node: JsonNode, depth: number): readonly string[] {
    const found: string[] = []
    for (const key of ['anyOf', 'oneOf']) {
      const list = member(node, key)
      if (list?.kind === 'array') found.push(unionOf(list.items.map((one) => this.typeOf(one, depth + 1))))
    }
    const all = member(node, 'allOf')
    if (all?.kind === 'array') found.push(...all.items.map((one) => this.typeOf(one, depth + 1)))
    return found
  }

  private typeNamed(name: string, node: JsonNode, depth: number): string {
    switch (name) {
      case 'integer':
      case 'number':
        return 'number'
      case 'string':
      case 'boolean':
      case 'null':
        return name
      case 'array':
        return this.arrayType(node, depth)
      case 'object':
        return this.objectType(node, depth)
      default:
        return 'unknown'
    }
  }

  private arrayType(node: JsonNode, depth: number): string {
    const items = member(node, 'items')
    const tuple = member(node, 'prefixItems') ?? (items?.kind === 'array' ? items : undefined)
    if (tuple?.kind !== 'array') return arrayOf(items === undefined ? 'unknown' : this.typeOf(items, depth + 1))
    const more = items?.kind === 'array' ? member(node, 'additionalItems') : items
    const leastNode = member(node, 'minItems')
    const least = leastNode?.kind === 'number' ? Number(leastNode.text) : 0
    const parts = tuple.items.map((one, index) => {
      const type = this.typeOf(one, depth + 1)
      return index < least ? type : `(${type})?`
    })
    const isClosed = more?.kind === 'boolean' && !more.value
    if (!isClosed)
      parts.push(`...${arrayOf(more === undefined ? 'unknown' : this.typeOf(more, depth + 1)).replace(/^readonly /, '')}`)
    return `readonly [${parts.join(', ')}]`
  }

  private objectType(node: JsonNode, depth: number): string {
    const { properties, index } = this.members(node, depth)
    if (properties.length === 0) return index ?? 'Readonly<Record<string, unknown>>'
    const object = objectOf(properties, '')
    return index === null ? object : `${object} & ${index}`
  }

  /** `index`: of keys that are not named, null where the schema says nothing of them. */
  private members(node: JsonNode, depth: number): { readonly properties: readonly Property[]; readonly index: string | null } {
    const required = new Set(stringsOf(member(node, 'required')))
    const named = member(node, 'properties')
    const known = named?.kind === 'object' ? [...membersOf(named)] : []
    const properties = known.map(([name, { value }]) => ({
      name,
      type: this.typeOf(value, depth + 1),
      isOptional: !required.has(name),
      doc: docOf(value),
    }))
    for (const name of required)
      if (!known.some(([one]) => one === name)) properties.push({ name, type: 'unknown', isOptional: false, doc: '' })
    const patterns = member(node, 'patternProperties')
    const additional = member(node, 'additionalProperties')
    const others = [
      ...(patterns?.kind === 'object' ? [...membersOf(patterns).values()].map(({ value }) => value) : []),
      ...(additional?.kind === 'object' ? [additional] : []),
    ]
    if (others.length === 0) return { properties, index: null }
    const types = others.map((one) => this.typeOf(one, depth + 1))
    // An index signature holds for the named properties as well, so theirs stand in it.
    const index = unionOf([
      ...types,
      ...properties.map(({ type }) => type),
      ...(properties.some(({ isOptional }) => isOptional) ? ['undefined'] : []),
    ])
    return {
      properties,
      index: `Readonly<Record<string, ${properties.some(({ type }) => type === 'unknown') ? 'unknown' : index}>>`,
    }
  }
}

/** Nothing but an object: becomes an interface. */
function isPlainObject(node: JsonNode): boolean {
  if (node.kind !== 'object') return false
  const type = member(node, 'type')
  const isObject =
    type === undefined ? member(node, 'properties') !== undefined : type.kind === 'string' && type.value === 'object'
  return (
    isObject &&
    !['$ref', '$dynamicRef', 'const', 'enum', 'anyOf', 'oneOf', 'allOf'].some((key) => member(node, key) !== undefined)
  )
}

function valueType(value: JsonNode): string {
  switch (value.kind) {
    case 'string':
      return literal(value.value)
    case 'number':
      return Number.isFinite(Number(value.text)) ? String(Number(value.text)) : 'number'
    case 'boolean':
      return String(value.value)
    case 'null':
      return 'null'
    case 'array':
      return `readonly [${value.items.map(valueType).join(', ')}]`
    case 'object': {
      const properties = Array.from(membersOf(value), ([name, { value: inner }]) => ({ name, type: valueType(inner) }))
      return objectOf(properties, '')
    }
  }
}

const noted = [
  'format',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
]

function docOf(node: JsonNode): string {
  if (node.kind !== 'object') return ''
  const notes = noted.flatMap((key) => {
    const value = member(node, key)
    return value === undefined || value.kind === 'object'
      ? []
      : [`${key}: ${value.kind === 'string' ? value.value : writeJson(value)}`]
  })
  const defaults = member(node, 'default')
  const type = member(node, 'type')
  const isInteger = type?.kind === 'string' && type.value === 'integer'
  const deprecated = member(node, 'deprecated')
  return lines(
    stringMember(node, 'description'),
    [isInteger ? 'integer' : null, ...notes].filter((note) => note !== null).join(', '),
    defaults !== undefined && `Default: ${writeJson(defaults)}`,
    deprecated?.kind === 'boolean' && deprecated.value && '@deprecated',
  )
}

const safe = (text: string): string => (/%(?![0-9a-fA-F]{2})/.test(text) ? encodeURIComponent(text) : text)
