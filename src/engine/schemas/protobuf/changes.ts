/** What changed between two versions as a person would tell it: all differences, breaking or not, and which way each breaks. Pure. */
import type { SchemaChange } from '../format'
import { type Difference, type DifferenceType, differences, isCompatible } from './compatibility/differences'
import { asField, typeInWords } from './compatibility/explain'
import type { ProtobufSchema } from './types'

export function protobufChanges(older: ProtobufSchema, newer: ProtobufSchema): readonly SchemaChange[] {
  const forth = differences(older, newer)
  // The other way round a difference may have another name (added, removed) or be seen only there.
  const back = differences(newer, older).filter((difference) => !isCompatible(difference))
  const isSame = (one: Difference, other: Difference): boolean =>
    other.writerPath === one.readerPath && other.readerPath === one.writerPath && sortOf(one.type) === sortOf(other.type)
  const changes = forth.map((difference): SchemaChange => {
    const breaks: SchemaChange['breaks'][number][] = isCompatible(difference) ? [] : ['BACKWARD']
    if (back.some((other) => isSame(difference, other))) breaks.push('FORWARD')
    return {
      kind: kindOf(difference.type),
      type: difference.type,
      olderPath: difference.writerPath,
      newerPath: difference.readerPath,
      description: described(difference),
      breaks,
    }
  })
  const onlyBack = back.filter((difference) => !forth.some((other) => isSame(other, difference)))
  return [
    ...changes,
    ...onlyBack.map(
      (difference): SchemaChange => ({
        kind: 'changed',
        type: difference.type,
        olderPath: difference.readerPath,
        newerPath: difference.writerPath,
        description: takenApart(difference),
        breaks: ['FORWARD'],
      }),
    ),
  ]
}

/** A difference and what it is from the other side. */
function sortOf(type: DifferenceType): string {
  return type.replace(/_(?:ADDED|REMOVED)$/, '').replace(/^(?:REQUIRED_|ONEOF_)?FIELD$/, 'FIELD')
}

function kindOf(type: DifferenceType): SchemaChange['kind'] {
  if (type.endsWith('_ADDED')) return 'added'
  return type.endsWith('_REMOVED') ? 'removed' : 'changed'
}

function described(difference: Difference): string {
  const { type, writerPath, readerPath, names } = difference
  const writer = asField(difference.writer)
  const reader = asField(difference.reader)
  const path = readerPath ?? writerPath ?? ''
  const written = writer === null ? '' : `'${writerPath}' (${typeInWords(writer)}, number ${writer.number})`
  const read = reader === null ? '' : `'${readerPath}' (${typeInWords(reader)}, number ${reader.number})`
  switch (type) {
    case 'PACKAGE_CHANGED':
      return 'The package is another one.'
    case 'MESSAGE_ADDED':
      return `Message '${path}' is added.`
    case 'MESSAGE_REMOVED':
      return `Message '${path}' is removed.`
    case 'MESSAGE_MOVED':
      return `Message '${path}' stands at another place in the file, so its message index changes.`
    case 'ENUM_ADDED':
      return `Enum '${path}' is added.`
    case 'ENUM_REMOVED':
      return `Enum '${path}' is removed.`
    case 'ENUM_CONST_ADDED':
      return `Value '${path}' (${names[1]}) is added.`
    case 'ENUM_CONST_REMOVED':
      return `Value '${path}' (${names[1]}) is removed.`
    case 'ENUM_CONST_CHANGED':
      return `The value ${names[2]} is called '${names[1]}' instead of '${names[0]}'.`
    case 'FIELD_ADDED':
    case 'REQUIRED_FIELD_ADDED':
      return `Field ${read} is added.`
    case 'ONEOF_FIELD_ADDED':
      return `Field ${read} is added to its oneof.`
    case 'FIELD_REMOVED':
    case 'REQUIRED_FIELD_REMOVED':
      return `Field ${written} is removed.`
    case 'ONEOF_FIELD_REMOVED':
      return `Field ${written} is removed from the oneof '${names[0]}'.`
    case 'FIELD_NAME_CHANGED':
      return `Field '${writerPath}' (number ${writer?.number}) is called '${reader?.name}': its bytes are the same, its JSON is not.`
    case 'FIELD_KIND_CHANGED':
    case 'FIELD_SCALAR_KIND_CHANGED':
    case 'FIELD_NAMED_TYPE_CHANGED':
    case 'FIELD_NUMERIC_LABEL_CHANGED':
    case 'FIELD_STRING_OR_BYTES_LABEL_CHANGED':
      return typeInWords(writer) === typeInWords(reader)
        ? `The message '${reader?.type.name}' of field '${path}' changed in a way that breaks.`
        : `Field '${path}' (number ${reader?.number}) was ${typeInWords(writer)} and is ${typeInWords(reader)}.`
    case 'ONEOF_ADDED':
      return `Oneof '${path}' is added.`
    case 'ONEOF_REMOVED':
      return `Oneof '${path}' is removed.`
    case 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL':
      return `Field '${path}' is taken out of the oneof '${names[0]}'.`
    case 'MULTIPLE_FIELDS_MOVED_TO_ONEOF':
    case 'FIELD_MOVED_TO_EXISTING_ONEOF':
      return `${names.map((name) => `'${name}'`).join(', ')} ${names.length === 1 ? 'is' : 'are'} moved into the oneof '${path}'.`
  }
}

/** Seen from the newer to the older version only: what the older one unites in a oneof. */
function takenApart({ names, readerPath }: Difference): string {
  return `${names.map((name) => `'${name}'`).join(', ')} no longer ${names.length === 1 ? 'excludes' : 'exclude'} the others of '${readerPath}': older readers keep only the last.`
}
