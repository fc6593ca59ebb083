/** Differences that break, in the registry's words (clients search for these) and in ours: which field, what happens to whom, what mends it. Pure. */
import type { Incompatibility } from '../../format'
import type { ProtoField } from '../syntax/nodes'
import { isScalar } from '../types'
import type { Difference } from './differences'
import { scalarKindOf, scalarsOfKind } from './scalar-kinds'

/** For one that is not compatible. */
export function explained(difference: Difference): Incompatibility {
  const { type, readerPath, writerPath, registryPath } = difference
  return {
    type,
    path: readerPath ?? nearestReaderPath(difference),
    writerPath,
    description: registryWords(type, registryPath),
    additionalInfo: null,
    ...ourWords(difference),
  }
}

/** What the reader lacks is shown at the message that lacks it. */
function nearestReaderPath({ writerPath }: Difference): string {
  const path = writerPath ?? ''
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
}

function registryWords(type: Difference['type'], path: string): string {
  switch (type) {
    case 'PACKAGE_CHANGED':
      return `The package at '${path}' in the %s schema does not match the package in the %s schema`
    case 'MESSAGE_REMOVED':
      return `The %s schema is missing a MESSAGE type at path '${path}' in the %s schema`
    case 'FIELD_KIND_CHANGED':
      return `The type of a field at path '${path}' in the %s schema does not match the %s schema`
    case 'FIELD_SCALAR_KIND_CHANGED':
      return `The kind of a SCALAR field at path '${path}' in the %s schema does not match its kind in the %s schema`
    case 'FIELD_NAMED_TYPE_CHANGED':
      return `The type of a MESSAGE field at path '${path}' in the %s schema does not match its type in the %s schema`
    case 'FIELD_NUMERIC_LABEL_CHANGED':
      return `The label for a NUMERIC field at path '${path}' in the %s schema does not match its label in the %s schema`
    case 'REQUIRED_FIELD_ADDED':
      return `A required field  at path '${path}' in the %s schema is missing in the %s schema`
    case 'REQUIRED_FIELD_REMOVED':
      return `The %s schema is missing a required field at path: '${path}' in the %s schema`
    case 'ONEOF_FIELD_REMOVED':
      return `The %s schema is missing a oneof field at path '${path}' in the %s schema`
    case 'MULTIPLE_FIELDS_MOVED_TO_ONEOF':
      return `Multiple fields in the oneof at path '${path}' in the %s schema are outside a oneof in the %s schema`
    case 'FIELD_MOVED_TO_EXISTING_ONEOF':
      return `A field in the oneof at path '${path}' in the %s schema is outside an existing oneof in the %s schema`
    default:
      return ''
  }
}

function ourWords(difference: Difference): { readonly explanation: string; readonly mend: string | null } {
  const { type, names } = difference
  const writer = asField(difference.writer)
  const reader = asField(difference.reader)
  const name = reader?.name ?? writer?.name ?? difference.reader?.name ?? difference.writer?.name ?? ''
  const number = reader?.number ?? writer?.number
  switch (type) {
    case 'PACKAGE_CHANGED':
      return {
        explanation:
          'The package is another one: the full names of all messages change, and with them what Any, JSON and generated code call them.',
        mend: 'Keep the package; a new package belongs to a new subject.',
      }
    case 'MESSAGE_REMOVED':
      return {
        explanation: `The reader no longer has the message '${difference.writerPath}': what was written as one cannot be read.`,
        mend: `Keep the message '${name}'; mark it with 'option deprecated = true' if nobody should use it any more.`,
      }
    case 'FIELD_KIND_CHANGED':
      return {
        explanation: `Field '${name}' (number ${number}) was ${typeInWords(writer)} and is ${typeInWords(reader)}: the bytes stand for something else.`,
        mend: `Give '${name}' a number of its own and reserve ${writer?.number}.`,
      }
    case 'FIELD_SCALAR_KIND_CHANGED':
      return {
        explanation: `Field '${name}' (number ${number}) was ${typeInWords(writer)} and is ${typeInWords(reader)}, which are written differently: readers get wrong values or none.`,
        mend: `${sameKind(writer)}Or give '${name}' a number of its own and reserve ${writer?.number}.`,
      }
    case 'FIELD_NAMED_TYPE_CHANGED':
      return {
        explanation: `Field '${name}' (number ${number}) was ${typeInWords(writer)} and is ${typeInWords(reader)}: another message, or one that changed in a way that breaks.`,
        mend: `Give '${name}' a number of its own and reserve ${writer?.number}.`,
      }
    case 'FIELD_NUMERIC_LABEL_CHANGED':
      return {
        explanation: `Field '${name}' (number ${number}) was ${writer?.label} and is ${reader?.label}: repeated numbers are packed, which a single one does not read.`,
        mend: `Keep '${writer?.label}', or give the other form a number of its own.`,
      }
    case 'REQUIRED_FIELD_ADDED':
      return {
        explanation: `Field '${name}' (number ${number}) is required and the data does not have it: readers refuse such messages whole.`,
        mend: `Make '${name}' optional.`,
      }
    case 'REQUIRED_FIELD_REMOVED':
      return {
        explanation: `The required field '${name}' (number ${number}) is gone: readers with the schema that requires it refuse messages without it.`,
        mend: `Keep '${name}'; make it optional everywhere before it goes.`,
      }
    case 'ONEOF_FIELD_REMOVED':
      return {
        explanation: `Field '${name}' (number ${number}) of the oneof '${names[0] ?? ''}' is gone: a reader cannot tell a message with it from one where nothing is set.`,
        mend: `Keep '${name}' in the oneof, marked [deprecated = true].`,
      }
    case 'MULTIPLE_FIELDS_MOVED_TO_ONEOF':
      return {
        explanation: `${listed(names)} could be set together and now exclude each other in '${lastOf(difference.readerPath)}': of a message with several, all but the last are lost.`,
        mend: 'Move one of them at most; the others stay where they were, or get new numbers in the oneof.',
      }
    case 'FIELD_MOVED_TO_EXISTING_ONEOF':
      return {
        explanation: `${listed(names)} could be set beside the fields of '${lastOf(difference.readerPath)}' and now ${names.length > 1 ? 'exclude' : 'excludes'} them: of a message with both, one is lost.`,
        mend: `Leave ${listed(names)} outside, or add a field with a new number to the oneof.`,
      }
    default:
      return { explanation: '', mend: null }
  }
}

export const asField = (node: Difference['writer']): ProtoField | null => (node?.kind === 'field' ? node : null)

export function typeInWords(field: ProtoField | null): string {
  if (field === null) return 'nothing'
  const { type, mapKey, label } = field
  if (mapKey !== null) return `map<${mapKey.name}, ${type.name}>`
  return label === null ? type.name : `${label} ${type.name}`
}

function sameKind(field: ProtoField | null): string {
  if (field === null || !isScalar(field.type.name)) return ''
  const others = scalarsOfKind[scalarKindOf(field.type.name)].filter((name) => name !== field.type.name)
  return others.length === 0
    ? `Keep ${field.type.name}. `
    : `Keep ${field.type.name}, or take ${others.join(', ')}, which read it. `
}

const lastOf = (path: string | null): string => path?.slice(path.lastIndexOf('.') + 1) ?? ''

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  return quoted.length <= 1 ? `Field ${quoted[0] ?? ''}` : `Fields ${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`
}
