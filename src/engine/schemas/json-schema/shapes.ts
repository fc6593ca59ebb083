/** Makes shapes (shape.ts) of a graph's nodes, each once. The only place that knows how drafts differ in what their keywords mean. */

import { isSimpleType, keywords, type SimpleType } from './dialect'
import { ownId, type SchemaGraph } from './graph'
import { type JsonNode, type JsonObject, member, membersOf, stringMember, stringsOf } from './json'
import {
  type Annotations,
  type ArrayShape,
  boundOf,
  type Child,
  type CombinedShape,
  type Criterion,
  isTuple,
  type NumberShape,
  noAnnotations,
  type ObjectShape,
  type Shape,
  type StringShape,
} from './shape'
import { valueKey } from './values'

export class Shapes {
  private readonly made = new Map<JsonNode, Shape>()
  private readonly following = new Set<JsonNode>()

  constructor(readonly graph: SchemaGraph) {}

  root(): Shape {
    return this.of(this.graph.root)
  }

  of(node: JsonNode): Shape {
    const known = this.made.get(node)
    if (known !== undefined) return known
    // A reference that leads back to itself by references alone says nothing at all.
    if (this.following.has(node)) return { kind: 'true', node, annotations: noAnnotations }
    this.following.add(node)
    try {
      const shape = this.make(node)
      this.made.set(node, shape)
      return shape
    } finally {
      this.following.delete(node)
    }
  }

  private child(node: JsonNode): Child {
    return { node, shape: () => this.of(node) }
  }

  private make(node: JsonNode): Shape {
    if (node.kind === 'boolean') return { kind: node.value ? 'true' : 'false', node, annotations: noAnnotations }
    if (node.kind !== 'object') return { kind: 'true', node, annotations: noAnnotations }
    const { draft } = this.graph.scopeOf(node)
    const get = (name: string) => member(node, name)
    const annotations = annotationsOf(node, ownId(node, draft))
    const parts: Shape[] = []

    for (const name of draft >= 2019 ? ['$ref', '$dynamicRef', '$recursiveRef'] : ['$ref']) {
      const reference = stringMember(node, name)
      if (reference === null) continue
      const target = this.follow(reference, node)
      // Up to draft 7 whatever stands beside a $ref is not read.
      if (draft <= 7) return target
      parts.push(target)
    }

    parts.push(...this.typeParts(node))
    const values = get('enum')
    if (values?.kind === 'array') {
      parts.push({
        kind: 'enum',
        node,
        annotations: noAnnotations,
        values: new Map(values.items.map((item) => [valueKey(item), item])),
      })
    }
    const constant = draft >= 6 ? get('const') : undefined
    if (constant !== undefined) parts.push({ kind: 'const', node, annotations: noAnnotations, value: valueKey(constant) })
    for (const criterion of ['allOf', 'anyOf', 'oneOf'] as const) {
      const branches = get(criterion)
      if (branches?.kind === 'array')
        parts.push(
          combined(
            node,
            criterion,
            branches.items.map((item) => this.child(item)),
            false,
          ),
        )
    }
    const negated = get('not')
    if (negated !== undefined) parts.push({ kind: 'not', node, annotations: noAnnotations, inner: this.child(negated) })
    const condition = draft >= 7 ? get('if') : undefined
    const whenTrue = get('then')
    const whenFalse = get('else')
    if (condition !== undefined && (whenTrue !== undefined || whenFalse !== undefined)) {
      parts.push({
        kind: 'conditional',
        node,
        annotations: noAnnotations,
        condition: this.child(condition),
        whenTrue: whenTrue === undefined ? null : this.child(whenTrue),
        whenFalse: whenFalse === undefined ? null : this.child(whenFalse),
      })
    }

    const [only] = parts
    if (only === undefined) return { kind: 'true', node, annotations }
    // A lone reference with a description beside it keeps the target's identity, or recursion would not end at it.
    if (parts.length === 1) return only.node === node ? { ...only, annotations } : only
    return { ...combined(node, 'allOf', parts.map(asChild), true), annotations }
  }

