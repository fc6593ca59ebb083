/**
 * Puts the answer to a part of a request, which interception has taken out, into the answer to the rest: topic by topic, partition by partition. Pure; works
 * from the declaration of the response.
 */
import type { Fields } from '../../wire/schema/fields'
import { type AnyStruct, canonicalName, elementFields, holdsErrors, isPresent } from './message-shape'

const IDENTITIES: ReadonlySet<string> = new Set(['name', 'topicId', 'groupId', 'transactionalId', 'resourceName', 'resourceType'])

/** `answer` with the entries of `part`, its own first. Everything that is not a list of outcomes stays as `answer` has it. */
export function mergeResponses(fields: Fields, version: number, answer: AnyStruct, part: AnyStruct): AnyStruct {
  const merged: Record<string, unknown> = { ...answer }
  for (const [name, field] of Object.entries(fields)) {
    const inner = elementFields(field)
    if (field.type !== 'array' || inner === null || !isPresent(field, version) || !holdsErrors(inner, version)) continue
    const [ours, theirs] = [answer[name], part[name]]
    if (!Array.isArray(theirs) || theirs.length === 0) continue
    merged[name] = mergeLists(inner, version, Array.isArray(ours) ? (ours as AnyStruct[]) : [], theirs as AnyStruct[])
  }
  return merged
}

function mergeLists(fields: Fields, version: number, ours: readonly AnyStruct[], theirs: readonly AnyStruct[]): AnyStruct[] {
  const identities = Object.keys(fields).filter((name) => IDENTITIES.has(canonicalName(name)))
  const list = [...ours]
  for (const entry of theirs) {
    const index =
      identities.length === 0 ? -1 : list.findIndex((known) => identities.every((name) => isSame(known[name], entry[name])))
    if (index < 0) list.push(entry)
    else list[index] = mergeResponses(fields, version, list[index]!, entry)
  }
  return list
}

/** A handler leaves out what its version does not carry. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || a === undefined || b === undefined
}
