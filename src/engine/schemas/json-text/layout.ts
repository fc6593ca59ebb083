/**
 * Lays JSON out for an editor: what fits on a line stays on one, everything else has a line an entry. Order of keys, numbers and escapes stay
 * as written. Pure; texts with comments are laid out by jsonc-parser, which keeps them.
 */
import { applyEdits, format as formatWithComments } from 'jsonc-parser'
import type { JsonNode } from './tree'

export interface LayoutOptions {
  /** Columns that a line of one entry may have. */
  readonly width?: number
  /** Whether the value of a key is laid out over lines even if it would fit on one. */
  readonly expands?: (key: string, value: JsonNode) => boolean
}

/** `root` was read from `text` without problems. */
export function layOut(text: string, root: JsonNode, { width = 100, expands = () => false }: LayoutOptions = {}): string {
  const write = (node: JsonNode, indent: string, column: number, isExpanded: boolean): string => {
    if ((node.kind !== 'object' && node.kind !== 'array') || isEmpty(node)) return onOneLine(text, node)
    if (!isExpanded && !hasExpanded(node, expands)) {
      const line = onOneLine(text, node)
      if (column + line.length <= width) return line
    }
    const inner = `${indent}  `
    if (node.kind === 'array')
      return `[\n${node.items.map((item) => inner + write(item, inner, inner.length, false)).join(',\n')}\n${indent}]`
    const members = node.members.map(({ key, value }) => {
      const head = `${inner}${text.slice(key.from, key.to)}: `
      return head + write(value, inner, head.length, expands(key.value, value))
    })
    return `{\n${members.join(',\n')}\n${indent}}`
  }
  return `${write(root, '', 0, true)}\n`
}

/** With its comments, a line an entry. */
export const layOutWithComments = (text: string): string =>
  `${applyEdits(text, formatWithComments(text, undefined, { tabSize: 2, insertSpaces: true, eol: '\n' })).trimEnd()}\n`

/** { "name": "a", "type": ["null", "int"] }; scalars as they stand in `text`. */
export function onOneLine(text: string, node: JsonNode): string {
  if (node.kind === 'object') {
    const members = node.members.map(({ key, value }) => `${text.slice(key.from, key.to)}: ${onOneLine(text, value)}`)
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  if (node.kind === 'array') return `[${node.items.map((item) => onOneLine(text, item)).join(', ')}]`
  return text.slice(node.from, node.to)
}

const isEmpty = (node: JsonNode): boolean =>
  node.kind === 'object' ? node.members.length === 0 : node.kind === 'array' && node.items.length === 0

function hasExpanded(node: JsonNode, expands: NonNullable<LayoutOptions['expands']>): boolean {
  if (node.kind === 'array') return node.items.some((item) => hasExpanded(item, expands))
  if (node.kind !== 'object') return false
  return node.members.some(({ key, value }) => (expands(key.value, value) && !isEmpty(value)) || hasExpanded(value, expands))
}
