/** JSON pointers (RFC 6901) and the way from a pointer to its place in a tree and back. Pure. */
import { type JsonMember, type JsonNode, memberOf } from './tree'

/** '' + 'a/b' is '/a~1b'. */
export const childPointer = (parent: string, token: string | number): string =>
  `${parent}/${typeof token === 'number' ? token : token.replace(/~/g, '~0').replace(/\//g, '~1')}`

/** The unescaped tokens; '' has none. '/' is taken for the whole too, as Avro's SchemaCompatibility writes its root. */
export function tokensOf(pointer: string): readonly string[] {
  if (pointer === '' || pointer === '/') return []
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'))
}

export const pointerOf = (tokens: readonly (string | number)[]): string => tokens.reduce<string>(childPointer, '')

/** '/fields/1/type' is in '/fields/1'; '' is in itself and has no parent. */
export const parentPointer = (pointer: string): string => pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))

export interface PointedNode {
  readonly node: JsonNode
  /** The member that holds it, null for items of arrays and the root. */
  readonly member: JsonMember | null
}

/** One step down; undefined where there is no such member or item. */
export function stepInto(node: JsonNode, token: string): PointedNode | undefined {
  if (node.kind === 'object') {
    const member = memberOf(node, token)
    return member && { node: member.value, member }
  }
  if (node.kind === 'array' && /^(0|[1-9]\d*)$/.test(token)) {
    const item = node.items[Number(token)]
    return item && { node: item, member: null }
  }
  return undefined
}

export function nodeAt(root: JsonNode, pointer: string): PointedNode | undefined {
  let found: PointedNode | undefined = { node: root, member: null }
  for (const token of tokensOf(pointer)) {
    found = stepInto(found.node, token)
    if (!found) return undefined
  }
  return found
}

/** The pointer of the innermost value around an offset; a key belongs to its value. */
export function pointerAt(root: JsonNode, offset: number): string {
  let pointer = ''
  let node: JsonNode | undefined = root
  while (node) {
    let next: JsonNode | undefined
    if (node.kind === 'object') {
      const member: JsonMember | undefined = node.members.find((candidate) => candidate.from <= offset && offset <= candidate.to)
      if (member) {
        pointer = childPointer(pointer, member.key.value)
        next = member.value
      }
    } else if (node.kind === 'array') {
      const index: number = node.items.findIndex((candidate) => candidate.from <= offset && offset <= candidate.to)
      if (index >= 0) {
        pointer = childPointer(pointer, index)
        next = node.items[index]
      }
    }
    node = next
  }
  return pointer
}
