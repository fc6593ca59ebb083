/**
 * Stands where the Protobuf format will: every text is refused with one clear problem, so nothing ever has a parsed schema of it, and what
 * takes one is never reached. Goes when protobuf/ exports its format.
 */
import { AssertionError } from '../../shared/lang/assert'
import { err } from '../../shared/lang/result'
import type { SchemaFormat, SchemaProblem } from './format'

const problem: SchemaProblem = {
  severity: 'error',
  message: 'Protobuf schemas are not supported yet',
  hint: 'Use Avro or JSON Schema.',
  path: '',
  from: 0,
  to: 0,
  fixes: [],
}

const unparsed = (): never => {
  throw new AssertionError('a Protobuf schema was parsed, and there is no parser')
}

export const protobufNotYet: SchemaFormat<unknown> = {
  type: 'PROTOBUF',
  parse: () => err([problem]),
  warnings: unparsed,
  canonicalText: unparsed,
  normalizedText: unparsed,
  resolvedText: unparsed,
  recordName: unparsed,
  incompatibilities: unparsed,
  fixes: unparsed,
  changes: unparsed,
  format: () => err([problem]),
  outline: () => [],
  locate: () => null,
}
