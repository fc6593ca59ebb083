/** Both texts of an incompatibility as trees, with what fixes look up in them. */
import type { Incompatibility } from '../../format'
import {
  type JsonArray,
  type JsonNode,
  type JsonObject,
  memberValue,
  parentPointer,
  readJson,
  stringOf,
  writeJson,
} from '../../json-text'
import { definitionOf, pointedNode } from '../locate'
import { remembering } from './recent'

export type Direction = 'BACKWARD' | 'FORWARD'

export interface Site {
  readonly draftText: string
  readonly draft: JsonNode
  readonly registeredText: string
  readonly registered: JsonNode
  readonly otherTexts: readonly string[]
  readonly direction: Direction
  /** Where in the draft, null where it has no such place: the draft is the reader under BACKWARD, the writer under FORWARD. */
  readonly draftPath: string | null
  readonly registeredPath: string | null
}

/** Avro text as a tree, with what is wrong with it. */
export const readText = remembering((text) => readJson(text, { comments: true }))

/** null where one of the texts is no JSON. */
export function siteOf(
  draftText: string,
  incompatibility: Incompatibility,
  registeredText: string,
  direction: Direction,
  otherTexts: readonly string[],
): Site | null {
  const draft = readText(draftText)
  const registered = readText(registeredText)
  if (!draft.root || !registered.root || draft.problems.length > 0 || registered.problems.length > 0) return null
  const { path, writerPath } = incompatibility
  const isReader = direction === 'BACKWARD'
  return {
    draftText,
    draft: draft.root,
    registeredText,
    registered: registered.root,
    otherTexts,
    direction,
    draftPath: isReader ? path : writerPath,
    registeredPath: isReader ? writerPath : path,
  }
}

export const nodeOfDraft = (site: Site, path = site.draftPath): JsonNode | undefined =>
  path === null ? undefined : pointedNode(site.draft, path)?.node

export const nodeOfRegistered = (site: Site, path = site.registeredPath): JsonNode | undefined =>
  path === null ? undefined : pointedNode(site.registered, path)?.node

/** The object that holds the attribute a path ends with: of '/fields/1/type/symbols' the enum. A name leads to its definition. */
export function ownerIn(root: JsonNode, path: string | null): JsonObject | undefined {
  if (path === null) return undefined
  const node = pointedNode(root, parentPointer(path))?.node
  if (node?.kind === 'object') return node
  return node?.kind === 'string' ? definitionOf(root, node.value) : undefined
}

export const objectOf = (node: JsonNode | undefined): JsonObject | undefined => (node?.kind === 'object' ? node : undefined)
export const arrayOf = (node: JsonNode | undefined): JsonArray | undefined => (node?.kind === 'array' ? node : undefined)

/** The texts of an array's items that are texts. */
export const textsOf = (node: JsonNode | undefined): readonly string[] =>
  arrayOf(node)?.items.flatMap((item) => (item.kind === 'string' ? [item.value] : [])) ?? []

/** The record that the path of a field is in, and the field. */
export function fieldAt(
  root: JsonNode,
  path: string | null,
): { readonly record: JsonObject; readonly field: JsonObject } | undefined {
  if (path === null) return undefined
  const record = ownerIn(root, parentPointer(path))
  const field = objectOf(pointedNode(root, path)?.node)
  return record && field ? { record, field } : undefined
}

/** The record of that name in another text, or its root where that is a record and the name is not there. */
export function recordNamed(root: JsonNode, name: string | undefined): JsonObject | undefined {
  const named = name === undefined ? undefined : definitionOf(root, name)
  return named ?? objectOf(root)
}

export const fieldsOf = (record: JsonObject): readonly JsonObject[] =>
  (arrayOf(memberValue(record, 'fields'))?.items ?? []).flatMap((field) => (field.kind === 'object' ? [field] : []))

export const fieldNamed = (record: JsonObject, name: string): JsonObject | undefined =>
  fieldsOf(record).find((field) => stringOf(field, 'name') === name)

/** Short enough for a label. */
export function shortly(node: JsonNode): string {
  const text = writeJson(node)
  return text.length > 30 ? `${text.slice(0, 29)}…` : text
}
