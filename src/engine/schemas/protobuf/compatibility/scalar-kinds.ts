/** Scalars that read each other's bytes, by the language's guide to updating a message type. Pure. */
import type { ScalarName } from '../types'

export type ScalarKind = 'GENERAL_NUMBER' | 'SIGNED_NUMBER' | 'STRING_OR_BYTES' | 'FIXED32' | 'FIXED64' | 'FLOAT' | 'DOUBLE'

/** Enums are GENERAL_NUMBER as well. */
export function scalarKindOf(name: ScalarName): ScalarKind {
  switch (name) {
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'bool':
      return 'GENERAL_NUMBER'
    case 'sint32':
    case 'sint64':
      return 'SIGNED_NUMBER'
    case 'string':
    case 'bytes':
      return 'STRING_OR_BYTES'
    case 'fixed32':
    case 'sfixed32':
      return 'FIXED32'
    case 'fixed64':
    case 'sfixed64':
      return 'FIXED64'
    case 'float':
      return 'FLOAT'
    case 'double':
      return 'DOUBLE'
  }
}

/** The others of its kind, for words. */
export const scalarsOfKind: Readonly<Record<ScalarKind, readonly string[]>> = {
  GENERAL_NUMBER: ['int32', 'int64', 'uint32', 'uint64', 'bool', 'enums'],
  SIGNED_NUMBER: ['sint32', 'sint64'],
  STRING_OR_BYTES: ['string', 'bytes'],
  FIXED32: ['fixed32', 'sfixed32'],
  FIXED64: ['fixed64', 'sfixed64'],
  FLOAT: ['float'],
  DOUBLE: ['double'],
}