  private follow(reference: string, from: JsonNode): Shape {
    const resolution = this.graph.resolve(reference, from)
    if (resolution.kind === 'node') return this.of(resolution.node)
    // An unresolved reference is a problem that parse has told of; here it is equal to itself only.
    return {
      kind: 'opaque',
      node: from,
      annotations: noAnnotations,
      uri: resolution.kind === 'meta' ? resolution.uri : reference,
    }
  }

  /** The types that `type` names, or what the keywords of a type say of it where there is no `type`. */
  private typeParts(node: JsonObject): Shape[] {
    const { draft } = this.graph.scopeOf(node)
    const type = member(node, 'type')
    if (type?.kind === 'string' && isSimpleType(type.value)) return [this.typed(node, type.value)]
    if (type?.kind === 'array') {
      const names = type.items.flatMap((item) => (item.kind === 'string' && isSimpleType(item.value) ? [item.value] : []))
      return [
        combined(
          node,
          'anyOf',
          names.map((name) => asChild(this.typed(node, name))),
          true,
        ),
      ]
    }
    const targets = new Set<string | null>()
    for (const entry of keywords) {
      if (entry.target !== null && entry.since <= draft && draft <= entry.until && membersOf(node).has(entry.name))
        targets.add(entry.target)
    }
    const parts: Shape[] = []
    if (targets.has('array')) parts.push(this.array(node, false))
    if (targets.has('object')) parts.push(this.object(node, false))
    if (targets.has('number')) parts.push(this.number(node, false, false))
    if (targets.has('string')) parts.push(this.string(node, false))
    return parts
  }

  private typed(node: JsonObject, name: SimpleType): Shape {
    switch (name) {
      case 'string':
        return this.string(node, true)
      case 'number':
      case 'integer':
        return this.number(node, true, name === 'integer')
      case 'object':
        return this.object(node, true)
      case 'array':
        return this.array(node, true)
      default:
        return { kind: name, node, annotations: noAnnotations }
    }
  }

  private string(node: JsonObject, isTyped: boolean): StringShape {
    const get = (name: string) => member(node, name)
    const annotations = noAnnotations
    const [maxLength, minLength] = [boundOf(get('maxLength')), boundOf(get('minLength'))]
    const pattern = get('pattern')
    return {
      kind: 'string',
      node,
      annotations,
      isTyped,
      maxLength,
      minLength,
      pattern: pattern?.kind === 'string' ? pattern : null,
    }
  }

  private number(node: JsonObject, isTyped: boolean, isInteger: boolean): NumberShape {
    const get = (name: string) => member(node, name)
    // Draft 4 wrote the exclusive bound as the plain one with a flag: both hold, and the flag going away widens one of them.
    const limit = (flag: string, plain: string) => {
      const value = get(flag)
      return value?.kind === 'boolean' ? (value.value ? boundOf(get(plain)) : null) : boundOf(value)
    }
    return {
      kind: 'number',
      node,
      annotations: noAnnotations,
      isTyped,
      isInteger,
      maximum: boundOf(get('maximum')),
      minimum: boundOf(get('minimum')),
      exclusiveMaximum: limit('exclusiveMaximum', 'maximum'),
      exclusiveMinimum: limit('exclusiveMinimum', 'minimum'),
      multipleOf: boundOf(get('multipleOf')),
    }
  }

