/** Types as IDL writes them, to JSON nodes: words of logical types, array<…>, map<…>, union {…}, T? and annotations. */
import type { SourceRange } from '../../format'
import type { JsonMember, JsonNode } from '../../json-text'
import { IdlCursor } from './cursor'
import { listNode, memberNode, objectNode, textNode } from './nodes'
import type { Token } from './tokens'

const logicalWords: Readonly<Record<string, readonly [type: string, logicalType: string]>> = {
  date: ['int', 'date'],
  time_ms: ['int', 'time-millis'],
  timestamp_ms: ['long', 'timestamp-millis'],
  local_timestamp_ms: ['long', 'local-timestamp-millis'],
  uuid: ['string', 'uuid'],
}
const primitives = new Set(['boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'null'])
export class IdlTypeReader extends IdlCursor {
  protected type(): JsonNode {
    const annotations = this.annotations()
    const type = this.plainType()
    if (annotations.length === 0) return type
    const range = { from: annotations[0]!.nameRange.from, to: type.to }
    const props = annotations.map(({ name, value, nameRange }) => memberNode(name, value, nameRange))
    this.reserved(annotations, ['type', 'name', 'doc', 'aliases', 'items', 'values', 'symbols', 'fields', 'size', 'namespace'])
    return this.annotated(type, props, range)
  }

  /** Attributes of an optional type are those of the type that it may be. */
  protected annotated(type: JsonNode, props: readonly JsonMember[], range: SourceRange): JsonNode {
    if (type.kind === 'object') return objectNode([...type.members, ...props], range)
    if (type.kind === 'string' && primitives.has(type.value)) return objectNode([memberNode('type', type), ...props], range)
    if (type.kind === 'array' && isOptional(type))
      return { ...type, items: [type.items[0]!, this.annotated(type.items[1]!, props, range)] }
    this.problems.error(props[0]!.key, '', `${type.kind === 'array' ? 'A union' : 'A name'} takes no annotations.`, {
      hint: type.kind === 'array' ? 'Annotate one of its types.' : 'Annotate the definition, or the name of the field.',
    })
    return type
  }

  protected plainType(): JsonNode {
    const token = this.peek()
    if (token.kind !== 'identifier')
      this.fail(
        token,
        token.kind === 'end'
          ? 'The text ends where a type is expected.'
          : `A type is expected here, not ${JSON.stringify(token.value)}.`,
      )
    this.next()
    const word = token.isQuoted ? '' : token.value
    if ((word === 'array' || word === 'map') && this.isSymbol('<')) {
      this.next()
      const held = this.type()
      const close = this.expect('>')
      return objectNode([memberNode('type', textNode(word, token)), memberNode(word === 'array' ? 'items' : 'values', held)], {
        from: token.from,
        to: close.to,
      })
    }
    if (word === 'union' && this.isSymbol('{')) return this.union(token)
    const type = this.simpleType(token, word)
    if (!this.isSymbol('?')) return type
    const mark = this.next()
    return listNode([textNode('null', mark), type], { from: token.from, to: mark.to })
  }

  protected union(token: Token): JsonNode {
    const branches: JsonNode[] = []
    do {
      this.next()
      branches.push(this.type())
    } while (this.isSymbol(','))
    const close = this.expect('}')
    return listNode(branches, { from: token.from, to: close.to })
  }

  protected simpleType(token: Token, word: string): JsonNode {
    const logical = Object.hasOwn(logicalWords, word) ? logicalWords[word] : undefined
    if (logical)
      return objectNode(
        [memberNode('type', textNode(logical[0], token)), memberNode('logicalType', textNode(logical[1], token))],
        token,
      )
    if (word !== 'decimal' || !this.isSymbol('(')) return textNode(token.value, token)
    this.next()
    const members = [
      memberNode('type', textNode('bytes', token)),
      memberNode('logicalType', textNode('decimal', token)),
      memberNode('precision', this.json()),
    ]
    if (this.isSymbol(',')) {
      this.next()
      members.push(memberNode('scale', this.json()))
    }
    const close = this.expect(')')
    return objectNode(members, { from: token.from, to: close.to })
  }
}

/** The union that T? makes: its null stands where the question mark is, behind the type. */
const isOptional = (type: JsonNode): boolean =>
  type.kind === 'array' &&
  type.items.length === 2 &&
  type.items[0]!.kind === 'string' &&
  type.items[0]!.value === 'null' &&
  type.items[0]!.from >= type.items[1]!.to

/** string? with a default other than null has its null second, so that the default is one of the first branch. */
export const typeForDefault = (type: JsonNode, value: JsonNode | null): JsonNode =>
  type.kind === 'array' && isOptional(type) && value && value.kind !== 'null'
    ? { ...type, items: [type.items[1]!, type.items[0]!] }
    : type
