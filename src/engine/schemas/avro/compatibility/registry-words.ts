/** A finding in the words of the registry (AvroSchema's Difference, SchemaCompatibility's messages): clients and people search for these. Pure. */
import type { AvroType } from '../model'
import type { Finding } from './findings'

export interface RegistryWords {
  /** With %s for reader and writer, as Incompatibility.description has them. */
  readonly description: string
  readonly additionalInfo: string | null
}

export function registryWords(finding: Finding): RegistryWords {
  const { location } = finding
  switch (finding.type) {
    case 'FIXED_SIZE_MISMATCH':
      return {
        description: `The size of FIXED type field at path '${location}' in the %s schema does not match with the %s schema`,
        additionalInfo: `expected: ${finding.writer.size}, found: ${finding.reader.size}`,
      }
    case 'TYPE_MISMATCH':
      return {
        description: `The type (path '${location}') of a field in the %s schema does not match with the %s schema`,
        additionalInfo: `reader type: ${javaType(finding.reader)} not compatible with writer type: ${javaType(finding.writer)}`,
      }
    case 'NAME_MISMATCH':
      return {
        description: `The name of the schema has changed (path '${location}')`,
        additionalInfo: `expected: ${finding.writer.name.fullName}`,
      }
    case 'MISSING_ENUM_SYMBOLS': {
      const symbols = `[${finding.symbols.join(', ')}]`
      return {
        description: `The %s schema is missing enum symbols '${symbols}' at path '${location}' in the %s schema`,
        additionalInfo: symbols,
      }
    }
    case 'MISSING_UNION_BRANCH':
      return {
        description: `The %s schema is missing a type inside a union field at path '${location}' in the %s schema`,
        additionalInfo: `reader union lacking writer type: ${javaType(finding.writer)}`,
      }
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return {
        description: `The field '${finding.field.name}' at path '${location}' in the %s schema has no default value and is missing in the %s schema`,
        additionalInfo: finding.field.name,
      }
    case 'AMBIGUOUS_ALIAS':
      return {
        description: `Unexpected exception during compatibility check: Reader record field ${finding.field.name} matches multiple fields in writer record schema ${finding.writer.name.fullName}`,
        additionalInfo: null,
      }
  }
}

const javaType = (type: AvroType): string => type.kind.toUpperCase()
