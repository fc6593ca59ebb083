/** Everything that may be wrong with a file that can be read: names, numbers, what a syntax forbids. */
import type { ReferencedTexts, SchemaProblem } from '../../format'
import type { ProtobufSchema } from '../types'
import { checkSyntax } from './syntax'
import { checkImports, checkTypeNames } from './type-names'

/** `isNew`: a stored schema is taken as it is, apart from what nothing can be done with. */
export function checkProto(schema: ProtobufSchema, references: ReferencedTexts, isNew: boolean): readonly SchemaProblem[] {
  const always = [...checkSyntax(schema.file), ...checkImports(schema, references), ...checkTypeNames(schema, references)]
  if (!isNew) return always
  return always
}
