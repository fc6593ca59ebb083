/** Mends for types that are written in the wrong shape, as people who know JSON but not Avro write them. Pure. */
import type { SchemaFix } from '../../format'
import { type JsonMember, type JsonObject, memberOf, removeMembers } from '../../json-text'
import { rangeOf } from './attributes'

interface ShapeFix {
  readonly message: string
  readonly hint: string
  readonly fixes: readonly SchemaFix[]
}

const parts: Readonly<Record<string, readonly string[]>> = {
  array: ['items'],
  map: ['values'],
  enum: ['symbols', 'namespace'],
  fixed: ['size', 'namespace'],
  record: ['fields', 'namespace'],
}

/**
 * A field such as { "name": "tags", "type": "array", "items": "string" }: what belongs to the type stands on the field. undefined for every
 * other field.
 */
export function nestedTypeFix(text: string, field: JsonObject, type: JsonMember): ShapeFix | undefined {
  if (type.value.kind !== 'string') return undefined
  const kind = type.value.value
  const owned = parts[kind]
  if (!owned) return undefined
  const moved = owned.flatMap((key) => memberOf(field, key) ?? [])
  const name = memberOf(field, 'name')
  const isNamed = kind === 'enum' || kind === 'fixed' || kind === 'record'
  const typeName = isNamed && name?.value.kind === 'string' ? `, "name": ${JSON.stringify(capitalized(name.value.value))}` : ''
  const attributes = moved.map((member) => `, ${text.slice(member.from, member.to)}`).join('')
  const message = `"${kind}" needs an object of its own here.`
  const hint = `Write "type": { "type": "${kind}"${isNamed ? ', "name": …' : ''}, … } in the field.`
  if (moved.length === 0) return { message, hint, fixes: [] }
  const edits = [
    { ...rangeOf(type.value), insert: `{ "type": "${kind}"${typeName}${attributes} }` },
    ...removeMembers(field, moved),
  ]
  return { message, hint, fixes: [{ label: 'Move it into the type', edits }] }
}

/** What an object without "type" looks like. */
export function typeOfShape(text: string, node: JsonObject): { readonly hint: string; readonly fixes: readonly SchemaFix[] } {
  const shapes: readonly (readonly [string, string])[] = [
    ['fields', 'record'],
    ['symbols', 'enum'],
    ['items', 'array'],
    ['values', 'map'],
    ['size', 'fixed'],
  ]
  const shape = shapes.find(([key]) => memberOf(node, key))
  if (!shape) return { hint: 'Add "type": record, enum, array, map, fixed or a primitive.', fixes: [] }
  const at = node.from + 1
  const isSpaced = /\s/.test(text[at] ?? '')
  const insert = isSpaced ? `${/^\s*/.exec(text.slice(at))![0]}"type": "${shape[1]}",` : `"type": "${shape[1]}", `
  return {
    hint: `It has "${shape[0]}", as a type ${shape[1]} has.`,
    fixes: [{ label: `Add type ${shape[1]}`, edits: [{ from: at, to: at, insert }] }],
  }
}

/** { "type": { "type": "string" } } where a type is expected: the inner object is the type. */
export function unwrapFix(
  text: string,
  node: JsonObject,
  type: JsonMember,
): { readonly hint: string; readonly fixes: readonly SchemaFix[] } {
  if (node.members.length > 1) return { hint: 'Only a field has a whole type as its "type".', fixes: [] }
  const insert = text.slice(type.value.from, type.value.to)
  return { hint: 'One object too many.', fixes: [{ label: 'Unwrap it', edits: [{ ...rangeOf(node), insert }] }] }
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
