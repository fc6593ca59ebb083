/** From a text to the schema that it is, or to all that is wrong with it. Takes what registry clients send as well: a FileDescriptorProto in base64. */
import { err, ok, type Result } from '../../../shared/lang/result'
import type { ParseOptions, ReferencedTexts, SchemaProblem } from '../format'
import { checkProto } from './check'
import { textOfSerialized } from './descriptor'
import { readProto } from './syntax/parser'
import { linkProto, type ProtobufSchema } from './types'

export function parseProto(
  text: string,
  references: ReferencedTexts,
  { isNew }: ParseOptions,
): Result<ProtobufSchema, readonly SchemaProblem[]> {
  const { file, problems } = readProto(textOfSerialized(text) ?? text)
  const schema = linkProto(file, references)
  const found = [...problems, ...checkProto(schema, references, isNew)].filter(({ severity }) => severity === 'error')
  return found.length > 0 ? err(inOrder(found)) : ok(schema)
}

/** Of a text that parsed: what is odd but allowed. */
export function protoWarnings(schema: ProtobufSchema): readonly SchemaProblem[] {
  return inOrder(checkProto(schema, new Map(), true).filter(({ severity }) => severity === 'warning'))
}

const inOrder = (problems: readonly SchemaProblem[]): readonly SchemaProblem[] => [...problems].sort((a, b) => a.from - b.from)
