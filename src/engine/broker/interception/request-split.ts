/**
 * Divides a request of any API into the part that a rule is about and the rest: the topics and partitions that are wanted, and the others. Both are
 * requests of the same API, sharing everything that is not divided. Pure; works from the declaration.
 */
import type { Fields } from '../../wire/schema/fields'
import { type AnyStruct, elementFields, isAboutTopics, isPresent, partitionOf, partitionsField, topicOf } from './message-shape'

/** `partition` null: the request names the topic as a whole. */
export type Wanted = (topic: string, partition: number | null) => boolean

export interface SplitRequest {
  /** Only what is wanted of the topics; null where nothing is. */
  readonly hit: AnyStruct | null
  /** Null where no topic is left. */
  readonly rest: AnyStruct | null
}

interface Divided {
  readonly hit: AnyStruct
  readonly rest: AnyStruct
  readonly hitCount: number
  readonly restCount: number
}

export function splitRequest(
  fields: Fields,
  request: AnyStruct,
  version: number,
  wanted: Wanted,
  nameOfId: (topicId: string) => string | undefined,
): SplitRequest {
  const { hit, rest, hitCount, restCount } = divide(fields, request)
  return { hit: hitCount > 0 ? hit : null, rest: restCount > 0 ? rest : null }

  function divide(structFields: Fields, value: AnyStruct): Divided {
    const hitPart: Record<string, unknown> = { ...value }
    const restPart: Record<string, unknown> = { ...value }
    let [hits, rests] = [0, 0]
    for (const [name, field] of Object.entries(structFields)) {
      const items: unknown = value[name]
      if (field.type !== 'array' || !isPresent(field, version) || !Array.isArray(items)) continue
      const element = elementFields(field)
      let divided: { hit: unknown[]; rest: unknown[]; hitCount: number; restCount: number }
      if (element === null) {
        if (field.element !== 'string' || !/topic/i.test(name)) continue
        divided = collect(items, (topic) => whole(topic, typeof topic === 'string' && wanted(topic, null)))
      } else if (isAboutTopics(name, element)) {
        divided = collect(items, (topic) => divideTopic(element, topic as AnyStruct))
      } else {
        divided = collect(items, (item) => divide(element, item as AnyStruct))
      }
      hitPart[name] = divided.hit
      restPart[name] = divided.rest
      hits += divided.hitCount
      rests += divided.restCount
    }
    return { hit: hitPart, rest: restPart, hitCount: hits, restCount: rests }
  }

  function divideTopic(element: Fields, value: AnyStruct): Part {
    const topic = topicOf(value, nameOfId)
    if (topic === null) return whole(value, false)
    const name = partitionsField(element, version)
    const items: unknown = name === null ? null : value[name]
    if (name === null || !Array.isArray(items)) return whole(value, wanted(topic, null))
    const { hit: hitItems, rest: restItems } = collect(items, (item) => whole(item, wanted(topic, partitionOf(item))))
    return {
      hit: { ...value, [name]: hitItems },
      rest: { ...value, [name]: restItems },
      hitCount: hitItems.length,
      // A topic of which nothing was asked belongs to the rest.
      restCount: items.length === 0 ? 1 : restItems.length,
    }
  }
}

interface Part {
  readonly hit: unknown
  readonly rest: unknown
  readonly hitCount: number
  readonly restCount: number
}

function whole(value: unknown, isHit: boolean): Part {
  return { hit: value, rest: value, hitCount: isHit ? 1 : 0, restCount: isHit ? 0 : 1 }
}

function collect(items: readonly unknown[], divide: (item: unknown) => Part) {
  const result = { hit: [] as unknown[], rest: [] as unknown[], hitCount: 0, restCount: 0 }
  for (const item of items) {
    const part = divide(item)
    if (part.hitCount > 0) result.hit.push(part.hit)
    if (part.restCount > 0) result.rest.push(part.rest)
    result.hitCount += part.hitCount
    result.restCount += part.restCount
  }
  return result
}
