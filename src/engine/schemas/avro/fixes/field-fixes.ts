/** For READER_FIELD_MISSING_DEFAULT_VALUE and AMBIGUOUS_ALIAS: a default, an old name, or the field that was dropped. */
import type { SchemaFix } from '../../format'
import {
  appendMember,
  insertItem,
  insertMemberAfter,
  type JsonNode,
  type JsonObject,
  memberOf,
  memberValue,
  onOneLine,
  removeItem,
  sameValue,
  stringOf,
} from '../../json-text'
import { arrayOf, fieldAt, fieldNamed, fieldsOf, readText, recordNamed, type Site, shortly, textsOf } from './site'

export function missingDefaultFixes(site: Site): readonly SchemaFix[] {
  return site.direction === 'BACKWARD' ? defaultFixes(site) : keepFieldFixes(site)
}

/** The draft reads, and has a field that the registered writer lacks. */
function defaultFixes(site: Site): readonly SchemaFix[] {
  const place = fieldAt(site.draft, site.draftPath)
  if (!place || memberOf(place.field, 'default')) return []
  const { record, field } = place
  const name = stringOf(field, 'name')
  if (name === undefined) return []
  return [
    ...restoreFixes(site, record, field, name),
    ...aliasFixes(site, record, field),
    ...newDefaultFixes(site.draftText, field),
  ]
}

/** From the newest version that gave it one. */
function restoreFixes(site: Site, record: JsonObject, field: JsonObject, name: string): readonly SchemaFix[] {
  for (const text of [site.registeredText, ...site.otherTexts]) {
    const { root } = readText(text)
    const other = root && recordNamed(root, stringOf(record, 'name'))
    const otherField = other && fieldNamed(other, name)
    const value = otherField && memberValue(otherField, 'default')
    if (value)
      return [
        {
          label: `Restore default ${shortly(value)}`,
          edits: [appendMember(site.draftText, field, 'default', onOneLine(text, value))],
        },
      ]
  }
  return []
}

/** Fields that the writer has and the draft has not, of the very same type: the new field may be one of them under a new name. */
function aliasFixes(site: Site, record: JsonObject, field: JsonObject): readonly SchemaFix[] {
  const other = recordNamed(site.registered, stringOf(record, 'name'))
  const type = memberValue(field, 'type')
  if (!other || !type) return []
  const known = new Set(
    fieldsOf(record).flatMap((candidate) => [stringOf(candidate, 'name') ?? '', ...textsOf(memberValue(candidate, 'aliases'))]),
  )
  return fieldsOf(other)
    .filter((candidate) => !known.has(stringOf(candidate, 'name') ?? '') && isSameType(memberValue(candidate, 'type'), type))
    .slice(0, 2)
    .map((candidate) => {
      const old = JSON.stringify(stringOf(candidate, 'name'))
      const aliases = arrayOf(memberValue(field, 'aliases'))
      const edit = aliases
        ? insertItem(site.draftText, aliases, aliases.items.length, old)
        : insertMemberAfter(site.draftText, field, memberOf(field, 'name')!, 'aliases', `[${old}]`)
      return { label: `Add alias ${old}`, edits: [edit] }
    })
}

function newDefaultFixes(text: string, field: JsonObject): readonly SchemaFix[] {
  const type = memberValue(field, 'type')
  if (!type) return []
  const add = (value: string) => appendMember(text, field, 'default', value)
  const branches = arrayOf(type)
  if (branches) {
    const index = branches.items.findIndex((branch) => branch.kind === 'string' && branch.value === 'null')
    const first = branches.items[0]
    if (!first) return []
    if (index === 0) return [{ label: 'Add default null', edits: [add('null')] }]
    const insert = `["null"${branches.items.map((branch, at) => (at === index ? '' : `, ${onOneLine(text, branch)}`)).join('')}]`
    const fix = { edits: [{ from: branches.from, to: branches.to, insert }, add('null')] }
    return index > 0 ? [{ label: 'Add default null', ...fix }] : [{ label: 'Allow null, default null', ...fix }]
  }
  const empty = emptyValue(type)
  const fixes: SchemaFix[] = [
    {
      label: 'Allow null, default null',
      edits: [{ from: type.from, to: type.to, insert: `["null", ${text.slice(type.from, type.to)}]` }, add('null')],
    },
  ]
  if (empty !== null) fixes.push({ label: `Add default ${empty}`, edits: [add(empty)] })
  return fixes
}

/** The plainest value of a type, null where none suggests itself. */
function emptyValue(type: JsonNode): string | null {
  const kind = type.kind === 'string' ? type.value : type.kind === 'object' ? stringOf(type, 'type') : undefined
  switch (kind) {
    case 'null':
      return 'null'
    case 'string':
    case 'bytes':
      return type.kind === 'object' && memberOf(type, 'logicalType') ? null : '""'
    case 'int':
    case 'long':
      return '0'
    case 'float':
    case 'double':
      return '0.0'
    case 'boolean':
      return 'false'
    case 'array':
      return '[]'
    case 'map':
      return '{}'
    case 'enum': {
      if (type.kind !== 'object') return null
      const symbol = stringOf(type, 'default') ?? textsOf(memberValue(type, 'symbols'))[0]
      return symbol === undefined ? null : JSON.stringify(symbol)
    }
    default:
      return null
  }
}

/** The draft writes, and lacks a field that the registered reader needs. */
function keepFieldFixes(site: Site): readonly SchemaFix[] {
  const place = fieldAt(site.registered, site.registeredPath)
  const record = place && recordNamed(site.draft, stringOf(place.record, 'name'))
  const fields = record && arrayOf(memberValue(record, 'fields'))
  const name = place && stringOf(place.field, 'name')
  if (!fields || name === undefined) return []
  const index = Math.min(fieldsOf(place.record).indexOf(place.field), fields.items.length)
  return [
    { label: `Keep ${name}`, edits: [insertItem(site.draftText, fields, index, onOneLine(site.registeredText, place.field))] },
  ]
}

/** The reader's field answers to two of the writer's. */
export function ambiguousAliasFixes(site: Site): readonly SchemaFix[] {
  const place = site.direction === 'BACKWARD' ? fieldAt(site.draft, site.draftPath) : undefined
  const aliases = place && arrayOf(memberValue(place.field, 'aliases'))
  const other = place && recordNamed(site.registered, stringOf(place.record, 'name'))
  if (!aliases || !other) return []
  return aliases.items.flatMap((alias) =>
    alias.kind === 'string' && fieldNamed(other, alias.value)
      ? [{ label: `Remove alias "${alias.value}"`, edits: [removeItem(aliases, alias)] }]
      : [],
  )
}

function isSameType(left: JsonNode | undefined, right: JsonNode): boolean {
  return left !== undefined && sameValue(bare(left), bare(right))
}

/** "string" for { "type": "string" }. */
function bare(node: JsonNode): JsonNode {
  return node.kind === 'object' && node.members.length === 1 ? (memberValue(node, 'type') ?? node) : node
}
