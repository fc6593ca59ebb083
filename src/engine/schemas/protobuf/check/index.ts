/** Everything that may be wrong with a file that can be read: names, numbers, what a syntax forbids. */
import type { ReferencedTexts, SchemaProblem } from '../../format'
import type { ProtoMessage, ProtoType } from '../syntax/nodes'
import { enumsOf, fieldsOf, isProto3 } from '../syntax/nodes'
import { joined, type ProtobufSchema } from '../types'
import { checkField } from './fields'
import { camelWarning, checkEnum, checkFieldNumbers, checkSiblingValues } from './numbers'
import { errorAt } from './problem'
import { checkSyntax } from './syntax'
import { checkImports, checkTypeNames } from './type-names'

/** `isNew`: a stored schema is taken as it is, apart from what nothing can be done with. */
export function checkProto(schema: ProtobufSchema, references: ReferencedTexts, isNew: boolean): readonly SchemaProblem[] {
  const always = [...checkSyntax(schema.file), ...checkImports(schema, references), ...checkTypeNames(schema, references)]
  if (!isNew) return always
  return [...always, ...checkTypes(schema.file.types, '', isProto3(schema.file))]
}

function checkTypes(types: readonly ProtoType[], scope: string, isProto3File: boolean): readonly SchemaProblem[] {
  const names = new Set<string>()
  return [
    ...checkSiblingValues(enumsOf(types), scope),
    ...types.flatMap((type) => {
      const path = joined(scope, type.name)
      const twice = names.has(type.name)
        ? [errorAt(type.nameRange, { message: `'${type.name}' is defined twice.`, hint: 'Give one another name.', path })]
        : []
      names.add(type.name)
      return [...twice, ...(type.kind === 'enum' ? checkEnum(type, path, isProto3File) : checkMessage(type, path, isProto3File))]
    }),
  ]
}

function checkMessage(message: ProtoMessage, path: string, isProto3File: boolean): readonly SchemaProblem[] {
  return [
    ...fieldsOf(message).flatMap(({ field, oneof }) => {
      const at = joined(path, field.name)
      return [...checkField(field, { isProto3: isProto3File, isInOneof: oneof !== null, path: at }), ...camelWarning(field, at)]
    }),
    ...checkFieldNumbers(message, path),
    ...checkTypes(message.types, path, isProto3File),
  ]
}
