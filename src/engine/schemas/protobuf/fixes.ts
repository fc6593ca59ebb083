/** Edits of a draft that mend what breaks: what was dropped comes back as it stood, what changed gets its old form or a new number. */
import type { Incompatibility, SchemaFix } from '../format'
import { freeNumber } from './check/numbers'
import { replace } from './check/problem'
import type { ProtoField, ProtoFile, ProtoMessage, ProtoType } from './syntax/nodes'
import { fieldsOf, messagesOf } from './syntax/nodes'
import { readProto } from './syntax/parser'

/** `BACKWARD`: the draft is the reader; `FORWARD`: the registered version is. */
export function protobufFixes(
  draftText: string,
  { type, path, writerPath }: Incompatibility,
  registeredText: string,
  direction: 'BACKWARD' | 'FORWARD',
): readonly SchemaFix[] {
  const draft = readProto(draftText).file
  const registered = readProto(registeredText).file
  const isReader = direction === 'BACKWARD'
  const draftPath = isReader ? path : writerPath
  const registeredPath = isReader ? writerPath : path
  switch (type) {
    case 'PACKAGE_CHANGED':
      return packageFix(draft, registered)
    case 'MESSAGE_REMOVED':
      return isReader ? broughtBack(draft, registered, registeredPath) : removed(draft, draftPath)
    case 'FIELD_KIND_CHANGED':
    case 'FIELD_SCALAR_KIND_CHANGED':
    case 'FIELD_NAMED_TYPE_CHANGED':
    case 'FIELD_NUMERIC_LABEL_CHANGED':
      return changedField(draft, registered, draftPath, registeredPath)
    case 'REQUIRED_FIELD_ADDED':
      return isReader ? optional(draft, draftPath) : fieldBack(draft, registered, registeredPath)
    case 'REQUIRED_FIELD_REMOVED':
      return isReader ? fieldBack(draft, registered, registeredPath) : optional(draft, draftPath)
    case 'ONEOF_FIELD_REMOVED':
      return isReader ? fieldBack(draft, registered, registeredPath) : []
    default:
      return []
  }
}

function packageFix(draft: ProtoFile, registered: ProtoFile): readonly SchemaFix[] {
  if (draft.package !== null && registered.package !== null)
    return [replace(`Keep the package ${registered.package.name}`, draft.package.nameRange, registered.package.name)]
  if (draft.package !== null) return [replace('Remove the package', draft.package, '')]
  if (registered.package === null) return []
  const at = draft.syntax?.to ?? 0
  const line = `package ${registered.package.name};`
  return [replace(`Keep the package ${registered.package.name}`, { from: at, to: at }, at === 0 ? `${line}\n` : `\n${line}`)]
}

function changedField(
  draft: ProtoFile,
  registered: ProtoFile,
  draftPath: string | null,
  oldPath: string | null,
): readonly SchemaFix[] {
  const now = fieldAt(draft, draftPath)
  const before = fieldAt(registered, oldPath)
  if (now === null || before === null || now.field.group !== null || before.field.group !== null) return []
  const { field, message } = now
  const old = before.field
  const head = registered.text.slice(old.from, old.nameRange.from)
  const current = draft.text.slice(field.from, field.nameRange.from)
  const back =
    head === current ? [] : [replace(`Change back to ${head.trim()}`, { from: field.from, to: field.nameRange.from }, head)]
  return [...back, renumbered(message, field)]
}

/** A number of its own; the old one is reserved, so that nobody takes it again. */
function renumbered(message: ProtoMessage, field: ProtoField): SchemaFix {
  const number = freeNumber(message)
  const { bodyFrom } = message
  return {
    label: `Give ${field.name} the number ${number} and reserve ${field.number}`,
    edits: [
      { from: bodyFrom, to: bodyFrom, insert: `\n  reserved ${field.number};` },
      { ...place(field.numberRange), insert: String(number) },
    ],
  }
}

function optional(draft: ProtoFile, path: string | null): readonly SchemaFix[] {
  const found = fieldAt(draft, path)
  if (found === null || found.field.labelRange === null || found.field.label !== 'required') return []
  return [replace('Make it optional', found.field.labelRange, 'optional')]
}

/** Into the message (and the oneof) that it stood in, at its end. */
function fieldBack(draft: ProtoFile, registered: ProtoFile, path: string | null): readonly SchemaFix[] {
  const old = fieldAt(registered, path)
  if (old === null || path === null) return []
  const message = messageAt(draft.types, path.split('.').slice(0, -1))
  if (
    message === null ||
    fieldsOf(message).some(({ field }) => field.number === old.field.number || field.name === old.field.name)
  )
    return []
  const oneof = old.oneof === null ? null : (message.oneofs.find(({ name }) => name === old.oneof) ?? null)
  if (old.oneof !== null && oneof === null) return []
  const text = registered.text.slice(old.field.from, old.field.to)
  const siblings = oneof === null ? message.fields : oneof.fields
  const after = siblings.at(-1)
  const at = after?.to ?? (oneof === null ? message.bodyFrom : oneof.to - 1)
  const indent = after === undefined ? '  ' : indentOf(draft.text, after.from)
  return [replace(`Keep ${old.field.name}`, { from: at, to: at }, `\n${indent}${text}`)]
}

function broughtBack(draft: ProtoFile, registered: ProtoFile, path: string | null): readonly SchemaFix[] {
  if (path === null) return []
  const names = path.split('.')
  const old = messageAt(registered.types, names)
  const outer = names.length === 1 ? null : messageAt(draft.types, names.slice(0, -1))
  if (old === null || (outer === null && names.length > 1)) return []
  const text = registered.text.slice(old.from, old.to)
  const at = outer === null ? draft.text.trimEnd().length : outer.to - 1
  const insert = outer === null ? `\n\n${text}\n` : `  ${text}\n`
  return [{ label: `Keep ${old.name}`, edits: [{ from: at, to: outer === null ? draft.text.length : at, insert }] }]
}

function removed(draft: ProtoFile, path: string | null): readonly SchemaFix[] {
  const message = path === null ? null : messageAt(draft.types, path.split('.'))
  return message === null ? [] : [replace(`Remove ${message.name}`, message, '')]
}

function messageAt(types: readonly ProtoType[], [name, ...rest]: readonly string[]): ProtoMessage | null {
  const found = messagesOf(types).find((message) => message.name === name) ?? null
  return found === null || rest.length === 0 ? found : messageAt(found.types, rest)
}

function fieldAt(file: ProtoFile, path: string | null) {
  const names = path?.split('.') ?? []
  const message = messageAt(file.types, names.slice(0, -1))
  const found = message === null ? undefined : fieldsOf(message).find(({ field }) => field.name === names.at(-1))
  return message === null || found === undefined ? null : { message, field: found.field, oneof: found.oneof }
}

const place = ({ from, to }: { readonly from: number; readonly to: number }) => ({ from, to })
const indentOf = (text: string, at: number): string =>
  /[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] || '  '
