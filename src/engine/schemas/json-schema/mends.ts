/**
 * What edits of a draft may mend an incompatibility, by its type. With BACKWARD the draft is the reader and has to accept more, with FORWARD it is
 * the writer and has to allow less; either way what the registered text says is the safe side, so most mends put it back. Called by fixes.ts,
 * which tries them out.
 */
import type { SchemaFix, SourceRange } from '../format'
import { appendMember, insertItem, onOneLine, removeItem, removeMember, type TextEdit, writeJson } from '../json-text'
import { placeWords } from './describe'
import type { SchemaGraph } from './graph'
import { type JsonNode, type JsonObject, member, membersOf, stringMember, stringsOf } from './json'
import { nodeAlong, nodeWith } from './locate'
import { shortText, valueKey } from './values'

export interface Side {
  readonly text: string
  readonly graph: SchemaGraph
  /** Where the difference stands on this side. */
  readonly segments: readonly string[]
}

export interface Case {
  readonly type: string
  readonly draft: Side
  readonly registered: Side
  readonly isReader: boolean
}

/** Candidates; fixes.ts takes those that hold. */
export function mends(found: Case): readonly SchemaFix[] {
  const { type, draft } = found
  const keyword = draft.segments[draft.segments.length - 1] ?? ''
  if (type.startsWith('REQUIRED_ATTRIBUTE')) return requiredMends(found)
  if (/PROPERTY_/.test(type)) return propertyMends(found)
  if (keyword === 'enum') return enumMends(found)
  if (type === 'TYPE_NARROWED' || type === 'TYPE_CHANGED') return typeMends(found)
  return keywordMends(found)
}

const nameOf = (side: Side): string => side.segments[side.segments.length - 1] ?? ''
/** The schema that the place is written in; a reference stands for what it leads to. */
const ownerOf = (side: Side, up: number): JsonNode | null => {
  const at = side.segments.length - up
  return nodeWith(side.graph, side.segments.slice(0, at), side.segments[at] ?? '')
}
const objectOf = (node: JsonNode | null): JsonObject | null => (node?.kind === 'object' ? node : null)

const replace = (node: SourceRange, insert: string): TextEdit => ({ from: node.from, to: node.to, insert })

function dropMember(object: JsonObject, key: string): TextEdit | null {
  const present = object.members.find((each) => each.key.value === key)
  return present === undefined ? null : removeMember(object, present)
}

/** In place of the value that stands there, or behind the last member. */
function setMember(text: string, object: JsonObject, key: string, value: string): TextEdit {
  const present = membersOf(object).get(key)
  return present === undefined ? appendMember(text, object, key, value) : replace(present.value, value)
}

const labelled = (label: string, ...edits: readonly (TextEdit | null)[]): SchemaFix => ({
  label,
  edits: edits.flatMap((edit) => (edit === null ? [] : [edit])),
})

/** Segments end in 'required', name; the object is two up. */
function requiredMends({ draft, isReader }: Case): readonly SchemaFix[] {
  const name = nameOf(draft)
  const owner = objectOf(ownerOf(draft, 2))
  if (owner === null) return []
  const required = member(owner, 'required')
  if (!isReader) return [labelled(`Require '${name}'`, requireName(draft.text, owner, name))]
  const property = objectOf(member(member(owner, 'properties'), name) ?? null)
  const value = property === null ? null : emptyValue(property)
  return [
    labelled(`Make '${name}' optional`, optional(owner, required, name)),
    ...(property === null || value === null
      ? []
      : [labelled(`Give '${name}' the default ${value}`, setMember(draft.text, property, 'default', value))]),
  ]
}

function requireName(text: string, owner: JsonObject, name: string): TextEdit {
  const required = member(owner, 'required')
  if (required?.kind === 'array') return insertItem(text, required, required.items.length, JSON.stringify(name))
  return setMember(text, owner, 'required', `[${JSON.stringify(name)}]`)
}

function optional(owner: JsonObject, required: JsonNode | undefined, name: string): TextEdit | null {
  if (required?.kind !== 'array') return null
  const item = required.items.find((each) => each.kind === 'string' && each.value === name)
  if (item === undefined) return null
  return required.items.length === 1 ? dropMember(owner, 'required') : removeItem(required, item)
}

/** A value that fits and says nothing: what people take for a default. null where there is none to guess. */
function emptyValue(property: JsonObject): string | null {
  const values = member(property, 'enum')
  if (values?.kind === 'array') return values.items[0] === undefined ? null : writeJson(values.items[0])
  const type = member(property, 'type')
  const names = type?.kind === 'string' ? [type.value] : stringsOf(type)
  if (names.includes('null')) return 'null'
  const minimum = member(property, 'minimum')
  switch (names[0]) {
    case 'string':
      return member(property, 'minLength') === undefined && member(property, 'pattern') === undefined ? '""' : null
    case 'integer':
    case 'number':
      return minimum?.kind === 'number' ? minimum.text : '0'
    case 'boolean':
      return 'false'
    case 'array':
      return '[]'
    case 'object':
      return '{}'
    default:
      return null
  }
}

