/**
 * A schema with everything that it refers to: which base address holds at each sub-schema, and where a `$ref` leads. References are found in
 * the text itself (`$id`, anchors, pointers) or among the registered references, by reference name taken as an address relative to the root's.
 * Nothing is ever fetched: an address that is neither is unresolved. Built by parse.ts; read by everything else here.
 */
import type { ReferencedTexts } from '../format'
import { type Draft, draftOf, isMetaSchemaUri, subschemas } from './dialect'
import { atPointer, type JsonNode, readJson, stringMember } from './json'

/** Base of a root that names none: makes relative names comparable and can never be meant by a text. */
const rootBase = 'json-schema:///'

export interface Scope {
  readonly base: string
  readonly draft: Draft
  /** The document that the node stands in: null for the schema itself, else the reference name. */
  readonly document: string | null
}

export type Resolution =
  | { readonly kind: 'node'; readonly node: JsonNode }
  /** The meta-schema of a draft: known, and not written out here. */
  | { readonly kind: 'meta'; readonly uri: string }
  | { readonly kind: 'unresolved'; readonly reason: string; readonly candidates: readonly string[] }

export class SchemaGraph {
  private readonly resources = new Map<string, JsonNode>()
  private readonly anchors = new Map<string, JsonNode>()
  private readonly scopes = new Map<JsonNode, Scope>()
  /** Reference names with the roots of their texts. */
  readonly documents = new Map<string, JsonNode>()
  readonly draft: Draft
  private readonly base: string

  constructor(
    readonly root: JsonNode,
    references: ReferencedTexts,
  ) {
    this.draft = draftOf(root)
    this.base = withoutFragment(resolveUri(rootBase, ownId(root, this.draft) ?? ''))
    for (const [name, text] of references) {
      const { root: referenced, problems } = readJson(text)
      if (referenced === null || problems.length > 0) continue
      this.documents.set(name, referenced)
      const uri = withoutFragment(resolveUri(this.base, name))
      this.resources.set(uri, referenced)
      this.index(referenced, { base: uri, draft: draftOf(referenced), document: name })
    }
    this.resources.set(this.base, root)
    this.index(root, { base: this.base, draft: this.draft, document: null })
  }

  /** Where a node stands. Nodes that no keyword leads to take the root's scope until a `$ref` leads to them. */
  scopeOf(node: JsonNode): Scope {
    return this.scopes.get(node) ?? { base: this.base, draft: this.draft, document: null }
  }

  /** Where a `$ref` written in `from` leads. */
  resolve(reference: string, from: JsonNode): Resolution {
    const scope = this.scopeOf(from)
    const hash = reference.indexOf('#')
    const name = hash < 0 ? reference : reference.slice(0, hash)
    const fragment = hash < 0 ? '' : decodeFragment(reference.slice(hash + 1))
    const uri = name === '' ? scope.base : withoutFragment(resolveUri(scope.base, name))
    // The name as it was registered comes last: a text whose own address is elsewhere still means the reference by its name.
    const resource = this.resources.get(uri) ?? this.documents.get(name)
    if (resource === undefined) {
      if (isMetaSchemaUri(uri)) return { kind: 'meta', uri }
      const known = [...this.documents.keys()]
      return { kind: 'unresolved', reason: `no reference is named '${name}', and no "$id" in the text is`, candidates: known }
    }
    if (fragment === '') return { kind: 'node', node: resource }
    if (!fragment.startsWith('/')) {
      const anchored = this.anchors.get(`${this.scopeOf(resource).base}#${fragment}`)
      if (anchored !== undefined) return { kind: 'node', node: anchored }
      return { kind: 'unresolved', reason: `nothing carries the anchor '${fragment}'`, candidates: this.anchorNames() }
    }
    const node = atPointer(resource, fragment)
    if (node === undefined) {
      return { kind: 'unresolved', reason: `there is nothing at '#${fragment}'`, candidates: pointersToDefinitions(resource) }
    }
    if (!this.scopes.has(node)) this.index(node, this.scopeOf(resource))
    return { kind: 'node', node }
  }

  /** Whether a keyword or a reference leads to this node: an object in an enum or under a strange word is none. */
  isSchema(node: JsonNode): boolean {
    return this.scopes.has(node)
  }

  private index(start: JsonNode, outer: Scope): void {
    const queue: { readonly node: JsonNode; readonly scope: Scope }[] = [{ node: start, scope: outer }]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const scope = this.enter(next.node, next.scope, next.node === start)
      if (this.scopes.has(next.node)) continue
      this.scopes.set(next.node, scope)
      // Pushed in reverse, so that they are met in the order of the text.
      const inner = [...subschemas(next.node, scope.draft)].reverse()
      for (const { node } of inner) queue.push({ node, scope })
    }
  }

  /** The scope inside a node: `$id` moves the base, or gives an anchor in the drafts that wrote anchors so. */
  private enter(node: JsonNode, outer: Scope, isRoot: boolean): Scope {
    let scope = outer
    const id = ownId(node, outer.draft)
    if (id?.startsWith('#')) {
      if (id.length > 1) this.anchors.set(`${outer.base}#${id.slice(1)}`, node)
    } else if (id !== null && id !== '') {
      const base = withoutFragment(resolveUri(outer.base, id))
      // A reference's text stays reachable by its name too; inside of it its own address counts.
      if (!isRoot || !this.resources.has(base)) this.resources.set(base, node)
      scope = { ...outer, base }
    }
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const anchor = outer.draft >= 2019 ? stringMember(node, key) : null
      if (anchor !== null) this.anchors.set(`${scope.base}#${anchor}`, node)
    }
    return scope
  }

  private anchorNames(): string[] {
    return [...this.anchors.keys()].map((key) => key.slice(key.indexOf('#')))
  }
}

/** `$id`, or `id` in draft 4; null where there is none. Beside a `$ref` of drafts 4 to 7 it does not count. */
export function ownId(node: JsonNode, draft: Draft): string | null {
  if (draft <= 7 && stringMember(node, '$ref') !== null) return null
  return stringMember(node, draft === 4 ? 'id' : '$id')
}

const withoutFragment = (uri: string): string => {
  const hash = uri.indexOf('#')
  return hash < 0 ? uri : uri.slice(0, hash)
}

/** RFC 3986 as the platform's URL does it; what it cannot put together stands for itself. */
function resolveUri(base: string, reference: string): string {
  try {
    return new URL(reference, base).href
  } catch {
    return reference
  }
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function pointersToDefinitions(root: JsonNode): string[] {
  const pointers: string[] = []
  for (const { path } of subschemas(root, 2020)) {
    if (path[0] === '$defs' || path[0] === 'definitions') pointers.push(`#/${path.join('/')}`)
  }
  return pointers
}
