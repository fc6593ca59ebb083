/**
 * What is told of two versions of a schema: properties that come and go, types, bounds and texts that change, walked along both texts at once
 * through their references. Says nothing of who breaks: attribution is changes/index.ts's. Pure.
 */
import { placeName, typeWords } from '../describe'
import { keywordNamed } from '../dialect'
import type { SchemaGraph } from '../graph'
import { type JsonNode, type JsonObject, member, membersOf, stringMember, stringsOf } from '../json'
import { shortText, valueKey } from '../values'

/** A change with the segments of its place on either side, null where it has none. */
export interface Told {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Our name, for changes that the registry has none for. */
  readonly type: string
  readonly older: readonly string[] | null
  readonly newer: readonly string[] | null
  readonly description: string
}

interface Side {
  readonly graph: SchemaGraph
  readonly node: JsonNode
  readonly path: readonly string[]
}

export function walk(older: SchemaGraph, newer: SchemaGraph): readonly Told[] {
  const told: Told[] = []
  new Walk(told).pair({ graph: older, node: older.root, path: [] }, { graph: newer, node: newer.root, path: [] })
  return told
}

const below = (side: Side, node: JsonNode, ...segments: readonly string[]): Side => ({
  ...side,
  node,
  path: [...side.path, ...segments],
})

/** Sub-schemas that stand alone under these are walked into; maps of schemas likewise, by name. */
const maps: Readonly<Record<string, string>> = {
  properties: 'Property',
  patternProperties: 'What names matching a pattern hold',
  dependentSchemas: 'What hangs on a property',
}

class Walk {
  private readonly seen = new Map<JsonNode, Set<JsonNode>>()

  constructor(private readonly told: Told[]) {}

  pair(before: Side, after: Side): void {
    const [was, is] = [followed(before), followed(after)]
    const known = this.seen.get(was.node) ?? new Set()
    if (known.has(is.node)) return
    this.seen.set(was.node, known.add(is.node))
    if (was.node.kind !== 'object' || is.node.kind !== 'object') {
      if (typeWords(was.node) !== typeWords(is.node))
        this.changed('TYPE_CHANGED', was, is, '', `changes from ${typeWords(was.node)} to ${typeWords(is.node)}`)
      return
    }
    const [from, to] = [was.node, is.node]
    for (const keyword of new Set([...membersOf(to).keys(), ...membersOf(from).keys()])) {
      const [a, b] = [member(from, keyword), member(to, keyword)]
      const isEqual = a !== undefined && b !== undefined && valueKey(a) === valueKey(b)
      if (isEqual && !(holdsSchemas(keyword) && holdsReferences(a))) continue
      this.keyword(keyword, was, is, a, b)
    }
  }

  private keyword(keyword: string, was: Side, is: Side, a: JsonNode | undefined, b: JsonNode | undefined): void {
    const kind = keywordNamed(keyword)?.value
    if (keyword === '$ref' || keyword === 'definitions' || keyword === '$defs') return
    if (maps[keyword] !== undefined) return this.map(keyword, was, is, a, b)
    if (keyword === 'required') return this.required(was, is)
    if (keyword === 'enum') return this.values(was, is, a, b)
    if (keyword === 'type' && a !== undefined && b !== undefined) {
      return this.changed('TYPE_CHANGED', was, is, 'type', `changes from ${typeWords(was.node)} to ${typeWords(is.node)}`)
    }
    const isList = a?.kind === 'array' || b?.kind === 'array'
    if (kind === 'schema-list' || (kind === 'schema-or-list' && isList)) return this.branches(keyword, was, is, a, b)
    if (
      (kind === 'schema' || kind === 'schema-or-list') &&
      a !== undefined &&
      b !== undefined &&
      a.kind !== 'boolean' &&
      b.kind !== 'boolean'
    ) {
      return this.pair(below(was, a, keyword), below(is, b, keyword))
    }
    this.plain(keyword, was, is, a, b)
  }