/** Segments end in 'properties', name. What the draft has too much goes, what it lacks comes back from the registered text. */
function propertyMends({ type, draft, registered, isReader }: Case): readonly SchemaFix[] {
  const name = nameOf(draft)
  const owner = objectOf(ownerOf(draft, 2))
  if (owner === null) return []
  const properties = objectOf(member(owner, 'properties') ?? null)
  const here = properties === null ? undefined : membersOf(properties).get(name)
  if (here === undefined) {
    const lost = nodeAlong(registered.graph, registered.segments)
    if (lost === null) return []
    // A piece of another text may lean on definitions that this one does not have: then there is nothing to put back blindly.
    if (!leadsSomewhere(lost, draft.graph)) return []
    const text = onOneLine(registered.text, lost)
    const edit =
      properties === null
        ? setMember(draft.text, owner, 'properties', `{ ${JSON.stringify(name)}: ${text} }`)
        : setMember(draft.text, properties, name, text)
    return [labelled(`Keep '${name}'`, edit)]
  }
  const required = member(owner, 'required')
  const isRequired = stringsOf(required).includes(name)
  const remove = labelled(`Remove '${name}'`, dropMember(properties!, name), isRequired ? optional(owner, required, name) : null)
  if (!isReader) return [remove]
  if (type === 'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL') {
    return [
      ...requiredMends({
        type,
        draft: { ...draft, segments: [...draft.segments.slice(0, -2), 'required', name] },
        registered,
        isReader,
      }),
      remove,
    ]
  }
  const free = labelled(
    `Let '${name}' be anything`,
    replace(here.value, '{}'),
    isRequired ? optional(owner, required, name) : null,
  )
  return type.endsWith('_TO_OPEN_CONTENT_MODEL') ? [remove, free] : [remove]
}

/** Whether all references in a piece of another text lead somewhere in this one. */
function leadsSomewhere(piece: JsonNode, graph: SchemaGraph): boolean {
  if (piece.kind === 'array') return piece.items.every((item) => leadsSomewhere(item, graph))
  if (piece.kind !== 'object') return true
  const reference = stringMember(piece, '$ref')
  if (reference !== null && graph.resolve(reference, graph.root).kind !== 'node') return false
  return piece.members.every((entry) => leadsSomewhere(entry.value, graph))
}

/** A reader keeps the values that are gone; a writer gives up those that have come. */
function enumMends({ draft, registered, isReader }: Case): readonly SchemaFix[] {
  const [mine, theirs] = [nodeAlong(draft.graph, draft.segments), nodeAlong(registered.graph, registered.segments)]
  if (mine?.kind !== 'array' || theirs?.kind !== 'array') return keywordMends({ type: '', draft, registered, isReader })
  const [known, wanted] = [new Set(mine.items.map(valueKey)), new Set(theirs.items.map(valueKey))]
  if (isReader) {
    const gone = theirs.items.filter((item) => !known.has(valueKey(item)))
    const list = gone.map((item) => writeJson(item)).join(', ')
    return [labelled(`Keep ${shortened(list)}`, gone.length === 0 ? null : insertItem(draft.text, mine, mine.items.length, list))]
  }
  const kept = mine.items.filter((item) => wanted.has(valueKey(item)))
  const come = mine.items.filter((item) => !wanted.has(valueKey(item)))
  if (kept.length === 0) return [labelled('Put the values back', replace(mine, writeJson(theirs)))]
  const [only] = come
  const edit =
    come.length === 1 && only !== undefined
      ? removeItem(mine, only)
      : replace(mine, `[${kept.map((item) => writeJson(item)).join(', ')}]`)
  return [labelled(`Remove ${shortened(come.map(shortText).join(', '))}`, edit)]
}

const shortened = (list: string): string => (list.length <= 50 ? list : `${list.slice(0, 47)}…`)

function typeMends(found: Case): readonly SchemaFix[] {
  const { draft, registered, isReader } = found
  const [mine, theirs] = [nodeAlong(draft.graph, draft.segments), nodeAlong(registered.graph, registered.segments)]
  if (mine === null || theirs === null) return keywordMends(found)
  const [myType, theirType] = [member(mine, 'type'), member(theirs, 'type')]
  const place = placeWords(draft.segments)
  const what = place === '' ? 'the schema' : `'${place}'`
  const mending: SchemaFix[] = []
  if (myType !== undefined && theirType !== undefined && valueKey(myType) !== valueKey(theirType)) {
    mending.push(labelled(`Change ${what} back to ${typeList(theirType)}`, replace(myType, writeJson(theirType))))
    const names = [...new Set([...typeNames(theirType), ...typeNames(myType)])]
    // integer is in number already
    const both = names.includes('number') ? names.filter((name) => name !== 'integer') : names
    if (isReader && both.length > 1) mending.push(labelled(`Take ${both.join(' and ')}`, replace(myType, JSON.stringify(both))))
    return mending
  }
  if (draft.segments.length === 0 || (theirs.kind === 'object' && !leadsSomewhere(theirs, draft.graph))) return []
  return [labelled(`Put ${what} back as it was`, replace(mine, onOneLine(registered.text, theirs)))]
}

const typeNames = (type: JsonNode): readonly string[] => (type.kind === 'string' ? [type.value] : stringsOf(type))
const typeList = (type: JsonNode): string => typeNames(type).join(' or ')

/** A keyword that stands on one side only, or with another value: as the registered text has it. */
function keywordMends({ draft, registered, isReader }: Case): readonly SchemaFix[] {
  const keyword = nameOf(draft)
  const owner = objectOf(ownerOf(draft, 1))
  const was = nodeAlong(registered.graph, registered.segments)
  if (owner === null || keyword === '') return []
  const is = membersOf(owner).get(keyword)
  if (was === null) return is === undefined ? [] : [labelled(`Remove '${keyword}'`, dropMember(owner, keyword))]
  if (is !== undefined && !leadsSomewhere(was, draft.graph)) return []
  const text = onOneLine(registered.text, was)
  const shown =
    was.kind === 'object' || was.kind === 'array' ? `Put '${keyword}' back as it was` : `Set '${keyword}' to ${shortText(was)}`
  const restore = labelled(shown, setMember(draft.text, owner, keyword, text))
  return isReader && is !== undefined && was.kind === 'number'
    ? [restore, labelled(`Remove '${keyword}'`, dropMember(owner, keyword))]
    : [restore]
}
