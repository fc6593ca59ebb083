/**
 * What messages of all APIs have in common, read from their declarations: which field names a topic, a partition or an error, whatever it is called
 * there. For interception, which has to find a topic in a request and the place of an error in a response without a word about each API.
 */

import type { FieldDeclaration, Fields } from '../../wire/schema/fields'
import { includesVersion } from '../../wire/schema/versions'

export type AnyStruct = { readonly [name: string]: unknown }

/** The same thing under the names that it has in different messages. */
const SAME: ReadonlyMap<string, string> = new Map([
  ['topic', 'name'],
  ['topicName', 'name'],
  ['user', 'name'],
  ['partitionIndex', 'partition'],
  ['partitionId', 'partition'],
  ['index', 'partition'],
])

export function canonicalName(name: string): string {
  return SAME.get(name) ?? name
}

export function isPresent(field: FieldDeclaration, version: number): boolean {
  return includesVersion(field.versions, version)
}

export function isNullable(field: FieldDeclaration, version: number): boolean {
  return includesVersion(field.options.nullable, version)
}

/** The fields of what an array or a struct holds; null where that is no struct. */
export function elementFields(field: FieldDeclaration): Fields | null {
  return typeof field.element === 'object' ? field.element : null
}

/** Errors of the thing itself: `errorCode` where it has one, else others such as `partitionErrorCode`. */
export function errorFields(fields: Fields, version: number): string[] {
  const names = Object.entries(fields)
    .filter(([name, field]) => field.type === 'int16' && /errorCode$/i.test(name) && isPresent(field, version))
    .map(([name]) => name)
  return names.includes('errorCode') ? ['errorCode'] : names
}

/** Whether there is an error in it, however deep. */
export function holdsErrors(fields: Fields, version: number): boolean {
  if (errorFields(fields, version).length > 0) return true
  return Object.values(fields).some((field) => {
    const element = isPresent(field, version) ? elementFields(field) : null
    return element !== null && holdsErrors(element, version)
  })
}

/** Of a request's array: whether each element is about one topic. */
export function isAboutTopics(arrayName: string, element: Fields): boolean {
  if ('topic' in element || 'topicName' in element || 'topicId' in element) return true
  return ('name' in element && /topic/i.test(arrayName)) || isAboutResources(element)
}

const ofPartition = (name: string): boolean => canonicalName(name) === 'partition'

/** The array of a topic's partitions within the topic, as numbers or as structs; null: the API knows no partitions there. */
export function partitionsField(topic: Fields, version: number): string | null {
  for (const [name, field] of Object.entries(topic)) {
    if (field.type !== 'array' || !isPresent(field, version)) continue
    const element = elementFields(field)
    if (element === null ? field.element === 'int32' && /partition/i.test(name) : Object.keys(element).some(ofPartition))
      return name
  }
  return null
}

/** Of an element of that array. */
export function partitionOf(element: unknown): number | null {
  if (typeof element === 'number') return element
  if (typeof element !== 'object' || element === null) return null
  const found = Object.entries(element).find(([name, value]) => ofPartition(name) && typeof value === 'number')
  return found === undefined ? null : (found[1] as number)
}

function isAboutResources(element: Fields): boolean {
  return 'resourceType' in element && 'resourceName' in element
}

const TOPIC_RESOURCE = 2

/** The topic that an element of such an array is about; null: none, or one of which nobody knows the name. */
export function topicOf(element: AnyStruct, nameOfId: (topicId: string) => string | undefined): string | null {
  const { resourceType, resourceName, topicId } = element
  if (resourceType !== undefined) return resourceType === TOPIC_RESOURCE && typeof resourceName === 'string' ? resourceName : null
  for (const name of ['topic', 'topicName', 'name']) {
    const value = element[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return typeof topicId === 'string' ? (nameOfId(topicId) ?? null) : null
}