  /** A keyword as such: it comes, goes, or has another value. */
  private plain(keyword: string, was: Side, is: Side, a: JsonNode | undefined, b: JsonNode | undefined): void {
    const place = placeName(is.path)
    const isSchema = /^schema/.test(keywordNamed(keyword)?.value ?? '')
    const show = (node: JsonNode) => (isSchema ? typeWords(node) : shortText(node))
    const type = `${keyword.replaceAll(/([A-Z])/g, '_$1').toUpperCase()}`
    if (a === undefined && b !== undefined) {
      this.told.push({
        kind: 'added',
        type: `${type}_ADDED`,
        older: null,
        newer: [...is.path, keyword],
        description: `'${keyword}' of ${place} is added: ${show(b)}.`,
      })
    } else if (a !== undefined && b === undefined) {
      this.told.push({
        kind: 'removed',
        type: `${type}_REMOVED`,
        older: [...was.path, keyword],
        newer: null,
        description: `'${keyword}' of ${place} is removed; it was ${show(a)}.`,
      })
    } else if (a !== undefined && b !== undefined && valueKey(a) !== valueKey(b)) {
      const isLong = keyword === 'description' || keyword === '$comment'
      this.changed(
        `${type}_CHANGED`,
        was,
        is,
        keyword,
        isLong ? 'has another text' : `changes from ${show(a)} to ${show(b)}`,
        `'${keyword}' of ${place}`,
      )
    }
  }

  private map(keyword: string, was: Side, is: Side, a: JsonNode | undefined, b: JsonNode | undefined): void {
    const [from, to] = [objectOf(a), objectOf(b)]
    const required = new Set(stringsOf(member(is.node, 'required')))
    const [noun, names] = [
      maps[keyword],
      new Set([...(to === null ? [] : membersOf(to).keys()), ...(from === null ? [] : membersOf(from).keys())]),
    ]
    for (const name of names) {
      const [before, after] = [member(from ?? undefined, name), member(to ?? undefined, name)]
      if (before !== undefined && after !== undefined)
        this.pair(below(was, before, keyword, name), below(is, after, keyword, name))
      else if (after !== undefined) {
        const path = [...is.path, keyword, name]
        const how = keyword !== 'properties' ? '' : required.has(name) ? ', required' : ', optional'
        const fallback = member(after, 'default')
        const withDefault = fallback === undefined ? '' : ` with the default ${shortText(fallback)}`
        this.told.push({
          kind: 'added',
          type: 'PROPERTY_ADDED',
          older: null,
          newer: path,
          description: `${noun} ${placeName(path)} (${typeWords(after)}) is added${how}${withDefault}.`,
        })
      } else if (before !== undefined) {
        const path = [...was.path, keyword, name]
        this.told.push({
          kind: 'removed',
          type: 'PROPERTY_REMOVED',
          older: path,
          newer: null,
          description: `${noun} ${placeName(path)} (${typeWords(before)}) is removed.`,
        })
      }
    }
  }

  /** Of properties that stay: coming as required is told of with the property. */
  private required(was: Side, is: Side): void {
    const [before, after] = [new Set(stringsOf(member(was.node, 'required'))), new Set(stringsOf(member(is.node, 'required')))]
    const [had, has] = [(name: string) => property(was.node, name), (name: string) => property(is.node, name)]
    for (const name of new Set([...after, ...before])) {
      if (before.has(name) === after.has(name) || had(name) !== has(name)) continue
      const becomes = after.has(name) ? 'becomes required' : 'becomes optional'
      const path = ['required', name]
      this.told.push({
        kind: 'changed',
        type: after.has(name) ? 'REQUIRED_ATTRIBUTE_ADDED' : 'REQUIRED_ATTRIBUTE_REMOVED',
        older: [...was.path, ...path],
        newer: [...is.path, ...path],
        description: `Property ${placeName([...is.path, ...path])} ${becomes}.`,
      })
    }
  }