  private object(node: JsonObject, isTyped: boolean): ObjectShape {
    const { draft } = this.graph.scopeOf(node)
    const get = (name: string) => member(node, name)
    const since2019 = (name: string) => (draft >= 2019 ? this.optional(get(name)) : null)
    const required = get('required')
    const names = new Map<string, ReadonlySet<string>>()
    const schemas = new Map<string, Child>()
    for (const keyword of draft >= 2019 ? ['dependencies', 'dependentRequired', 'dependentSchemas'] : ['dependencies']) {
      const map = get(keyword)
      if (map?.kind !== 'object') continue
      for (const [name, { value }] of membersOf(map)) {
        if (value.kind === 'array') names.set(name, new Set(stringsOf(value)))
        else schemas.set(name, this.child(value))
      }
    }
    const modern = draft >= 2019 && get('dependencies') === undefined
    return {
      kind: 'object',
      node,
      annotations: noAnnotations,
      isTyped,
      properties: this.map(get('properties')),
      patternProperties: this.map(get('patternProperties')),
      additionalProperties: this.optional(get('additionalProperties')),
      unevaluatedProperties: since2019('unevaluatedProperties'),
      propertyNames: draft >= 6 ? this.optional(get('propertyNames')) : null,
      required: new Set(stringsOf(required)),
      maxProperties: boundOf(get('maxProperties')),
      minProperties: boundOf(get('minProperties')),
      dependentRequired: names,
      dependentSchemas: schemas,
      spelling: {
        dependentRequired: modern ? 'dependentRequired' : 'dependencies',
        dependentSchemas: modern ? 'dependentSchemas' : 'dependencies',
      },
    }
  }

  private array(node: JsonObject, isTyped: boolean): ArrayShape {
    const { draft } = this.graph.scopeOf(node)
    const get = (name: string) => member(node, name)
    const items = get('items')
    const prefix = draft === 2020 ? get('prefixItems') : isTuple(items, draft) ? items : undefined
    const isBoolean2020 = draft === 2020 && items?.kind === 'boolean'
    const tuple = prefix?.kind === 'array' ? prefix.items.map((item) => this.child(item)) : isBoolean2020 ? [] : null
    const rest = draft === 2020 ? items : get('additionalItems')
    return {
      kind: 'array',
      node,
      annotations: noAnnotations,
      isTyped,
      allItems: tuple !== null || items === undefined || items.kind === 'array' ? null : this.child(items),
      tuple,
      additionalItems: tuple !== null || draft !== 2020 ? this.optional(rest) : null,
      unevaluatedItems: draft >= 2019 ? this.optional(get('unevaluatedItems')) : null,
      contains: draft >= 6 ? this.optional(get('contains')) : null,
      maxItems: boundOf(get('maxItems')),
      minItems: boundOf(get('minItems')),
      maxContains: draft >= 2019 ? boundOf(get('maxContains')) : null,
      minContains: draft >= 2019 ? boundOf(get('minContains')) : null,
      uniqueItems: isTrue(get('uniqueItems')),
      spelling:
        draft === 2020
          ? { tuple: 'prefixItems', additionalItems: 'items' }
          : { tuple: 'items', additionalItems: 'additionalItems' },
    }
  }

  private optional(node: JsonNode | undefined): Child | null {
    return node === undefined ? null : this.child(node)
  }

  private map(node: JsonNode | undefined): ReadonlyMap<string, Child> {
    if (node?.kind !== 'object') return new Map()
    return new Map([...membersOf(node)].map(([key, { value }]) => [key, this.child(value)]))
  }
}

const asChild = (shape: Shape): Child => ({ node: shape.node, shape: () => shape })

const isTrue = (node: JsonNode | undefined): boolean => node?.kind === 'boolean' && node.value

const combined = (node: JsonNode, criterion: Criterion, branches: readonly Child[], isSynthetic: boolean): CombinedShape => ({
  kind: 'combined',
  node,
  annotations: noAnnotations,
  criterion,
  branches,
  isSynthetic,
})

function annotationsOf(node: JsonObject, id: string | null): Annotations {
  const value = member(node, 'default')
  return {
    id,
    title: stringMember(node, 'title'),
    description: stringMember(node, 'description'),
    default: value === undefined ? null : valueKey(value),
    connectType: stringMember(node, 'connect.type'),
  }
}
