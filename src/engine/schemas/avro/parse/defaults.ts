/**
 * Whether a JSON value is a default of a type (Java's Schema.isValidDefault): integers within their size, texts for bytes and fixed, and for a
 * union a value of ANY of its branches, where the specification once said the first. Pure.
 */
import { describeNode, isIntegral, type JsonNode, memberValue } from '../../json-text'
import { type AvroType, typeInWords } from '../model'

export interface DefaultFault {
  /** The value or part of it that does not fit. */
  readonly node: JsonNode
  /** A clause: 'the text "abc" is no int'. */
  readonly reason: string
}

const ranges = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** null: it fits. The first fault otherwise, as deep as it can be told. */
export function defaultFault(type: AvroType, node: JsonNode): DefaultFault | null {
  const no = (reason = `${describeNode(node)} is no ${typeInWords(type)}`): DefaultFault => ({ node, reason })
  switch (type.kind) {
    case 'null':
      return node.kind === 'null' ? null : no(`${describeNode(node)} is not null`)
    case 'boolean':
      return node.kind === 'boolean' ? null : no(`${describeNode(node)} is neither true nor false`)
    case 'int':
    case 'long':
      return integerFault(type.kind, node, no)
    case 'float':
    case 'double':
      return node.kind === 'number' ? null : no()
    case 'string':
      return node.kind === 'string' ? null : no(`${describeNode(node)} is no text`)
    case 'bytes':
    case 'fixed':
      return node.kind === 'string' ? null : no(`${describeNode(node)} is no text with a character for each byte`)
    case 'enum':
      return node.kind === 'string' ? null : no(`${describeNode(node)} is no symbol of ${type.name.name}`)
    case 'array':
      if (node.kind !== 'array') return no(`${describeNode(node)} is no array`)
      return firstFault(node.items, (item) => defaultFault(type.items, item))
    case 'map':
      if (node.kind !== 'object') return no(`${describeNode(node)} is no object`)
      return firstFault(node.members, (member) => defaultFault(type.values, member.value))
    case 'union': {
      if (type.branches.length === 0) return no('an empty union has no value at all')
      if (type.branches.some((branch) => defaultFault(branch, node) === null)) return null
      // One branch that is not null is what was meant: its reason says more than "none of them".
      const meant = type.branches.filter((branch) => branch.kind !== 'null')
      return meant.length === 1 && node.kind !== 'null'
        ? defaultFault(meant[0]!, node)
        : no(`${describeNode(node)} is none of ${type.branches.map(typeInWords).join(', ')}`)
    }
    case 'record':
      if (node.kind !== 'object') return no(`${describeNode(node)} is no object with the fields of ${type.name.name}`)
      return firstFault(type.fields, (field) => {
        const value = memberValue(node, field.name) ?? field.default
        if (value === undefined)
          return { node, reason: `it lacks the field "${field.name}" of ${type.name.name}, which has no default` }
        return defaultFault(field.type, value)
      })
  }
}

function integerFault(kind: 'int' | 'long', node: JsonNode, no: (reason?: string) => DefaultFault): DefaultFault | null {
  if (node.kind !== 'number' || !isIntegral(node)) return no()
  const value = BigInt(node.text)
  const [least, most] = ranges[kind]
  return value < least || value > most ? no(`${node.text} is outside of ${kind} (${least} to ${most})`) : null
}

function firstFault<T>(entries: readonly T[], faultOf: (entry: T) => DefaultFault | null): DefaultFault | null {
  for (const entry of entries) {
    const fault = faultOf(entry)
    if (fault) return fault
  }
  return null
}
