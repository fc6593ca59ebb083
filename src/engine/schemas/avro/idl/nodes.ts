/** JSON nodes whose places are those of the IDL they were made from: what the Avro parser says of them, it says at the right place. */
import type { SourceRange } from '../../format'
import type { JsonMember, JsonNode, JsonObject, JsonString } from '../../json-text'

export const place = ({ from, to }: SourceRange): SourceRange => ({ from, to })

export const textNode = (value: string, range: SourceRange): JsonString => ({ kind: 'string', value, ...place(range) })

/** The key stands where its value is first seen: at a name, not at the body behind it. */
export const memberNode = (key: string, value: JsonNode, keyRange: SourceRange = value): JsonMember => ({
  key: textNode(key, keyRange),
  value,
  ...place(value),
})

export const objectNode = (members: readonly JsonMember[], range: SourceRange): JsonObject => ({
  kind: 'object',
  members,
  ...place(range),
})

export const listNode = (items: readonly JsonNode[], range: SourceRange): JsonNode => ({ kind: 'array', items, ...place(range) })
