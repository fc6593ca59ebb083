/** What stands in a text, for the outline beside the editor: types, fields, symbols, in the order of the text. Reads broken texts as far as they go. */
import type { OutlineEntry } from '../format'
import { childPointer, type JsonNode, type JsonObject, memberValue, readJson, stringOf } from '../json-text'
import { isPrimitiveKind } from './model'

export function outlineOfAvro(text: string): readonly OutlineEntry[] {
  const { root } = readJson(text, { comments: true })
  return root ? outlineOfTree(root) : []
}

export function outlineOfTree(root: JsonNode): readonly OutlineEntry[] {
  const children = childrenOf(root, '')
  if (root.kind !== 'object') return children
  const name = stringOf(root, 'name') ?? stringOf(root, 'type') ?? ''
  return name === '' ? children : [{ name, detail: kindInWords(root), path: '', from: root.from, to: root.to, children }]
}

/** Fields and symbols of a type, and those of the types that are defined inside it. */
function childrenOf(type: JsonNode, path: string): readonly OutlineEntry[] {
  if (type.kind === 'array') return type.items.flatMap((branch, index) => definitions(branch, childPointer(path, index)))
  if (type.kind !== 'object') return []
  const inner = memberValue(type, 'type')
  switch (inner?.kind === 'string' ? inner.value : '') {
    case 'record':
    case 'error':
      return itemsOf(type, 'fields').flatMap((field, index) => fieldEntry(field, `${childPointer(path, 'fields')}/${index}`))
    case 'enum':
      return itemsOf(type, 'symbols').flatMap((symbol, index) =>
        symbol.kind === 'string'
          ? [
              {
                name: symbol.value,
                detail: 'symbol',
                path: `${childPointer(path, 'symbols')}/${index}`,
                from: symbol.from,
                to: symbol.to,
                children: [],
              },
            ]
          : [],
      )
    case 'array':
    case 'map': {
      const attribute = stringOf(type, 'type') === 'array' ? 'items' : 'values'
      const held = memberValue(type, attribute)
      return held ? childrenOf(held, childPointer(path, attribute)) : []
    }
    default:
      return inner && inner.kind !== 'string' ? childrenOf(inner, childPointer(path, 'type')) : []
  }
}

/** A branch that defines a type has an entry of its own: a union may hold several. */
function definitions(branch: JsonNode, path: string): readonly OutlineEntry[] {
  const name = branch.kind === 'object' ? stringOf(branch, 'name') : undefined
  const children = childrenOf(branch, path)
  if (branch.kind !== 'object' || name === undefined) return children
  return [{ name, detail: kindInWords(branch), path, from: branch.from, to: branch.to, children }]
}

function fieldEntry(field: JsonNode, path: string): readonly OutlineEntry[] {
  const name = field.kind === 'object' ? stringOf(field, 'name') : undefined
  if (field.kind !== 'object' || name === undefined) return []
  const type = memberValue(field, 'type')
  const children = type ? childrenOf(type, childPointer(path, 'type')) : []
  return [{ name, detail: type ? typeInWords(type) : '', path, from: field.from, to: field.to, children }]
}

const itemsOf = (node: JsonObject, key: string): readonly JsonNode[] => {
  const list = memberValue(node, key)
  return list?.kind === 'array' ? list.items : []
}

/** 'long', 'Money?', 'array of Line', 'timestamp-millis', 'enum Status'. */
export function typeInWords(type: JsonNode): string {
  if (type.kind === 'string') return isPrimitiveKind(type.value) ? type.value : simpleName(type.value)
  if (type.kind === 'array') {
    const rest = type.items.filter((branch) => branch.kind !== 'string' || branch.value !== 'null')
    if (rest.length === 1 && type.items.length === 2) return `${typeInWords(rest[0]!)}?`
    return `union of ${type.items.map(typeInWords).join(', ')}`
  }
  return type.kind === 'object' ? kindInWords(type) : ''
}

function kindInWords(type: JsonObject): string {
  const inner = memberValue(type, 'type')
  if (inner && inner.kind !== 'string') return typeInWords(inner)
  const kind = inner?.value ?? ''
  const logicalType = stringOf(type, 'logicalType')
  if (logicalType !== undefined) return logicalType
  const held = memberValue(type, kind === 'array' ? 'items' : 'values')
  if ((kind === 'array' || kind === 'map') && held) return `${kind} of ${typeInWords(held)}`
  const name = stringOf(type, 'name')
  return kind === 'enum' || kind === 'fixed'
    ? `${kind}${name === undefined ? '' : ` ${simpleName(name)}`}`
    : kind === 'record' && name !== undefined
      ? `record ${simpleName(name)}`
      : kind
}

const simpleName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)
