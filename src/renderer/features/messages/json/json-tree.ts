/**
 * A JSON text as rows of a tree. A node is a stretch of the text and its children are found when it is opened, so ten megabytes cost one
 * pass over their brackets. Keys keep their order and their repeats, numbers their digits.
 */
import { nextToken, skipValue } from './json-tokens'

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null' | 'bad'

export interface JsonNode {
  /** Unique in its tree: where the value begins. */
  readonly start: number
  readonly end: number
  readonly kind: JsonKind
  /** As written, without quotes, escapes resolved; null for the root and in arrays. */
  readonly key: string | null
  /** Its place in an array; null elsewhere. */
  readonly index: number | null
  /** The text ends inside it. */
  readonly isCut: boolean
}

export interface JsonRow {
  readonly node: JsonNode
  readonly depth: number
  /** null: nothing to open. */
  readonly isOpen: boolean | null
  /** Of objects and arrays that are open; null where it is not known. */
  readonly childCount: number | null
}

function nodeAt(text: string, position: number, key: string | null, index: number | null): JsonNode {
  const token = nextToken(text, position)
  const isContainer = token.kind === '{' || token.kind === '['
  const end = isContainer ? skipValue(text, position) : token.end
  const closes = token.kind === '{' ? '}' : ']'
  return {
    start: token.start,
    end,
    kind: kindOf(token.kind),
    key,
    index,
    isCut: isContainer ? end === text.length && text[end - 1] !== closes : token.kind === 'bad' && end === text.length,
  }
}

function kindOf(kind: string): JsonKind {
  if (kind === '{') return 'object'
  if (kind === '[') return 'array'
  return kind === 'string' || kind === 'number' || kind === 'true' || kind === 'false' || kind === 'null' ? kind : 'bad'
}

export const rootOf = (text: string): JsonNode => nodeAt(text, 0, null, null)

/** The children of an object or array in their order; of a cut one those that are there. */
export function childrenOf(text: string, node: JsonNode): JsonNode[] {
  const children: JsonNode[] = []
  if (node.kind !== 'object' && node.kind !== 'array') return children
  let at = node.start + 1
  for (let index = 0; at < node.end; index++) {
    let token = nextToken(text, at)
    let key: string | null = null
    if (token.kind === 'end' || token.kind === '}' || token.kind === ']') break
    if (node.kind === 'object') {
      if (token.kind !== 'string') break
      key = stringValue(text.slice(token.start, token.end))
      token = nextToken(text, token.end)
      if (token.kind !== ':') break
      at = token.end
    }
    if (nextToken(text, at).kind === 'end') break
    const child = nodeAt(text, at, key, node.kind === 'array' ? index : null)
    children.push(child)
    token = nextToken(text, child.end)
    if (token.kind !== ',') break
    at = token.end
  }
  return children
}

/** What a quoted JSON string means; a single string holds no number that could be rounded. */
export function stringValue(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted.replace(/^"|"$/g, '')
  }
}

export class JsonTree {
  private readonly children = new Map<number, JsonNode[]>()
  private readonly open = new Set<number>()
  readonly root: JsonNode

  /** Opens the root, and what is below it while that stays short. */
  constructor(readonly text: string) {
    this.root = rootOf(text)
    this.open.add(this.root.start)
    let budget = 60
    for (const child of this.childrenOf(this.root)) {
      if (child.kind !== 'object' && child.kind !== 'array') continue
      if (child.end - child.start > 20_000) continue
      budget -= this.childrenOf(child).length
      if (budget < 0) break
      this.open.add(child.start)
    }
  }

  childrenOf(node: JsonNode): readonly JsonNode[] {
    const known = this.children.get(node.start)
    if (known) return known
    const found = childrenOf(this.text, node)
    this.children.set(node.start, found)
    return found
  }

  toggle(node: JsonNode): void {
    if (!this.open.delete(node.start)) this.open.add(node.start)
  }

  openAll(rowsMax: number): void {
    const todo = [this.root]
    let count = 0
    for (let node = todo.shift(); node && count < rowsMax; node = todo.shift()) {
      const children = this.childrenOf(node)
      if (children.length > 0) this.open.add(node.start)
      count += children.length
      for (const child of children) if (child.kind === 'object' || child.kind === 'array') todo.push(child)
    }
  }

  closeAll(): void {
    this.open.clear()
    this.open.add(this.root.start)
  }

  /** Everything that is open, top to bottom. */
  rows(): JsonRow[] {
    const rows: JsonRow[] = []
    const add = (node: JsonNode, depth: number): void => {
      const isContainer = node.kind === 'object' || node.kind === 'array'
      const isOpen = isContainer ? this.open.has(node.start) : null
      const children = isOpen || (isContainer && node.end - node.start < 4_000) ? this.childrenOf(node) : null
      rows.push({ node, depth, isOpen: children?.length === 0 ? null : isOpen, childCount: children?.length ?? null })
      if (isOpen) for (const child of children ?? []) add(child, depth + 1)
    }
    add(this.root, 0)
    return rows
  }
}
