/** What a syntax allows of a field: labels, groups, defaults, keys of maps. */
import type { SchemaProblem } from '../../format'
import type { ProtoField } from '../syntax/nodes'
import { errorAt, replace } from './problem'

const keyTypes: ReadonlySet<string> = new Set([
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string'],
])

interface Where {
  readonly isProto3: boolean
  readonly isInOneof: boolean
  readonly path: string
}

export function checkField(field: ProtoField, { isProto3, isInOneof, path }: Where): readonly SchemaProblem[] {
  const { label, labelRange, mapKey, name, group } = field
  const problems: SchemaProblem[] = []
  const withoutLabel =
    labelRange === null ? [] : [replace(`Remove '${label}'`, { from: labelRange.from, to: field.typeFrom }, '')]
  if (label === 'required' && isProto3 && labelRange !== null)
    problems.push(
      errorAt(labelRange, {
        message: `'${name}' cannot be required in proto3.`,
        hint: 'Leave the label out.',
        path,
        fixes: withoutLabel,
      }),
    )
  else if (label !== null && labelRange !== null && isInOneof)
    problems.push(
      errorAt(labelRange, {
        message: `A field of a oneof, '${name}', has no label.`,
        hint: 'Leave it out.',
        path,
        fixes: withoutLabel,
      }),
    )
  else if (label !== null && labelRange !== null && mapKey !== null)
    problems.push(
      errorAt(labelRange, { message: `A map, '${name}', has no label.`, hint: 'Leave it out.', path, fixes: withoutLabel }),
    )
  else if (label === null && !isProto3 && !isInOneof && mapKey === null)
    problems.push(
      errorAt(field.type, {
        message: `'${name}' has no label, and proto2 asks for one.`,
        hint: "Write 'optional', or 'repeated'.",
        path,
        fixes: ['optional', 'repeated'].map((word) =>
          replace(`Make it ${word}`, { from: field.from, to: field.from }, `${word} `),
        ),
      }),
    )
  if (group !== null && isProto3)
    problems.push(
      errorAt(field.nameRange, { message: 'There are no groups in proto3.', hint: 'Write a message, and a field of it.', path }),
    )
  if (mapKey !== null && isInOneof)
    problems.push(
      errorAt(field.type, { message: `A map, '${name}', cannot stand in a oneof.`, hint: 'Wrap it in a message.', path }),
    )
  if (mapKey !== null && !keyTypes.has(mapKey.name))
    problems.push(
      errorAt(mapKey, {
        message: `A map cannot have keys of the type '${mapKey.name}'.`,
        hint: 'Keys are integers, bool or string.',
        path,
        fixes: [replace('Change to string', mapKey, 'string')],
      }),
    )
  const defaults = field.options.find(({ parts }) => parts.length === 1 && !parts[0]!.isExtension && parts[0]!.name === 'default')
  if (defaults !== undefined && isProto3)
    problems.push(
      errorAt(defaults, {
        message: `'${name}' cannot have a default in proto3.`,
        hint: 'What is not written reads as 0, false or empty.',
        path,
      }),
    )
  else if (defaults !== undefined && (label === 'repeated' || mapKey !== null))
    problems.push(
      errorAt(defaults, { message: `'${name}' holds many values and cannot have a default.`, hint: 'Remove it.', path }),
    )
  return problems
}