  private values(was: Side, is: Side, a: JsonNode | undefined, b: JsonNode | undefined): void {
    if (a?.kind !== 'array' || b?.kind !== 'array') return this.plain('enum', was, is, a, b)
    const [before, after] = [new Set(a.items.map(valueKey)), new Set(b.items.map(valueKey))]
    const [place, count] = [placeName(is.path), this.told.length]
    for (const [index, item] of b.items.entries()) {
      if (before.has(valueKey(item))) continue
      this.told.push({
        kind: 'added',
        type: 'ENUM_ARRAY_EXTENDED',
        older: null,
        newer: [...is.path, 'enum', String(index)],
        description: `Value ${shortText(item)} of ${place} is added.`,
      })
    }
    for (const [index, item] of a.items.entries()) {
      if (after.has(valueKey(item))) continue
      this.told.push({
        kind: 'removed',
        type: 'ENUM_ARRAY_NARROWED',
        older: [...was.path, 'enum', String(index)],
        newer: null,
        description: `Value ${shortText(item)} of ${place} is removed.`,
      })
    }
    if (this.told.length === count)
      this.changed('ENUM_ORDER_CHANGED', was, is, 'enum', 'are in another order', `The values of ${place}`)
  }

  /** Equal branches are the same one; of the others those of a type, then those of a position. */
  private branches(keyword: string, was: Side, is: Side, a: JsonNode | undefined, b: JsonNode | undefined): void {
    if ((a !== undefined && a.kind !== 'array') || (b !== undefined && b.kind !== 'array'))
      return this.plain(keyword, was, is, a, b)
    const isTuple = keyword === 'items' || keyword === 'prefixItems'
    const [left, right] = [[...(a?.items ?? []).entries()], [...(b?.items ?? []).entries()]]
    const take = (matches: (x: readonly [number, JsonNode], y: readonly [number, JsonNode]) => boolean, walks: boolean): void => {
      for (const before of [...left]) {
        const after = right.find((candidate) => matches(before, candidate))
        if (after === undefined) continue
        left.splice(left.indexOf(before), 1)
        right.splice(right.indexOf(after), 1)
        if (walks) this.pair(below(was, before[1], keyword, String(before[0])), below(is, after[1], keyword, String(after[0])))
      }
    }
    if (!isTuple) {
      take((x, y) => valueKey(x[1]) === valueKey(y[1]), true)
      take((x, y) => typeWords(x[1]) === typeWords(y[1]), true)
    }
    take((x, y) => x[0] === y[0], true)
    const noun = isTuple ? 'Item' : keyword === 'allOf' ? 'Part' : 'Alternative'
    for (const [index, node] of right) {
      const path = [...is.path, keyword, String(index)]
      this.told.push({
        kind: 'added',
        type: 'SUM_TYPE_EXTENDED',
        older: null,
        newer: path,
        description: `${noun} ${index + 1} (${typeWords(node)}) of ${placeName(is.path)} is added.`,
      })
    }
    for (const [index, node] of left) {
      const path = [...was.path, keyword, String(index)]
      this.told.push({
        kind: 'removed',
        type: 'SUM_TYPE_NARROWED',
        older: path,
        newer: null,
        description: `${noun} ${index + 1} (${typeWords(node)}) of ${placeName(was.path)} is removed.`,
      })
    }
  }

  private changed(type: string, was: Side, is: Side, keyword: string, how: string, subject = placeName(is.path)): void {
    const rest = keyword === '' ? [] : [keyword]
    const description = `${subject.charAt(0).toUpperCase()}${subject.slice(1)} ${how}.`
    this.told.push({ kind: 'changed', type, older: [...was.path, ...rest], newer: [...is.path, ...rest], description })
  }
}

const holdsSchemas = (keyword: string): boolean => /^(schema|regex-map|dependencies)/.test(keywordNamed(keyword)?.value ?? '')
const objectOf = (node: JsonNode | undefined): JsonObject | null => (node?.kind === 'object' ? node : null)
const property = (node: JsonNode, name: string): boolean => member(member(node, 'properties'), name) !== undefined

/** Equal texts may still lead to different definitions. */
function holdsReferences(node: JsonNode): boolean {
  if (node.kind === 'array') return node.items.some(holdsReferences)
  return node.kind === 'object' && node.members.some((entry) => entry.key.value === '$ref' || holdsReferences(entry.value))
}

/** Through references, at the place where they stand. Ends where one leads nowhere or round. */
function followed(side: Side): Side {
  let here = side.node
  for (let count = 0; count < 20; count++) {
    const reference = stringMember(here, '$ref')
    const resolution = reference === null ? null : side.graph.resolve(reference, here)
    if (resolution?.kind !== 'node') break
    here = resolution.node
  }
  return { ...side, node: here }
}
